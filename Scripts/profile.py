#!/usr/bin/env python3
"""Says in which functions a benchmark spends its time, of what happens inside one function.

    Scripts/profile.py REGEX [--program FILE] [--top N] -- BENCH-ARGUMENT...
    Scripts/profile.py 'ReadMetric.timeShown' -- --filter read-metric --scale 0.5 --repeat 400

Only samples count in whose stack some function's demangled name matches REGEX, of all threads; so the rest of a benchmark, which
writes what it then reads, stays out. Threads that work for another function have stacks of their own: name their functions, too.
Needs perf (Debian: linux-perf) and a release build: `swift build -c release`.
"""
import argparse
import collections
import re
import subprocess
import sys
import tempfile
from pathlib import Path


def demangled(names):
    """The names as people read them, in the order of `names`."""
    answer = subprocess.run(
        ["swift", "demangle", "--compact", "--simplified"],
        input="\n".join(names), capture_output=True, text=True, check=True)
    return answer.stdout.split("\n")


def stacks(recording):
    """Each sample's functions, innermost first, as the binary names them."""
    script = subprocess.run(
        ["perf", "script", "-i", recording, "-F", "comm,tid,ip,sym", "--no-inline"],
        capture_output=True, text=True, check=True)
    for sample in script.stdout.split("\n\n"):
        lines = sample.strip().split("\n")[1:]
        if lines:
            yield [re.sub(r"^\s*[0-9a-f]+\s+", "", line) for line in lines]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    root = Path(__file__).resolve().parent.parent
    parser.add_argument("inside", metavar="REGEX")
    parser.add_argument("--program", default=str(root / ".build/release/bench"))
    parser.add_argument("--top", type=int, default=25)
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    inside = re.compile(options.inside)
    arguments = [word for word in options.arguments if word != "--"]

    with tempfile.NamedTemporaryFile(suffix=".perf") as recording:
        subprocess.run(
            ["perf", "record", "-q", "-e", "cpu-clock", "-F", "997", "--call-graph", "fp", "-o", recording.name, "--",
             options.program, *arguments], check=True)
        samples = list(stacks(recording.name))

    names = sorted({name for stack in samples for name in stack})
    readable = dict(zip(names, demangled(names)))
    matching = {name for name in names if inside.search(readable[name]) or inside.search(name)}
    own, total = collections.Counter(), 0
    for stack in samples:
        if matching.isdisjoint(stack):
            continue
        total += 1
        own[readable[stack[0]]] += 1
    if total == 0:
        sys.exit(f"no sample has a function like '{options.inside}' in its stack")
    print(f"{total} samples of {len(samples)}")
    for name, count in own.most_common(options.top):
        print(f"{100 * count / total:5.1f} %  {name}")


main()
