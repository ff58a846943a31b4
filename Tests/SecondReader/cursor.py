"""Primitives of Format.md, section 1: a cursor over bytes that throws Damage instead of reading beyond its end."""

import struct

try:
    import zstandard
except ImportError as missing:  # the program says which packages have it
    raise SystemExit(
        "varve_reader: this interpreter has no `zstandard` (Debian: apt install python3-zstandard, then /usr/bin/python3)"
    ) from missing

MASK = 0xFFFFFFFFFFFFFFFF
NO_TIME = -(1 << 63)
BLOCK_CAP = 64 << 20
WINDOW_CAP = 8 << 20
NAME_CAP = 1024
PAIR_CAP = 64
VALUE_CAP = 1 << 20


class Damage(Exception):
    """Bytes that aren't what the format says."""


def signed(word):
    """An unsigned 64-bit word as two's complement."""
    return word - (1 << 64) if word >> 63 else word


def unzstd(stored, plain):
    """One zstd frame that gives exactly `plain` bytes."""
    if plain > BLOCK_CAP:
        raise Damage(f"{plain} plain bytes are above the cap")
    try:
        stream = zstandard.ZstdDecompressor(max_window_size=WINDOW_CAP).decompressobj()
        found = stream.decompress(stored)
    except zstandard.ZstdError as error:
        raise Damage(f"zstd: {error}") from error
    if len(found) != plain or stream.unused_data:
        raise Damage(f"a zstd frame gives {len(found)} bytes, not {plain}")
    return found


class Cursor:
    def __init__(self, data, at=0, end=None):
        self.data, self.at = data, at
        self.end = len(data) if end is None else end

    @property
    def left(self):
        return self.end - self.at

    def take(self, count):
        if count < 0 or count > self.left:
            raise Damage(f"{count} bytes are wanted at {self.at}, {self.left} are there")
        self.at += count
        return bytes(self.data[self.at - count : self.at])

    def unpack(self, layout):
        return struct.unpack("<" + layout, self.take(struct.calcsize("<" + layout)))

    def u8(self):
        return self.take(1)[0]

    def u64(self):
        return int.from_bytes(self.take(8), "little")

    def time(self):
        return signed(self.u64())

    def varint(self, cap=MASK):
        value = 0
        for shift in range(0, 70, 7):
            byte = self.u8()
            value |= (byte & 0x7F) << shift
            if not byte & 0x80:
                if value > cap:
                    raise Damage(f"a number of {value} is above {cap}")
                return value
        raise Damage("a varint of more than ten bytes")

    def zigzag(self):
        """As a signed integer."""
        value = self.varint()
        return (value >> 1) ^ -(value & 1)

    def string(self, cap=NAME_CAP):
        try:
            return self.take(self.varint(cap)).decode("utf-8")
        except UnicodeDecodeError as error:
            raise Damage(f"not UTF-8: {error}") from error

    def context(self):
        """Pairs, sorted by key."""
        pairs = [(self.string(), self.string()) for _ in range(self.varint(PAIR_CAP))]
        keys = [key.encode() for key, _ in pairs]
        if any(a >= b for a, b in zip(keys, keys[1:])):
            raise Damage("the keys of a context aren't sorted and distinct")
        return tuple(pairs)

    def stored_bytes(self, plain):
        """BYTES of section 4: stored plain, or as one zstd frame."""
        if plain > BLOCK_CAP:
            raise Damage(f"{plain} plain bytes are above the cap")
        stored = self.take(self.varint())
        return stored if len(stored) == plain else unzstd(stored, plain)

    def block(self):
        """varint plain bytes, BYTES: as the sections of a segment have it."""
        return self.stored_bytes(self.varint(BLOCK_CAP))


def value_of(cursor):
    """A VALUE of section 3.4 as (type number, value)."""
    kind = cursor.u8()
    if kind in (0, 1):
        return kind, None
    if kind == 2:
        return kind, bool(cursor.u8())
    if kind == 3:
        return kind, cursor.zigzag()
    if kind == 4:
        return kind, cursor.u64()  # the bits: NaN payloads and −0 count
    if kind in (5, 6):
        return kind, cursor.string(VALUE_CAP)
    raise Damage(f"a value of type {kind}")
