"""The tables of the report: medians of single measurements."""
import statistics
from collections import defaultdict


def median(group, key):
    v = [r[key] for r in group if isinstance(r.get(key), (int, float))]
    return statistics.median(v) if v else None


def num(x, scale=1):
    if x is None:
        return ""
    x *= scale
    return f"{x:,.0f}" if abs(x) >= 1000 else f"{x:.3g}" if x else "0"


def table(title, text, head, body, command):
    if not body:
        return ""
    lines = [f"## {title}\n", text + "\n"] if text else [f"## {title}\n"]
    lines.append("| " + " | ".join(head) + " |\n|" + "|".join(["---"] + ["---:"] * (len(head) - 1)) + "|")
    lines += ["| " + " | ".join(b) + " |" for b in body]
    return "\n".join(lines) + f"\n\n{command}\n"


def groups(rows, verb, *keys, where=lambda r: True):
    found = defaultdict(list)
    for r in rows:
        if r.get("verb") == verb and where(r):
            found[tuple(r.get(k) for k in keys)].append(r)
    return found


def bold(peer, cells):
    return [f"**{x}**" if x else x for x in cells] if peer == "varve" else cells


def glance(rows):
    """Varve beside the tool that comes nearest, question by question."""
    body = []

    def line(what, found, scale, unit):
        found = {peer: x for peer, x in found.items() if x is not None and (peer == "varve" or not peer.startswith(("floor", "varve")))}
        varve = found.pop("varve", None)
        if varve is None or not found:
            return
        nearest = min(found, key=found.get)
        body.append([what, f"{num(varve, scale)} {unit}", f"{nearest}: {num(found[nearest], scale)} {unit}",
                     num(found[nearest] / varve) if varve else ""])

    def of(verb, key, **wanted):
        x = groups(rows, verb, "peer", where=lambda r: all(r.get(k) == v for k, v in wanted.items()))
        return {peer: median(r, key) for (peer,), r in x.items()}

    line("logging a point, one call each", of("log", "call_ns", style="point", latency=None), 1, "ns")
    line("the same, CPU of all threads, with closing", of("log", "total_cpu_ns", style="point", latency=None), 1, "ns")
    for w, shape in ("M", "20 M points of 1,000 runs"), ("W", "20 M points of 10,000 runs, 1 M series"), ("L", "10 series of 1 M points"):
        load = {r["peer"]: r["bytes_per_point"] for r in rows if r.get("verb") == "load" and r["workload"] == w}
        load |= {"varve": next((r["index_bytes_per_point"] for r in rows if r.get("verb") == "load" and r["peer"] == "varve"
                                and r["workload"] == w), None)}
        line(f"{w}, {shape}: bytes a point (index alone)", load, 1, "B")
        line(f"{w}: opening", of("extract", "open_s", workload=w), 1e3, "ms")
        for what, name in ("one", "one series"), ("metric", "one metric of all runs"), ("all", "everything"):
            for key, state in ("warm_s", "open"), ("fresh_s", "fresh"):
                line(f"{w}: {name}, {state}", of("extract", key, workload=w, what=what), 1e3, "ms")
    return table("At a glance", "Varve beside whichever tool comes nearest in that question (each row another one; floors left out). Above 1: "
                 "Varve is ahead; tools that open lazily win *opening* and pay for it *fresh*.",
                 ["", "Varve", "nearest", "nearest ÷ Varve"], body, "")


def logging(rows):
    latency = groups(rows, "log", "peer", "style", where=lambda r: r.get("latency"))
    found = groups(rows, "log", "peer", "style", where=lambda r: not r.get("latency"))
    body = []
    for (peer, style), x in sorted(found.items(), key=lambda kv: median(kv[1], "call_ns")):
        l = latency.get((peer, style), [])
        size = "" if peer.startswith("floor") else num(statistics.median(r["bytes"] / r["points"] for r in x))
        body.append(bold(peer, [
            peer + ("" if style == "point" else ", 20 at once"), f"{x[0]['points']:,}", num(median(x, "call_ns"), 1e-3),
            num(median(x, "total_ns"), 1e-3), num(median(x, "total_cpu_ns"), 1e-3),
            num(statistics.median(r["call_ns"] / r["floor_ns"] for r in x)), num(median(l, "p50_ns"), 1e-3),
            num(median(l, "p99_ns"), 1e-3), num(median(l, "max_ns"), 1e-6), num(median(x, "init_s"), 1e3),
            num(median(x, "close_s"), 1e3), num(median(x, "rss_mib")), size]))
    return table(
        "What logging a point costs",
        "Microseconds a point; the loop of a training with 20 metrics, one call a point, or (\"20 at once\") one call a step. `÷ empty` is "
        "the loop's time divided by that of the same loop calling an empty function, in the same language and process. CPU includes all "
        "threads and processes that the tool started. Percentiles are of single calls, with what reading the clock costs in.",
        ["peer", "points", "µs, loop", "µs, with close", "CPU µs, with close", "÷ empty", "p50 µs", "p99 µs", "longest ms", "start ms",
         "close ms", "RSS MiB", "bytes/point"], body, "`./Benchmarks/peers/run --only 'log PEER'`, such as `'log csv'`; all: `--only log`")


def lines(rows):
    body = []
    for (style,), x in groups(rows, "lines", "style").items():
        body.append(["one point" if style == "point" else "a step's 20 points", f"{x[0]['lines']:,}", num(median(x, "lines_per_s")),
                     num(median(x, "points_per_s")), num(statistics.median(r["bytes"] / r["seconds"] for r in x), 1e-6),
                     num(statistics.median(r["cpu_seconds"] / r["points"] for r in x), 1e6)])
    return table("What `varve log` takes from a pipe", "Lines of JSON in a file that is already there, steps in, times stamped on arrival: "
                 "the start of the process and the closing of the run are counted in.",
                 ["a line holds", "lines", "lines/s", "points/s", "MB/s", "CPU µs a point"], body,
                 "`./Benchmarks/peers/run --only 'varve lines'`")


def kills(rows):
    body = []
    for (peer, style, scope, pace), x in groups(rows, "kill", "peer", "style", "scope", "pace_s").items():
        lost = [r["lost"] for r in x]
        known = [v for v in lost if v is not None]
        note = "invisible until `aim storage reindex`" if any(r.get("read_without_reindex") == 0 for r in x) else ""
        body.append(bold(peer, [
            peer + ("" if style == "point" else ", 20 at once") + (", helper left alive" if scope == "process" else ""),
            "flat out" if not pace else "20 points / 10 ms", str(len(x)), f"{median(x, 'acked'):,.0f}",
            num(statistics.median(max(0, v) for v in known)) if known else "unreadable", f"{max(known):,}" if known else "",
            num(100 * statistics.median(max(0, r["lost"]) / max(1, r["acked"]) for r in x if r["lost"] is not None)) + " %" if known
            else "", f"{sum(r['opened'] for r in x)}/{len(x)}", note]))
    return table(
        "Points lost at SIGKILL",
        "Points whose calls had returned, minus what the tool's own reader finds afterwards. The tool's helper processes are killed too. "
        "A kill isn't a power cut: what the kernel was given survives.",
        ["peer", "rate", "kills", "acknowledged (median)", "lost (median)", "lost (most)", "of acknowledged", "opened", "note"], body,
        "`./Benchmarks/peers/run --only 'log PEER'` (the kills come after the loops)")


def sizes(rows):
    per = defaultdict(dict)
    for r in rows:
        if r.get("verb") == "load" and r["peer"] not in ("floor-numpy",):
            per[r["peer"]][r["workload"]] = r
    body = []
    for peer, d in sorted(per.items(), key=lambda kv: min(r["bytes_per_point"] for r in kv[1].values())):
        cells = lambda key: [num(d[w].get(key)) if w in d else "" for w in "SMLWX"]
        seconds = [num(d[w]["load_cpu_s"] / d[w]["points"] * 1e6) if w in d else "" for w in "SMLWX"]
        body.append(bold(peer, [peer + (", logs and index" if peer == "varve" else "")] + cells("bytes_per_point") + seconds))
        if any("index_bytes_per_point" in r for r in d.values()):
            body.append([f"{peer}, index alone"] + cells("index_bytes_per_point") + [""] * 5)
            body.append([f"{peer}, logs alone"] + cells("log_bytes_per_point") + [""] * 5)
            body.append([f"{peer}, not yet swept"] + cells("replaced_bytes_per_point") + [""] * 5)
    return table(
        "Bytes a point",
        "All files of a store over its points: steps, times (to the nanosecond where the tool takes them) and values. Varve's logs are the "
        "truth and its index is made of them: the index alone is what stands beside the columnar files; "
        "\"not yet swept\" are segments that a merge has replaced, which go after a day and aren't in the sum. Filling: CPU microseconds a point.",
        ["peer", "S", "M", "L", "W", "X", "fill S", "fill M", "fill L", "fill W", "fill X"], body,
        "`./Benchmarks/peers/run --only 'store M columnar:parquet'`, and so on for each workload and peer")


SHAPES = {"S": "100 runs × 20 metrics × 1,000 points", "M": "1,000 runs × 20 metrics × 1,000 points: 20 M points",
          "L": "1 run × 10 metrics × 1,000,000 points", "W": "10,000 runs × 100 metrics × 20 points: 1 M series, 20 M points",
          "X": "10 runs × 20 metrics × 1,000 points, for tools that take long"}


def reading(rows, w):
    found = groups(rows, "extract", "peer", "what", where=lambda r: r["workload"] == w)
    whats = [x for x in ("one", "metric", "all") if any(k[1] == x for k in found)]
    names = {"one": "one series", "metric": "one metric", "all": "everything"}
    peers = list(dict.fromkeys(k[0] for k in found))
    last = whats[-1:] if "metric" not in whats else ["metric"]
    order = lambda p: median(found.get((p, last[0]), []), "warm_s") or float("inf") if last else 0
    varve = {x: median(found.get(("varve", x), []), "warm_s") for x in whats}
    body = []
    for peer in sorted(peers, key=order):
        cells = [peer]
        for what in whats:
            x = found.get((peer, what), [])
            warm = median(x, "warm_s")
            cells += [num(median(x, "fresh_s"), 1e3), num(warm, 1e3), num(warm / varve[what]) if warm and varve[what] else ""]
        all = [r for what in whats for r in found.get((peer, what), [])]
        body.append(bold(peer, cells + [num(median(all, "import_s"), 1e3), num(median(all, "others_cores"))]))
    head = ["peer"] + [f"{names[x]}, {y}" for x in whats for y in ("fresh", "open", "÷ Varve")] + ["import", "other load, cores"]
    text = (SHAPES[w] + ". Milliseconds: *fresh* opens the store and answers, in a new process; *open* answers again, the median of up to "
            "five times; both are medians of three processes, the page cache warm. Imports of Python packages stand apart. *÷ Varve* divides "
            "open by open. *Other load* is how many cores were busy with something else meanwhile.")
    return table(f"Reading workload {w}", text, head, body, f"`./Benchmarks/peers/run --only 'store {w}'`")


def opening(rows, w):
    found = groups(rows, "extract", "peer", where=lambda r: r["workload"] == w)
    body = []
    for (peer,), x in sorted(found.items(), key=lambda kv: median(kv[1], "open_s")):
        peaks = [median([r for r in x if r["what"] == what], "rss_peak_query_mib") for what in ("one", "metric", "all")]
        added = statistics.median(r["rss_open_mib"] - r["rss_before_open_mib"] for r in x)
        body.append(bold(peer, [peer, num(median(x, "open_s"), 1e3), num(median(x, "rss_before_open_mib")), num(added)] +
                         [num(p) for p in peaks]))
    return table(f"Opening and memory, workload {w}", "Resident memory in MiB, and milliseconds. Tools that open lazily pay when they are asked "
                 "first (*fresh*, above). All points of an answer are in memory at the end; floor-numpy maps the workload.",
                 ["peer", "open ms", "before", "added by opening", "peak, one series", "peak, one metric", "peak, everything"], body,
                 f"`./Benchmarks/peers/run --only 'store {w}'`")


def codecs(rows):
    body = []
    for r in rows:
        column = lambda k: num(r.get(k + "_bytes_per_point"))
        if r.get("verb") == "codec":
            share = f", every {r['sampled_every']}th run" if r["sampled_every"] > 1 else ""
            body.append([f"pcodec, a {r['unit']} at a time{share}", r["workload"], column("steps"), column("times"), column("values"),
                         column("total"), num(r["zstd3_split_values_bytes_per_point"])])
        if r.get("verb") == "codec-arrival":
            body.append([f"pcodec, times of {r['metrics']} metrics in order of arrival", r["workload"], "", column("times"), "", "", ""])
        if r.get("verb") == "columns":
            sum = r["step_bytes_per_point"] + r["time_bytes_per_point"] + r["value_bytes_per_point"]
            body.append(["parquet, its columns", r["workload"], column("step"), column("time"), column("value"), num(sum), ""])
    return table("Bytes a point by column", "Codecs alone, without a file, as floors for size.",
                 ["codec", "workload", "steps", "times", "values", "sum", "zstd 3 of byte-split values"], body,
                 "`./Benchmarks/peers/run --only codec`")


def settings(rows):
    found = {r["peer"]: r["setting"] for r in rows if r.get("setting")}
    return "## Settings\n\n" + "".join(f"- **{p}**: {s}\n" for p, s in sorted(found.items()))


def missing(rows, machine):
    lines = [f"- {p} didn't install here.\n" for p in machine.get("missing", [])]
    lines += [f"- `{r['failed']}` failed: {str(r.get('error')).strip().splitlines()[-1][:200] if r.get('error') else 'no reason given'}\n"
              for r in rows if "failed" in r]
    return "## What failed\n\n" + "".join(lines) if lines else ""
