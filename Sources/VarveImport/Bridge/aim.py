# Reads runs of an Aim repository through Aim's own package.
#
# The repository is never written to, and never locked: RocksDB writes a log of its own into whatever it opens, even for reading,
# so each run's databases are opened as a copy in a temporary folder, in which the large files (.sst, which never change) are
# links.
import atexit
import math
import os
import shutil
import sqlite3
import tempfile

try:
    from aim.storage.containertreeview import ContainerTreeView
    from aim.storage.rockscontainer import RocksContainer

    MISSING = None
except Exception as error:
    MISSING = Failure(
        "an Aim repository is read through Aim's own Python package, which can't be imported (%s: %s)"
        % (type(error).__name__, error),
        "pip install aim, into a Python of 3.8 to 3.12, and name that Python by --python PATH or VARVE_PYTHON",
    )

NUMBERS = ("int", "float", "float64", "number")
KINDS = {
    "aim.image": ("images", "png"),
    "aim.audio": ("audio clips", "wav"),
    "aim.figure": ("figures", "plotly.json"),
    "aim.figure3d": ("3D objects", "json"),
}
MEDIA = []  # the folder of the run at hand, in which its media wait to be fetched


class Copy:
    """A database's files, opened elsewhere."""

    def __init__(self, folder):
        self.folder = folder

    def __enter__(self):
        self.place = tempfile.mkdtemp(prefix="varve-aim-")
        try:
            for attempt in range(3):  # a living writer may delete a file between the listing and the link
                try:
                    self.fill()
                    self.container = RocksContainer(self.place, read_only=True, skip_read_optimization=True)
                    break
                except Exception:
                    if attempt == 2:
                        raise
            return ContainerTreeView(self.container)
        except BaseException:
            shutil.rmtree(self.place, ignore_errors=True)
            raise

    def fill(self):
        for name in os.listdir(self.place):
            os.unlink(os.path.join(self.place, name))
        for name in sorted(os.listdir(self.folder)):
            if name == "LOCK" or name.startswith("LOG"):
                continue
            source, target = os.path.join(self.folder, name), os.path.join(self.place, name)
            if name.endswith(".sst"):
                if not os.path.isfile(source):
                    raise FileNotFoundError(source)
                os.symlink(source, target)
            elif os.path.isfile(source):
                shutil.copyfile(source, target)

    def __exit__(self, *_):
        try:
            self.container.close()
        except Exception:
            pass
        shutil.rmtree(self.place, ignore_errors=True)


@atexit.register
def forget():
    """Removes the media of the last run: whoever asks for another one has fetched them."""
    while MEDIA:
        shutil.rmtree(MEDIA.pop(), ignore_errors=True)


def answer(question):
    forget()
    repo, run = os.path.abspath(question["repo"]), question["run"]
    with Copy(os.path.join(repo, "meta", "chunks", run)) as tree:
        tree = tree.subtree(("meta", "chunks", run))
        about = {key: collect(tree, key) for key in ("attrs", "contexts", "traces", "end_time")}
    facts(repo, run)
    attributes(about["attrs"] or {})
    if isinstance(about["end_time"], (int, float)):
        tell("lasted", [created(repo, run), nanoseconds(about["end_time"])])
        tell("ended", "finished")
    else:
        tell("lasted", [created(repo, run), None])
        tell("ended", "running")
    traces = about["traces"] or {}
    if not traces:
        return
    series = os.path.join(repo, "seqs", "chunks", run)
    if not os.path.isdir(series):
        tell("problem", "the run's series are missing (seqs/chunks/%s), skipped them" % run)
        return
    with Copy(series) as tree:
        for context, names in sorted(traces.items(), key=lambda entry: str(entry[0])):
            pairs = (about["contexts"] or {}).get(context) or {}
            for name, info in sorted(names.items(), key=lambda entry: str(entry[0])):
                try:
                    sequence(tree, run, context, pairs, name, info or {})
                except Failure:
                    raise
                except BrokenPipeError:
                    raise
                except Exception as error:
                    tell("problem", "a series that can't be read (%s: %s), %s, skipped" % (type(error).__name__, error, name))


def collect(tree, key):
    try:
        return tree.subtree(key).collect() if key != "end_time" else tree.get("end_time", None)
    except KeyError:
        return None


def nanoseconds(seconds):
    whole = math.floor(seconds)
    return whole * 10**9 + round((seconds - whole) * 1e9)


DATABASE = {}


def rows(repo, query, *values):
    """Asks the database of names and tags; without a lock, and without files of its own beside it."""
    if repo not in DATABASE:
        path = os.path.join(repo, "run_metadata.sqlite")
        DATABASE[repo] = None
        if os.path.isfile(path):
            quoted = path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
            DATABASE[repo] = sqlite3.connect("file:%s?mode=ro&immutable=1" % quoted, uri=True)
    if DATABASE[repo] is None:
        return []
    try:
        return DATABASE[repo].execute(query, values).fetchall()
    except sqlite3.Error:
        return []


def created(repo, run):
    for (stamp,) in rows(repo, "select strftime('%s', created_at) from run where hash = ?", run):
        if stamp is not None:
            return int(stamp) * 10**9
    return None


def facts(repo, run):
    """What people said of the run."""
    tell("property", ["aim.hash", run])
    for name, text, archived, experiment in rows(
        repo,
        "select run.name, run.description, run.is_archived, experiment.name from run"
        " left join experiment on experiment.id = run.experiment_id where run.hash = ?",
        run,
    ):
        if name and name != "Run: " + run:
            tell("property", ["name", name])
        if text:
            tell("property", ["note", text])
        if archived:
            tell("property", ["archived", True])
        if experiment:
            tell("property", ["experiment", experiment])
    notes = [text for (text,) in rows(
        repo, "select content from note join run on run.id = note.run_id where run.hash = ? order by note.id", run)]
    if notes:
        tell("property", ["aim.notes", notes])
    for (tag,) in rows(
        repo,
        "select tag.name from tag join run_tag on run_tag.tag_id = tag.id join run on run.id = run_tag.run_id"
        " where run.hash = ? order by tag.name",
        run,
    ):
        tell("property", ["tags." + tag, True])


def attributes(attrs):
    hparams = attrs.get("hparams")
    for key, value in attrs.items():
        if key == "__system_params":
            system(value or {})
        elif key == "hparams" and isinstance(value, dict):
            for name, entry in value.items():
                properties("params." + str(name), entry)
        elif str(key).startswith("__"):
            skipped("notes of Aim's own")
        elif isinstance(hparams, dict) and key in hparams:
            properties("params.run." + str(key), value)  # beside hparams, under a name that those have, too
        else:
            properties("params." + str(key), value)


def system(value):
    """What Aim noted of the machine; variables of the environment may hold secrets and are left out."""
    git = value.get("git_info") or {}
    commit = git.get("commit") or {}
    for key, entry in (
        ("git.branch", git.get("branch")),
        ("git.remote", git.get("remote_origin_url")),
        ("git.commit", commit.get("hash") if isinstance(commit, dict) else commit),
        ("aim.executable", value.get("executable")),
        ("aim.arguments", value.get("arguments")),
        ("aim.packages", value.get("packages")),
    ):
        if entry:
            tell("property", [key, plain(entry)])
    skipped("variables of the environment", len(value.get("env_variables") or {}))


def sequence(tree, run, context, pairs, name, info):
    kind = str(info.get("dtype", "float"))
    version = info.get("version", 1)
    place = ("seqs", "chunks", run) if version == 1 else ("seqs", "v%d" % version, "chunks", run)
    columns = tree.subtree(place + (context, name))
    steps = dict(columns.array("step").items()) if version != 1 else None
    times = dict(columns.subtree("time").items())
    epochs = dict(columns.subtree("epoch").items())
    order = sorted(times if steps is None else steps, key=(lambda k: k) if steps is None else steps.get)
    context = {str(k): v if isinstance(v, str) else json.dumps(plain(v)) for k, v in pairs.items()}
    if single(kind) in KINDS:
        return media(columns, single(kind), order, steps, times, str(name), context)
    if str(name).startswith("__system__"):
        context.setdefault("system", "host")
    if kind == "aim.distribution":
        tell("series", [str(name), context])
        return histograms(columns, order, steps, times)
    if kind not in NUMBERS:
        return texts(columns, kind, order, steps, times, name)
    values = dict(columns.array("val").items())
    numbers = [k for k in order if isinstance(values.get(k), (int, float))]
    skipped("points without a number", len(order) - len(numbers))
    stepped = [k if steps is None else steps[k] for k in numbers]
    stamps = [times.get(k) for k in numbers]
    tell("series", [str(name), context])
    points(stepped, stamps, [values[k] for k in numbers], "seconds")
    rounds = [epochs.get(k) for k in numbers]
    if any(epoch is not None and epoch != step for epoch, step in zip(rounds, stepped)):
        marked = [i for i, epoch in enumerate(rounds) if isinstance(epoch, (int, float))]
        tell("series", ["epoch", dict(context, of=str(name))])
        points([stepped[i] for i in marked], [stamps[i] for i in marked], [rounds[i] for i in marked], "seconds")


def single(kind):
    """What a list of one kind of values holds."""
    return kind[5:-1] if kind.startswith("list(") else kind


def media(columns, kind, order, steps, times, name, context):
    """Tells files, a version each; where a step has several, each has a number. Contexts are folders."""
    label, ending = KINDS[kind]
    folders = [v if k == "subset" else k + "=" + v for k, v in sorted(context.items())]
    lost = 0
    for k in order:
        value = columns.subtree("val").get(k, None)
        several = list(value) if isinstance(value, (list, tuple)) else None
        for number, one in enumerate([value] if several is None else several):
            try:
                content = one.storage["data"]
                content = content.load() if hasattr(content, "load") else content
                content = content.encode() if isinstance(content, str) else bytes(content)
                form = str(one.storage["format"]) if kind in ("aim.image", "aim.audio") else ending
            except Exception:
                lost += 1
                continue
            stem = name if several is None else "%s_%d" % (name, number)
            step = k if steps is None else steps[k]
            tell("artifact", [keep(content, times.get(k)), "/".join(folders + [stem]) + "." + form.lower(), step])
    skipped(label, lost)


def keep(content, stamp):
    """Writes a file that is there until the next question, as old as what it holds: it is known again by that."""
    if not MEDIA:
        MEDIA.append(tempfile.mkdtemp(prefix="varve-aim-"))
    path = os.path.join(MEDIA[0], str(len(os.listdir(MEDIA[0]))))
    with open(path, "wb") as file:
        file.write(content)
    if isinstance(stamp, (int, float)):
        os.utime(path, (stamp, stamp))
    return path


def histograms(columns, order, steps, times):
    lost = 0
    for k in order:
        try:
            counts, edges = columns.subtree("val").get(k).to_np_histogram()
            at = times.get(k)
            at = nanoseconds(at) if isinstance(at, (int, float)) else None
            tell("histogram", [k if steps is None else steps[k], at, plain(list(edges)), plain(list(counts))])
        except (AttributeError, TypeError, ValueError):
            lost += 1
    skipped("histograms that are none", lost)


def texts(columns, kind, order, steps, times, name):
    """Texts, and lines of the console."""
    lost = 0
    for k in order:
        value = columns.subtree("val").get(k, None)
        channel = "console" if name == "logs" else str(name)
        stamp = times.get(k)
        at = nanoseconds(stamp) if isinstance(stamp, (int, float)) else None
        for one in value if isinstance(value, (list, tuple)) else [value]:
            text = one if isinstance(one, str) else getattr(one, "data", None)
            if isinstance(text, str):
                tell("text", [channel, k if steps is None else steps[k], at, text])
            else:
                lost += 1
    skipped("values of the type %s" % kind, lost)


serve(answer, MISSING)
