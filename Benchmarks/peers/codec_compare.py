"""Sizes of columns: Varve's at both efforts beside pcodec's default level and Parquet's encodings.

    swift build -c release && python3 Benchmarks/peers/codec_compare.py .build/release [--data DIR] [--all] [--json FILE]

The program `bench columns` hands over the columns: those that the benchmark generates, and those of the real logs that
`varve import` finds below DIR (one directory a source, named by its kind). Needs the packages of requirements-codec.txt.
The index of each source, whole, is held against the columns of one table of its points: of each metric the values, the steps
and the times of all runs, which pcodec and Parquet need as well (runs and metrics left out, in their favour).

pcodec gets a column whole, as 32-bit floats where that loses nothing (what it does with 64-bit ones that are exact in 32
is tried too, the smaller counts). Parquet: the smallest of plain, dictionary, byte-stream split and delta, each with
zstd 3; its file's footer isn't counted.
"""

import argparse
import collections
import io
import json
import math
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pcodec import ChunkConfig, standalone

# What `varve import` is told for a source, by the first word of its directory's name, and where in it.
IMPORTERS = {
    "aim": ("aim", "."), "algoperf": ("csv", "."), "csv": ("csv", "."), "jsonl": ("jsonl", "."),
    "multi": ("tensorboard", "multiruns"), "tensorboard": ("tensorboard", "."), "wandb": ("wandb", "."),
}


def forms(column):
    """The column as it is and, if that loses nothing, as 32-bit floats."""
    yield column
    if column.dtype == np.float64:
        with np.errstate(over="ignore", invalid="ignore"):
            narrow = column.astype(np.float32)
            if np.array_equal(narrow.astype(np.float64).view(np.uint64), column.view(np.uint64)):
                yield narrow


def pcodec_bytes(column):
    return min(len(standalone.simple_compress(form, ChunkConfig())) for form in forms(column))


def parquet_bytes(column):
    best = None
    for form in forms(column):
        table = pa.table({"v": form})
        encodings = [None, "PLAIN", "BYTE_STREAM_SPLIT"] + ["DELTA_BINARY_PACKED"] * (form.dtype == np.int64)
        for encoding in encodings:
            sink = io.BytesIO()
            pq.write_table(table, sink, compression="zstd", compression_level=3, write_statistics=False,
                           use_dictionary=encoding is None, column_encoding=encoding and {"v": encoding})
            sink.seek(0)
            size = pq.ParquetFile(sink).metadata.row_group(0).column(0).total_compressed_size
            best = size if best is None else min(best, size)
    return best


def imported(program, data, scratch):
    """A repository of each source that can be imported, as NAME=PATH."""
    for source in sorted(path for path in data.iterdir() if path.is_dir()):
        kind, part = IMPORTERS.get(source.name.split("-")[0], (None, "."))
        repository = scratch / source.name
        command = [program / "varve", "--repo", repository, "import", kind or "?", source / part]
        if kind and subprocess.run(command, capture_output=True).returncode == 0:
            subprocess.run([program / "varve", "--repo", repository, "compact"], capture_output=True, check=True)
            yield f"{source.name}={repository}"
        else:
            print(f"{source.name} wasn't imported", file=sys.stderr)


def measured(directory):
    """One object a column: its kind, values, and the bytes of each encoder."""
    for line in (directory / "columns.tsv").read_text().splitlines():
        name, kind, count, index, log, encode, decode = line.split("\t")
        column = np.fromfile(directory / name, dtype="<f8" if name.endswith("f64") else "<i8")
        yield {
            "kind": kind, "values": int(count), "index": int(index), "log": int(log), "encode_ns": float(encode),
            "decode_ns": float(decode), "pcodec": pcodec_bytes(column), "parquet": parquet_bytes(column),
        }


def summed(rows):
    kinds = collections.OrderedDict()
    for row in rows:
        total = kinds.setdefault(row["kind"], collections.Counter())
        for key in ("values", "index", "log", "pcodec", "parquet"):
            total[key] += row[key]
    return [{"kind": kind, **total} for kind, total in kinds.items()]


def table(rows):
    print("| kind | values | index, B/value | log | pcodec | Parquet | index ÷ pcodec | log ÷ pcodec | index ÷ Parquet |")
    print("|---|---|---|---|---|---|---|---|---|")
    for row in rows:
        n = row["values"]
        sizes = " | ".join(f"{row[key] / n:.3f}" for key in ("index", "log", "pcodec", "parquet"))
        ratios = f"{row['index'] / row['pcodec']:.3f} | {row['log'] / row['pcodec']:.3f} | {row['index'] / row['parquet']:.3f}"
        print(f"| {row['kind']} | {n} | {sizes} | {ratios} |")


PARTS = ("points", "index", "values", "steps", "times", "differences", "axes", "slices", "rest")


def parts(directory):
    """One object a source: the bytes of its index by what they hold."""
    for line in (directory / "parts.tsv").read_text().splitlines():
        name, *sizes = line.split("\t")
        yield {"source": name, **dict(zip(PARTS, map(int, sizes)))}


def parts_table(indexes, rows):
    print("| source | points | " + ", B/point | ".join(["index", *PARTS[2:]]) + " | index ÷ pcodec | index ÷ Parquet |")
    print("|" + "---|" * (len(PARTS) + 3))
    everything = collections.Counter()
    for source in [*indexes, None]:
        if source is None:
            source = {"source": "all", **everything}
        else:
            everything.update({part: source[part] for part in PARTS})
        theirs = [row for row in rows if source["source"] in ("all", row["kind"].split("/")[0])]
        sizes = " | ".join(f"{source[part] / source['points']:.3f}" for part in PARTS[1:])
        ratios = " | ".join(
            f"{source['index'] / sum(row[peer] for row in theirs):.3f}" for peer in ("pcodec", "parquet"))
        print(f"| {source['source']} | {source['points']} | {sizes} | {ratios} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", type=pathlib.Path, help="the directory of the programs `bench` and `varve`")
    parser.add_argument("--data", type=pathlib.Path, help="real logs, one directory a source")
    parser.add_argument("--all", action="store_true", help="every kind of the real logs, not their sums alone")
    parser.add_argument("--json", type=pathlib.Path, help="write one object a column to this file")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        repositories = list(imported(options.program, options.data, scratch)) if options.data else []
        arguments = [word for pair in repositories for word in ("--repository", pair)]
        subprocess.run([options.program / "bench", "columns", scratch / "columns", *arguments], check=True)
        rows = list(measured(scratch / "columns"))
        indexes = list(parts(scratch / "columns"))
    whole = [row for row in rows if "/whole " in row["kind"]]
    rows = [row for row in rows if "/whole " not in row["kind"]]
    if options.json:
        together = []
        if indexes:
            sizes = {peer: sum(row[peer] for row in whole) for peer in ("pcodec", "parquet")}
            counts = {"values": sum(row["points"] for row in indexes), "index": sum(row["index"] for row in indexes)}
            together.append({"kind": "imported logs/index", **counts, **sizes})
        options.json.write_text("[\n" + ",\n".join(json.dumps(row) for row in rows + together) + "\n]\n")
    print("# Columns: Varve's sizes beside pcodec's and Parquet's\n")
    print("Made by `Benchmarks/peers/codec_compare.py`, which says how; pcodec and pyarrow as in `requirements-codec.txt`.")
    print("Generated columns are those of `bench --filter codec`; in pages of 16,384 values. Ratios below 1: Varve is smaller.\n")
    generated = {f"{kind}/{n}" for kind in set(r["kind"].split("/")[0] for r in rows) for n in (20, 300, 1000, 16384)}
    real = [row for row in rows if row["kind"] not in generated]
    print("## Generated columns\n")
    table(row for row in rows if row["kind"] in generated)
    for part in ("metric", "series", "steps", "times"):
        share = [row for row in real if row["kind"].split("/", 1)[1].startswith(part)]
        if not share:
            continue
        print(f"\n## Real columns: {part}\n")
        sources = [{**row, "kind": row["kind"].split("/")[0]} for row in share]
        table(summed(sources) + summed([{**row, "kind": "all"} for row in share]))
        if options.all:
            print()
            table(summed(share))
    if indexes:
        print("\n## Whole indexes of real logs, beside one table of the same columns\n")
        parts_table(indexes, whole)
    print("\n## Farthest above pcodec\n")
    worst = [row for row in summed(rows) if row["index"] > row["pcodec"] * 1.02]
    table(sorted(worst, key=lambda row: row["pcodec"] / row["index"])[:40])
    ratio = math.fsum(math.log(row["index"] / row["pcodec"]) for row in rows) / len(rows)
    print(f"\nGeometric mean of index ÷ pcodec over {len(rows)} columns: {math.exp(ratio):.3f}")


if __name__ == "__main__":
    main()
