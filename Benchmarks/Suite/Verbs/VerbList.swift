/// The verbs that ``VerbTimes`` measures: all that a person waits for.
enum VerbList {
    typealias Verb = VerbTimes.Verb

    /// Those that only read.
    static func reading(_ runs: [String]) -> [Verb] {
        func verb(_ arguments: String...) -> Verb { Verb(name: arguments[0], arguments: arguments) }
        func verb(named name: String, _ arguments: String...) -> Verb { Verb(name: name, arguments: arguments) }
        let train = ["--context", "subset=train"]
        return [
            verb("runs"),
            verb(named: "runs --where, a param", "runs", "--where", "params.lr > 0.002 and params.seed < 90"),
            verb(
                named: "runs --where, a metric", "runs", "--where",
                "metric.name == \"loss\" and metric.context.subset == \"val\" and metric.last < 1"),
            verb(
                named: "runs, ten by a metric's order", "runs", "--where",
                "order by metrics[\"loss\", {\"subset\": \"train\"}].min desc limit 10"),
            verb(named: "runs, groups", "runs", "--where", "group by status"),
            verb(named: "runs --curve", "runs", "--curve", "loss"),
            verb("show", runs[0]), verb("metrics"), verb("properties"),
            verb("diff", runs[0], runs[1]),
            verb("series", "loss", "--run", runs[0]),
            verb(named: "plot, one run", "plot", "loss", "--run", runs[0]),
            Verb(name: "plot, a line a run", arguments: ["plot", "loss"] + train),
            Verb(
                name: "plot, mean and band over all runs",
                arguments: ["plot", "loss", "--over", "seed,lr", "--band", "std"] + train),
            Verb(name: "plot, scatter", arguments: ["plot", "loss", "--kind", "scatter", "--x", "lr"] + train),
            Verb(name: "plot, parallel", arguments: ["plot", "loss", "--kind", "parallel"] + train),
            verb(named: "report, one metric", "report", "--metrics", "loss"),
            verb(named: "report, one metric over all runs", "report", "--metrics", "loss", "--over", "lr"),
            verb(named: "report, all metrics over all runs", "report", "--over", "lr"),
            verb(named: "export csv, one metric", "export", "csv", "--metric", "loss"),
            verb(named: "top --once", "top", "--once"),
            verb("du"), verb(named: "du --runs", "du", "--runs"), verb(named: "du --metrics", "du", "--metrics"),
            verb("verify"),
        ]
    }

    /// A plan of as many cells as there are runs, all of them done.
    static func campaign(_ runs: Int) -> [Verb] {
        let plan = ["campaign", "plan", "--axis", "seed=0..\(runs - 1)", "--campaign-id", "bench", "--replace"]
        return [
            Verb(name: "campaign plan", arguments: plan),
            Verb(name: "campaign status", arguments: ["campaign", "status"]),
            Verb(name: "campaign status --cells", arguments: ["campaign", "status", "--cells"]),
            Verb(name: "campaign missing", arguments: ["campaign", "missing", "--format", "{seed}"]),
        ]
    }

    /// Those that change runs, and can be undone.
    static func changing(_ runs: [String]) -> [Verb] {
        let all = ["--where", "params.lr > 0"]
        let tenth = ["--where", "name endswith \"1\""]
        return [
            Verb(
                name: "tag, all runs", arguments: ["tag"] + all + ["--add", "good"],
                after: [["tag"] + all + ["--remove", "good"]]),
            Verb(
                name: "note, all runs", arguments: ["note"] + all + ["--text", "seen"],
                after: [["note"] + all + ["--text", ""]]),
            Verb(
                name: "set, all runs", arguments: ["set"] + all + ["--param", "width=3"],
                after: [["set"] + all + ["--unset", "params.width"]]),
            Verb(
                name: "archive, all runs", arguments: ["archive"] + all,
                after: [["archive", "--undo", "--where", "params.lr > 0"]]),
            Verb(
                name: "rename, one run", arguments: ["rename", runs[0], "another"],
                after: [["rename", runs[0], "run 0"]]),
            Verb(name: "rm, one run", arguments: ["rm", runs[0]], after: [["restore", runs[0]]]),
            Verb(name: "rm --dry-run, every tenth run", arguments: ["rm", "--dry-run"] + tenth),
            Verb(name: "rm, every tenth run", arguments: ["rm"] + tenth, after: [["restore", "--all"]]),
            Verb(name: "restore, every tenth run", arguments: ["restore", "--all"], before: [["rm"] + tenth]),
            Verb(name: "compact, nothing to do", arguments: ["compact"]),
        ]
    }

    /// Those that carry runs elsewhere, and at the end those that can't be undone.
    static func carrying(from repository: String, to path: String) -> [Verb] {
        let all = ["--where", "params.lr > 0"]
        return [
            Verb(name: "cp, all runs", arguments: ["cp", "--to", path] + all, makes: path),
            Verb(name: "merge, all runs", arguments: ["merge", repository], makes: path, repository: path),
            Verb(name: "bundle, all runs", arguments: ["bundle", "-o", path] + all, makes: path),
            Verb(name: "backup", arguments: ["backup", path], makes: path),
            Verb(
                name: "mv, every tenth run", arguments: ["mv", "--to", path, "--where", "name endswith \"1\""],
                after: [["restore", "--all"]], makes: path),
            Verb(name: "pack, every tenth run", arguments: ["pack", "--where", "name endswith \"{round}\""]),
            Verb(
                name: "gc, every tenth run", arguments: ["gc", "--older-than", "0"],
                before: [["rm", "--where", "name endswith \"{round}\""]]),
        ]
    }
}
