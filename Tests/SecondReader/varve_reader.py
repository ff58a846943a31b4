#!/usr/bin/env python3
"""A second reader of Varve repositories, written from Format.md alone. See README.md beside it."""

import argparse
import hashlib
import json
import os
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import frames  # noqa: E402
from repository import Repository  # noqa: E402

TYPES = ["absent", "null", "boolean", "integer", "double", "text", "json"]


def digest(points):
    """SHA-256 over (step i64, time i64, value bits u64) of each point."""
    hash_ = hashlib.sha256()
    for step, time, value in points:
        hash_.update(struct.pack("<qqQ", step, time, value))
    return hash_.hexdigest()


def value_json(type_, value):
    return [TYPES[type_], f"{value:016x}" if type_ == 4 else value]


def record_json(step, time, name, context, type_, content):
    doubles = ("edges", "counts", "precision", "recall", "f1", "support")
    body = {k: [f"{word:016x}" for word in v] if k in doubles else v for k, v in content.items()}
    return [step, time, name, dict(context), frames.RECORD_TYPES[type_], body]


def lines(repository):
    """The canonical objects: runs in order of their IDs, then series by metric, context and run."""
    properties, texts, records = repository.properties(), repository.texts(), repository.records()
    artifacts = repository.artifacts()
    for run, sources in sorted(repository.run_sources().items()):
        yield {
            "run": run,
            "files": [
                {
                    "attempt": s.attempt,
                    "n": s.n,
                    "rank": s.rank,
                    "seal": s.seal,
                    "end": None if s.end is None else frames.END_STATES[s.end],
                }
                for s in sources
            ],
            "properties": {k: value_json(*v) for k, v in sorted(properties.get(run, {}).items())},
            "text": texts.get(run, []),
            "artifacts": [[*entry[:-1], dict(entry[-1])] for entry in artifacts.get(run, [])],
            "records": [record_json(*record) for record in records.get(run, [])],
        }
    for (metric, context, run), points in sorted(repository.series().items()):
        yield {
            "metric": metric,
            "context": dict(context),
            "run": run,
            "points": len(points),
            "sha256": digest(points),
        }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repository", nargs="?", help="the folder with varve.json")
    parser.add_argument("--from", dest="parts", choices=["all", "logs", "index"], default="all")
    parser.add_argument("--journals", choices=["dead", "live"], default="dead", help="the rule for journals without an end")
    parser.add_argument("--problems", action="store_true", help="print what is damaged, too")
    parser.add_argument("--self-test", metavar="FORMAT.MD", help="decode the worked example of the document")
    options = parser.parse_args()
    if options.self_test:
        import self_test

        return self_test.run(options.self_test)
    if options.repository is None:
        parser.error("which repository?")
    repository = Repository(options.repository, options.parts, options.journals)
    for line in lines(repository):
        print(json.dumps(line, separators=(",", ":")))
    for problem in repository.problems:
        if options.problems:
            print(json.dumps({"problem": problem.kind, "file": problem.name, "offset": problem.offset,
                              "missing": problem.missing}, separators=(",", ":")))
        print(f"{problem.name}: {problem.kind} at {problem.offset}: {problem.detail}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
