"""Reads an exported folder store with MLflow's own client, and prints what it finds.

usage: read_mlflow.py FOLDER
"""

import csv
import hashlib
import os
import sys

os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"

import logging
import warnings

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)

from mlflow.entities import ViewType
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
from mlflow.store.tracking.file_store import FileStore

import points

store = FileStore(sys.argv[1])


def put_artifacts(name, repository, folder=None):
    for item in sorted(repository.list_artifacts(folder), key=lambda item: item.path):
        if item.is_dir:
            put_artifacts(name, repository, item.path)
            continue
        path = repository.download_artifacts(item.path)
        with open(path, "rb") as file:
            content = file.read()
        assert len(content) == item.file_size
        points.put("artifact", name, item.path, item.file_size, hashlib.sha256(content).hexdigest())
        if item.path.startswith("varve/text/"):
            points.put("text", name, item.path, content.decode())
        elif item.path.endswith(".jsonl") and len(content) > 1:
            for line in content.decode().splitlines():
                points.put("record", name, line)
        elif item.path.endswith(".csv"):
            with open(path, newline="") as file:
                for row in csv.reader(file):
                    points.put("row", name, item.path, *row)


for experiment in store.search_experiments(ViewType.ACTIVE_ONLY):
    points.put("experiment", experiment.name)
    runs = store.search_runs([experiment.experiment_id], "", ViewType.ALL, max_results=1000, order_by=["start_time"])
    for run in sorted(runs, key=lambda run: run.data.tags["varve.run"]):
        name = run.data.tags["varve.run"]
        info = run.info
        points.put("run", name, info.run_name, info.status, info.start_time, info.end_time)
        for key in sorted(run.data.params):
            points.put("param", name, key, run.data.params[key])
        for key in sorted(run.data.tags):
            points.put("tag", name, key, run.data.tags[key])
        for key in sorted(run.data.metrics):
            for metric in store.get_metric_history(info.run_id, key):
                points.put("metric", name, metric.key, metric.timestamp, metric.step, points.bits(metric.value))
        put_artifacts(name, get_artifact_repository(info.artifact_uri))
