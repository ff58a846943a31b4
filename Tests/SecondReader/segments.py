"""Segments and manifests: Format.md, sections 6 and 7."""

from dataclasses import dataclass, field

import summaries
from columns import column, integers
from cursor import BLOCK_CAP, VALUE_CAP, Cursor, Damage
from frames import NO_RUN, uuid_text
from xxh64 import xxh64

SECTIONS = ["metrics", "pages", "runs", "coverage", "properties"]
PAGE, TRAILER, SEGMENT_HEADER, MANIFEST_HEADER, MANIFEST_ENTRY = 96, 96, 64, 64, 64
ROWS_CAP = 1 << 20
PAGE_CAP = 65536
COVERAGE_COLUMNS = """run n salt attempt rank flags from_sequence to_sequence from_offset to_offset seal_n seal_salt
    seal_size rewind_mode rewind_value fork_high fork_low fork_attempt fork_step created end_state end_time lost points
    durability""".split()


@dataclass
class Manifest:
    number: int
    repository: str
    complete: bool
    segments: list  # (ID, size, offset of the sections, their XXH64, points, runs, tier)


def manifest_of(data, number):
    cursor = Cursor(data)
    if cursor.take(8) != b"VARVEMAN":
        raise Damage("no manifest")
    version, _, features = cursor.unpack("HHI")
    if version > 1 or features:
        raise Damage(f"version {version}, required features {features:#x}")
    repository = uuid_text(cursor.take(16))
    found, _, count, flags, check = cursor.unpack("QqIIQ")
    if count > 65536:
        raise Damage(f"{count} segments")
    entries = cursor.take(count * MANIFEST_ENTRY)
    if xxh64(data[:56] + entries) != check:
        raise Damage("a manifest doesn't fit its checksum")
    if found != number:
        raise Damage(f"manifest {found} has the name of {number}")
    segments, cursor = [], Cursor(entries)
    for _ in range(count):
        id_ = uuid_text(cursor.take(16))
        size, offset, sections, points, runs, tier, _, _, _ = cursor.unpack("QQQQIHHII")
        segments.append((id_, size, offset, sections, points, runs, tier))
    return Manifest(number, repository, bool(flags & 1), segments)


@dataclass
class Segment:
    """Everything in a segment: `slices` are ((metric, context), run, row of coverage, points, counted steps)."""

    id: str
    repository: str
    runs: list
    coverage: list
    properties: list  # (run, key, revision, time, row of coverage, type, value)
    slices: list = field(default_factory=list)


class SegmentReader:
    def __init__(self, data, id_):
        self.data = data
        cursor = Cursor(data)
        if cursor.take(8) != b"VARVESEG":
            raise Damage("no segment")
        version, _, features = cursor.unpack("HHI")
        if version > 1 or features:
            raise Damage(f"version {version}, required features {features:#x}")
        found, repository = uuid_text(cursor.take(16)), uuid_text(cursor.take(16))
        if xxh64(data[:56]) != int.from_bytes(data[56:64], "little"):
            raise Damage("the header doesn't fit its checksum")
        if found != id_:
            raise Damage(f"segment {found} has the name of {id_}")
        self.sections_at = self._trailer()
        self.segment = Segment(found, repository, [], [], [])
        self._runs()
        self._coverage()
        self._properties()
        self._metrics()
        self._pages()

    def _trailer(self):
        if len(self.data) < SEGMENT_HEADER + TRAILER:
            raise Damage("too short for a segment")
        raw = self.data[-TRAILER:]
        cursor = Cursor(raw)
        if cursor.take(8) != b"VARVETRL" or xxh64(raw[:88]) != int.from_bytes(raw[88:], "little"):
            raise Damage("the trailer doesn't fit its checksum")
        version, _, features = cursor.unpack("HHI")
        if version > 1 or features:
            raise Damage(f"version {version}, required features {features:#x}")
        places = [cursor.unpack("QI") for _ in range(6)]
        self.sections = dict(zip(SECTIONS, places))
        return places[0][0]

    def _checked(self, offset, size):
        """A cursor over a chunk or section without its checksum."""
        if size < 8 or offset + size > len(self.data):
            raise Damage(f"a chunk of {size} bytes at {offset}")
        raw = self.data[offset : offset + size]
        if xxh64(raw[:-8], offset) != int.from_bytes(raw[-8:], "little"):
            raise Damage(f"the chunk at {offset} doesn't fit its checksum")
        return Cursor(raw, 0, size - 8)

    def _section(self, name):
        return self._checked(*self.sections[name])

    def _runs(self):
        cursor = self._section("runs")
        self.segment.runs = [uuid_text(cursor.take(16)) for _ in range(cursor.varint(ROWS_CAP))]
        if self.segment.runs != sorted(set(self.segment.runs)):
            raise Damage("the runs aren't ascending")

    def _coverage(self):
        cursor = self._section("coverage")
        rows = cursor.varint(ROWS_CAP)
        columns = {name: integers(cursor, rows) for name in COVERAGE_COLUMNS}
        names = Cursor(cursor.block())
        for row in range(rows):
            one = {name: columns[name][row] for name in COVERAGE_COLUMNS}
            one["salt"] &= (1 << 64) - 1
            one["seal_salt"] &= (1 << 64) - 1
            one["run"] = self.segment.runs[one["run"] - 1] if one["run"] else NO_RUN
            one["rank"] = one["rank"] - 1 if one["rank"] else None
            one["end_state"] = one["end_state"] - 1 if one["end_state"] else None
            one["closed"], one["seal"] = bool(one["flags"] & 1), bool(one["flags"] & 2)
            fork = b"".join((one[k] & (1 << 64) - 1).to_bytes(8, "big") for k in ("fork_high", "fork_low"))
            one["fork_run"] = uuid_text(fork)
            one["name"] = names.string(4096)
            self.segment.coverage.append(one)

    def _properties(self):
        block = Cursor(self._section("properties").block())
        for _ in range(block.varint(1 << 24)):
            key, rows = block.string(), block.varint(1 << 24)
            run, revision, time, file, kind, word = (integers(block, rows) for _ in range(6))
            strings = Cursor(block.take(block.varint(BLOCK_CAP)))
            for i in range(rows):
                value = None
                if kind[i] == 2:
                    value = bool(word[i])
                elif kind[i] == 3:
                    value = word[i]
                elif kind[i] == 4:
                    value = word[i] & (1 << 64) - 1
                elif kind[i] in (5, 6):
                    if word[i] > VALUE_CAP:
                        raise Damage(f"a property of {word[i]} bytes")
                    value = strings.take(word[i]).decode("utf-8")
                elif kind[i] not in (0, 1):
                    raise Damage(f"a value of type {kind[i]}")
                of = self.segment.runs[run[i]]
                self.segment.properties.append((of, key, revision[i], time[i], file[i], kind[i], value))

    def _metrics(self):
        block = Cursor(self._section("metrics").block())
        self.axis_pages, self.axis_count = block.varint(1 << 24), block.varint(1 << 28)
        self.metrics = []
        for _ in range(block.varint(ROWS_CAP)):
            metric, context, types = block.string(), block.context(), block.u8()
            runs, pages, points = block.varint(), block.varint(), block.varint()
            self.metrics.append((metric, context, types, runs, pages, points))

    def _pages(self):
        cursor = self._section("pages")
        if cursor.left % PAGE:
            raise Damage("the pages section isn't a multiple of 96 bytes")
        pages = []
        while cursor.left:
            offset, *chunks, points, slices, first, last = cursor.unpack("Q4IIIII")
            low, high, nan, infinite, min_step, max_step, axis, lane, _, _ = cursor.unpack("ddIIqqIIII")
            pages.append((offset, chunks, points, slices, first, last, low, high, nan, infinite, min_step, max_step, lane, axis))
        self.axes, self.lanes = [], []
        for page in pages[: self.axis_pages]:
            if page[-1] != len(self.axes):
                raise Damage(f"an axis page that begins at axis {page[-1]}, not {len(self.axes)}")
            self._axis_page(page)
            self.lanes += [page[-2]] * page[3]
        if any(lane > len(self.metrics) for lane in self.lanes):
            raise Damage("a lane of no metric")
        used = set()
        if len(self.axes) != self.axis_count:
            raise Damage(f"{len(self.axes)} axes, not {self.axis_count}")
        at = self.axis_pages
        for row, (metric, context, types, runs, count, points) in enumerate(self.metrics):
            start, self.metric_types = len(self.segment.slices), 0
            for page in pages[at : at + count]:
                used |= {(row + 1, axis) for axis in self._metric_page(page, (metric, context))}
            at += count
            own = self.segment.slices[start:]
            if sum(len(s[3]) for s in own) != points or len({s[1] for s in own}) != runs or self.metric_types != types:
                raise Damage(f"metric {metric}: points, runs or types disagree with its pages")
        if any(lane and (lane, axis) not in used for axis, lane in enumerate(self.lanes)):
            raise Damage("an axis in the lane of a metric that doesn't use it")
        if at != len(pages):
            raise Damage(f"{len(pages)} pages, {at} are named by the metrics")

    def _chunks(self, page):
        offset, found = page[0], []
        if offset % 8:
            raise Damage(f"a page at {offset}")
        for size in page[1]:
            found.append(self._checked(offset, size) if size else None)
            offset += size
        return found

    def _axis_page(self, page):
        slices, bounds, times, steps = self._chunks(page)
        number = page[3]
        if number > PAGE_CAP or page[2] > PAGE_CAP:
            raise Damage("a page above its cap")
        run, file, count, flags = (integers(slices, number) for _ in range(4))
        low, high = integers(bounds, number), integers(bounds, number)
        spacing = integers(bounds, number) if bounds.left else None
        total = sum(count)
        all_times, all_steps = integers(times, total), integers(steps, total)
        at = 0
        for i in range(number):
            s = all_steps[at : at + count[i]]
            if not 0 < count[i] <= 16384 or (min(s), max(s)) != (low[i], high[i]):
                raise Damage(f"axis {len(self.axes)}: its count or its bounds are wrong")
            if bool(flags[i] & 2) != all(a < b for a, b in zip(s, s[1:])):
                raise Damage(f"axis {len(self.axes)}: ascending or not?")
            if spacing is not None:
                gaps = {b - a for a, b in zip(s, s[1:])} or {1}
                if spacing[i] != (gaps.pop() if len(gaps) == 1 and min(gaps) > 0 else 0):
                    raise Damage(f"axis {len(self.axes)}: steps that aren't {spacing[i]} apart")
            if min(s) < page[10] or max(s) > page[11]:
                raise Damage("a step beyond the bounds of its page")
            self.axes.append((run[i], file[i], s, all_times[at : at + count[i]]))
            at += count[i]

    def _metric_page(self, page, metric):
        import summaries

        slices, summary, times, values = self._chunks(page)
        number = page[3]
        if number > PAGE_CAP or page[2] > PAGE_CAP:
            raise Damage("a page above its cap")
        run, file, axis, start, count, flags = (integers(slices, number) for _ in range(6))
        if any(c <= 0 for c in count) or sum(count) != page[2]:
            raise Damage("the slices don't add up to the points of their page")
        if (min(run), max(run)) != (page[4], page[5]):
            raise Damage("the first or last run of a page is wrong")
        differing = sum(c for c, f in zip(count, flags) if f & 4)
        differences = integers(times, differing) if differing else []
        words, at, used = column(values, page[2]), 0, 0
        for i in range(number):
            axis_run, axis_file, steps, axis_times = self.axes[axis[i]]
            a, b = start[i], start[i] + count[i]
            if (axis_run, axis_file) != (run[i], file[i]) or a < 0 or b > len(steps):
                raise Damage("a slice that leaves its axis, its run or its file")
            own_times = axis_times[a:b]
            if flags[i] & 4:
                own = differences[used : used + count[i]]
                own_times = [(t + d + (1 << 63)) % (1 << 64) - (1 << 63) for t, d in zip(own_times, own)]
                used += count[i]
            points = list(zip(steps[a:b], own_times, words[at : at + count[i]]))
            at += count[i]
            if bool(flags[i] & 2) != all(p[0] < q[0] for p, q in zip(points, points[1:])):
                raise Damage("a slice: ascending or not?")
            self.metric_types |= 1 << (flags[i] >> 3 & 3)
            self.segment.slices.append((metric, self.segment.runs[run[i]], file[i], points, bool(flags[i] & 1)))
        summaries.check(page, summary, [s[3] for s in self.segment.slices[len(self.segment.slices) - number :]])
        return axis
