import Varve
import VarveImport

/// What an import did, in a few lines.
struct ImportSummary {
    let lines: [String]

    init(_ report: ImportReport, path: String, seconds: Double) {
        var parts: [String] = []
        if report.newRuns > 0 { parts.append("\(HumanText.count(report.newRuns)) new") }
        if report.grownRuns > 0 { parts.append("\(HumanText.count(report.grownRuns)) grown") }
        if report.unchangedRuns > 0 { parts.append("\(HumanText.count(report.unchangedRuns)) there already") }
        let details = parts.isEmpty ? "" : " (\(parts.joined(separator: ", ")))"
        var lines = [
            "\(HumanText.plural(report.runs, "run"))\(details), \(HumanText.plural(report.pointsStored, "point")) added"
                + " from \(HumanText.plural(report.files, "file")), \(HumanText.bytes(report.bytes)),"
                + " in \(HumanText.duration(seconds: seconds))"
        ]
        if report.textsStored > 0 { lines.append("\(HumanText.plural(report.textsStored, "text")) added") }
        if report.recordsStored > 0 {
            lines.append("\(HumanText.plural(report.recordsStored, "record")) added")
        }
        if report.artifactsStored > 0 {
            lines.append("\(HumanText.plural(report.artifactsStored, "artifact")) added")
        }
        if report.emptyRuns > 0 {
            lines.append("\(HumanText.plural(report.emptyRuns, "group")) of files with nothing in them")
        }
        if report.roundedIntegers > 0 {
            lines.append("\(HumanText.plural(report.roundedIntegers, "integer")) beyond 2⁵³ rounded")
        }
        let skipped = report.skipped.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        if !skipped.isEmpty {
            let kinds = skipped.map { "\(HumanText.harmless($0.key)) (\(HumanText.count($0.value)))" }
            lines.append("not kept: \(kinds.joined(separator: ", "))")
        }
        if let audit = report.audit {
            let differ = audit.runs.flatMap(\.series).count { $0.verdict == .different }
            let count =
                "\(HumanText.plural(audit.points, "point")) in \(HumanText.plural(audit.series, "series", "series"))"
            lines.append(
                differ == 0
                    ? "audit: \(count), each there, once, bit for bit" : "audit: \(count); \(differ) series differ")
        }
        self.lines = lines
    }

    /// What follows a colon in a line about one pass of many; nil if nothing came.
    static func news(_ report: ImportReport) -> String? {
        let other = report.textsStored + report.recordsStored + report.artifactsStored
        guard report.pointsStored + other + report.newRuns > 0 else { return nil }
        var parts = [HumanText.plural(report.pointsStored, "point")]
        if report.newRuns > 0 { parts.append(HumanText.plural(report.newRuns, "new run")) }
        if report.textsStored > 0 { parts.append(HumanText.plural(report.textsStored, "text")) }
        if report.recordsStored > 0 { parts.append(HumanText.plural(report.recordsStored, "record")) }
        if report.artifactsStored > 0 { parts.append(HumanText.plural(report.artifactsStored, "artifact")) }
        return parts.joined(separator: ", ")
    }
}
