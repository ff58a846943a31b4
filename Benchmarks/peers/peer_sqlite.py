"""sqlite3 from the standard library, WAL, synchronous=NORMAL. Variants:
each    one INSERT a point, each its own transaction (autocommit)
batch   a Python list, executemany in one transaction every 1,000 points
Table points(series, step, time, value), primary key (series, step), WITHOUT ROWID: clustered by series, and series numbers are given in
(metric, run) order when a workload is loaded, so that one metric over all runs is one range. Answers go straight into numpy."""
import os, sqlite3, time
import numpy as np
from answer import Answer
from common import Peer
from verbs import main

VARIANT = os.environ.get("PEER_VARIANT") or "batch"
SCHEMA = """
create table if not exists series(id integer primary key, metric text, context text, run text, unique(metric, context, run));
create table if not exists points(series integer, step integer, time integer, value real, primary key(series, step)) without rowid;
"""
POINT = np.dtype([("series", "i8"), ("step", "i8"), ("time", "i8"), ("value", "f8")])


class SQLite(Peer):
    name = "sqlite-" + VARIANT
    setting = f"sqlite {sqlite3.sqlite_version}, WAL, synchronous=NORMAL, WITHOUT ROWID, " + (
        "one insert a point, autocommit" if VARIANT == "each" else "executemany every 1,000 points")
    time_unit = "ns"

    def connect(self, store):
        db = sqlite3.connect(os.path.join(store, "metrics.db"), isolation_level=None)
        db.execute("pragma journal_mode=wal")
        db.execute("pragma synchronous=normal")
        db.execute("pragma cache_size=-262144")
        db.execute("pragma mmap_size=4294967296")
        return db

    def start(self, store, run):
        os.makedirs(store, exist_ok=True)
        self.db = self.connect(store)
        self.db.executescript(SCHEMA)
        self.pending = []

    def tracker(self):
        db, clock, ids = self.db, time.time_ns, {}
        insert = "insert into points values(?,?,?,?)"
        pending = self.pending

        def series(name, context):
            db.execute("insert into series(metric,context,run) values(?,?,'run')", (name, context))
            i = ids[name, context] = db.execute("select last_insert_rowid()").fetchone()[0]
            return i

        def each(value, name, context, step):
            i = ids.get((name, context)) or series(name, context)
            db.execute(insert, (i, step, clock(), value))

        def batch(value, name, context, step):
            i = ids.get((name, context)) or series(name, context)
            pending.append((i, step, clock(), value))
            if len(pending) == 1000:
                self.write()
        return each if VARIANT == "each" else batch

    def write(self):
        self.db.execute("begin")
        self.db.executemany("insert into points values(?,?,?,?)", self.pending)
        self.db.execute("commit")
        self.pending.clear()

    def finish(self):
        if self.pending:
            self.write()
        self.db.close()

    def load(self, store, data):
        os.makedirs(store, exist_ok=True)
        db = self.connect(store)
        db.executescript(SCHEMA)
        for m in range(data.metrics):
            ids = np.arange(m * data.runs + 1, (m + 1) * data.runs + 1)
            db.execute("begin")
            db.executemany("insert into series values(?,?,?,?)",
                           ((int(i), *data.names[m], data.run_name(r)) for r, i in enumerate(ids)))
            steps, times, values = (np.ascontiguousarray(data.rows[:, m][f]).ravel().tolist() for f in ("steps", "times", "values"))
            db.executemany("insert into points values(?,?,?,?)", zip(np.repeat(ids, data.n).tolist(), steps, times, values))
            db.execute("commit")
        db.execute("analyze")
        db.execute("pragma wal_checkpoint(truncate)")
        db.close()

    def open(self, store, data):
        self.data, self.db = data, self.connect(store)
        self.db.execute("select count(*) from (select 1 from series limit 1)").fetchone()

    def take(self, select, *arguments):
        rows = np.fromiter(self.db.execute("select p.series,p.step,p.time,p.value from " + select, arguments), POINT)
        names = lambda column: dict(self.db.execute(f"select id,{column} from series"))

        def runs():
            known = {i: int(run[4:]) for i, run in names("run").items()}
            return np.array([known[i] for i in rows["series"].tolist()])

        def metrics():
            keys = self.data.keys()
            known = {i: keys[key] for i, key in names("iif(context='', metric, context || '/' || metric)").items()}
            return np.array([known[i] for i in rows["series"].tolist()])
        answer = Answer()
        answer.add(runs, metrics, rows["step"], rows["time"], rows["value"])
        return answer

    def one(self, r, m):
        return self.take("points p where series=(select id from series where metric=? and context=? and run=?) order by step",
                         *self.data.names[m], self.data.run_name(r))

    def metric(self, m):
        return self.take("series s join points p on p.series=s.id where s.metric=? and s.context=? order by s.id,p.step",
                         *self.data.names[m])

    def everything(self):
        return self.take("points p order by series,step")

    def count(self, store):
        return self.connect(store).execute("select count(*) from points").fetchone()[0]


if __name__ == "__main__":
    main(SQLite, __file__)
