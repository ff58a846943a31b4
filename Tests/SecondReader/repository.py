"""What a repository says when its logs, seals, journals and segments are taken together."""

import json
import os
import re
from dataclasses import dataclass, field

import frames
from cursor import Damage
from journal import journal_of
from logs import LogFile, LogScan, Problem
from segments import SegmentReader, manifest_of

LOG_NAME = re.compile(r"(?:([0-9a-f-]{36})\.[1-9][0-9]*s?|(?:edit|pack)-[0-9a-f-]{36})\.vlog")
JOURNAL_NAME = re.compile(r"([0-9a-f-]{36})\.([1-9][0-9]*)\.journal")


def _read(path):
    with open(path, "rb") as file:
        return file.read()


@dataclass
class Source:
    """A file identity with its points: pieces of (from, to, series key, points, sequences or None, steps are counted)."""

    run: str
    n: int
    salt: int
    attempt: int
    rank: int | None
    seal: bool
    seal_of: tuple | None = None
    end: int | None = None  # state
    size: int = 0
    pieces: list = field(default_factory=list)
    high: int = 0

    @property
    def identity(self):
        return (self.run, self.n, self.salt)

    @property
    def order(self):
        return (self.attempt, self.n, self.seal, self.salt)


class Index:
    def __init__(self, path, problems):
        self.segments, self.complete, self.number = [], False, None
        folder = os.path.join(path, "index")
        names = os.listdir(folder) if os.path.isdir(folder) else []
        for name in sorted((n for n in names if re.fullmatch(r"[0-9]{20}\.manifest", n)), reverse=True):
            try:
                manifest = manifest_of(_read(os.path.join(folder, name)), int(name[:20]))
                paths = [(os.path.join(folder, f"{s[0]}.vseg"), s) for s in manifest.segments]
                for one, entry in paths:
                    if not os.path.exists(one) or os.path.getsize(one) != entry[1]:
                        raise Damage(f"{one} isn't there with {entry[1]} bytes")
            except Damage as error:
                problems.append(Problem(f"index/{name}", "unreadable", 0, str(error)))
                continue
            self.complete, self.number = manifest.complete, manifest.number
            for one, entry in paths:
                try:
                    self.segments.append(SegmentReader(_read(one), entry[0]).segment)
                except Damage as error:
                    problems.append(Problem(f"index/{entry[0]}.vseg", "damaged", 0, str(error)))
            break


class Repository:
    def __init__(self, path, parts="all", journals="auto"):
        self.path, self.problems = path, []
        self.files = {}  # identity → LogFile
        self.journals = {}  # (run, n, salt) → Journal
        self.about = json.loads(_read(os.path.join(path, "varve.json")))
        if self.about["format"] != 1:
            raise Damage(f"varve.json states format {self.about['format']}")
        self.index = Index(path, self.problems) if parts != "logs" else None
        if parts != "index" and not (self.index and self.index.complete):
            self._logs(os.path.join(path, "logs"))
        self.sources = {}
        for file in self.files.values():
            self._source(file)
        self._seals()
        self._journals(journals)
        self._indexed(parts)

    # MARK: logs

    def _logs(self, folder):
        for name in sorted(n for n in os.listdir(folder) if not n.startswith(".")):
            if match := LOG_NAME.fullmatch(name):
                scan = LogScan(name, _read(os.path.join(folder, name)))
                self.problems += scan.problems
                for file in scan.files:
                    if match[1] not in (None, file.begin.run):
                        continue
                    known = self.files.get(file.begin.identity)
                    if known is None or known.size < file.size:
                        self.files[file.begin.identity] = file
            elif match := JOURNAL_NAME.fullmatch(name):
                try:
                    journal = journal_of(_read(os.path.join(folder, name)))
                except Damage:
                    continue  # an empty journal
                if (journal.run, journal.n) == (match[1], int(match[2])):
                    self.journals[(journal.run, journal.n, journal.salt)] = journal

    def _key(self, file, series, run):
        definition = file.definitions.get(series)
        if definition is None:
            self.problems.append(Problem(file.name, "damaged", file.offset, f"series {series} is not defined"))
            return None, False
        return (definition.metric, definition.context, run), definition.automatic

    def _source(self, file: LogFile):
        b = file.begin
        source = Source(b.run, b.n, b.salt, b.attempt, b.rank, b.seal_of is not None, b.seal_of)
        source.end = file.end[0] if file.end else None
        source.size, source.high = file.size, file.high
        self.sources[source.identity] = source
        for first, count, slices in file.frames:
            for one in slices:
                key, automatic = self._key(file, one.series, b.run)
                if key is not None:
                    source.pieces.append((first, first + count, key, one.points, one.sequences, automatic))

    def _seals(self):
        """Of a seal only the sequences count which no points frame of its source holds."""
        for seal in self.sources.values():
            of = seal.seal_of and self.sources.get((seal.run, seal.seal_of[0], seal.seal_of[1]))
            if not of:
                continue
            held = {(a, b) for a, b, *_ in of.pieces}
            pieces = []
            for a, b, key, points, sequences, automatic in seal.pieces:
                if sequences is None:  # a frame of the source, repeated whole
                    if not any(x < b and a < y for x, y in held):
                        pieces.append((a, b, key, points, None, automatic))
                    continue
                kept = [i for i, s in enumerate(sequences) if not any(x <= s < y for x, y in held)]
                if kept:
                    rest = [points[i] for i in kept], [sequences[i] for i in kept]
                    pieces.append((a, b, key, *rest, automatic))
            seal.pieces = pieces

    def _journals(self, rule):
        for identity, journal in self.journals.items():
            source, file = self.sources.get(identity), self.files.get(identity)
            if source is None or source.end is not None:
                continue
            if any(s.seal_of and (s.run, *s.seal_of[:2]) == identity for s in self.sources.values()):
                continue
            for sequence, (series, point) in sorted(journal.points(source.high, rule != "live").items()):
                key, automatic = self._key(file, series, source.run)
                if key is not None:
                    source.pieces.append((sequence, sequence + 1, key, [point], None, automatic))

    # MARK: index

    def _indexed(self, parts):
        self.indexed_properties = []
        if self.index is None:
            return
        covered = {}  # identity → [(from, to)]
        added = []
        for segment in self.index.segments:
            rows = []
            for row in segment.coverage:
                identity = (row["run"], row["n"], row["salt"])
                live = parts == "index" or self.index.complete or identity in self.sources
                if row["seal"] and parts == "all" and not self.index.complete:
                    source = self.sources.get((row["run"], row["seal_n"], row["seal_salt"]))
                    live = live and (source is None or source.size <= row["seal_size"])
                if live and identity not in self.sources:
                    seal_of = (row["seal_n"], row["seal_salt"], row["seal_size"]) if row["seal"] else None
                    self.sources[identity] = Source(*identity, row["attempt"], row["rank"], row["seal"], seal_of)
                if live and row["end_state"] is not None:
                    self.sources[identity].end = row["end_state"]
                rows.append((identity if live else None, row))
                if not live:
                    continue
                covered.setdefault(identity, []).append((row["from_sequence"], row["to_sequence"]))
            counts = [0] * len(rows)
            for (metric, context), run, file, points, automatic in segment.slices:
                identity, row = rows[file]
                counts[file] += len(points)
                if identity is not None:
                    key = (metric, context, run)
                    added.append((identity, (row["from_sequence"], row["to_sequence"], key, points, None, automatic)))
            for (_, row), count in zip(rows, counts):
                if row["points"] != count:
                    self.problems.append(Problem(segment.id, "damaged", 0, f"{count} points of a file, not {row['points']}"))
            for run, key, revision, time, file, kind, value in segment.properties:
                identity, row = rows[file]
                if identity is not None:
                    name = row["name"] or f"{row['run']}.{row['n']}{'s' if row['seal'] else ''}.vlog"
                    self.indexed_properties.append((run, key, revision, name, kind, value))
        for identity, source in self.sources.items():
            spans = covered.get(identity, [])
            source.pieces = [p for p in source.pieces if not any(a <= p[0] and p[1] <= b for a, b in spans)]
        for identity, piece in added:
            self.sources[identity].pieces.append(piece)

    # MARK: answers

    def series(self):
        """(metric, context, run) → points by (attempt, n, seal after its source, given before counted steps, sequence)."""
        found = {}
        for source in sorted(self.sources.values(), key=lambda s: s.order):
            for piece in sorted(source.pieces, key=lambda p: (p[5], p[0])):
                found.setdefault(piece[2], []).extend(piece[3])
        return found

    def run_sources(self):
        """run → its sources in order; edits aren't runs."""
        found = {}
        for source in sorted(self.sources.values(), key=lambda s: s.order):
            if source.run != frames.NO_RUN:
                found.setdefault(source.run, []).append(source)
        return found

    def texts(self):
        """run → [step, time, channel, text] in the order of the files; the index holds no text."""
        return self._entries(lambda file: file.text)

    def records(self):
        """run → [step, time, name, context, type, content], likewise."""
        return self._entries(lambda file: file.records)

    def artifacts(self):
        """run → [step, time, name, version, SHA-256, size, media type, context]; what was taken back is left out."""
        gone = {(identity[0], entry) for identity, file in self.files.items() for entry in file.withdrawals}
        found, seen = {}, set()
        for identity, file in sorted(self.files.items(), key=lambda f: self.sources[f[0]].order):
            of = file.begin.seal_of
            for entry in file.artifacts:
                place = (identity[0], of[1] if of else identity[2], entry)
                if place not in seen and (identity[0], entry) not in gone:
                    found.setdefault(identity[0], []).append(entry)
                seen.add(place)
        return found

    def _entries(self, of_file):
        """What stands in files beside points, without its ordinals."""
        found = {}
        for identity, file in sorted(self.files.items(), key=lambda f: self.sources[f[0]].order):
            of = file.begin.seal_of
            source = of and self.files.get((identity[0], of[0], of[1]))
            entries = [entry for entry in of_file(file) if not source or entry not in of_file(source)]
            if entries:
                found.setdefault(identity[0], []).extend(list(entry[1:]) for entry in entries)
        return found

    def properties(self):
        """run → key → (type, value): the highest revision, then the file's name, then the place in the file."""
        best = {}
        candidates = [
            (p.run, p.key, p.revision, file.own_name, place, p.type, p.value)
            for file in self.files.values()
            for place, p in enumerate(file.properties)
        ]
        candidates += [(r, k, rev, name, -1, t, v) for r, k, rev, name, t, v in self.indexed_properties]
        for run, key, revision, name, place, type_, value in candidates:
            rank = (revision, name.encode(), place)
            if (run, key) not in best or best[(run, key)][0] < rank:
                best[(run, key)] = (rank, type_, value)
        found = {}
        for (run, key), (_, type_, value) in best.items():
            if type_ != 0:
                found.setdefault(run, {})[key] = (type_, value)
        return found
