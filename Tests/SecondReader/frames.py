"""Payloads of the frames of a log file: Format.md, sections 3.1 to 3.11."""

import math
import struct
from dataclasses import dataclass, field

from columns import column, integers
from cursor import MASK, NAME_CAP, VALUE_CAP, Cursor, Damage, value_of

BEGIN, DEFINE, POINTS, PROPERTIES, TEXT, ARTIFACTS, LOSS, END, CONTENTS = range(9)
RECORDS, WITHDRAWALS = 128, 129
CLASSES_CAP, CELLS_CAP, BINS_CAP = 1 << 16, 1 << 20, 1 << 16
RECORD_TYPES = {1: "confusion matrix", 2: "histogram", 3: "class report"}
KINDS = ["begin", "define", "points", "properties", "text", "artifacts", "loss", "end", "contents"]


def name_of(kind):
    return {RECORDS: "records", WITHDRAWALS: "withdrawals"}.get(kind) or KINDS[kind]


BEGIN_SIZE = 224
POINTS_CAP = 1 << 20
SERIES_CAP = 1 << 20
END_STATES = {0: "moved", 1: "finished", 2: "failed", 3: "killed", 4: "exited"}


def uuid_text(data):
    digits = data.hex()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


NO_RUN = uuid_text(bytes(16))


@dataclass
class Begin:
    repository: str
    run: str
    salt: int
    n: int
    attempt: int
    rank: int | None
    seal_of: tuple | None  # (n, salt, size)
    durability: int = 0
    rewind: tuple = (0, 0)
    fork: tuple | None = None  # (run, attempt, step)
    created: int = 0
    host: str = ""

    @property
    def identity(self):
        return (self.run, self.n, self.salt)


def begin_of(payload):
    if len(payload) < BEGIN_SIZE:
        raise Damage(f"a begin of {len(payload)} bytes")
    cursor = Cursor(payload)
    version, durability, rewind_mode, features = cursor.unpack("HBBI")
    if version > 1:
        raise Damage(f"version {version} is higher than 1")
    if features:
        raise Damage(f"required features {features:#x}")
    if rewind_mode > 1:
        raise Damage(f"rewind mode {rewind_mode}")
    repository, run = uuid_text(cursor.take(16)), uuid_text(cursor.take(16))
    salt, n, attempt, rank = cursor.unpack("QIII")
    seal_n, seal_salt, seal_size, rewind = cursor.unpack("IQQq")
    fork_run = uuid_text(cursor.take(16))
    fork_step, fork_attempt, _, created = cursor.unpack("qIIq")
    host = cursor.take(64).rstrip(b"\0").decode("utf-8", "replace")
    return Begin(
        repository=repository,
        run=run,
        salt=salt,
        n=n,
        attempt=attempt,
        rank=None if rank == 0xFFFFFFFF else rank,
        seal_of=(seal_n, seal_salt, seal_size) if seal_n else None,
        durability=durability,
        rewind=(rewind_mode, rewind),
        fork=None if fork_run == NO_RUN else (fork_run, fork_attempt, fork_step),
        created=created,
        host=host,
    )


@dataclass(frozen=True)
class Definition:
    type: int
    automatic: bool
    metric: str
    context: tuple


def definitions_of(payload, count):
    cursor, found = Cursor(payload), {}
    for _ in range(count):
        id_, type_, flags = cursor.varint(SERIES_CAP - 1), cursor.u8(), cursor.u8()
        if type_ > 2:
            raise Damage(f"value type {type_}")
        found[id_] = Definition(type_, bool(flags & 1), cursor.string(), cursor.context())
    return found


@dataclass
class Slice:
    """Points of one series in one frame: (step, time, value bits); `sequences` if the frame has an order column."""

    series: int
    points: list
    sequences: list | None = None


def points_of(payload, count, first_sequence, ordered):
    if not 0 < count <= POINTS_CAP:
        raise Damage(f"{count} points in a frame")
    cursor = Cursor(payload)
    axes, left = [], count
    for _ in range(cursor.varint(count)):
        n = cursor.varint(left)
        if n == 0:
            raise Damage("an empty axis")
        left -= n
        axes.append((integers(cursor, n), integers(cursor, n)))

    number = cursor.varint(count)
    series, axis, start, length, differs = (integers(cursor, number) for _ in range(5))
    if any(n <= 0 or n > count for n in length) or sum(length) != count:
        raise Damage("the slices don't add up to the frame's count")
    if len(set(series)) != number:
        raise Damage("a series has two slices in a frame")

    values, at = [], 0
    for _ in range(cursor.varint(number)):
        slices = cursor.varint(number - at)
        if slices == 0:
            raise Damage("an empty group")
        values += column(cursor, sum(length[at : at + slices]))
        at += slices
    if at != number:
        raise Damage("the groups don't cover the slices")

    differing = sum(n for n, d in zip(length, differs) if d)
    differences = integers(cursor, differing) if differing else []
    found, at, used = [], 0, 0
    for s in range(number):
        if not 0 <= axis[s] < len(axes):
            raise Damage(f"a slice names axis {axis[s]}")
        steps, times = axes[axis[s]]
        a, b = start[s], start[s] + length[s]
        if a < 0 or b > len(steps):
            raise Damage("a slice reaches beyond its axis")
        times = times[a:b]
        if differs[s]:
            times = [_wrap(t + d) for t, d in zip(times, differences[used : used + length[s]])]
            used += length[s]
        found.append(Slice(series[s], list(zip(steps[a:b], times, values[at : at + length[s]]))))
        at += length[s]

    if ordered:
        for one in found:
            one.sequences = []
        for place, s in enumerate(integers(cursor, count)):
            if not 0 <= s < number:
                raise Damage(f"the order column names slice {s}")
            found[s].sequences.append(first_sequence + place)
        if any(len(one.sequences) != len(one.points) for one in found):
            raise Damage("the order column and the slices disagree")
    return found


def _wrap(value):
    return (value + (1 << 63) & MASK) - (1 << 63)


@dataclass
class Property:
    run: str
    key: str
    revision: int
    set: int
    type: int
    value: object = field(default=None)


def properties_of(payload, count, run):
    cursor, found = Cursor(payload), []
    for _ in range(count):
        scope = cursor.u8()
        if scope > 1:
            raise Damage(f"scope {scope} of a property")
        of = uuid_text(cursor.take(16)) if scope else run
        key, revision, set_ = cursor.string(), cursor.varint(), cursor.time()
        found.append(Property(of, key, revision, set_, *value_of(cursor)))
    return found


def text_of(payload, count):
    """(ordinal, step or None, time, channel, text) of each entry."""
    cursor = Cursor(payload)
    first = cursor.varint()
    found = []
    for i in range(count):
        step = cursor.zigzag() if cursor.u8() & 1 else None
        found.append((first + i, step, cursor.time(), cursor.string(VALUE_CAP), cursor.string(VALUE_CAP)))
    return found


def artifacts_of(payload, count):
    """(step or None, time, name, version, SHA-256, size, media type, context) of each entry."""
    cursor, found = Cursor(payload), []
    for _ in range(count):
        step = cursor.zigzag() if cursor.u8() & 1 else None
        time, name, version = cursor.time(), cursor.string(VALUE_CAP), cursor.string(VALUE_CAP)
        found.append((step, time, name, version, cursor.take(32).hex(), cursor.varint(), cursor.string(VALUE_CAP)))
    contexts = [cursor.context() if cursor.left else () for _ in found]
    return [(*entry, context) for entry, context in zip(found, contexts)]


def records_of(payload, count):
    """(ordinal, step or None, time, name, context, type, what it holds) of each entry of a known type."""
    cursor = Cursor(payload)
    first, found = cursor.varint(), []
    for i in range(count):
        step = cursor.zigzag() if cursor.u8() & 1 else None
        time, name, context, type_ = cursor.time(), cursor.string(), cursor.context(), cursor.u8()
        body = Cursor(cursor.take(cursor.varint()))
        if type_ in RECORD_TYPES:
            found.append((first + i, step, time, name, context, type_, record_body(type_, body)))
    return found


def record_body(type_, cursor):
    if type_ == 2:
        bins = cursor.varint(BINS_CAP)
        if bins == 0:
            raise Damage("a histogram without bins")
        edges = column(cursor, bins + 1)
        numbers = [_double(word) for word in edges]
        if any(not a <= b for a, b in zip(numbers, numbers[1:])) or not all(map(math.isfinite, numbers[1:-1])):
            raise Damage("the edges of a histogram descend")
        return {"edges": edges, "counts": _amounts(cursor, bins)}
    labels = [cursor.string() for _ in range(cursor.varint(CLASSES_CAP))]
    if len(set(labels)) != len(labels):
        raise Damage("a class comes twice")
    if type_ == 3:
        precision, recall, f1 = (column(cursor, len(labels)) for _ in range(3))
        return {"labels": labels, "precision": precision, "recall": recall, "f1": f1,
                "support": _amounts(cursor, len(labels))}
    cells = cursor.varint(CELLS_CAP)
    positions, last = integers(cursor, cells), -1
    for position in positions:
        if not last < position < len(labels) ** 2:
            raise Damage(f"a cell at {position} of {len(labels)} classes")
        last = position
    return {"labels": labels, "positions": positions, "counts": _amounts(cursor, cells)}


def _amounts(cursor, count):
    words = column(cursor, count)
    if any(not 0 <= _double(word) < math.inf for word in words):
        raise Damage("a count that is none")
    return words


def _double(word):
    return struct.unpack("<d", struct.pack("<Q", word))[0]


def losses_of(payload, count):
    """(reason, first sequence, points, time, detail) of each entry."""
    cursor = Cursor(payload)
    return [
        (cursor.u8(), cursor.varint(), cursor.varint(), cursor.time(), cursor.string(VALUE_CAP)) for _ in range(count)
    ]


def end_of(payload):
    """(state, points, time, message)."""
    cursor = Cursor(payload)
    state = cursor.u8()
    if state not in END_STATES:
        raise Damage(f"end state {state}")
    return state, cursor.varint(), cursor.time(), cursor.string(VALUE_CAP)


def contents_of(payload, count):
    """(run, n, salt, offset, bytes, closed) of each file of a pack."""
    cursor, found = Cursor(payload), []
    for _ in range(count):
        run = uuid_text(cursor.take(16))
        n, salt = cursor.unpack("IQ")
        found.append((run, n, salt, cursor.varint(), cursor.varint(), bool(cursor.u8())))
    return found


assert struct.calcsize("<HBBI") + 32 + struct.calcsize("<QIII") + struct.calcsize("<IQQq") + 16 + 24 + 64 + 32 == BEGIN_SIZE
