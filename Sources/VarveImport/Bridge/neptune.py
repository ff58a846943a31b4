# Reads runs that neptune-exporter wrote as Parquet, through pyarrow, a batch of rows at a time.
import os

try:
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    MISSING = None
except Exception as error:
    MISSING = Failure(
        "Neptune's Parquet files are read through pyarrow, which can't be imported (%s: %s)" % (type(error).__name__, error),
        "pip install pyarrow, and name the Python that has it by --python PATH or VARVE_PYTHON",
    )

COLUMNS = (
    "project_id run_id attribute_path attribute_type step timestamp int_value float_value string_value bool_value"
    " datetime_value string_set_value file_value histogram_value"
).split()
MICRO = 10**6
NAMES = {"sys/description": "note", "sys/hostname": "host"}


def answer(question):
    parts = question["parts"]
    reader = Reader(question.get("files"))
    opened = []
    for path in parts:
        try:
            opened.append((path, pq.ParquetFile(path)))
        except Exception as error:
            tell("problem", "a part that can't be read (%s: %s), %s, skipped" % (type(error).__name__, error, os.path.basename(path)))
    for path, part in opened:
        reader.look(path, part)
    for path, part in opened:
        reader.read(path, part)
    reader.finish()


class Reader:
    def __init__(self, files):
        self.files = files
        self.fractional = set()  # series with steps that aren't whole numbers
        self.current = None
        self.run = self.project = None
        self.facts = {}
        self.lost = {}

    def batches(self, path, part, columns):
        missing = [name for name in columns if name not in part.schema_arrow.names]
        if missing:
            tell("problem", "a file without the columns %s, %s, skipped" % (", ".join(missing), os.path.basename(path)))
            return
        try:
            for batch in part.iter_batches(batch_size=4096, columns=columns):
                yield batch
        except Exception as error:
            tell("problem", "a part that ends in damage (%s: %s), %s, kept up to there" % (type(error).__name__, error, os.path.basename(path)))

    def look(self, path, part):
        """Finds the series whose steps have fractions: all their points must have the same unit."""
        if "step" not in part.schema_arrow.names or "attribute_path" not in part.schema_arrow.names:
            return
        try:
            for batch in part.iter_batches(batch_size=65536, columns=["attribute_path", "step"]):
                steps = batch.column(1)
                odd = pc.fill_null(pc.not_equal(pc.cast(pc.floor(steps), steps.type), steps), False)
                self.fractional.update(pc.unique(pc.filter(batch.column(0), odd)).to_pylist())
        except Exception:
            pass  # reading says what is wrong

    def read(self, path, part):
        for batch in self.batches(path, part, COLUMNS):
            rows = {name: batch.column(name) for name in COLUMNS}
            kinds = rows["attribute_type"].to_pylist()
            paths = rows["attribute_path"].to_pylist()
            if self.run is None and len(paths):
                self.run, self.project = rows["run_id"][0].as_py(), rows["project_id"][0].as_py()
                tell("property", ["neptune.id", self.run])
                tell("property", ["neptune.project", self.project])
            start = 0
            for end in range(1, len(kinds) + 1):
                if end == len(kinds) or (kinds[end], paths[end]) != (kinds[start], paths[start]):
                    self.take(kinds[start], paths[start], {n: c.slice(start, end - start) for n, c in rows.items()})
                    start = end

    def take(self, kind, path, rows):
        """Takes rows of one attribute."""
        if kind == "float_series":
            return self.numbers(path, rows)
        if kind == "string_series":
            return self.texts(path, rows)
        if kind in ("file", "file_series"):
            return self.take_files(kind, path, rows)
        if kind == "histogram_series":
            return self.histograms(path, rows)
        column = {"float": "float_value", "int": "int_value", "string": "string_value", "bool": "bool_value",
                  "datetime": "datetime_value", "string_set": "string_set_value"}.get(kind)
        if column is None:
            return self.lose("attributes of the type %s" % kind, len(rows["step"]))
        for value in rows[column]:
            value = value.as_py()
            if kind == "datetime" and value is not None:
                value = value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
            self.facts[path] = value

    def lose(self, kind, count):
        self.lost[kind] = self.lost.get(kind, 0) + count

    def tell_facts(self):
        """Names, tags and params, once all of them are known."""
        facts = self.facts
        name = facts.get("sys/custom_run_id") or facts.get("sys/name") or self.run
        if name:
            tell("property", ["name", name])
        if facts.get("sys/name") and facts["sys/name"] != name:
            tell("property", ["experiment", facts["sys/name"]])
        for path, value in facts.items():
            inner = path[len("parameters/"):] if path.startswith("parameters/") else path
            if path in ("sys/tags", "sys/group_tags") and isinstance(value, list):
                for tag in value:
                    tell("property", [("tags." if path == "sys/tags" else "group_tags.") + str(tag), True])
            elif path in NAMES:
                if value:
                    tell("property", [NAMES[path], plain(value)])
            elif path.startswith("sys/"):
                tell("property", ["neptune." + path.replace("/", "."), plain(value)])
            else:
                key = path if inner in facts and inner != path else inner
                tell("property", ["params." + key.replace("/", "."), plain(value)])
        if facts.get("sys/failed") is not None:
            tell("ended", "failed" if facts["sys/failed"] else "finished")

    def steps(self, path, rows):
        """Whole steps; where a series has fractions all its steps count millionths, which Neptune's are exact to."""
        unit = MICRO if path in self.fractional else 1
        return [None if step is None else int(step * unit) for step in rows["step"].to_pylist()]

    @staticmethod
    def times(rows):
        stamps = rows["timestamp"].cast("int64").to_pylist()
        return [None if stamp is None else stamp * MICRO for stamp in stamps]  # milliseconds

    def numbers(self, path, rows):
        context = {"step_unit": "0.000001"} if path in self.fractional else {}
        if path.startswith("monitoring/"):
            context["system"] = "host"
        if self.current != path:
            tell("series", [path, context])
            self.current = path
        steps, times, values = self.steps(path, rows), self.times(rows), rows["float_value"].to_pylist()
        whole = [i for i, step in enumerate(steps) if step is not None and values[i] is not None]
        self.lose("points without a step or a number", len(steps) - len(whole))
        points([steps[i] for i in whole], [times[i] for i in whole], [values[i] for i in whole], "nanoseconds")

    def histograms(self, path, rows):
        self.current = None
        tell("series", [path, {"step_unit": "0.000001"} if path in self.fractional else {}])
        for step, time, value in zip(self.steps(path, rows), self.times(rows), rows["histogram_value"].to_pylist()):
            value = value or {}
            if step is None or value.get("type") != "COUNTING":
                self.lose("histograms that aren't of counts", 1)
            else:
                tell("histogram", [step, time, value.get("edges") or [], value.get("values") or []])

    def texts(self, path, rows):
        for step, time, text in zip(self.steps(path, rows), self.times(rows), rows["string_value"].to_pylist()):
            if text is None:
                self.lose("texts without a text", 1)
            else:
                tell("text", [path, step or 0, time, text])

    def take_files(self, kind, path, rows):
        """Artifacts, where the exporter's files lie beside its tables."""
        for step, value in zip(self.steps(path, rows), rows["file_value"].to_pylist()):
            inner = (value or {}).get("path")
            name = path if step is None or kind == "file" else "%s/step-%d" % (path, step)
            place = self.place(inner)
            if place is None:
                self.lose("files that aren't beside the tables", 1)
            else:
                tell("artifact", [place, name])

    def place(self, inner):
        if not self.files or not inner:
            return None
        root = os.path.realpath(self.files)
        place = os.path.realpath(os.path.join(root, inner))
        return place if place.startswith(root + os.sep) and os.path.isfile(place) else None

    def finish(self):
        self.tell_facts()
        for kind, count in sorted(self.lost.items()):
            skipped(kind, count)


serve(answer, MISSING)
