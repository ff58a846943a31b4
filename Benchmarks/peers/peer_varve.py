"""Varve. It has no Python package, so the variants are
swift   the library, called from Swift by `bench peer`: the same loops, in a process of its own; read back through the index
pipe    what a program in another language does today: write a line of JSON into a pipe to `varve log`. Style point: one line a
        point; style step: one line with the step's 20 values. Each line is one write.
The programs are taken from VARVE_PROGRAMS, a folder, else from the repository's .build/release."""
import json, os, resource, shutil, subprocess, sys, time
from common import Data, Peer, cpu, disk, emit
from verbs import main

VARIANT = os.environ.get("PEER_VARIANT") or "swift"
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAMS = os.environ.get("VARVE_PROGRAMS") or os.path.join(ROOT, ".build", "release")
VERBS = {"_log": "log", "_kill": "kill", "count": "count", "_load": "load", "_extract": "extract"}


class Varve(Peer):
    name = "varve" if VARIANT == "swift" else "varve-pipe"
    setting = {"swift": "Swift, defaults (1 MiB journal, sync every second); loaded point by point without syncs, then compacted",
               "pipe": "json.dumps and one os.write a line into `varve log`, defaults"}[VARIANT]
    time_unit = "ns"

    def command(self, me, verb, args):
        if VARIANT == "swift" or verb == "count":
            return [os.path.join(PROGRAMS, "bench"), "peer", VERBS[verb]] + args
        return super().command(me, verb, args)

    def sizes(self, store, row):
        """Logs and index apart. Segments that a merge has replaced are swept a day later: they are counted on their own."""
        logs, index, live = disk(os.path.join(store, "logs"))[0], disk(os.path.join(store, "index"))[0], row["live_index_bytes"]
        per_point = lambda bytes: bytes / row["points"]
        return {"bytes": logs + live, "log_bytes_per_point": per_point(logs), "index_bytes_per_point": per_point(live),
                "replaced_bytes_per_point": per_point(index - live)}

    def start(self, store, run):
        self.child = subprocess.Popen([os.path.join(PROGRAMS, "varve"), "log", "--repo", store, "--run", "run-00000"],
                                      stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        self.pipe = self.child.stdin.fileno()

    def tracker(self):
        pipe, write, dumps = self.pipe, os.write, json.dumps

        def track(value, name, context, step):
            write(pipe, (dumps({"step": step, f"{context}/{name}" if context else name: value}) + "\n").encode())
        return track

    def step_tracker(self):
        pipe, write, dumps = self.pipe, os.write, json.dumps

        def track(row, step):
            write(pipe, (dumps({"step": step, **row}) + "\n").encode())
        return track

    def finish(self):
        self.child.stdin.close()
        if self.child.wait():
            raise SystemExit(f"varve log ended with {self.child.returncode}")


def lines(data, store, steps):
    """How fast `varve log` reads a file of lines that is already there: one point a line, and a step's 20 points a line."""
    rows, keys = data.logged(), [data.key(m) for m in range(data.metrics)]
    for style in ("point", "step"):
        os.makedirs(store)
        path = os.path.join(store, "lines.jsonl")
        with open(path, "w") as f:
            for step in range(steps):
                row = dict(zip(keys, rows[step % len(rows)]))
                for part in [row] if style == "step" else [{k: v} for k, v in row.items()]:
                    f.write(json.dumps({"step": step} | part) + "\n")
        for _ in range(3):
            repository = os.path.join(store, "repository")
            used, start = cpu(resource.RUSAGE_CHILDREN), time.perf_counter()
            with open(path, "rb") as f:
                subprocess.run([os.path.join(PROGRAMS, "varve"), "log", "--repo", repository], stdin=f, stdout=subprocess.DEVNULL,
                               check=True)
            seconds, used = time.perf_counter() - start, cpu(resource.RUSAGE_CHILDREN) - used
            points, count = steps * data.metrics, steps * (1 if style == "step" else data.metrics)
            emit(peer="varve-log", verb="lines", style=style, lines=count, points=points, bytes=os.path.getsize(path), seconds=seconds,
                 cpu_seconds=used, lines_per_s=count / seconds, points_per_s=points / seconds)
            shutil.rmtree(repository)
        shutil.rmtree(store)


if __name__ == "__main__":
    if sys.argv[1:2] == ["lines"]:  # lines DATA STORE STEPS
        lines(Data(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
    else:
        main(Varve, __file__)
