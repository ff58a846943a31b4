"""Aim: aim.Run.track, local repository (RocksDB + SQLite). System metrics and terminal capture off: its lightest setting. Reading:
Repo.query_metrics and Metric.data.numpy(), the way its documentation shows. After loading, `aim storage reindex` is run, without which
the SDK finds nothing. Times are Aim's own: it takes none."""
import json, os, subprocess, sys, time
os.environ.setdefault("AIM_ANALYTICS", "0")
os.environ["__AIM_DISABLE_ANALYTICS__"] = "1"
from answer import Answer
from common import Peer, emit
from verbs import main


class Aim(Peer):
    name, packages = "aim", ["aim", "aimrocks"]
    setting = "Run.track, system_tracking_interval=None, capture_terminal_logs=False"

    def prepare(self):
        import aim

    def start(self, store, run):
        import aim
        os.makedirs(store, exist_ok=True)
        self.repo = aim.Repo.from_path(store, init=True)
        self.run = aim.Run(repo=self.repo, system_tracking_interval=None, capture_terminal_logs=False, log_system_params=False)

    def tracker(self):
        run_track = self.run.track
        contexts = {"train": {"subset": "train"}, "val": {"subset": "val"}, "test": {"subset": "test"}, "": {}}

        def track(value, name, context, step):
            run_track(value, name=name, step=step, context=contexts[context])
        return track

    def finish(self):
        self.run.close()

    def load(self, store, data):
        import aim
        os.makedirs(store, exist_ok=True)
        repo, hashes = aim.Repo.from_path(store, init=True), []
        for r in range(data.runs):
            run = aim.Run(repo=repo, system_tracking_interval=None, capture_terminal_logs=False, log_system_params=False)
            hashes.append(run.hash)
            for m, (name, context) in enumerate(data.names):
                c = {"subset": context} if context else {}
                for v, s in zip(data.rows[r, m]["values"].tolist(), data.rows[r, m]["steps"].tolist()):
                    run.track(v, name=name, step=s, context=c)
            run.close()
        t = time.perf_counter()
        self.reindex(store)
        emit(peer="aim", verb="reindex", workload=data.name, runs=data.runs, seconds=time.perf_counter() - t)
        with open(store + ".hashes.json", "w") as f:  # whoever asks for a run knows its hash
            json.dump(hashes, f)

    def reindex(self, store):
        """Without it (or a running `aim up`, which indexes in the background) the SDK lists no run of this process."""
        subprocess.run([os.path.join(os.path.dirname(sys.executable), "aim"), "storage", "--repo", store, "reindex", "--yes"],
                       capture_output=True)

    def open(self, store, data):
        import aim
        self.data = data
        with open(store + ".hashes.json") as f:
            self.hashes = json.load(f)
        self.numbers = {h: r for r, h in enumerate(self.hashes)}
        self.metrics = {name: m for m, name in enumerate(data.names)}
        self.repo = aim.Repo(store)
        self.contexts = {n: ({"subset": n} if n else {}) for n in ("", "train", "val", "test")}

    def add(self, answer, run, metric):
        if hasattr(metric, "data"):
            steps, (values, epochs, times) = metric.data.numpy()
            name = (metric.name, metric.context.to_dict().get("subset", ""))
            answer.add(self.numbers[run], self.metrics[name], steps, None, values)

    def one(self, r, m):
        from aim.storage.context import Context
        run = self.repo.get_run(self.hashes[r])
        name, context = self.data.names[m]
        answer = Answer()
        self.add(answer, run.hash, run.get_metric(name, Context(self.contexts[context])))
        return answer

    def metric(self, m):
        name, context = self.data.names[m]
        q = f"metric.name == '{name}' and metric.context.subset == '{context}'"
        answer = Answer()
        for found in self.repo.query_metrics(q, report_mode=0).iter_runs():
            for metric in found:
                self.add(answer, metric.run.hash, metric)
        return answer

    def everything(self):
        answer = Answer()
        for run in self.repo.iter_runs():
            for metric in run.metrics():
                self.add(answer, run.hash, metric)
        return answer

    def count(self, store):
        """A run, closed or killed, is invisible to the SDK until it is indexed; both counts are reported."""
        import aim

        def points():
            repo = aim.Repo(store)
            return sum(len(metric.data.numpy()[0]) for run in repo.iter_runs() for metric in run.metrics()
                       if hasattr(metric, "data"))
        plain = points()
        if plain:
            return plain
        self.reindex(store)
        self.count_notes = {"read_without_reindex": plain}
        return points()


if __name__ == "__main__":
    main(Aim, __file__)
