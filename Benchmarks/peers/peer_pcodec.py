"""Floors for size: pcodec (standalone, default level) on steps, times and values, per series and per metric over all runs
(concatenated), and zstd 3 on byte-split values (f32 where every value of the series is an f32, else f64).

    peer_pcodec.py DATAFILE [--every N]      --every: per series, take every N-th run only (M, W)"""
import sys, time
import numpy as np
import pcodec, zstandard
from pcodec import standalone, ChunkConfig
from common import Data, emit

FIELDS = ["steps", "times", "values"]


def split(values):
    f = values.astype(np.float32)
    a = f if np.array_equal(f.astype(np.float64), values) else values
    return np.ascontiguousarray(a.view(np.uint8).reshape(-1, a.itemsize).T).tobytes()


def measure(data, unit, every):
    config, z3 = ChunkConfig(), zstandard.ZstdCompressor(level=3)
    total, z, points, encode, decode = dict.fromkeys(FIELDS, 0), 0, 0, 0.0, 0.0
    for m in range(data.metrics):
        chunks = [data.rows[r, m] for r in range(0, data.runs, every)] if unit == "series" else [data.rows[:, m]]
        for chunk in chunks:
            for field in FIELDS:
                a = np.ascontiguousarray(chunk[field]).ravel()
                t = time.perf_counter()
                b = standalone.simple_compress(a, config)
                encode += time.perf_counter() - t
                t = time.perf_counter()
                standalone.simple_decompress(b)
                decode += time.perf_counter() - t
                total[field] += len(b)
            points += a.size
            z += len(z3.compress(split(a)))
    emit(peer="pcodec", verb="codec", workload=data.name, unit=unit, sampled_every=every if unit == "series" else 1, points=points,
         **{k + "_bytes_per_point": v / points for k, v in total.items()}, total_bytes_per_point=sum(total.values()) / points,
         zstd3_split_values_bytes_per_point=z / points, encode_ns_per_point=encode / points * 1e9,
         decode_ns_per_point=decode / points * 1e9)


def arrival(data, every):
    """Times as they arrive: all metrics of a step, then the next step."""
    together = [m for m in range(data.metrics) if data.steps_of[m] == "1"]
    n = size = 0
    for r in range(0, data.runs, max(every, data.runs // 100)):
        t = np.ascontiguousarray(np.stack([data.rows[r, m]["times"] for m in together], 1)).ravel()
        size, n = size + len(standalone.simple_compress(t, ChunkConfig())), n + t.size
    emit(peer="pcodec", verb="codec-arrival", workload=data.name, metrics=len(together), points=n, times_bytes_per_point=size / n)


if __name__ == "__main__":
    data, every = Data(sys.argv[1]), int(sys.argv[sys.argv.index("--every") + 1]) if "--every" in sys.argv else 1
    measure(data, "series", every)
    if data.runs > 1:
        measure(data, "metric", 1)
        arrival(data, every)
