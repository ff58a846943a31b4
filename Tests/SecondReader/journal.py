"""Journals: the newest points of one writer. Format.md, section 5."""

from dataclasses import dataclass

from cursor import MASK, Cursor, Damage
from frames import uuid_text
from xxh64 import xxh64

HEADER, RECORD = 4096, 32


def _fold(a, b):
    product = a * b
    return (product & MASK) ^ (product >> 64)


def check_of(step, time, value, series, sequence, salt):
    """The check word of a record; step and time as unsigned words."""
    x = _fold(step ^ 0x9E3779B97F4A7C15, value ^ 0xC2B2AE3D27D4EB4F)
    x ^= _fold(time ^ salt, ((sequence << 32 & MASK) | series) ^ 0x165667B19E3779F9)
    return (x ^ x >> 32) & 0xFFFFFFFF


@dataclass
class Journal:
    run: str
    n: int
    salt: int
    slots: int
    claimed: int
    repository: str
    data: bytes

    def record(self, sequence):
        """(series, (step, time, value bits)) if the slot holds that very sequence, else None."""
        cursor = Cursor(self.data, HEADER + RECORD * (sequence % self.slots))
        step, time, value, series, check = cursor.unpack("QQQII")
        if check != check_of(step, time, value, series, sequence, self.salt):
            return None
        return series, (step - (step >> 63 << 64), time - (time >> 63 << 64), value)

    def points(self, end, dead):
        """Sequence → record, of the sequences from `end` on."""
        found = {}
        if self.slots == 0:
            return found
        if not dead:
            while len(found) < self.slots and (record := self.record(end + len(found))) is not None:
                found[end + len(found)] = record
            return found
        low, tries = self.claimed - self.slots, list(range(end, end + self.slots))
        if low >= end and self.claimed - end < 2**32 - 2 * self.slots:
            tries += range(max(low, end + self.slots), self.claimed + self.slots)
        for sequence in tries:
            if (record := self.record(sequence)) is not None:
                found[sequence] = record
        return found


def journal_of(data):
    """The journal in some bytes; Damage if they aren't one."""
    cursor = Cursor(data)
    if cursor.take(8) != b"VARVEJNL":
        raise Damage("no journal")
    version, record, features = cursor.unpack("HHI")
    if xxh64(data[:176]) != int.from_bytes(data[176:184], "little"):
        raise Damage("the header of a journal doesn't fit its checksum")
    if version > 1 or features:
        raise Damage(f"version {version}, required features {features:#x}")
    run = uuid_text(cursor.take(16))
    n, slots, salt = cursor.unpack("IIQ")
    if record != RECORD or slots & (slots - 1):
        raise Damage(f"records of {record} bytes, {slots} slots")
    if len(data) < HEADER + RECORD * slots:
        raise Damage(f"{len(data)} bytes for {slots} slots")
    claimed = int.from_bytes(data[1024:1032], "little")
    return Journal(run, n, salt, slots, claimed, uuid_text(data[96:112]), data)
