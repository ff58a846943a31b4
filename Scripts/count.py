"""Counts what fixed work takes (instructions, allocations, bytes) and compares it with Benchmarks/Budgets.

Called by Scripts/budgets. Counts don't depend on how busy the machine is, so that they can be guarded; times can't.
"""

import concurrent.futures
import json
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile

BUDGETS = pathlib.Path(__file__).resolve().parent.parent / "Benchmarks" / "Budgets"

# How far a count may rise, as a share of its budget. Compilers and libraries vary a little from machine to machine, and how
# many frames a log has depends on when its drain came. A budget of nothing stays nothing.
TOLERANCES = {"instructions": 0.05, "allocations": 0.02, "bytes": 0.03}


def run(command, **options):
    """The standard output of a command that must succeed."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} ended with status {done.returncode}:\n{done.stderr}{done.stdout}")
    return done.stdout


def build_counter(directory):
    """The library that counts allocations, built."""
    library = pathlib.Path(directory) / "allocations.so"
    source = pathlib.Path(__file__).resolve().parent / "allocations.c"
    compiler = shutil.which("clang") or shutil.which("cc") or sys.exit("neither clang nor cc is there")
    run([compiler, "-shared", "-fPIC", "-O1", "-Werror", "-o", str(library), str(source)])
    return library


def count_work(bench, counter, directory, work):
    """Instructions and allocations of one piece of work, a point (or a run, where that is what it is about)."""
    home = pathlib.Path(tempfile.mkdtemp(dir=directory))
    profile, allocations = home / "profile", home / "allocations"
    # Hashes of strings would otherwise differ from one process to the next, and with them the work.
    environment = dict(os.environ, SWIFT_DETERMINISTIC_HASHING="1", TMPDIR=str(home))
    command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={profile}", "--toggle-collect=*varve_counted*"]
    times = int(run(command + [str(bench), "count", work], env=environment).split()[-1])
    instructions = int(re.search(r"^summary: (\d+)", profile.read_text(), re.MULTILINE)[1])
    if instructions == 0:
        sys.exit(f"{work}: nothing was counted")
    counting = {"LD_PRELOAD": str(counter), "VARVE_ALLOCATIONS": str(allocations)}
    run([str(bench), "count", work], env=environment | counting)
    return instructions / times, int(allocations.read_text()) / times


def count_bytes(bench, directory):
    """Bytes a point of generated data, in the log and in the index."""
    result = pathlib.Path(directory) / "bytes.json"
    command = [str(bench), "--scale", "0.05", "--repeat", "1", "--directory", str(directory), "--json", str(result)]
    run(command + ["--filter", "log-bytes", "--filter", "index-bytes"])
    measured = [m for m in json.loads(result.read_text()) if m["unit"] == "B/point" and m["case"].endswith(": all")]
    return {f"{m['name']}: {m['case'].removesuffix(': all')}": m["value"] for m in measured}


def count_all(bench):
    with tempfile.TemporaryDirectory() as directory:
        # valgrind can't read all that debuggers are told; the names of functions are enough.
        stripped = pathlib.Path(directory) / "bench"
        run(["strip", "--strip-debug", "-o", str(stripped), str(bench)])
        counter = build_counter(directory)
        works = run([str(stripped), "count"]).splitlines()
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            size = pool.submit(count_bytes, stripped, directory)
            counts = list(pool.map(lambda work: count_work(stripped, counter, directory, work), works))
        return {
            "instructions": {work: round(count[0], 2) for work, count in zip(works, counts)},
            "allocations": {work: round(count[1], 6) for work, count in zip(works, counts)},
            "bytes": {what: round(value, 3) for what, value in sorted(size.result().items())},
        }


def measurements(counts):
    """What was counted of `log`, as `bench --json` writes its own: for the table of targets."""
    kinds = {"instructions": "instructions/call", "allocations": "allocations"}
    return [
        {"name": "log-call", "case": what.removeprefix("log-call: "), "value": value, "unit": unit}
        for kind, unit in kinds.items() for what, value in counts[kind].items() if what.startswith("log-call: ")]


def path(kind):
    # Another processor takes other instructions, and as many allocations and bytes.
    return BUDGETS / (f"instructions.{platform.machine()}.json" if kind == "instructions" else f"{kind}.json")


def compare(kind, counted):
    """Prints a table; returns what is over its budget, or has none."""
    if not path(kind).exists():
        print(f"no budgets in {path(kind).name}: nothing to compare with")
        return []
    budgets = json.loads(path(kind).read_text())
    failures = []
    for what in sorted(budgets.keys() | counted.keys()):
        value, budget = counted.get(what), budgets.get(what)
        if value is None or budget is None:
            verdict = "isn't counted any more" if value is None else "has no budget"
        elif value > budget * (1 + TOLERANCES[kind]) + 1e-9:
            verdict = "OVER BUDGET"
        elif value < budget * (1 - TOLERANCES[kind]) - 1e-9:
            verdict = "less than its budget, which may go down"
        else:
            verdict = ""
        print(f"{kind:13} {what:50} {value if value is not None else '-':>12} {budget if budget is not None else '-':>12}  {verdict}".rstrip())
        if value is None or budget is None or verdict == "OVER BUDGET":
            failures.append(f"{kind}: {what}: {verdict}")
    return failures


def main():
    bench, *options = sys.argv[1:]
    if options not in ([], ["--write"]) and options[:-1] != ["--json"]:
        sys.exit("usage: Scripts/budgets [--write | --json FILE]")
    counts = count_all(bench)
    if options[:1] == ["--json"]:
        pathlib.Path(options[1]).write_text(json.dumps(measurements(counts), indent=2) + "\n")
    if options == ["--write"]:
        for kind, counted in counts.items():
            path(kind).write_text(json.dumps(counted, indent=2, ensure_ascii=False) + "\n")
        print(f"wrote {', '.join(path(kind).name for kind in counts)}")
        return
    print(f"{'':13} {'':50} {'counted':>12} {'budget':>12}")
    failures = [failure for kind, counted in counts.items() for failure in compare(kind, counted)]
    if failures:
        sys.exit("\n".join([""] + failures + ["what may rise, and why: Scripts/budgets --write, and say so in the commit"]))


main()
