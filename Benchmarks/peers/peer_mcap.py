"""mcap, the Python writer: one file a run, one channel a metric, message = step i64 + value f64, log_time = wall time. Chunks of
1 MiB, zstd (its defaults)."""
import os, struct, sys, time
import numpy as np
from answer import Answer
from common import Peer
from verbs import main

PACK = struct.Struct("<qd")


class MCAP(Peer):
    name, packages = "mcap", ["mcap", "zstandard"]
    setting = "Python writer, 1 MiB chunks, zstd, one channel a metric; log_time_order=False to read"
    time_unit = "ns"

    def prepare(self):
        import mcap.reader, mcap.writer

    def writer(self, path):
        from mcap.writer import Writer, CompressionType
        self.f = open(path, "wb")
        w = Writer(self.f, compression=CompressionType.ZSTD)
        w.start()
        return w, w.register_schema("point", "", b"i64 step, f64 value")

    def start(self, store, run):
        os.makedirs(store, exist_ok=True)
        self.w, self.schema = self.writer(os.path.join(store, "run-00000.mcap"))

    def tracker(self):
        w, schema, ids, pack, clock = self.w, self.schema, {}, PACK.pack, time.time_ns
        add = w.add_message

        def track(value, name, context, step):
            i = ids.get((name, context))
            if i is None:
                i = ids[name, context] = w.register_channel(f"{context}/{name}" if context else name, "raw", schema)
            t = clock()
            add(i, t, pack(step, value), t)
        return track

    def finish(self):
        self.w.finish()
        self.f.close()

    def load(self, store, data):
        os.makedirs(store)
        for r in range(data.runs):
            w, schema = self.writer(os.path.join(store, data.run_name(r) + ".mcap"))
            for m in range(data.metrics):
                i, row = w.register_channel(data.key(m), "raw", schema), data.rows[r, m]
                for s, t, v in zip(row["steps"].tolist(), row["times"].tolist(), row["values"].tolist()):
                    w.add_message(i, t, PACK.pack(s, v), t)
            w.finish()
            self.f.close()

    def open(self, store, data):
        self.data, self.store, self.numbers = data, store, data.keys()

    def add(self, answer, r, topics):
        from mcap.reader import make_reader
        with open(os.path.join(self.store, self.data.run_name(r) + ".mcap"), "rb") as f:
            found = [(c.topic, m.log_time, m.data) for _, c, m in
                     make_reader(f).iter_messages(topics=topics, log_time_order=False)]
        topics, times, payloads = zip(*found)
        points = np.frombuffer(b"".join(payloads), [("step", "<i8"), ("value", "<f8")])
        answer.add(r, lambda: np.array([self.numbers[t] for t in topics]), points["step"], np.array(times), points["value"])

    def ask(self, runs, topics):
        answer = Answer()
        for r in runs:
            self.add(answer, r, topics)
        return answer

    def one(self, r, m):
        return self.ask([r], [self.data.key(m)])

    def metric(self, m):
        return self.ask(range(self.data.runs), [self.data.key(m)])

    def everything(self):
        return self.ask(range(self.data.runs), None)

    def count(self, store):
        """The indexed reader first; a file without its end is read with the streaming reader, up to where it breaks."""
        from mcap.reader import make_reader
        from mcap.records import Message
        from mcap.stream_reader import StreamReader
        path = os.path.join(store, "run-00000.mcap")
        n = 0
        with open(path, "rb") as f:
            try:
                return sum(1 for _ in make_reader(f).iter_messages(log_time_order=False))
            except Exception as e:
                print("indexed reader:", repr(e), file=sys.stderr)
        with open(path, "rb") as f:
            try:
                for record in StreamReader(f).records:
                    n += isinstance(record, Message)
            except Exception as e:
                print("stream reader:", repr(e), file=sys.stderr)
        return n


if __name__ == "__main__":
    main(MCAP, __file__)
