"""The canonical form in which the readers here print what they found: one JSON array a line, values by their bits."""

import json
import struct
import sys


def bits(value):
    """The bits of a double, in hexadecimal."""
    return struct.pack(">d", value).hex()


def put(*cells):
    sys.stdout.write(json.dumps(cells, ensure_ascii=False, separators=(",", ":")) + "\n")


def of_word(word):
    """The same bits, of an integer that has them."""
    return "%016x" % (word & 0xFFFFFFFFFFFFFFFF)


def put_table(names, table):
    """Prints a table of pyarrow: texts, integers, times as nanoseconds, doubles by their bits, null where there is none."""
    import pyarrow as pa

    columns = []
    for name in names:
        column = table.column(name).combine_chunks()
        if isinstance(column, pa.ChunkedArray):
            column = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
        kind = column.type
        if pa.types.is_dictionary(kind):
            column = column.dictionary_decode()
            cells = column.to_pylist()
        elif pa.types.is_floating(kind):
            # A view keeps the bits of a NaN.
            cells = [None if word is None else of_word(word) for word in column.view(pa.int64()).to_pylist()]
        elif pa.types.is_timestamp(kind):
            cells = column.cast(pa.timestamp("ns", kind.tz)).view(pa.int64()).to_pylist()
        else:
            cells = column.to_pylist()
        columns.append(cells)
    for row in zip(*columns):
        put(*row)
