"""What every peer shares: the workload, its class, and what the operating system says of memory, disk and processors."""
import json, os, resource, shutil, sys
from importlib.metadata import version, PackageNotFoundError
import numpy as np

if "--variant" in sys.argv:  # peers read it while they are imported
    os.environ["PEER_VARIANT"] = sys.argv[sys.argv.index("--variant") + 1]
CONTEXTS = ["", "train", "val", "test"]


class Data:
    """A memory-mapped workload file (layout: gen.py)."""

    def __init__(self, path):
        from gen import HEADER, record
        h = np.fromfile(path, HEADER, 1)[0]
        assert h["magic"] == b"MLPOINTS", path
        self.path, self.name = path, os.path.basename(path).split(".")[0]
        self.runs, self.metrics, self.n = int(h["runs"]), int(h["metrics"]), int(h["per_series"])
        self.points = int(h["points"])
        self.rows = np.memmap(path, record(self.n), "r", 64, (self.runs, self.metrics))
        with open(path[:-4] + ".json") as f:
            meta = json.load(f)
        self.names = [(m["name"], CONTEXTS[m["context"]]) for m in meta["metrics"]]
        self.steps_of = [m["steps"] for m in meta["metrics"]]

    def key(self, m):
        name, context = self.names[m]
        return f"{context}/{name}" if context else name

    def keys(self):
        return {self.key(m): m for m in range(self.metrics)}

    def run_name(self, r):
        return f"run-{r:05d}"

    def logged(self):
        """What the logging loop logs, step by step: the values of the first run, as Python's floats."""
        return [list(map(float, col)) for col in zip(*[self.rows[0, m]["values"].tolist() for m in range(self.metrics)])]


class Peer:
    """A tool. Those that log have start, tracker, finish, count (and step_tracker where one call takes a step's dict); those that
    can be read have load, open, one, metric, everything, which return an Answer.

    start(store, run)            begin logging one run     (timed as init_s)
    tracker()                    -> f(value, name, context, step), the call that a training loop makes a point
    step_tracker()               -> f(dict "context/name" -> value, step)
    finish()                     flush and close           (timed as close_s)
    count(store)                 points that the tool's own reader returns
    load(store, data)            write a whole workload, in the fastest way that the tool offers
    open(store, data)            open a store for reading
    one(run, metric), metric(metric), everything()
    prepare()                    imports, which aren't timed with the rest; `place` is where the store is
    forget()                     drop what a repeated question would find in a cache of ours"""
    name, packages, setting = "", [], ""
    # Which times of the workload come back: "ns", "us", "ms" (whole ones), "s" (binary64) or nothing.
    time_unit = None
    # Whether values come back as they are, or rounded to 32 bits.
    keeps_doubles = True

    def flat(self, name, context):
        return f"{context}/{name}" if context else name

    def sizes(self, store, row):
        """What a store takes; `row` is what loading reported."""
        return {"bytes": disk(store)[0], "allocated": disk(store)[1]}

    def command(self, me, verb, args):
        """How a verb is run in a process of its own."""
        return [sys.executable, me, verb] + args


def emit(**row):
    print(json.dumps({k: round(v, 9) if isinstance(v, float) else v for k, v in row.items()}), flush=True)


def versions(packages):
    out = {}
    for p in packages:
        try:
            out[p] = version(p)
        except PackageNotFoundError:
            pass
    return out


def disk(path):
    """(apparent bytes, bytes allocated on disk) of a file or a folder."""
    if os.path.isfile(path):
        s = os.stat(path)
        return s.st_size, s.st_blocks * 512
    a = b = 0
    for root, _, files in os.walk(path):
        for f in files:
            s = os.lstat(os.path.join(root, f))
            a, b = a + s.st_size, b + s.st_blocks * 512
    return a, b


def fresh(path):
    """Makes sure that nothing is at a path, and that its parent is there."""
    shutil.rmtree(path, ignore_errors=True)
    if os.path.exists(path):
        os.remove(path)
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    return path


def cpu(who=None):
    """Processor seconds of this process and the children that it has waited for, or of the latter only."""
    used = [resource.getrusage(w) for w in ([who] if who is not None else [resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN])]
    return sum(u.ru_utime + u.ru_stime for u in used)


def busy():
    """Processor seconds that the whole machine has spent since it started."""
    with open("/proc/stat") as f:
        fields = [int(x) for x in f.readline().split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) / os.sysconf("SC_CLK_TCK")


def rss_mib():
    """Resident now, and at most since the start."""
    with open("/proc/self/status") as f:
        text = f.read()
    get = lambda k: int(text.split(k + ":")[1].split()[0]) / 1024
    return get("VmRSS"), get("VmHWM")
