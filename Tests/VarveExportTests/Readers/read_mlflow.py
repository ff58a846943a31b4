"""Reads an exported folder store with MLflow's own client, and prints what it finds.

usage: read_mlflow.py FOLDER
"""

import os
import sys

os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"

import logging
import warnings

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)

from mlflow.entities import ViewType
from mlflow.store.tracking.file_store import FileStore

import points

store = FileStore(sys.argv[1])
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
