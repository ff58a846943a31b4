"""Measures Varve and its peers, each step in processes of its own, and writes the table. Started by ./run, which installs them.

What has been measured stands in the results file; a campaign that was interrupted goes on where it stopped. Each store is deleted when
its last question was answered."""
import argparse, datetime, hashlib, json, os, platform, shlex, shutil, subprocess, sys, tempfile
from common import fresh, versions
import gen, plan, report

HERE = os.path.dirname(os.path.abspath(__file__))
REPOSITORY = os.path.dirname(os.path.dirname(HERE))
CHECKSUMS = {"L": "524de5dd8d750c614c03e590ea7c0c860cbe7713f1c994aed9ed523771089ab3",
             "M": "3c304a52298fb29a20d329f5fc0a184eca2c74f16ab0453ee92d53858cda5982",
             "S": "be86712133147db69764fec6a40bd4a6e9f58d50a3d3be61fae09b9d0dee74dd",
             "W": "21ea96f57c9cb85c6dc90117a37cc29dc4475f5af39919329b0a4cd963b1181c",
             "X": "e42b3a0e6011707e492c902e78e4e517fd02f290f0e40502804958157d5df6a8"}
FREE_BYTES = 8 << 30


class Campaign:
    def __init__(self, options, work):
        self.options, self.work, self.file = options, work, options.results
        self.rows = report.read(self.file) if os.path.exists(self.file) else []
        self.tell = lambda text: print(text, file=sys.stderr, flush=True)

    def data(self, workload):
        """The workload's file, made if it isn't there. Its checksum is the one that earlier figures were measured with."""
        folder = os.path.join(self.work, "data")
        path = os.path.join(folder, workload + ".bin")
        if not os.path.exists(path):
            self.tell(f"making workload {workload}")
            os.makedirs(folder, exist_ok=True)
            gen.generate(workload, folder)
            gen.describe(workload, folder)
            with open(path, "rb") as f:
                if hashlib.file_digest(f, "sha256").hexdigest() != CHECKSUMS[workload]:
                    os.remove(path)
                    raise SystemExit(f"workload {workload} came out differently here than elsewhere")
        return path

    def done(self, key):
        return any(r.get("key") == key for r in self.rows)

    def save(self, key, rows):
        """Replaces what is known of a step: whole steps only, so that an interruption costs one."""
        self.rows = [r for r in self.rows if r.get("key") != key] + [{"key": key, "date": today()} | r for r in rows]
        with open(self.file + ".new", "w") as f:
            f.writelines(json.dumps(r, separators=(",", ":")) + "\n" for r in self.rows)
        os.replace(self.file + ".new", self.file)

    def script(self, peer, verb, under, *arguments):
        """Runs a verb of a peer's script; returns the rows that it prints."""
        name, variant = peer.split(":")
        return self.run_script(f"peer_{name}.py", [*verb, "--variant", variant, *arguments], under)

    def run_script(self, script, arguments, under):
        command = shlex.split(under) + [sys.executable, os.path.join(HERE, script), *arguments]
        r = subprocess.run(command, capture_output=True, text=True)
        rows = [json.loads(x) for x in r.stdout.splitlines() if x.startswith("{")]
        if r.returncode or not rows:
            words = [script] + [x for x in arguments if x and "/" not in x]
            rows.append(dict(failed=" ".join(words), error=r.stderr[-400:]))
        for row in rows:
            if row.get("error"):
                row["error"] = row["error"].replace(self.work, "WORK").replace(REPOSITORY, ".")[-300:]
            if "failed" in row:
                self.tell(f"  FAILED: {row['failed']}: {row['error']}")
        return rows

    def log(self, step):
        scratch, rows, o = os.path.join(self.work, "scratch"), [], self.options
        data = self.data("X" if o.quick else "S")
        for kind, verb in step.commands(o.quick):
            under = o.timed_under if kind == "timed" else o.load_under
            rows += self.script(f"{step.peer}:{step.variant}", verb, under, "--data", data, "--store", fresh(scratch))
        shutil.rmtree(scratch, ignore_errors=True)
        self.save(step.key, rows)

    def store(self, step):
        store, data, o = os.path.join(self.work, "store"), self.data(step.workload), self.options
        if shutil.disk_usage(self.work).free < FREE_BYTES:
            raise SystemExit(f"less than {FREE_BYTES >> 30} GiB are free in the work folder")
        common = ["--data", data, "--store", fresh(store)]
        rows = self.script(step.loader, ["load"], o.load_under, *common)
        for reader in step.readers if "failed" not in rows[-1] else []:
            rows += self.script(reader, ["extract", "--what", *step.whats, "--repeat", "1" if o.quick else "3", "--budget",
                                         "0.2" if o.quick else "2"], "" if step.slow else o.timed_under, *common)
        if step.loader == "columnar:parquet":
            rows += self.run_script("peer_columnar.py", ["columns", os.path.join(store, "points.parquet"), data], "")
        fresh(store)
        self.save(step.key, rows)

    def codec(self, workload, every):
        self.save(f"codec {workload}", self.run_script("peer_pcodec.py", [self.data(workload), "--every", str(every)],
                                                       self.options.load_under))

    def lines(self):
        o, scratch = self.options, os.path.join(self.work, "scratch")
        data, steps = self.data("X" if o.quick else "S"), "5000" if o.quick else "50000"
        self.save(plan.LINES, self.run_script("peer_varve.py", ["lines", data, fresh(scratch), steps], o.timed_under))

    def run(self):
        o = self.options
        self.save("machine", [machine()])
        workloads = "X" if o.quick else "".join(o.workloads)
        steps = [(s.key, lambda s=s: self.log(s)) for s in plan.LOGGING]
        steps.append((plan.LINES, self.lines))
        steps += [(s.key, lambda s=s: self.store(s)) for s in plan.stores(workloads)]
        steps += [(f"codec {w}", lambda w=w, e=e: self.codec(w, e)) for w, e in plan.CODECS if w in workloads]
        for key, do in steps:
            named = not o.only or any(x in key for x in o.only)
            if named and (not self.done(key) or o.only and not o.missing):
                self.tell(f"{datetime.datetime.now():%H:%M:%S} {key}")
                do()


def today():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d")


def machine():
    with open("/proc/cpuinfo") as f:
        model = next((x.split(":")[1].strip() for x in f if x.startswith("model name")), platform.machine())
    with open("/proc/meminfo") as f:
        memory = int(f.readline().split()[1]) >> 20
    commit = subprocess.run(["git", "-C", REPOSITORY, "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    packages = []
    with open(os.path.join(HERE, "requirements.txt")) as f:
        packages = [x.split("==")[0].strip() for x in f if "==" in x and not x.startswith("#")]
    found = versions(packages)
    return dict(verb="machine", cpu=model, cores=os.cpu_count(), memory_gib=memory, kernel=platform.release().split("-")[0],
                system=platform.freedesktop_os_release().get("PRETTY_NAME", ""), python=platform.python_version(), varve=commit,
                versions=found, missing=[p for p in packages if p not in found])


def main():
    p = argparse.ArgumentParser(prog="run", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--quick", action="store_true", help="workload X alone, a tenth of S, and short loops: some minutes. Checks all hashes; "
                   "prints its table instead of writing it")
    p.add_argument("--work", help="folder for workloads and stores, 1.3 GB and at most 8 GB more (default: a temporary one)")
    p.add_argument("--workloads", nargs="+", choices=list("SXMLW"), default=list("SXMLW"))
    p.add_argument("--only", nargs="+", metavar="NAME", help="only steps whose names contain this, such as varve, or 'store M'; they are "
                   "measured anew")
    p.add_argument("--missing", action="store_true", help="with --only: just what has no result")
    p.add_argument("--results", help="where single measurements are kept (default: results.jsonl here)")
    p.add_argument("--timed-under", default="", metavar="COMMAND", help="put before each timed command, such as 'chrt -f 1'")
    p.add_argument("--load-under", default="", metavar="COMMAND", help="put before what fills stores, such as 'nice'")
    p.add_argument("--report", action="store_true", help="measure nothing, write the table")
    o = p.parse_args()
    work = os.path.abspath(o.work) if o.work else tempfile.mkdtemp(prefix="varve-peers-")
    os.makedirs(work, exist_ok=True)
    o.results = os.path.abspath(o.results or os.path.join(work if o.quick else HERE, "results.jsonl"))
    campaign = Campaign(o, work)
    try:
        if not o.report:
            campaign.run()
        text, problems = report.write(campaign.rows)
        if o.quick:
            print(text)
        else:
            with open(os.path.join(os.path.dirname(HERE), "RESULTS.md"), "w") as f:
                f.write(text)
    finally:
        if not o.work:
            shutil.rmtree(work, ignore_errors=True)
    for problem in problems:
        print("DISAGREEMENT:", problem, file=sys.stderr)
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
