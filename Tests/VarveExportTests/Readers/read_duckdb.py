"""Reads an exported Parquet file with DuckDB, and prints its rows.

usage: read_duckdb.py parquet FILE
"""

import sys
import warnings

import duckdb

import points

warnings.filterwarnings("ignore")

kind, path = sys.argv[1:]
base = duckdb.connect()
base.execute("SET TimeZone = 'UTC'")
columns = base.execute("DESCRIBE SELECT * FROM read_parquet(?, file_row_number = true)", [path]).fetchall()
columns = [(name, type_) for name, type_, *_ in columns if name != "file_row_number"]
points.put(*[name for name, _ in columns])
points.put(*[type_ for _, type_ in columns])


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


# As integers: Python's own times have but microseconds.
shown = [f"epoch_ns({quoted(n)}) AS {quoted(n)}" if t.startswith("TIMESTAMP") else quoted(n) for n, t in columns]
table = base.execute(
    f"SELECT {', '.join(shown)} FROM read_parquet(?, file_row_number = true) ORDER BY file_row_number", [path]
).to_arrow_table()
points.put_table(table.schema.names, table)
# What its statistics say must not hide a row.
for name, type_ in columns:
    if type_ == "DOUBLE":
        for row in base.execute(
            f"SELECT count(*), count({quoted(name)}) FROM read_parquet(?) WHERE {quoted(name)} IN (0, 'inf', '-inf')",
            [path],
        ).fetchall():
            points.put("special", name, *row)
