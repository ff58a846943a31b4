"""XXH64, the checksum of every file of a repository (the algorithm is Yann Collet's, in its published form)."""

MASK = 0xFFFFFFFFFFFFFFFF
P1, P2, P3, P4, P5 = (
    0x9E3779B185EBCA87,
    0xC2B2AE3D27D4EB4F,
    0x165667B19E3779F9,
    0x85EBCA77C2B2AE63,
    0x27D4EB2F165667C5,
)


def _turn(word, by):
    return ((word << by) | (word >> (64 - by))) & MASK


def _round(lane, word):
    return _turn((lane + word * P2) & MASK, 31) * P1 & MASK


def xxh64(data, seed=0):
    """The XXH64 of some bytes under a seed, as an unsigned 64-bit integer."""
    data = memoryview(bytes(data))
    size, at = len(data), 0
    if size >= 32:
        a, b, c, d = (seed + P1 + P2) & MASK, (seed + P2) & MASK, seed & MASK, (seed - P1) & MASK
        words = data[: size // 32 * 32].cast("Q")  # this machine is taken to be little-endian, checked below
        for i in range(0, len(words), 4):
            a = _round(a, words[i])
            b = _round(b, words[i + 1])
            c = _round(c, words[i + 2])
            d = _round(d, words[i + 3])
        at = size // 32 * 32
        hash_ = (_turn(a, 1) + _turn(b, 7) + _turn(c, 12) + _turn(d, 18)) & MASK
        for lane in (a, b, c, d):
            hash_ = ((hash_ ^ _round(0, lane)) * P1 + P4) & MASK
    else:
        hash_ = (seed + P5) & MASK
    hash_ = (hash_ + size) & MASK
    while at + 8 <= size:
        hash_ ^= _round(0, int.from_bytes(data[at : at + 8], "little"))
        hash_ = (_turn(hash_, 27) * P1 + P4) & MASK
        at += 8
    if at + 4 <= size:
        hash_ ^= int.from_bytes(data[at : at + 4], "little") * P1 & MASK
        hash_ = (_turn(hash_, 23) * P2 + P3) & MASK
        at += 4
    while at < size:
        hash_ ^= data[at] * P5 & MASK
        hash_ = _turn(hash_, 11) * P1 & MASK
        at += 1
    hash_ = (hash_ ^ hash_ >> 33) * P2 & MASK
    hash_ = (hash_ ^ hash_ >> 29) * P3 & MASK
    return hash_ ^ hash_ >> 32


# Published values, so that a slip here can't be taken for a slip in the format.
assert xxh64(b"") == 0xEF46DB3751D8E999
assert xxh64(b"abc") == 0x44BC2CF5AD770999
assert memoryview(b"\1\0\0\0\0\0\0\0").cast("Q")[0] == 1, "a little-endian machine is needed"
