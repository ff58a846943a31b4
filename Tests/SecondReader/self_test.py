"""Decodes the worked examples of Format.md, section 8, and compares with what is said of them there."""

import re

import frames
import journal
from columns import column
from cursor import Cursor
from logs import LogScan

HEX_LINE = re.compile(r"    ([0-9a-f]{4})  (.+)")


def blob(lines):
    """The bytes of the hex lines; the offset in front of each proves that none is missing."""
    data = bytearray()
    for line in lines:
        if not (match := HEX_LINE.fullmatch(line)):
            continue
        assert int(match[1], 16) == len(data), line
        text = match[2].split("  ")[0]
        if copy := re.fullmatch(r"= ([0-9a-f]{4}) \.\.< ([0-9a-f]{4})", text):
            data += data[int(copy[1], 16) : int(copy[2], 16)]
        elif zeros := re.fullmatch(r"00 × ([0-9]+)", text):
            data += bytes(int(zeros[1]))
        else:
            data += bytes.fromhex(text)
    return bytes(data)


def rows(lines):
    """The cells of the rows of a table, its head left out."""
    return [[cell.strip() for cell in line[1:-1].split("|")] for line in lines if line.startswith("|")][2:]


def _log(lines, data):
    scan = LogScan("example.vlog", data)
    assert not scan.problems and len(scan.files) == 1, scan.problems
    file = scan.files[0]
    found = []
    for first, count, slices in file.frames:
        assert (first, count) == (0, 6)
        for one in slices:
            definition = file.definitions[one.series]
            context = ",".join(f"{k}={v}" for k, v in definition.context)
            found += [[definition.metric, context, str(s), str(t), f"{v:016x}"] for s, t, v in one.points]
    assert found == rows(lines), found
    assert [(p.key, p.type, p.value) for p in file.properties] == [
        ("name", 5, "first"),
        ("params.lr", 4, 0x3FB999999999999A),
    ]
    assert file.end[:2] == (1, 6)
    assert any(file.begin.run in line for line in lines)
    return file.begin.salt


def _damaged(data):
    """One byte, wherever it is changed, costs one frame at most, and is noticed unless it is padding."""
    whole = LogScan("", data).files[0]
    for at in range(len(data)):
        changed = bytearray(data)
        changed[at] ^= 0x40
        scan = LogScan("", bytes(changed))
        file = scan.files[0]
        lost = [
            file.definitions != whole.definitions,
            file.high != whole.high,
            file.properties != whole.properties,
            file.end != whole.end,
        ]
        assert sum(lost) <= 1, at
        assert scan.problems or not any(lost), at


def _record_row(step, time, name, context, type_, content):
    def shown(key, items):
        bits = key in ("edges", "counts", "precision", "recall", "f1", "support")
        return " ".join(f"{item:016x}" if bits else str(item) for item in items)

    pairs = ",".join(f"{k}={v}" for k, v in context)
    parts = "; ".join(shown(key, items) for key, items in content.items())
    return [name, pairs, "" if step is None else str(step), str(time), str(type_), parts]


def run(path):
    with open(path, encoding="utf-8") as file:
        parts = re.split(r"^### 8\.\d .*$", file.read().split("\n## 8. ")[1], flags=re.M)
    log, record, columns, typed = (part.split("\n") for part in parts[1:5])
    data = blob(log)
    salt = _log(log, data)
    _damaged(data)

    raw = blob(record)
    step, time, value, series, check = Cursor(raw).unpack("QQQII")
    assert check == journal.check_of(step, time, value, series, 70, salt)
    assert check != journal.check_of(step, time, value, series, 6, salt)

    cases = rows(columns)
    assert {int(case[1].strip("`").split()[2], 16) for case in cases} == set(range(8)), "each body"
    for name, text, n, words in cases:
        cursor = Cursor(bytes.fromhex(text.strip("`")))
        found = column(cursor, int(n))
        assert not cursor.left, name
        hexadecimal = re.fullmatch(r"[0-9a-f]{16}( [0-9a-f]{16})*", words)
        expected = [int(w, 16) if hexadecimal else int(w) & (1 << 64) - 1 for w in words.split()]
        assert found == expected, (name, found)

    found = [_record_row(*entry[1:]) for entry in frames.records_of(blob(typed), 3)]
    assert found == rows(typed), found
    print(f"{len(data)} bytes of log, a record of a journal, {len(cases)} columns and 3 records are as Format.md says")
    return 0
