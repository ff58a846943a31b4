"""Log files: frames, damage and what a file says when all of it is read. Format.md, section 3."""

from dataclasses import dataclass, field

import frames
from cursor import BLOCK_CAP, Damage, unzstd
from xxh64 import xxh64

MAGIC = b"VFrm"
HEADER = 40
FLAG_ZSTD, FLAG_ORDER = 1, 2


@dataclass
class Header:
    kind: int
    flags: int
    stored: int
    plain: int
    first: int
    check: int
    count: int


def header_at(data, at):
    """The valid frame header at an offset, or None."""
    head = data[at : at + HEADER]
    if len(head) < HEADER or head[:4] != MAGIC:
        return None
    if xxh64(head[:36]) & 0xFFFFFFFF != int.from_bytes(head[36:40], "little"):
        return None

    def number(start, size):
        return int.from_bytes(head[start : start + size], "little")

    found = Header(head[4], head[5], number(8, 4), number(12, 4), number(16, 8), number(24, 8), number(32, 4))
    if found.stored > BLOCK_CAP or found.plain > BLOCK_CAP or found.count > frames.POINTS_CAP or found.first >> 63:
        return None
    if found.flags > 3 or (not found.flags & FLAG_ZSTD and found.stored != found.plain):
        return None
    return found


@dataclass
class LogFile:
    """One file in the sense of an identity: a `.vlog`, or a part of a pack or of a concatenation."""

    name: str  # of the file that it stands in
    offset: int
    begin: frames.Begin
    definitions: dict = field(default_factory=dict)
    frames: list = field(default_factory=list)  # (first sequence, count, [Slice])
    properties: list = field(default_factory=list)
    text: list = field(default_factory=list)
    artifacts: list = field(default_factory=list)
    records: list = field(default_factory=list)
    withdrawals: list = field(default_factory=list)
    losses: list = field(default_factory=list)
    end: tuple | None = None
    size: int = 0  # bytes from its first begin on
    high: int = 0  # the end of the last good points frame

    @property
    def own_name(self):
        """The name that the identity has outside of packs."""
        if self.begin.run == frames.NO_RUN:
            return self.name
        return f"{self.begin.run}.{self.begin.n}{'s' if self.begin.seal_of else ''}.vlog"


@dataclass
class Problem:
    name: str
    kind: str  # damaged, truncated, unreadable
    offset: int
    detail: str
    missing: tuple | None = None  # sequences from ..< to that stand between two good points frames


class LogScan:
    """Reads all frames of a `.vlog`; what it finds stands in `files` and `problems`."""

    def __init__(self, name, data):
        self.name, self.data = name, data
        self.files, self.problems = [], []
        self.contents = None
        self._refused = False  # frames up to the next begin belong to a file of a version that isn't known
        self._gap = None  # the problem whose missing sequences the next points frame will tell
        self._scan()
        if self.files:
            self.files[-1].size = len(data) - self.files[-1].offset

    def _problem(self, kind, offset, detail):
        self.problems.append(Problem(self.name, kind, offset, detail))
        if kind == "damaged":
            self._gap = self.problems[-1]

    def _scan(self):
        data, at, size = self.data, 0, len(self.data)
        while at < size:
            header = header_at(data, at)
            if header is None:
                if not any(data[at:]):
                    break
                if size - at < HEADER and data[at : at + 4] == MAGIC[: size - at]:
                    self._problem("truncated", at, "a header is cut off")
                    break
                self._problem("damaged", at, "no frame header")
                at += 8
                while at < size and header_at(data, at) is None:
                    at += 8
                continue
            stop = at + HEADER + header.stored
            if stop > size:
                self._problem("truncated", at, "a payload is cut off")
                break
            self._frame(at, header, data[at + HEADER : stop])
            at = stop + (-stop % 8)
            if self.files:
                self.files[-1].size = min(at, size) - self.files[-1].offset

    def _frame(self, at, header, stored):
        kind = header.kind
        if kind > frames.CONTENTS and kind not in (frames.RECORDS, frames.WITHDRAWALS):
            if kind < 128:
                self._problem("unreadable", at, f"a frame of kind {kind}")
            return
        if self._refused and kind != frames.BEGIN:
            return
        if kind != frames.BEGIN and not self.files:
            self._problem("damaged", at, f"a frame ({frames.name_of(kind)}) before any begin")
            return
        salt = 0 if kind == frames.BEGIN else self.files[-1].begin.salt
        if xxh64(stored, salt) != header.check:
            self._problem("damaged", at, f"the payload ({frames.name_of(kind)}) doesn't fit its checksum")
            return
        try:
            if header.flags & FLAG_ZSTD:
                if kind in (frames.BEGIN, frames.POINTS):
                    raise Damage("a compressed frame of this kind")
                payload = unzstd(stored, header.plain)
            else:
                payload = stored
            self._payload(at, header, payload)
        except Damage as error:
            self._problem("damaged", at, f"{frames.name_of(kind)}: {error}")

    def _payload(self, at, header, payload):
        kind, count = header.kind, header.count
        if kind == frames.BEGIN:
            self._refused = True
            begin = frames.begin_of(payload)
            self._refused = False
            if not self.files or self.files[-1].begin.identity != begin.identity:
                self.files.append(LogFile(self.name, at, begin))
            return
        file = self.files[-1]
        if kind == frames.CONTENTS:
            self.contents = frames.contents_of(payload, count)
        elif file.end is not None:
            raise Damage("a frame behind the end")
        elif kind == frames.DEFINE:
            for id_, definition in frames.definitions_of(payload, count).items():
                if file.definitions.setdefault(id_, definition) != definition:
                    raise Damage(f"series {id_} is defined twice, differently")
        elif kind == frames.POINTS:
            if header.first < file.high:
                return  # a copy
            if self._gap is not None and header.first > file.high:
                self._gap.missing = (file.high, header.first)
            self._gap = None
            file.high = header.first + count  # its checksum fits; its writer's mistakes don't bring the points back
            slices = frames.points_of(payload, count, header.first, bool(header.flags & FLAG_ORDER))
            file.frames.append((header.first, count, slices))
        elif kind == frames.PROPERTIES:
            file.properties += frames.properties_of(payload, count, file.begin.run)
        elif kind == frames.TEXT:
            file.text += frames.text_of(payload, count)
        elif kind == frames.ARTIFACTS:
            file.artifacts += frames.artifacts_of(payload, count)
        elif kind == frames.WITHDRAWALS:
            file.withdrawals += frames.artifacts_of(payload, count)
        elif kind == frames.RECORDS:
            file.records += frames.records_of(payload, count)
        elif kind == frames.LOSS:
            file.losses += frames.losses_of(payload, count)
        elif kind == frames.END:
            file.end = frames.end_of(payload)
