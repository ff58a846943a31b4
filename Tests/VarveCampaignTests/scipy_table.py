"""Writes scipy.json beside this file: what SciPy and statsmodels say, for StatisticsTests.

    python3 -m venv venv && venv/bin/pip install scipy statsmodels
    venv/bin/python Tests/VarveCampaignTests/scipy_table.py
"""
import json
import pathlib

import numpy
import scipy
import statsmodels
from scipy import special, stats
from statsmodels.stats.weightstats import DescrStatsW

random = numpy.random.default_rng(20261126)


def number(value):
    value = float(value)
    return value if numpy.isfinite(value) else None


def quantiles():
    degrees = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 17, 20, 25, 29, 30, 40, 50, 62, 99, 104, 314, 999, 9999, 1e6]
    shares = [0.005, 0.025, 0.3, 0.6, 0.75, 0.9, 0.95, 0.975, 0.99, 0.995, 0.9995]
    return [[d, s, stats.t.ppf(s, d)] for d in degrees for s in shares]


def tails():
    return [[d, t, 2 * stats.t.sf(t, d)] for d in [1, 2, 3, 5, 9, 19, 30, 104, 314, 5000]
            for t in [0.001, 0.1, 0.7, 1, 1.96, 2.5, 4, 8, 20, 60]]


def beta():
    return [[x, a, b, special.betainc(a, b, x)] for x in [1e-9, 0.01, 0.2, 0.5, 0.73, 0.99, 0.999999]
            for a, b in [(0.5, 0.5), (1, 3), (2.5, 0.5), (7, 40), (15, 0.5), (50, 50), (400, 3), (5000, 0.5)]]


def samples():
    sets = [[0.5, 0.75], [1, 1, 1], [3, 1, 2], [0.9123, 0.9134, 0.9097, 0.9151, 0.9102]]
    for count in [2, 3, 5, 7, 15, 21, 105, 315]:
        sets.append(list(random.normal(0.85, 0.02, count)))
        sets.append(list(numpy.float32(random.lognormal(0, 2, count)).astype(float)))
    sets.append(list(1e9 + random.random(15)))
    sets.append(list(random.normal(0, 1e-12, 9)))
    result = []
    for values in sets:
        low, high = DescrStatsW(values).tconfint_mean(alpha=0.05)
        half = stats.t.ppf(0.975, len(values) - 1) * stats.sem(values)
        result.append({
            "values": values, "mean": numpy.mean(values), "std": numpy.std(values, ddof=1), "ci95": half,
            "statsmodels": (high - low) / 2, "median": numpy.median(values),
            "quantiles": [[q, numpy.quantile(values, q)] for q in [0, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 1]],
        })
    return result


def pairs():
    sets = []
    for count in [3, 5, 6, 9, 15, 30, 50, 51, 80, 315]:
        first = random.normal(0.8, 0.05, count)
        sets.append((first, first - random.normal(0.01, 0.03, count)))
        # Accuracies of 200 images: ties and zeros.
        sets.append((numpy.round(first * 200) / 200, numpy.round((first + random.normal(0.004, 0.01, count)) * 200) / 200))
    sets.append((numpy.array([1.0, 2, 3, 4, 5, 6]), numpy.array([2.0, 4, 6, 8, 10, 12])))
    result = []
    for first, second in sets:
        difference = first - second
        nonzero = difference[difference != 0]
        ranks = stats.rankdata(abs(nonzero))
        test = stats.wilcoxon(first, second)
        t = stats.ttest_rel(first, second)
        result.append({
            "first": list(first), "second": list(second),
            "statistic": test.statistic, "wilcoxon": test.pvalue,
            "biserial": (ranks[nonzero > 0].sum() - ranks[nonzero < 0].sum()) / ranks.sum(),
            "t": number(t.statistic), "p": number(t.pvalue),
            "d": difference.mean() / difference.std(ddof=1),
        })
    return result


table = {
    "made_by": f"scipy {scipy.__version__}, numpy {numpy.__version__}, statsmodels {statsmodels.__version__}",
    "t_quantiles": quantiles(), "t_tails": tails(), "beta": beta(), "samples": samples(), "pairs": pairs(),
}
text = json.dumps(table, default=float, separators=(",", ":"))
# A line an entry, so that differences can be read.
for key in ["made_by", "t_quantiles", "t_tails", "beta", "samples", "pairs"]:
    text = text.replace(f'"{key}":', f'\n"{key}":\n')
text = text.replace("],[", "],\n[").replace("},{", "},\n{")
pathlib.Path(__file__).with_name("scipy.json").write_text(text + "\n")
print(table["made_by"])
