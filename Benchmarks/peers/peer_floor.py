"""Floors: a loop that calls a function doing nothing; stores into a memory-mapped array, the cheapest log that survives a kill;
copying the columns out of the mapped workload, which is also the truth that all hashes are compared with. Variants: noop, struct,
numpy (the one that reads)."""
import mmap, os, struct, time
import numpy as np
from answer import Answer
from common import Data, Peer
from verbs import main

VARIANT = os.environ.get("PEER_VARIANT") or "numpy"


def noop(value, name, context, step):
    pass


class Floor(Peer):
    name = "floor-" + VARIANT
    setting = {"noop": "a Python loop, empty function", "numpy": "numpy memmap, one structured store a point; reading copies columns",
               "struct": "mmap + struct.pack_into, one a point"}[VARIANT]
    time_unit = ["ns", "us", "ms", "s"]

    def start(self, store, run):
        if VARIANT == "noop":
            open(store, "wb").close()
            return
        with open(store, "wb") as f:
            f.truncate(24 * 40_000_000)
        self.file = open(store, "r+b")
        if VARIANT == "numpy":
            self.array = np.memmap(store, np.dtype([("step", "<i8"), ("time", "<i8"), ("value", "<f8")]), "r+")
        else:
            self.map = mmap.mmap(self.file.fileno(), 0)

    def tracker(self):
        if VARIANT == "noop":
            return noop
        clock = time.time_ns
        i = 0
        if VARIANT == "numpy":
            array = self.array

            def track(value, name, context, step):
                nonlocal i
                array[i] = (step, clock(), value)
                i += 1
        else:
            map, pack = self.map, struct.Struct("<qqd").pack_into

            def track(value, name, context, step):
                nonlocal i
                pack(map, i, step, clock(), value)
                i += 24
        return track

    def finish(self):
        if VARIANT == "numpy":
            self.array.flush()
        elif VARIANT == "struct":
            self.map.flush()

    def count(self, store):
        if VARIANT == "noop":
            return 0
        a = np.memmap(store, np.dtype([("step", "<i8"), ("time", "<i8"), ("value", "<f8")]), "r")
        return np.count_nonzero(a["time"])

    def load(self, store, data):
        os.makedirs(store)

    def open(self, store, data):
        self.data = Data(data.path)

    def take(self, run, metric, rows):
        answer = Answer()
        shape = rows["steps"].shape
        spread = lambda x: np.broadcast_to(np.asarray(x)[..., None], shape).ravel()
        answer.add(lambda: spread(run), lambda: spread(metric), *(np.array(rows[c]).ravel() for c in ("steps", "times", "values")))
        return answer

    def one(self, r, m):
        return self.take(r, m, self.data.rows[r, m])

    def metric(self, m):
        return self.take(np.arange(self.data.runs), m, self.data.rows[:, m])

    def everything(self):
        return self.take(np.arange(self.data.runs)[:, None], np.arange(self.data.metrics)[None, :], self.data.rows)


if __name__ == "__main__":
    main(Floor, __file__)
