"""Reads an exported database with Python's sqlite3, checks it, and prints what it holds.

usage: read_sqlite.py FILE
"""

import sqlite3
import sys

import points

base = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
assert base.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
assert base.execute("PRAGMA foreign_key_check").fetchall() == []


def cell(value):
    return points.bits(value) if isinstance(value, float) else value


for row in base.execute("SELECT id, name, status, created, ended, points FROM runs ORDER BY id"):
    points.put("run", *row)
for row in base.execute("SELECT run, key, type, value FROM properties ORDER BY run, key"):
    points.put("property", *map(cell, row))
for row in base.execute(
    "SELECT run, metric, context, count, lowest_step, highest_step, min, max, last, nan FROM series ORDER BY id"
):
    points.put("series", *map(cell, row))
for row in base.execute(
    "SELECT run, attempt, status, created, ended, resumed_at, ranks, hosts, points, lost_points FROM attempts ORDER BY run, attempt"
):
    points.put("attempt", *row)
for row in base.execute(
    "SELECT run, name, version, step, time, context, sha256, size, media_type, is_here FROM artifacts ORDER BY rowid"
):
    points.put("artifact", *row)
for id, *row in base.execute("SELECT id, run, kind, metric, context, step, time FROM records ORDER BY id"):
    points.put("record", *row)
    for table, columns in [
        ("classes", "label, precision, recall, f1, support"),
        ("cells", "truth, predicted, count"),
        ("bins", "low, high, count"),
    ]:
        # In the order of the primary key.
        for cells in base.execute(f"SELECT {columns} FROM {table} WHERE record = ?", [id]):
            points.put(table, *map(cell, cells))
tables = [name for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
if "points" in tables:
    has_attempt = "attempt" in [column[1] for column in base.execute("PRAGMA table_info(points)")]
    columns = "metric, context, step, time, value" + (", points.attempt" if has_attempt else "")
    for row in base.execute(
        f"SELECT run, runs.name, {columns} FROM points JOIN series ON series.id = points.series "
        "JOIN runs ON runs.id = series.run ORDER BY points.rowid"
    ):
        points.put("point", *map(cell, row))
    assert base.execute("SELECT count(*) FROM long").fetchone() == base.execute("SELECT count(*) FROM points").fetchone()
if "text" in tables:
    for row in base.execute("SELECT run, channel, rank, step, time, text FROM text ORDER BY rowid"):
        points.put("text", *row)
