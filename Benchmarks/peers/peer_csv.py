"""CSV append, one file a run, Python's buffered writes (8 KiB default buffer). Read with pyarrow.csv, column types given."""
import os, time
import numpy as np
from answer import Answer
from common import Peer
from verbs import main


class CSV(Peer):
    name, packages = "csv", ["pyarrow"]
    setting = "one file a run, open(path, 'a'), default buffer; pyarrow.csv with column types to read"
    time_unit = "ns"

    def prepare(self):
        import pyarrow as pa, pyarrow.compute as pc, pyarrow.csv
        pa.table({"x": [1]}).filter(pc.equal(pa.array([1]), 1))  # the first filter imports more

    def start(self, store, run):
        os.makedirs(store, exist_ok=True)
        self.f = open(os.path.join(store, "run-00000.csv"), "a")

    def tracker(self):
        write, clock = self.f.write, time.time_ns

        def track(value, name, context, step):
            write(f"{name},{context},{step},{clock()},{value!r}\n")
        return track

    def finish(self):
        self.f.close()

    def load(self, store, data):
        os.makedirs(store)
        for r in range(data.runs):
            with open(os.path.join(store, data.run_name(r) + ".csv"), "w") as f:
                for m, (name, context) in enumerate(data.names):
                    row = data.rows[r, m]
                    f.writelines(f"{name},{context},{s},{t},{v!r}\n" for s, t, v in
                                 zip(row["steps"].tolist(), row["times"].tolist(), row["values"].tolist()))

    def open(self, store, data):
        import pyarrow as pa
        import pyarrow.csv as c
        self.data, self.store = data, store
        text = pa.dictionary(pa.int32(), pa.string())
        self.options = (c.ReadOptions(column_names=["m", "c", "s", "t", "v"]), None, c.ConvertOptions(column_types={
            "m": text, "c": text, "s": pa.int64(), "t": pa.int64(), "v": pa.float64()}))

    def table(self, r):
        import pyarrow.csv as c
        return c.read_csv(os.path.join(self.store, self.data.run_name(r) + ".csv"), *self.options)

    def add(self, answer, r, m):
        import pyarrow.compute as pc
        t = self.table(r)
        name, context = self.data.names[m]
        t = t.filter(pc.and_(pc.equal(t["m"], name), pc.equal(t["c"], context)))
        answer.add(r, m, t["s"], t["t"], t["v"])

    def one(self, r, m):
        answer = Answer()
        self.add(answer, r, m)
        return answer

    def metric(self, m):
        answer = Answer()
        for r in range(self.data.runs):
            self.add(answer, r, m)
        return answer

    def everything(self):
        answer, numbers = Answer(), {name: m for m, name in enumerate(self.data.names)}
        for r in range(self.data.runs):
            t = self.table(r)
            metrics = lambda t=t: np.array([numbers[x] for x in zip(t["m"].to_pylist(), t["c"].to_pylist())])
            answer.add(r, metrics, t["s"], t["t"], t["v"])
        return answer

    def count(self, store):
        with open(os.path.join(store, "run-00000.csv"), "rb") as f:
            lines = f.read().split(b"\n")
        return sum(x.count(b",") == 4 for x in lines[:-1])  # a last line without its newline is torn


if __name__ == "__main__":
    main(CSV, __file__)
