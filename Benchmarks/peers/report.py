"""Writes Benchmarks/RESULTS.md from the single measurements, and checks that every answer's hash is the one of the workload itself.

    report.py [RESULTS.jsonl]       prints the text; fails loudly if hashes disagree"""
import json, os, statistics, sys
import tables

HERE = os.path.dirname(os.path.abspath(__file__))


def read(path):
    with open(path) as f:
        return [json.loads(x) for x in f]


def disagreements(rows):
    """Answers that differ from the workload: in number, steps and values; in times as far as the peer keeps them. TensorBoard keeps
    values as 32 bits, so there only what is rounded to 32 bits is compared."""
    truth = {(r["workload"], r["what"]): r for r in rows if r.get("verb") == "extract" and r["peer"] == "floor-numpy"}
    problems = []
    for r in rows:
        if r.get("verb") != "extract":
            continue
        expected = truth.get((r["workload"], r["what"]))
        if expected is None:
            problems.append(f"{r['peer']}: {r['what']} of {r['workload']} was read, but not from the workload itself")
            continue
        keys = ["points", "hash_f32"] + [k for k in r if k.startswith("hash_times_")]
        keys += [] if r["peer"].startswith("tensorboard") else ["hash"]
        problems += [f"{r['peer']}: {r['what']} of {r['workload']}: {k} is {r[k]}, not {expected[k]}" for k in keys
                     if r[k] != expected[k]]
    for r in rows:
        if r.get("verb") == "log" and r.get("read_back", r["points"]) != r["points"] and r["peer"] != "floor-noop":
            problems.append(f"{r['peer']}: {r['points']} points were logged, {r['read_back']} were read back after a clean close")
    return problems


def agreement(rows, problems):
    answers = [r for r in rows if r.get("verb") == "extract"]
    peers = {r["peer"] for r in answers}
    if problems:
        return "**ANSWERS DISAGREE:**\n\n" + "".join(f"- {p}\n" for p in problems)
    return (f"All {len(answers)} answers of {len(peers)} readers agree with the workload: number of points, steps, values bit for bit "
            "(TensorBoard: rounded to 32 bits), and times wherever a tool takes them (MLflow: milliseconds, TensorBoard: seconds as binary64).\n")


def write(rows):
    """The text, and what disagrees."""
    problems = disagreements(rows)
    machine = next(r for r in rows if r.get("verb") == "machine")
    with open(os.path.join(HERE, "preface.md")) as f:
        preface = f.read()
    found = ", ".join(f"{k} {v}" for k, v in machine["versions"].items())
    dates = sorted({r["date"] for r in rows if "date" in r and r.get("verb") != "machine"}) or [machine["date"]]
    head = (f"Measured {dates[0]}{' to ' + dates[-1] if dates[-1] != dates[0] else ''} on {machine['cores']} cores of {machine['cpu']}, "
            f"{machine['memory_gib']} GiB, {machine['system']}, Linux {machine['kernel']}; Varve at {machine['varve']}, Python "
            f"{machine['python']}, {found}.\n")
    parts = [preface.replace("MACHINE\n", head).replace("AGREEMENT\n", agreement(rows, problems))]
    parts += [tables.glance(rows), tables.logging(rows), tables.lines(rows), tables.kills(rows), tables.sizes(rows)]
    parts += [tables.reading(rows, w) for w in "MWLSX"]
    parts += [tables.opening(rows, w) for w in "WM"]
    parts += [tables.codecs(rows), tables.settings(rows), tables.missing(rows, machine)]
    return "\n".join(p for p in parts if p), problems


if __name__ == "__main__":
    text, problems = write(read(sys.argv[1] if len(sys.argv) > 1 else os.path.join(HERE, "results.jsonl")))
    print(text)
    sys.exit("\n".join(problems) if problems else 0)
