"""What a reader hands over, and its hash. The hash is a sum of one mixed word a point, modulo 2**64, so that the order of points
doesn't matter; Benchmarks/Suite/Peer/PeerHash.swift has the same arithmetic. Hashing is never timed."""
import numpy as np

U = np.uint64
BLOCK = 1 << 20


class Answer:
    """Points in memory, in whatever form the tool returns its columns: arrays of numpy, Arrow or polars, lists, or rows."""

    def __init__(self):
        self.parts = []

    def add(self, run, metric, steps, times, values):
        """Columns of points. run and metric are one number, a column, or a function that makes a column of what was read."""
        self.parts.append((run, metric, steps, times, values))

    def add_rows(self, run, metric, rows):
        """Points as tuples (step, time, value) of one series."""
        self.parts.append((run, metric, rows))

    @staticmethod
    def columns(part):
        if len(part) == 3:
            run, metric, rows = part
            steps, times, values = zip(*rows) if rows else ((), (), ())
        else:
            run, metric, steps, times, values = part
        get = lambda x: x() if callable(x) else x
        return get(run), get(metric), np.asarray(steps), None if times is None else np.asarray(times), np.asarray(values)

    def hashes(self, unit):
        """points, hash (values as 64 bits), hash_f32 (rounded to 32), and hash_times_<unit> where unit isn't None. Units of a list
        are made of nanoseconds."""
        units = unit if isinstance(unit, list) else [unit] if unit else []
        out = {"points": 0, "hash": U(0), "hash_f32": U(0)} | {f"hash_times_{u}": U(0) for u in units}
        for part in self.parts:
            run, metric, steps, times, values = self.columns(part)
            n = len(values)
            run, metric = (np.broadcast_to(np.asarray(x).astype(np.int64), n) for x in (run, metric))
            out["points"] += n
            for at in range(0, n, BLOCK):
                to = slice(at, at + BLOCK)
                place = mixed_place(run[to], metric[to], steps[to])
                v = values[to].astype(np.float64)
                out["hash"] += mixed_sum(place, v.view(U))
                out["hash_f32"] += mixed_sum(place, v.astype(np.float32).view(np.uint32).astype(U))
                for u in units:
                    t = times[to]
                    if isinstance(unit, list):
                        t = {"ns": lambda: t, "us": lambda: t // 1_000, "ms": lambda: t // 1_000_000, "s": lambda: t / 1e9}[u]()
                    t = t.astype(np.float64 if u == "s" else np.int64)
                    out[f"hash_times_{u}"] += mixed_sum(place, t.view(U))
        return {k: v if k == "points" else f"{int(v):016x}" for k, v in out.items()}


def mixed_place(run, metric, step):
    word = run.astype(np.int64).view(U) * U(0x9E3779B97F4A7C15)
    word += metric.astype(np.int64).view(U) * U(0xC2B2AE3D27D4EB4F)
    word += np.ascontiguousarray(step.astype(np.int64)).view(U) * U(0x165667B19E3779F9)
    return (word ^ (word >> U(29))) * U(0xBF58476D1CE4E5B9)


def mixed_sum(place, bits):
    word = place ^ bits
    word = (word ^ (word >> U(32))) * U(0x94D049BB133111EB)
    word = (word ^ (word >> U(29))) * U(0xFF51AFD7ED558CCD)
    return np.sum(word ^ (word >> U(32)), dtype=U)
