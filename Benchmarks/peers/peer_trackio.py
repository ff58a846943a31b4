"""trackio, local: trackio.init(project, embed=False), trackio.log(dict, step). It writes into SQLite from a background thread. Style
point: one log({name: value}) for each point; style step: one log(dict of 20) for each step. Reading: its SQLiteStorage.get_logs, which
the dashboard and trackio.Api use. It keeps one time a row of metrics, so times aren't compared."""
import datetime, os
from answer import Answer
from common import Peer
from verbs import main


class Trackio(Peer):
    name, packages = "trackio", ["trackio"]
    setting = "embed=False, auto_log_gpu/cpu=False"

    def environ(self, store):
        os.makedirs(store, exist_ok=True)
        os.environ["TRACKIO_DIR"] = store
        os.environ["HF_HUB_OFFLINE"] = "1"
        os.environ["TRACKIO_LOG_LEVEL"] = "ERROR"

    def prepare(self):
        self.environ(self.place)  # its modules read it while they are imported
        import trackio.sqlite_storage

    def start(self, store, run):
        self.environ(store)
        import trackio
        self.trackio = trackio
        trackio.init("p", name="run-00000", embed=False, auto_log_gpu=False, auto_log_cpu=False)

    def tracker(self):
        log = self.trackio.log

        def track(value, name, context, step):
            log({f"{context}/{name}" if context else name: value}, step=step)
        return track

    def step_tracker(self):
        log = self.trackio.log
        return lambda row, step: log(row, step=step)

    def finish(self):
        self.trackio.finish()

    def load(self, store, data):
        self.environ(store)
        from trackio.sqlite_storage import SQLiteStorage
        for r in range(data.runs):  # one row a step holds every metric of that step
            rows, when = {}, {}
            for m in range(data.metrics):
                key, row = data.key(m), data.rows[r, m]
                for s, t, v in zip(row["steps"].tolist(), row["times"].tolist(), row["values"].tolist()):
                    rows.setdefault(s, {})[key] = v
                    when[s] = t
            steps = sorted(rows)
            SQLiteStorage.bulk_log("p", data.run_name(r), [rows[s] for s in steps], steps=steps, timestamps=[
                datetime.datetime.fromtimestamp(when[s] / 1e9, datetime.timezone.utc).isoformat() for s in steps])

    def open(self, store, data):
        self.environ(store)
        from trackio.sqlite_storage import SQLiteStorage
        self.storage, self.data = SQLiteStorage, data

    def forget(self):
        import trackio.sqlite_storage as s
        for k in dir(s):
            if k.lower().endswith("cache") and hasattr(getattr(s, k), "clear"):
                getattr(s, k).clear()

    def ask(self, runs, metrics):
        answer = Answer()
        for r in runs:
            rows = self.storage.get_logs("p", self.data.run_name(r))
            for m in metrics:
                key = self.data.key(m)
                answer.add(r, m, [x["step"] for x in rows if key in x], None, [x[key] for x in rows if key in x])
        return answer

    def one(self, r, m):
        return self.ask([r], [m])

    def metric(self, m):
        return self.ask(range(self.data.runs), [m])

    def everything(self):
        return self.ask(range(self.data.runs), range(self.data.metrics))

    def count(self, store):
        self.environ(store)
        from trackio.sqlite_storage import SQLiteStorage
        return sum(len(x.keys() - {"step", "timestamp"}) for x in SQLiteStorage.get_logs("p", "run-00000"))


if __name__ == "__main__":
    main(Trackio, __file__)
