"""Counts what fixed work takes (instructions, allocations, bytes) and compares it with Benchmarks/Budgets.

Called by Scripts/budgets. Counts don't depend on how busy the machine is, so that they can be guarded; times can't.
"""

import concurrent.futures
import json
import os
import pathlib
import platform
import re
import subprocess
import sys
import tempfile

BUDGETS = pathlib.Path(__file__).resolve().parent.parent / "Benchmarks" / "Budgets"

# How far a count may rise, as a share of its budget. Compilers and libraries vary a little from machine to machine, and how
# many frames a log has depends on when its drain came. A budget of nothing stays nothing.
TOLERANCES = {"instructions": 0.05, "allocations": 0.02, "bytes": 0.03}

ALLOCATORS = {"malloc", "calloc", "realloc", "aligned_alloc", "posix_memalign", "memalign"}


def run(command, **options):
    """The standard output of a command that must succeed."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} ended with status {done.returncode}:\n{done.stderr}{done.stdout}")
    return done.stdout


def allocations(profile):
    """Calls to the allocator in a callgrind profile, whose names are written out once and are numbers from then on."""
    names = {}
    called = None
    count = 0
    for line in profile.splitlines():
        named = re.match(r"c?fn=\((\d+)\)(?: (.*))?$", line)
        if named:
            if named[2]:
                names[named[1]] = named[2]
            if line.startswith("cfn"):
                called = names.get(named[1])
        elif line.startswith("calls="):
            if called in ALLOCATORS:
                count += int(line[6:].split()[0])
            called = None
    return count


def count_work(bench, directory, work):
    """Instructions and allocations of one piece of work, a point (or a run, where that is what it is about)."""
    home = pathlib.Path(tempfile.mkdtemp(dir=directory))
    profile = home / "profile"
    # Hashes of strings would otherwise differ from one process to the next, and with them the work.
    environment = dict(os.environ, SWIFT_DETERMINISTIC_HASHING="1", TMPDIR=str(home))
    command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={profile}", "--toggle-collect=*varve_counted*"]
    times = int(run(command + [str(bench), "count", work], env=environment).split()[-1])
    text = profile.read_text()
    instructions = int(re.search(r"^summary: (\d+)", text, re.MULTILINE)[1])
    if instructions == 0:
        sys.exit(f"{work}: nothing was counted")
    return instructions / times, allocations(text) / times


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
        works = run([str(stripped), "count"]).splitlines()
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            size = pool.submit(count_bytes, stripped, directory)
            counts = list(pool.map(lambda work: count_work(stripped, directory, work), works))
        return {
            "instructions": {work: round(count[0], 2) for work, count in zip(works, counts)},
            "allocations": {work: round(count[1], 4) for work, count in zip(works, counts)},
            "bytes": {what: round(value, 3) for what, value in sorted(size.result().items())},
        }


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
    if options not in ([], ["--write"]):
        sys.exit("usage: Scripts/budgets [--write]")
    counts = count_all(bench)
    if options:
        for kind, counted in counts.items():
            path(kind).write_text(json.dumps(counted, indent=2, ensure_ascii=False) + "\n")
        print(f"wrote {', '.join(path(kind).name for kind in counts)}")
        return
    print(f"{'':13} {'':50} {'counted':>12} {'budget':>12}")
    failures = [failure for kind, counted in counts.items() for failure in compare(kind, counted)]
    if failures:
        sys.exit("\n".join([""] + failures + ["what may rise, and why: Scripts/budgets --write, and say so in the commit"]))


main()
