"""The verbs log and kill: what logging a point costs, and how many are lost at SIGKILL."""
import json, mmap, os, shutil, signal, subprocess, sys, time
import numpy as np
from common import Data, cpu, disk, emit, fresh, rss_mib
from processes import run_again


def noop(value, name, context, step):
    pass


def child_log(peer, a):
    """One process that logs metrics x steps points, then closes."""
    data = Data(a.data)
    rows, names = data.logged(), data.names
    n_rows = len(rows)
    # floor: the same loop calling a function that does nothing, for 200,000 points
    t = time.perf_counter()
    for step in range(10_000):
        row = rows[step % n_rows]
        for m, (name, context) in enumerate(names):
            noop(row[m], name, context, step)
    floor_ns = (time.perf_counter() - t) / (10_000 * len(names)) * 1e9
    t0 = time.perf_counter()
    peer.start(a.store, 0)
    init = time.perf_counter() - t0
    keys = [peer.flat(n, c) for n, c in names]
    lat = None
    track = peer.step_tracker() if a.style == "step" else peer.tracker()
    if a.latency:
        lat = np.zeros(a.steps * len(names), np.int64)
    clock, i = time.perf_counter_ns, 0
    c1, t1 = cpu(), time.perf_counter()
    if a.style == "step":
        for step in range(a.steps):
            track(dict(zip(keys, rows[step % n_rows])), step)
    elif a.latency:
        for step in range(a.steps):
            row = rows[step % n_rows]
            for m, (name, context) in enumerate(names):
                x = clock()
                track(row[m], name, context, step)
                lat[i] = clock() - x
                i += 1
    else:
        for step in range(a.steps):
            row = rows[step % n_rows]
            for m, (name, context) in enumerate(names):
                track(row[m], name, context, step)
    c2, t2 = cpu(), time.perf_counter()
    peer.finish()
    c3, t3 = cpu(), time.perf_counter()
    points = a.steps * len(names)
    out = dict(peer=peer.name, setting=peer.setting, verb="log", style=a.style, points=points)
    if lat is not None:
        q = np.quantile(lat, [.5, .99, .999])
        emit(**out, latency=True, p50_ns=int(q[0]), p99_ns=int(q[1]), p999_ns=int(q[2]), max_ns=int(lat.max()))
        return
    emit(**out, init_s=init, loop_s=t2 - t1, close_s=t3 - t2, floor_ns=floor_ns, call_ns=(t2 - t1) / points * 1e9,
         total_ns=(t3 - t1) / points * 1e9, loop_cpu_ns=(c2 - c1) / points * 1e9, total_cpu_ns=(c3 - c1) / points * 1e9,
         rss_mib=rss_mib()[1])


def child_kill(peer, a):
    """Logs until killed; how many points calls have returned for goes to a shared mapped counter after each."""
    data = Data(a.data)
    rows, names = data.logged(), data.names
    counter = memoryview(mmap.mmap(os.open(a.counter, os.O_RDWR), 8)).cast("Q")
    peer.start(a.store, 0)
    n_rows, acked, step = len(rows), 0, 0
    if a.style == "step":
        track, keys, k = peer.step_tracker(), [peer.flat(n, c) for n, c in names], len(names)
        while True:
            track(dict(zip(keys, rows[step % n_rows])), step)
            acked += k
            counter[0] = acked
            step += 1
            if a.pace:
                time.sleep(a.pace)
    track = peer.tracker()
    while True:
        row = rows[step % n_rows]
        for m, (name, context) in enumerate(names):
            track(row[m], name, context, step)
            acked += 1
            counter[0] = acked
        step += 1
        if a.pace:
            time.sleep(a.pace)


def log(peer, a, me):
    for k in range(a.repeat):
        store = fresh(os.path.join(a.store, f"log{k}"))
        args = ["--data", a.data, "--store", store, "--steps", str(a.steps), "--style", a.style]
        for row in run_again(peer, me, "_log", args + (["--latency"] if a.latency else []), 1, a.timeout):
            # what the tool's own reader gives back after a clean close
            if not a.latency and "failed" not in row:
                back = run_again(peer, me, "count", ["--data", a.data, "--store", store], 1, a.timeout)
                row["read_back"], row["bytes"] = back[-1].get("read"), disk(store)[0]
            emit(**row)
        shutil.rmtree(store, ignore_errors=True)


def descendants(pid):
    import psutil
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def end(processes):
    for p in processes:
        try:
            p.kill()
        except Exception:  # it ended by itself
            pass


def kill(peer, a, me):
    os.makedirs(a.store, exist_ok=True)
    for k in range(a.kills):
        store, counter = fresh(os.path.join(a.store, f"kill{k}")), fresh(os.path.join(a.store, f"counter{k}"))
        with open(counter, "wb") as f:
            f.write(bytes(8))
        view = memoryview(mmap.mmap(os.open(counter, os.O_RDWR), 8)).cast("Q")
        with open(os.path.join(a.store, f"child{k}.log"), "wb") as out:
            p = subprocess.Popen(peer.command(me, "_kill", ["--data", a.data, "--store", store, "--counter", counter, "--style",
                                                            a.style, "--pace", str(a.pace)]),
                                 stdout=out, stderr=out, start_new_session=True)
        t = time.time()
        while view[0] == 0 and p.poll() is None and time.time() - t < 60:
            time.sleep(.01)
        time.sleep(a.seconds + .07 * k)
        helpers = descendants(p.pid)
        p.send_signal(signal.SIGKILL)
        if a.scope == "all":
            end(helpers)
        p.wait()
        acked = view[0]
        if a.scope == "process":  # helpers may notice and finish, then those that are left are ended
            time.sleep(6)
            end(helpers)
        rows = run_again(peer, me, "count", ["--data", a.data, "--store", store], 1, 180)
        got = rows[-1].get("read")
        emit(peer=peer.name, setting=peer.setting, verb="kill", style=a.style, scope=a.scope, pace_s=a.pace,
             helpers=len(helpers), acked=acked, read=got, lost=None if got is None else acked - got, opened=got is not None,
             error=rows[-1].get("error"), **{k: v for k, v in rows[-1].items() if k.startswith("read_")})
        shutil.rmtree(store, ignore_errors=True)
