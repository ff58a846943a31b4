"""Recomputes what a page says about its values: the bounds in its directory entry, the summaries of its slices and blocks."""

import math
import struct

from columns import column, integers
from cursor import Damage

SUMMARY_FROM, BLOCK = 256, 1024


def of(points):
    """(min, max, at min, at max, last bits, NaN, +Inf, −Inf) of the points of a slice; min and max as numbers."""
    low, high, at_low, at_high = math.inf, -math.inf, 0, 0
    nan = plus = minus = 0
    for i, (_, _, word) in enumerate(points):
        value = struct.unpack("<d", struct.pack("<Q", word))[0]
        if math.isnan(value):
            nan += 1
        elif math.isinf(value):
            plus, minus = plus + (value > 0), minus + (value < 0)
        else:
            if value < low:
                low, at_low = value, i
            if value > high:
                high, at_high = value, i
    return low, high, at_low, at_high, points[-1][2], nan, plus, minus


def check(page, cursor, slices):
    _, _, _, _, _, _, low, high, nan, infinite, min_step, max_step, _, _ = page
    all_ = [of(points) for points in slices]
    if (min(s[0] for s in all_), max(s[1] for s in all_)) != (low, high):
        raise Damage("the bounds of the values of a page are wrong")
    if (sum(s[5] for s in all_), sum(s[6] + s[7] for s in all_)) != (nan, infinite):
        raise Damage("the numbers of NaN and Inf of a page are wrong")
    if any(step < min_step or step > max_step for points in slices for step, _, _ in points):
        raise Damage("a step beyond the bounds of its page")

    long = [s for s, points in zip(all_, slices) if len(points) >= SUMMARY_FROM]
    if cursor is None:
        if long:
            raise Damage("summaries are absent")
        return
    for blocks in (False, True):
        rows = long
        if blocks:
            cut = [points for points in slices if len(points) >= 2 * BLOCK]
            rows = [of(points[at : at + BLOCK]) for points in cut for at in range(0, len(points), BLOCK)]
        if rows or not blocks:
            told(cursor, rows)
        if not cursor.left:
            break  # without blocks, or written by the first version, which knew none
        if not blocks:
            firsts = column(cursor, len(long))
            if firsts != [points[0][2] for points in slices if len(points) >= SUMMARY_FROM]:
                raise Damage("a first value is wrong")
        elif column(cursor, len(rows)) != [points[at][2] for points in cut for at in range(0, len(points), BLOCK)]:
            raise Damage("the first value of a block is wrong")
    if cursor.left:
        raise Damage("more than the summaries")


def told(cursor, rows):
    n = len(rows)
    lows, highs = column(cursor, n), column(cursor, n)
    at_low, at_high, last = integers(cursor, n), integers(cursor, n), column(cursor, n)
    counts = [integers(cursor, n) for _ in range(3)]
    for i, s in enumerate(rows):
        told = [struct.unpack("<d", struct.pack("<Q", w))[0] for w in (lows[i], highs[i])]
        if (*told, last[i], *(c[i] for c in counts)) != (s[0], s[1], s[4], *s[5:]):
            raise Damage(f"a summary is wrong: {told}, {s}")
        if s[0] <= s[1] and (at_low[i], at_high[i]) != (s[2], s[3]):
            raise Damage(f"a summary names {at_low[i]}, {at_high[i]}, not {s[2]}, {s[3]}")
