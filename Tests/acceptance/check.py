"""Computes a report anew from the points that `varve export` wrote, with pandas and SciPy, and compares every number of it.

    check.py report.json report.csv points.csv runs.csv
"""
import json
import sys

import numpy
import pandas
from scipy import stats

report, rounded, points, runs = sys.argv[1:5]
report = json.load(open(report))
rounded = pandas.read_csv(rounded, dtype=str, keep_default_na=False)
points, runs = pandas.read_csv(points), pandas.read_csv(runs)

runs = runs[runs.status == "finished"]
points = points[(points.metric == "acc") & points.context.str.startswith("subset=test") & points.run.isin(runs.id)]
last = points.groupby(["run", "context"], sort=False).last().reset_index()
table = last.merge(runs, left_on="run", right_on="id")
groups = table.groupby(["params.augmentation", "params.features", "context"])

compared = 0
for row, text in zip(report, rounded.to_dict("records"), strict=True):
    context = f"subset={row['context']['subset']}"
    values = groups.get_group((row["params.augmentation"], row["params.features"], context)).value
    count = len(values)
    expected = {
        "n": count, "mean": values.mean(), "std": values.std(ddof=1), "min": values.min(), "max": values.max(),
        "median": values.median(), "ci95": stats.t.ppf(0.975, count - 1) * values.std(ddof=1) / numpy.sqrt(count),
    }
    for name, value in expected.items():
        if not numpy.isclose(row[name], value, rtol=1e-12, atol=0):
            sys.exit(f"{row}: {name} should be {value}")
        shown = str(value) if name == "n" else f"{value:.4f}"
        if name != "n":
            # Machine formats say the rounded number in its shortest form.
            shown = repr(float(shown))
        found = text[name] if name == "n" else repr(float(text[name]))
        if found != shown:
            sys.exit(f"{text}: {name} should be {shown}")
        compared += 1
if len(report) != len(groups) or len(report) != 42 or table.run.nunique() != 315:
    sys.exit(f"{len(report)} rows of {len(groups)} groups and {table.run.nunique()} runs")
print(f"{compared} numbers of {len(report)} rows agree")
