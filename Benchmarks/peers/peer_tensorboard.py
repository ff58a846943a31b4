"""TensorBoard event files. Variants (writer / reader):
tbx      tensorboardX SummaryWriter.add_scalar, defaults (queue 10, flush every 120 s); read by EventAccumulator
tbx-crc  the same with the optional C library crc32c installed, which tensorboardX then uses for its checksums
tbx-queue  tbx-crc with max_queue=10000: the largest batch that makes sense, fewer switches between its two threads
tb       tensorboard.summary.Writer.add_scalar (torch-free, TF-free); read by EventAccumulator
tbparse  reads the tbx-crc store with tbparse.SummaryReader
rust     reads the tbx-crc store through tensorboard-data-server and tensorboard's own gRPC client
torch.utils.tensorboard, a thin wrapper of the same event writer as `tb`, isn't installed. Values are kept as 32 bits, times as seconds."""
import os, sys, time
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
from answer import Answer
from common import Peer
from verbs import main

VARIANT = os.environ.get("PEER_VARIANT") or "tbx-crc"
if VARIANT not in ("tbx-crc", "tbx-queue"):
    sys.modules["crc32c"] = None  # as if it were not installed: checksums in pure Python


class TensorBoard(Peer):
    name, packages = "tensorboard-" + VARIANT, ["tensorboard", "tensorboardX", "tbparse", "tensorboard-data-server"]
    setting = {"tbx": "tensorboardX add_scalar, defaults; EventAccumulator, size_guidance 0",
               "tbx-crc": "tensorboardX add_scalar, defaults, crc32c installed; EventAccumulator, size_guidance 0",
               "tbx-queue": "tensorboardX add_scalar, max_queue=10000, crc32c installed",
               "tb": "tensorboard.summary.Writer add_scalar, defaults; EventAccumulator, size_guidance 0",
               "tbparse": "tbparse SummaryReader on the tensorboardX store",
               "rust": "tensorboard-data-server, --samples-per-plugin scalars=0, gRPC client on the tensorboardX store"}[VARIANT]
    time_unit, keeps_doubles = "s", False

    def prepare(self):
        if VARIANT == "tbparse":
            import tbparse
        elif VARIANT == "rust":
            import grpc
            from tensorboard.data import server_ingester
        else:
            from tensorboard.backend.event_processing import event_accumulator
            from tensorboard.util import tensor_util

    def writer(self, path):
        if VARIANT == "tb":
            from tensorboard.summary import Writer
            return Writer(path)
        from tensorboardX import SummaryWriter
        return SummaryWriter(path, max_queue=10000 if VARIANT == "tbx-queue" else 10)

    def start(self, store, run):
        self.w = self.writer(store)

    def tracker(self):
        add = self.w.add_scalar

        def track(value, name, context, step):
            add(f"{context}/{name}" if context else name, value, step)
        return track

    def finish(self):
        self.w.close()

    def load(self, store, data):
        for r in range(data.runs):
            w = self.writer(os.path.join(store, data.run_name(r)))
            for m in range(data.metrics):
                tag, row = data.key(m), data.rows[r, m]
                for v, s, t in zip(row["values"].tolist(), row["steps"].tolist(), (row["times"] / 1e9).tolist()):
                    if VARIANT == "tb":
                        w.add_scalar(tag, v, s, wall_time=t)
                    else:
                        w.add_scalar(tag, v, s, t)
            w.close()

    def open(self, store, data):
        self.data, self.store, self.cache, self.frame = data, store, {}, None
        self.numbers = data.keys()
        if VARIANT == "rust":
            from tensorboard import context
            from tensorboard.data import server_ingester
            from tensorboard.util.grpc_util import ChannelCredsType
            self.context = context.RequestContext()
            self.ingester = server_ingester.SubprocessServerDataIngester(
                server_binary=server_ingester.get_server_binary(), logdir=store, reload_interval=3600,
                channel_creds_type=ChannelCredsType.LOCAL, samples_per_plugin={"scalars": 0})
            self.ingester.start()
            self.provider = self.ingester.data_provider
            self.wait()

    def wait(self):
        """The server reads in the background; it is done when the last tag of every run has its last step."""
        tag, end = self.data.key(self.data.metrics - 1), time.time() + 500
        last = int(self.data.rows[0, self.data.metrics - 1]["steps"][-1])
        while time.time() < end:
            runs = self.provider.list_scalars(self.context, experiment_id="", plugin_name="scalars")
            if len(runs) == self.data.runs and all(tag in d and d[tag].max_step == last for d in runs.values()):
                return
            time.sleep(.02)

    def accumulator(self, path):
        from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
        if path not in self.cache:
            e = EventAccumulator(path, size_guidance={"scalars": 0, "tensors": 0})
            e.Reload()
            self.cache[path] = e
        return self.cache[path]

    def series(self, e, tag):
        if VARIANT == "tb":
            from tensorboard.util import tensor_util
            return [(x.step, x.wall_time, tensor_util.make_ndarray(x.tensor_proto).item()) for x in e.Tensors(tag)]
        return [(x.step, x.wall_time, x.value) for x in e.Scalars(tag)]

    def provided(self, runs, tags):
        from tensorboard.data import provider
        answer = Answer()
        out = self.provider.read_scalars(self.context, experiment_id="", plugin_name="scalars", downsample=2**31 - 1,
                                         run_tag_filter=provider.RunTagFilter(runs=runs, tags=tags))
        for run, d in out.items():
            for tag, points in d.items():
                answer.add_rows(int(run[4:]), self.numbers[tag], [(x.step, x.wall_time, x.value) for x in points])
        return answer

    def parsed(self, folder, tag=None):
        import tbparse
        if self.frame is None:
            self.frame = tbparse.SummaryReader(folder, extra_columns={"dir_name", "wall_time"}).scalars
        f = self.frame if tag is None else self.frame[self.frame.tag == tag]
        answer = Answer()
        run = int(os.path.basename(folder)[4:]) if folder != self.store else lambda: [int(x[4:]) for x in f.dir_name]
        answer.add(run, lambda: [self.numbers[x] for x in f.tag], f.step, f.wall_time, f.value)
        return answer

    def gathered(self, runs, metrics):
        answer = Answer()
        for r in runs:
            for m in metrics:
                e = self.accumulator(os.path.join(self.store, self.data.run_name(r)))
                answer.add_rows(r, m, self.series(e, self.data.key(m)))
        return answer

    def one(self, r, m):
        run, tag = self.data.run_name(r), self.data.key(m)
        if VARIANT == "rust":
            return self.provided([run], [tag])
        if VARIANT == "tbparse":
            return self.parsed(os.path.join(self.store, run), tag)
        return self.gathered([r], [m])

    def metric(self, m):
        if VARIANT == "rust":
            return self.provided(None, [self.data.key(m)])
        if VARIANT == "tbparse":
            return self.parsed(self.store, self.data.key(m))
        return self.gathered(range(self.data.runs), [m])

    def everything(self):
        if VARIANT == "rust":
            return self.provided(None, None)
        if VARIANT == "tbparse":
            return self.parsed(self.store)
        return self.gathered(range(self.data.runs), range(self.data.metrics))

    def count(self, store):
        self.cache = {}
        e = self.accumulator(store)
        return sum(len(self.series(e, t)) for t in (e.Tags()["tensors"] if VARIANT == "tb" else e.Tags()["scalars"]))


if __name__ == "__main__":
    main(TensorBoard, __file__)
