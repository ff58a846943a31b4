"""Weights & Biases, mode="offline", console capture, system metrics and metadata off (its lightest setting). wandb has no reader for its
own offline file in Python; this one walks the .wandb file (LevelDB log framing, 32 KiB blocks, 7-byte header, then protobuf records)
with wandb's own protobuf classes. Style point: run.log({one}, step=s) for each point, which wandb gathers into one history row a step;
style step: one run.log(dict) for each step. Times are wandb's own: it takes none."""
import glob, json, os, struct
os.environ.setdefault("WANDB_SILENT", "true")
from answer import Answer
from common import Peer
from verbs import main

SKIP = {"_step", "_runtime", "_timestamp"}


def records(path):
    """Payloads of a .wandb file, up to the first torn one."""
    with open(path, "rb") as f:
        b = f.read()
    assert b[:4] == b":W&B", path
    at, part = 7, b""
    while at + 7 <= len(b):
        left = 32768 - at % 32768
        if left < 7:
            at += left
            continue
        crc, n, kind = struct.unpack_from("<IHB", b, at)
        if kind == 0 or at + 7 + n > len(b):
            return
        piece = b[at + 7:at + 7 + n]
        at += 7 + n
        if kind == 1:
            yield piece
        elif kind == 2:
            part = piece
        elif kind == 3:
            part += piece
        elif kind == 4:
            yield part + piece


def history(path):
    """The rows of a run: step, then (key, value as JSON) pairs."""
    from wandb.proto import wandb_internal_pb2 as pb
    record = pb.Record()
    for p in records(path):
        record.ParseFromString(p)
        if record.WhichOneof("record_type") == "history":
            yield record.history.step.num, [(item.nested_key[0] if item.nested_key else item.key, item.value_json)
                                            for item in record.history.item]


class WandB(Peer):
    name, packages = "wandb-offline", ["wandb"]
    setting = "mode=offline, console off, stats off, save_code off, x_disable_meta"

    def prepare(self):
        from wandb.proto import wandb_internal_pb2

    def init(self, store, **more):
        import wandb
        os.makedirs(store, exist_ok=True)
        return wandb.init(project="p", dir=store, mode="offline", settings=wandb.Settings(
            console="off", x_disable_stats=True, x_disable_meta=True, save_code=False, silent=True, disable_git=True), **more)

    def start(self, store, run):
        self.run = self.init(store)

    def tracker(self):
        log = self.run.log

        def track(value, name, context, step):
            log({f"{context}/{name}" if context else name: value}, step=step)
        return track

    def step_tracker(self):
        log = self.run.log
        return lambda row, step: log(row, step=step)

    def finish(self):
        self.run.finish()
        import wandb
        wandb.teardown()

    def load(self, store, data):
        import wandb
        for r in range(data.runs):
            run = self.init(store, id=data.run_name(r))
            rows = {}  # a wandb step holds one row; the metrics' steps differ, so gather by step
            for m in range(data.metrics):
                key = data.key(m)
                for s, v in zip(data.rows[r, m]["steps"].tolist(), data.rows[r, m]["values"].tolist()):
                    rows.setdefault(s, {})[key] = v
            for s in sorted(rows):
                run.log(rows[s], step=s)
            run.finish()
        wandb.teardown()

    def open(self, store, data):
        self.data, self.numbers = data, data.keys()
        self.files = {os.path.basename(p)[4:-6]: p for p in glob.glob(os.path.join(store, "wandb", "*run-*", "run-*.wandb"))}

    def ask(self, runs, keys):
        answer = Answer()
        for r in runs:
            columns = {}
            for step, items in history(self.files[self.data.run_name(r)]):
                for key, value in items:
                    if key in keys:
                        columns.setdefault(key, []).append((step, None, json.loads(value)))
            for key, rows in columns.items():
                answer.add(r, self.numbers[key], [x[0] for x in rows], None, [x[2] for x in rows])
        return answer

    def one(self, r, m):
        return self.ask([r], {self.data.key(m)})

    def metric(self, m):
        return self.ask(range(self.data.runs), {self.data.key(m)})

    def everything(self):
        return self.ask(range(self.data.runs), self.numbers.keys())

    def count(self, store):
        return sum(key not in SKIP for p in glob.glob(os.path.join(store, "wandb", "*run-*", "run-*.wandb"))
                   for _, items in history(p) for key, _ in items)


if __name__ == "__main__":
    main(WandB, __file__)
