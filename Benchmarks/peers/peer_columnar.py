"""Columnar formats holding one table (metric i32, run i32, step i64, time i64 ns, value f64), sorted by metric, run, step: what an
exporter or a lakehouse would write when the runs are over. They are no loggers; load and extract only. Asked for one metric they give
the run of each point too, asked for everything the metric as well. Variants:

parquet        pyarrow: zstd 3, BYTE_STREAM_SPLIT values, DELTA_BINARY_PACKED steps and times, row groups of at most 131,072 rows that
               never hold two metrics, picked by their statistics
parquet-small  the same with row groups of 16,384 rows, which suit single series
polars         reads the parquet variant's file, lazily, with predicates pushed down
duckdb         its own file, handed over as an Arrow table
lance          ZONEMAP indexes on metric and run
vortex, vortex-compact"""
import os, sys
import numpy as np
from answer import Answer
from common import Peer, Data, emit
from verbs import main

VARIANT = os.environ.get("PEER_VARIANT") or "parquet"
COLUMNS = ["step", "time", "value"]


def tables(data):
    """One Arrow table a metric."""
    import pyarrow as pa
    for m in range(data.metrics):
        rows = data.rows[:, m]
        n = rows["steps"].size
        yield pa.table({"metric": pa.array(np.full(n, m, np.int32)),
                        "run": pa.array(np.repeat(np.arange(data.runs, dtype=np.int32), data.n)),
                        "step": pa.array(np.ascontiguousarray(rows["steps"]).ravel()),
                        "time": pa.array(np.ascontiguousarray(rows["times"]).ravel()),
                        "value": pa.array(np.ascontiguousarray(rows["values"]).ravel())})


def reader(data):
    """The same as one stream of batches."""
    import pyarrow as pa
    rest = tables(data)
    first = next(rest)

    def batches():
        yield from first.to_batches()
        for t in rest:
            yield from t.to_batches()
    return pa.RecordBatchReader.from_batches(first.schema, batches())


class Columnar(Peer):
    """What the formats have in common: each gives a table with the columns that a question needs."""
    time_unit = "ns"

    def one(self, r, m):
        return self.answer(r, m, self.table(COLUMNS, m, r))

    def metric(self, m):
        return self.answer(None, m, self.table(["run"] + COLUMNS, m))

    def everything(self):
        return self.answer(None, None, self.table(["metric", "run"] + COLUMNS))

    def answer(self, run, metric, table):
        answer = Answer()
        answer.add(table["run"] if run is None else run, table["metric"] if metric is None else metric,
                   *(table[c] for c in COLUMNS))
        return answer


class Parquet(Columnar):
    name, packages = VARIANT, ["pyarrow"]
    rows = 16_384 if VARIANT == "parquet-small" else 131_072
    setting = f"zstd 3, BYTE_STREAM_SPLIT values, DELTA_BINARY_PACKED steps and times, row groups <= {rows:,} rows of one metric"

    def prepare(self):
        import pyarrow as pa, pyarrow.compute as pc, pyarrow.parquet
        pa.table({"x": [1]}).filter(pc.equal(pa.array([1]), 1))  # the first filter imports more

    def load(self, store, data):
        import pyarrow.parquet as pq
        os.makedirs(store)
        writer = None
        for t in tables(data):
            if writer is None:
                writer = pq.ParquetWriter(os.path.join(store, "points.parquet"), t.schema, compression="zstd",
                                          compression_level=3, use_dictionary=["metric", "run"], version="2.6",
                                          data_page_version="2.0", write_page_index=True, column_encoding={
                                              "step": "DELTA_BINARY_PACKED", "time": "DELTA_BINARY_PACKED",
                                              "value": "BYTE_STREAM_SPLIT"})
            writer.write_table(t, row_group_size=self.rows)
        writer.close()

    def open(self, store, data):
        import pyarrow.parquet as pq
        self.file = pq.ParquetFile(os.path.join(store, "points.parquet"), memory_map=True)
        md = self.file.metadata
        stat = lambda g, c: md.row_group(g).column(c).statistics
        self.groups = [(stat(g, 0).min, stat(g, 1).min, stat(g, 1).max) for g in range(md.num_row_groups)]

    def table(self, columns, m=None, r=None):
        import pyarrow.compute as pc
        if m is None:
            return self.file.read(columns)
        groups = [g for g, (k, low, high) in enumerate(self.groups) if k == m and (r is None or low <= r <= high)]
        if r is None:
            return self.file.read_row_groups(groups, columns)
        t = self.file.read_row_groups(groups, columns + ["run"])
        return t.filter(pc.equal(t["run"], r))


class Polars(Columnar):
    name, packages, setting = "polars", ["polars"], "scan_parquet of the parquet peer's file, predicates pushed down"

    def prepare(self):
        import polars

    def open(self, store, data):
        import polars as pl
        self.lazy = pl.scan_parquet(os.path.join(store, "points.parquet"))

    def table(self, columns, m=None, r=None):
        import polars as pl
        q = self.lazy
        if m is not None:
            q = q.filter(pl.col("metric") == m)
        if r is not None:
            q = q.filter(pl.col("run") == r)
        return q.select(columns).collect()


class DuckDB(Columnar):
    name, packages, setting = "duckdb", ["duckdb"], "own file, sorted table, storage version latest, default threads, Arrow result"

    def prepare(self):
        import duckdb, pyarrow

    def load(self, store, data):
        import duckdb
        os.makedirs(store)
        db = duckdb.connect()
        db.execute(f"attach '{store}/points.duckdb' as d (storage_version 'latest')")
        db.execute("create table d.points(metric integer, run integer, step bigint, time bigint, value double)")
        for t in tables(data):
            db.execute("insert into d.points select * from t")
        db.execute("checkpoint d")
        db.execute("detach d")

    def open(self, store, data):
        import duckdb
        self.db = duckdb.connect(os.path.join(store, "points.duckdb"), read_only=True)

    def table(self, columns, m=None, r=None):
        return self.db.execute(f"select {', '.join(columns)} from points{where(m, r)}").to_arrow_table()


def where(m, r, word=" where "):
    parts = ([f"metric = {m}"] if m is not None else []) + ([f"run = {r}"] if r is not None else [])
    return word + " and ".join(parts) if parts else ""


class Lance(Columnar):
    name, packages, setting = "lance", ["pylance"], "default storage version, ZONEMAP scalar indexes on metric and run"

    def prepare(self):
        import lance

    def load(self, store, data):
        import lance
        ds = lance.write_dataset(reader(data), store, mode="overwrite", max_rows_per_file=64 << 20)
        for c in ("metric", "run"):
            ds.create_scalar_index(c, "ZONEMAP")

    def open(self, store, data):
        import lance
        self.ds = lance.dataset(store)

    def table(self, columns, m=None, r=None):
        return self.ds.to_table(columns=columns, filter=where(m, r, "") or None)


class Vortex(Columnar):
    name, packages = VARIANT, ["vortex-data"]
    setting = "default writer" if VARIANT == "vortex" else "VortexWriteOptions.compact"

    def prepare(self):
        import vortex, vortex.expr

    def load(self, store, data):
        import vortex as vx
        os.makedirs(store)
        path = os.path.join(store, "points.vortex")
        if VARIANT == "vortex":
            vx.io.write(reader(data), path)
        else:
            vx.io.VortexWriteOptions.compact().write(reader(data), path)

    def open(self, store, data):
        import vortex as vx
        self.vx = vx.open(os.path.join(store, "points.vortex"))

    def table(self, columns, m=None, r=None):
        import vortex as vx, vortex.expr as ve
        equal = lambda c, x: ve.column(c) == ve.literal(vx.int_(32), x)  # a bare Python number would be 64 bits, which it refuses
        e = equal("metric", m) if m is not None else None
        if r is not None:
            e = ve.and_(e, equal("run", r))
        return self.vx.scan(projection=columns, expr=e).read_all().to_arrow_table()


def columns(path, data):
    """Bytes of each column of a Parquet file."""
    import pyarrow.parquet as pq
    md, out = pq.ParquetFile(path).metadata, {}
    for g in range(md.num_row_groups):
        for c in range(md.num_columns):
            k = md.row_group(g).column(c)
            out[k.path_in_schema] = out.get(k.path_in_schema, 0) + k.total_compressed_size
    emit(peer="parquet", verb="columns", workload=data.name, points=data.points, footer_bytes=md.serialized_size,
         **{k + "_bytes_per_point": v / data.points for k, v in out.items()})


if __name__ == "__main__":
    if sys.argv[1:2] == ["columns"]:  # columns PATH DATA
        columns(sys.argv[2], Data(sys.argv[3]))
    else:
        main({"parquet": Parquet, "parquet-small": Parquet, "polars": Polars, "duckdb": DuckDB, "lance": Lance, "vortex": Vortex,
              "vortex-compact": Vortex}[VARIANT], __file__)
