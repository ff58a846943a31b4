"""What is measured, at which size, with which settings. Peers that take minutes for a hundred thousand points get fewer of them."""


class Logging:
    """The cost of a point, and the loss at SIGKILL, on workload S."""

    def __init__(self, peer, variant, steps, styles=("point",), latency=0, kills=5, paced=True, scopes=("all",)):
        self.peer, self.variant, self.steps, self.styles = peer, variant, steps, styles
        self.latency, self.kills, self.paced, self.scopes = latency, kills, paced, scopes
        self.key = f"log {peer}:{variant}"

    def commands(self, quick):
        steps = lambda n: max(5, n // 20) if quick else n
        few = ["--repeat", "1"] if quick else []
        for style in self.styles:
            yield "timed", ["log", "--style", style, "--steps", str(steps(self.steps * (5 if style == "step" else 1)))] + few
        if self.latency:
            yield "timed", ["log", "--latency", "--repeat", "1", "--steps", str(steps(self.latency))]
        for style in self.styles if self.kills else []:
            for scope in self.scopes:
                kill = ["kill", "--style", style, "--scope", scope]
                yield "kill", kill + (["--kills", "1", "--seconds", "0.5"] if quick else ["--kills", str(self.kills)])
                if self.paced and not quick:
                    yield "kill", kill + ["--kills", "3", "--pace", "0.01", "--seconds", "3"]


class Store:
    """A workload in one tool's store, and who reads it: bytes a point, opening, one series, one metric, everything."""

    def __init__(self, workload, loader, readers=(), whats=("one", "metric", "all"), slow=False):
        self.workload, self.loader, self.readers = workload, loader, [loader, *readers]
        self.whats, self.slow = whats, slow
        self.key = f"store {workload} {loader}"


LOGGING = [
    Logging("floor", "noop", 20000, latency=20000, kills=0),
    Logging("varve", "swift", 500000, ("point", "step"), latency=100000),
    Logging("floor", "struct", 20000, latency=20000, paced=False),
    Logging("floor", "numpy", 20000, latency=20000, paced=False),
    Logging("csv", "", 10000, latency=10000),
    Logging("varve", "pipe", 10000, ("point", "step"), latency=10000),
    Logging("sqlite", "batch", 10000, latency=10000),
    Logging("sqlite", "each", 2000, latency=2000, paced=False),
    Logging("mcap", "", 5000, latency=5000),
    Logging("trackio", "", 1000, ("point", "step"), latency=1000),
    Logging("tensorboard", "tbx-crc", 1000, latency=1000),
    Logging("tensorboard", "tbx", 1000, latency=1000),
    Logging("tensorboard", "tbx-queue", 2000, paced=False),
    Logging("tensorboard", "tb", 1000, latency=1000),
    Logging("aim", "", 500, latency=250),
    Logging("wandb", "", 200, ("point", "step"), latency=100, scopes=("all", "process")),
    Logging("neptune", "", 200, ("point", "step"), latency=100),
    Logging("mlflow", "file", 50, ("point", "step"), latency=50, paced=False),
    Logging("mlflow", "sqlite", 30, ("point", "step"), latency=30, paced=False),
    Logging("mlflow", "sqlite-async", 30, kills=0),
]

# Lines that `varve log` reads from a file.
LINES = "log varve lines"

COLUMNAR = [("columnar:parquet", ["columnar:polars"]), ("columnar:parquet-small", []), ("columnar:duckdb", []),
            ("columnar:lance", []), ("columnar:vortex", []), ("columnar:vortex-compact", [])]


def stores(workloads):
    plan = []
    for w in workloads:
        whats = ("one", "all") if w == "L" else ("one", "metric", "all")  # L has one run
        plan += [Store(w, "floor:numpy", whats=whats), Store(w, "varve:swift", whats=whats)]
        plan += [Store(w, loader, readers, whats) for loader, readers in COLUMNAR]
        plan.append(Store(w, "sqlite:batch", whats=whats, slow=w not in "SX"))
        if w in "SXL":
            plan.append(Store(w, "csv:", whats=whats, slow=w == "L"))
    if "S" in workloads:
        plan += [Store("S", "mcap:", slow=True), Store("S", "trackio:", slow=True),
                 Store("S", "tensorboard:tbx-crc", ["tensorboard:rust"], slow=True)]
    if "X" in workloads:
        plan += [Store("X", "mcap:"), Store("X", "trackio:"), Store("X", "wandb:"), Store("X", "aim:"),
                 Store("X", "tensorboard:tbx-crc", ["tensorboard:rust", "tensorboard:tbparse"], slow=True),
                 Store("X", "tensorboard:tb", slow=True), Store("X", "mlflow:file", slow=True), Store("X", "mlflow:sqlite", slow=True)]
    return plan


# Floors for size: the workload, and which share of the runs counts where each series stands alone.
CODECS = [("S", 1), ("L", 1), ("M", 10), ("W", 50)]
