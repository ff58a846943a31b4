import Varve

extension ImportAudit {
    /// The proof as JSON, piece by piece: an object of `version` 1 with `verdict`, totals, what was left out, and `runs` with their
    /// series. Docs/Import.md describes it.
    public func writeJSON(
        _ report: ImportReport, _ write: (_ text: String) throws -> Void
    ) throws {
        let isComplete = isEqual && report.refused.isEmpty && report.unreadable.isEmpty
        var head = JSONObject()
        head["version"] = 1
        head["path"] = .string(path)
        head["verdict"] = .string(
            isComplete ? (isInOrder ? Verdict.equal : .reordered).rawValue : Verdict.different.rawValue)
        head["hash"] = "XXH64 of step, time, value bits: 8 bytes each, little-endian; no time: -2^63"
        head["series"] = .int(Int64(series))
        head["points_in_source"] = .int(Int64(points))
        head["points_stored"] = .int(Int64(runs.reduce(0) { $0 + $1.series.reduce(0) { $0 + $1.stored.points } }))
        head["left_out"] = Self.counts(report.skipped)
        head["left_as_they_are"] = .array(report.refused.map { .string($0) })
        head["unreadable"] = .array(report.unreadable.map { .string("\($0)") })
        head["notes"] = .array(report.notes.map { .string($0) })
        head["rounded_integers"] = .int(Int64(report.roundedIntegers))
        head["problem_count"] = .int(Int64(report.problemCount))
        head["problems"] = .array(report.problems.map { .string("\($0)") })
        // The head's brace is opened again for the runs, which are written one by one.
        try write(String(JSONValue.object(head).text.dropLast()) + ",\"runs\":[")
        for (index, run) in runs.enumerated() { try write((index == 0 ? "\n" : ",\n") + Self.json(run).text) }
        try write("\n]}\n")
    }

    private var isInOrder: Bool { runs.allSatisfy { $0.verdict == .equal } }

    private static func counts(_ counts: [String: Int]) -> JSONValue {
        var object = JSONObject()
        for (kind, count) in counts.sorted(by: { $0.key < $1.key }) { object[kind] = .int(Int64(count)) }
        return .object(object)
    }

    private static func json(_ run: Run) -> JSONValue {
        var object = JSONObject()
        object["run"] = run.id.map { .string($0.description) } ?? .null
        object["name"] = .string(run.name)
        object["format"] = .string(run.format)
        object["sources"] = .array(run.sources.map { .string($0) })
        object["verdict"] = .string(run.verdict.rawValue)
        object["left_out"] = counts(run.leftOut)
        object["problems"] = .int(Int64(run.problems))
        object["series"] = .array(run.series.map(json))
        return .object(object)
    }

    private static func json(_ series: Series) -> JSONValue {
        var object = JSONObject()
        object["metric"] = .string(series.metric.name)
        var context = JSONObject()
        for pair in series.metric.context { context[pair.key] = .string(pair.value) }
        object["context"] = .object(context)
        object["source"] = json(series.source)
        object["stored"] = json(series.stored)
        object["verdict"] = .string(series.verdict.rawValue)
        return .object(object)
    }

    private static func json(_ side: Side) -> JSONValue {
        let digits = String(side.hash, radix: 16)
        let hash = String(repeating: "0", count: 16 - digits.count) + digits
        return ["points": .int(Int64(side.points)), "xxh64": .string(hash)]
    }
}
