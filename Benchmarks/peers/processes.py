"""Every measurement in a process of its own."""
import json, os, resource, subprocess, time
from common import busy, cpu


def run_again(peer, me, verb, args, repeat, timeout):
    """Runs a verb of a peer in `repeat` fresh processes; returns the rows that they print. `others_cores` is how many processors
    were busy with something else meanwhile."""
    rows = []
    for _ in range(repeat):
        command = peer.command(me, verb, args)
        label = " ".join([peer.name, verb] + [x for x in args if "/" not in x])
        children, all, start = cpu(resource.RUSAGE_CHILDREN), busy(), time.perf_counter()
        try:
            r = subprocess.run(command, capture_output=True, text=True, timeout=timeout)
            known = {"peer": peer.name, "setting": peer.setting, "verb": verb.strip("_")}
            new = [known | json.loads(x) for x in r.stdout.splitlines() if x.startswith("{")]
            if r.returncode or not new:
                new.append(dict(failed=label, rc=r.returncode, error=r.stderr[-600:]))
        except subprocess.TimeoutExpired:
            new = [dict(failed=label, error=f"past {timeout:.0f} s")]
        elapsed = time.perf_counter() - start
        others = (busy() - all - (cpu(resource.RUSAGE_CHILDREN) - children)) / elapsed
        for row in new:
            row["others_cores"] = round(max(0, others), 2)
        rows += new
        if "failed" in new[-1]:
            break
    return rows
