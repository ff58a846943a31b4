"""The command line of a peer's script, and the verbs load and extract. Each line printed is one JSON object; times are in seconds,
latencies in nanoseconds."""
import argparse, os, time
import numpy as np
from common import Data, cpu, emit, fresh, rss_mib
from logging_verbs import child_kill, child_log, kill, log
from processes import run_again


def timed(f):
    t = time.perf_counter()
    r = f()
    return time.perf_counter() - t, r


def child_extract(peer, a):
    """Fresh process: open + first answer (fresh_s), then the same question with everything open (warm_s)."""
    data = Data(a.data)
    r, m = data.runs // 2, 0
    peer.place = a.store
    import_s, _ = timed(peer.prepare) if hasattr(peer, "prepare") else (0.0, None)
    ask = {"one": lambda: peer.one(r, m), "metric": lambda: peer.metric(m), "all": peer.everything}[a.what]
    rss0 = rss_mib()[0]
    open_s, _ = timed(lambda: peer.open(a.store, data))
    rss1 = rss_mib()[0]
    first_s, answer = timed(ask)
    peak = rss_mib()[1]
    hashes = answer.hashes(peer.time_unit)
    warm, end = [], time.perf_counter() + a.budget
    while len(warm) < 1 or (len(warm) < 5 and time.perf_counter() < end):
        answer = None
        if hasattr(peer, "forget"):
            peer.forget()
        seconds, answer = timed(ask)
        warm.append(seconds)
    emit(peer=peer.name, setting=peer.setting, verb="extract", workload=data.name, what=a.what, **hashes, import_s=import_s,
         open_s=open_s, first_s=first_s, fresh_s=open_s + first_s, warm_s=float(np.median(warm)), warm_n=len(warm),
         rss_before_open_mib=rss0, rss_open_mib=rss1, rss_peak_query_mib=peak)
    if hasattr(peer, "close"):
        peer.close()


def child_load(peer, a):
    data = Data(a.data)
    fresh(a.store)
    c, (t, _) = cpu(), timed(lambda: peer.load(a.store, data))
    emit(peer=peer.name, setting=peer.setting, verb="load", workload=data.name, points=data.points, load_s=t,
         load_cpu_s=cpu() - c, rss_peak_mib=rss_mib()[1])


def load(peer, a, me):
    for row in run_again(peer, me, "_load", ["--data", a.data, "--store", fresh(a.store)], 1, a.timeout):
        if row.get("verb") == "load":
            row |= peer.sizes(a.store, row)
            row["bytes_per_point"] = row["bytes"] / row["points"]
        emit(**row)


def main(cls, me):
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("verb", choices=["log", "kill", "load", "extract", "count", "_log", "_kill", "_load", "_extract"])
    p.add_argument("--data", required=True, help="a workload file written by gen.py")
    p.add_argument("--store", required=True, help="where the peer writes (log, kill: a scratch folder)")
    p.add_argument("--steps", type=int, default=1000, help="log: steps of 20 points each")
    p.add_argument("--style", choices=["point", "step"], default="point", help="one call a point, or a step")
    p.add_argument("--latency", action="store_true", help="log: time each call")
    p.add_argument("--what", choices=["one", "metric", "all"], nargs="+", default=["one", "metric", "all"])
    p.add_argument("--repeat", type=int, default=3, help="processes")
    p.add_argument("--kills", type=int, default=5)
    p.add_argument("--seconds", type=float, default=2.0, help="kill: after how long")
    p.add_argument("--pace", type=float, default=0.0, help="kill: seconds of sleep after each step")
    p.add_argument("--scope", choices=["all", "process"], default="all", help="kill helper processes too, or not")
    p.add_argument("--budget", type=float, default=2.0, help="extract: seconds for which a question is repeated")
    p.add_argument("--timeout", type=float, default=3600.0, help="seconds for one process")
    p.add_argument("--variant", default=os.environ.get("PEER_VARIANT", ""))
    p.add_argument("--counter")
    a = p.parse_args()
    a.store, a.data = os.path.abspath(a.store), os.path.abspath(a.data)
    os.environ["PEER_VARIANT"] = a.variant
    peer = cls()
    if a.verb == "log":
        log(peer, a, me)
    elif a.verb == "kill":
        kill(peer, a, me)
    elif a.verb == "load":
        load(peer, a, me)
    elif a.verb == "extract":
        for what in a.what:
            for row in run_again(peer, me, "_extract", ["--data", a.data, "--store", a.store, "--what", what, "--budget",
                                                        str(a.budget)], a.repeat, a.timeout):
                emit(**row)
    elif a.verb == "count":
        emit(peer=peer.name, verb="count", read=int(peer.count(a.store)), **getattr(peer, "count_notes", {}))
    else:
        a.what = a.what[0]
        {"_log": child_log, "_kill": child_kill, "_load": child_load, "_extract": child_extract}[a.verb](peer, a)
