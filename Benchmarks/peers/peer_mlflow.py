"""MLflow tracking, local. Variants: file, sqlite (tracking store); sqlite-async (log_metric(synchronous=False)).
Style point: mlflow.log_metric for each point. Style step: mlflow.log_metrics(dict) for each step (one log_batch call). Loading:
MlflowClient.log_batch, 1,000 points a call (its limit). Reading: MlflowClient.get_metric_history. It keeps milliseconds."""
import logging, os
os.environ.setdefault("MLFLOW_ALLOW_FILE_STORE", "true")
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("DO_NOT_TRACK", "true")
os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
from answer import Answer
from common import Peer
from verbs import main

VARIANT = os.environ.get("PEER_VARIANT") or "sqlite"


class MLflow(Peer):
    name, packages = "mlflow-" + VARIANT, ["mlflow", "SQLAlchemy"]
    setting = f"{VARIANT} store, system metrics off"
    time_unit = "ms"

    def uri(self, store):
        os.makedirs(store, exist_ok=True)
        return f"file://{store}/mlruns" if VARIANT.startswith("file") else f"sqlite:///{store}/mlflow.db"

    def prepare(self):
        import mlflow
        logging.disable(logging.WARNING)

    def start(self, store, run):
        self.prepare()
        import mlflow
        mlflow.set_tracking_uri(self.uri(store))
        mlflow.create_experiment("p", artifact_location=f"file://{store}/artifacts")
        mlflow.set_experiment("p")
        self.run = mlflow.start_run(run_name="run-00000")

    def tracker(self):
        import mlflow
        log, more = mlflow.log_metric, {"synchronous": False} if VARIANT.endswith("async") else {}

        def track(value, name, context, step):
            log(f"{context}/{name}" if context else name, value, step=step, **more)
        return track

    def step_tracker(self):
        import mlflow
        more = {"synchronous": False} if VARIANT.endswith("async") else {}
        return lambda row, step: mlflow.log_metrics(row, step=step, **more)

    def finish(self):
        import mlflow
        if VARIANT.endswith("async"):
            mlflow.flush_async_logging()
        mlflow.end_run()

    def load(self, store, data):
        self.prepare()
        import mlflow
        from mlflow.entities import Metric
        client = mlflow.MlflowClient(self.uri(store))
        e = client.create_experiment("p", artifact_location=f"file://{store}/artifacts")
        for r in range(data.runs):
            run = client.create_run(e, run_name=data.run_name(r)).info.run_id
            for m in range(data.metrics):
                row, key = data.rows[r, m], data.key(m)
                batch = [Metric(key, v, t // 1_000_000, s) for s, t, v in
                         zip(row["steps"].tolist(), row["times"].tolist(), row["values"].tolist())]
                for k in range(0, len(batch), 1000):
                    client.log_batch(run, batch[k:k + 1000])

    def open(self, store, data):
        self.prepare()
        import mlflow
        self.data = data
        self.client = mlflow.MlflowClient(self.uri(store))
        experiments = [x.experiment_id for x in self.client.search_experiments()]
        self.runs = {r.info.run_name: r.info.run_id for r in self.client.search_runs(experiments, max_results=50000)}

    def ask(self, runs, metrics):
        answer = Answer()
        for r in runs:
            for m in metrics:
                history = self.client.get_metric_history(self.runs[self.data.run_name(r)], self.data.key(m))
                answer.add_rows(r, m, [(x.step, x.timestamp, x.value) for x in history])
        return answer

    def one(self, r, m):
        return self.ask([r], [m])

    def metric(self, m):
        return self.ask(range(self.data.runs), [m])

    def everything(self):
        return self.ask(range(self.data.runs), range(self.data.metrics))

    def count(self, store):
        self.prepare()
        import mlflow
        client = mlflow.MlflowClient(self.uri(store))
        n = 0
        for run in client.search_runs([x.experiment_id for x in client.search_experiments()], max_results=50000):
            for key in client.get_run(run.info.run_id).data.metrics:
                n += len(client.get_metric_history(run.info.run_id, key))
        return n


if __name__ == "__main__":
    main(MLflow, __file__)
