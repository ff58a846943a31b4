"""COLUMNs of Format.md, section 4: bytes → n words of 64 bits, as unsigned integers."""

import struct

from cursor import MASK, Cursor, Damage, signed

WORDS_CAP = 64 << 20


def bits(cursor, count, width):
    """`count` numbers of `width` bits, low bits first, padded to a whole byte."""
    data = cursor.take((count * width + 7) // 8)
    if width == 0:
        return [0] * count
    found, mask = [], (1 << width) - 1
    for start in range(0, count, 64):  # 64 numbers fill whole bytes whatever their width
        chunk = int.from_bytes(data[start * width // 8 : (start + 64) * width // 8], "little")
        for _ in range(min(64, count - start)):
            found.append(chunk & mask)
            chunk >>= width
    return found


def body_of(cursor, kind, m, order=0):
    if kind == 0:  # constant
        return [cursor.zigzag() & MASK] * m if m else []
    if kind == 1:  # packed
        base, width = cursor.zigzag(), cursor.u8()
        if width > 64:
            raise Damage(f"a width of {width}")
        return [(base + v) & MASK for v in bits(cursor, m, width)]
    if kind == 2:  # dictionary
        k = cursor.varint(256)
        if k == 0:
            raise Damage("an empty dictionary")
        words = [cursor.zigzag() & MASK for _ in range(k)]
        coding = cursor.u8()
        if coding == 0:
            picks = bits(cursor, m, (k - 1).bit_length())
        elif coding == 1:
            picks = cursor.stored_bytes(m)
        else:
            raise Damage(f"coding {coding} of a dictionary")
        if any(pick >= k for pick in picks):
            raise Damage("an index beyond its dictionary")
        return [words[pick] for pick in picks]
    if kind == 3:  # split
        base, width = cursor.zigzag(), cursor.u8()
        if width > 63:
            raise Damage(f"a width of {width}")
        upper = cursor.stored_bytes(m)
        return [(base + (u << width) + v) & MASK for u, v in zip(upper, bits(cursor, m, width))]
    if kind == 4:  # planes
        base, k = cursor.zigzag(), cursor.u8()
        if not 1 <= k <= 8:
            raise Damage(f"{k} planes")
        planes = cursor.stored_bytes(m * k)
        return [
            (base + int.from_bytes(bytes(planes[j * m + i] for j in range(k)), "little")) & MASK for i in range(m)
        ]
    if kind == 5:  # raw
        return list(cursor.unpack(f"{m}Q"))
    if kind == 6:  # trimmed
        exceptions, words = exceptions_of(cursor, m), body_of(cursor, 3, m)
        for place, word in exceptions:
            words[place] = word
        return words
    if kind == 7:
        return bins_of(cursor, m, order)
    raise Damage(f"body {kind} of a column")


def states_of(weights, log):
    """For each state: its bin, how many bits to read, and what to add them to."""
    size = 1 << log
    step, state, bins = (size >> 1) + (size >> 3) + 3 | 1, 0, [0] * size
    for bin_, weight in enumerate(weights):
        for _ in range(weight):
            bins[state] = bin_
            state = (state + step) % size
    numbers, states = list(weights), []
    for bin_ in bins:
        x = numbers[bin_]
        numbers[bin_] += 1
        width = log - (x.bit_length() - 1)
        states.append((bin_, width, (x << width) - size))
    return states


def block_of(data, c, log, states, table):
    """The c values of a block."""
    number, at = int.from_bytes(data, "little"), 0

    def take(width):
        nonlocal at
        at += width
        return number >> at - width & (1 << width) - 1

    lanes, found = [take(log) for _ in range(min(4, c))], []
    for i in range(c):
        bin_, width, base = states[lanes[i % 4]]
        found.append(bin_)
        if i + 4 < c:
            lanes[i % 4] = base + take(width)
    found = [(table[bin_][0] + take(table[bin_][1])) & MASK for bin_ in found]
    if (at + 7) // 8 != len(data):
        raise Damage(f"a block of {len(data)} bytes whose bits end at {at}")
    return found


def bins_of(cursor, m, order):
    log, k = cursor.u8(), cursor.varint(256)
    if log > 12 or k == 0:
        raise Damage(f"{k} bins, 2^{log} states")
    table, weights, end = [], [], 0
    for _ in range(k):
        lower, width = end + cursor.zigzag(), cursor.u8()
        if width > 64:
            raise Damage(f"a width of {width}")
        table.append((lower, width))
        weights.append(cursor.varint(1 << log) + 1)
        end = lower + (1 << width)
    if sum(weights) != 1 << log:
        raise Damage(f"weights that sum up to {sum(weights)}")
    states = states_of(weights, log)
    lengths, found = [cursor.varint() for _ in range(0, m, 1024)], []
    sums = [cursor.zigzag() & MASK for _ in range(1024, m, 1024)] if order == 1 else []
    for start, length in zip(range(0, m, 1024), lengths):
        found += block_of(cursor.take(length), min(1024, m - start), log, states, table)
        if start // 1024 < len(sums) and sum(found[start:]) & MASK != sums[start // 1024]:
            raise Damage("a block of another sum")
    return found


def undo_differences(leading, v):
    """The leading words, then v: each leading word, the last first, starts one running sum."""
    for first in reversed(leading):
        found, sum_ = [first & MASK], first
        for step in v:
            sum_ = (sum_ + step) & MASK
            found.append(sum_)
        v = found
    return v


def exceptions_of(cursor, n):
    count = cursor.varint(n)
    places, at = [], 0
    for i in range(count):
        gap = cursor.varint()
        if i and gap == 0:
            raise Damage("two exceptions at one place")
        at += gap
        if at >= n:
            raise Damage("an exception beyond its column")
        places.append(at)
    return list(zip(places, cursor.unpack(f"{count}Q")))


def _double(value):
    return struct.unpack("<Q", struct.pack("<d", value))[0]


def _widen(single):
    """The binary64 of the bits of a binary32, exactly; a NaN keeps sign and fraction."""
    sign, exponent, fraction = single >> 31, single >> 23 & 0xFF, single & 0x7FFFFF
    if exponent == 0xFF:
        return sign << 63 | 0x7FF << 52 | fraction << 29
    return _double(struct.unpack("<f", struct.pack("<I", single))[0])


def _unordered(t):
    return t & (MASK >> 1) if t >> 63 else ~t & MASK


def _float(t):
    if t >> 32:
        raise Damage("a word of more than 32 bits in a column of floats")
    return _widen(t & 0x7FFFFFFF if t >> 31 else ~t & 0xFFFFFFFF)


def _printed(word):
    """What a binary32 number, given as the bits of a binary64, was printed as with as few decimals as lead back to it."""
    value = struct.unpack("<d", struct.pack("<Q", word))[0]
    exponent = (word >> 52 & 0x7FF) - 1023
    decimals = max(0, min(22, 8 - (exponent * 1233 >> 12)))
    while decimals >= 0:
        power = 10.0**decimals
        if not abs(value * power) < 2.0**51:
            break
        shorter = float(round(value * power)) / power
        if _double(_to_single(shorter)) != _double(value):
            break
        word = _double(shorter)
        decimals -= 1
    return word


def _to_single(value):
    return struct.unpack("<f", struct.pack("<f", value))[0]


def column(cursor, n):
    """The n words of the COLUMN at the cursor."""
    if n > WORDS_CAP:
        raise Damage(f"a column of {n} words")
    size = cursor.varint()
    if size > cursor.left:
        raise Damage(f"a column of {size} bytes, {cursor.left} are there")
    inner = Cursor(cursor.data, cursor.at, cursor.at + size)
    cursor.at += size
    if n == 0:
        if size:
            raise Damage("bytes in a column of no words")
        return []
    first, body = inner.u8(), inner.u8()
    transform, order = first & 15, first >> 4
    if order > 7 or transform > 9:
        raise Damage(f"transform {transform}, differences {order} of a column")
    order = min(order, n)

    divisor, base, exceptions = 1, 0, []
    if transform == 6:
        base = inner.zigzag()
    if 3 <= transform <= 7:
        divisor = inner.varint()
        if divisor == 0:
            raise Damage("a divisor of 0")
    if transform == 7:
        base = inner.u8()
        if base > 16:
            raise Damage(f"a distance of {base} bits")
    if transform == 9:
        base = inner.u8()
        if base > 63:
            raise Damage(f"{base} bits left out")
    if 1 <= transform <= 5 or transform >= 7:
        exceptions = exceptions_of(inner, n)

    leading = [inner.zigzag() for _ in range(order)]
    t = undo_differences(leading, body_of(inner, body, n - order, order))
    if inner.left:
        raise Damage(f"{inner.left} bytes are left in a column")

    if transform == 1:
        words = [_unordered(w) for w in t]
    elif transform == 2:
        words = [_float(w) for w in t]
    elif transform == 8:
        words = [_printed(_float(w)) for w in t]
    elif transform == 9:
        words = [_unordered(w << base & MASK) >> base << base for w in t]
    elif transform == 3:
        words = [_double(float(signed(w * divisor & MASK))) for w in t]
    elif transform == 4:
        words = [_double(float(signed(w)) / float(divisor)) for w in t]
    elif transform == 5:
        words = [_double(_to_single(float(signed(w)) / float(divisor))) for w in t]
    elif transform == 7:
        quotients = [_double(float(signed(w) >> base) / float(divisor)) for w in t]
        ordered = [~q & MASK if q >> 63 else q | 1 << 63 for q in quotients]
        rests = [(w & (1 << base) - 1) - ((1 << base) >> 1) for w in t]
        words = [_unordered(q + rest & MASK) for q, rest in zip(ordered, rests)]
    elif transform == 6:
        words = [(base + w * divisor) & MASK for w in t]
    else:
        words = t
    for place, word in exceptions:
        words[place] = word
    return words


def integers(cursor, n):
    """The same as signed integers."""
    return [signed(word) for word in column(cursor, n)]
