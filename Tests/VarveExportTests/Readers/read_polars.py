"""Reads an exported table with polars, and prints its rows.

usage: read_polars.py arrow|arrows|parquet FILE
"""

import sys

import polars

import points

kind, path = sys.argv[1:]
if kind == "parquet":
    frame = polars.read_parquet(path)
elif kind == "arrow":
    frame = polars.read_ipc(path)
else:
    frame = polars.read_ipc_stream(path)
points.put(*frame.columns)
points.put(*[str(kind) for kind in frame.dtypes])
texts = [name for name, kind in zip(frame.columns, frame.dtypes) if kind == polars.Categorical]
frame = frame.with_columns([polars.col(name).cast(polars.String) for name in texts])
points.put_table(frame.columns, frame.to_arrow())
