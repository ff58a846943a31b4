"""Reads an exported table with pyarrow, has pyarrow validate it, and prints its rows.

usage: read_pyarrow.py arrow|arrows|parquet FILE
"""

import sys

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet

import points

kind, path = sys.argv[1:]
if kind == "parquet":
    table = pyarrow.parquet.read_table(path)
elif kind == "arrow":
    with pa.OSFile(path) as file:
        table = pa.ipc.open_file(file).read_all()
else:
    with pa.OSFile(path) as file:
        table = pa.ipc.open_stream(file).read_all()
table.validate(full=True)
points.put(*table.schema.names)
points.put(*[str(field.type) + ("" if field.nullable else " not null") for field in table.schema])
points.put_table(table.schema.names, table)
