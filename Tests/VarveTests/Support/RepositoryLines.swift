import VarveFiles
import VarveFormat

@testable import Varve

/// Everything that a snapshot says through the public API, one JSON object a line: each run, then each series with all its
/// points. The views that hide points have lines of their own where they do.
struct RepositoryLines {
    let lines: [String]

    init(_ repository: Repository) throws {
        let snapshot = try repository.snapshot()
        var lines = [#"{"name":\#(CanonicalLines.quoted(repository.name)),"repository":"\#(repository.id)"}"#]
        lines += try snapshot.runs.map { try Self.line($0, snapshot) }
        lines += try snapshot.metrics().map { info in
            #"{"metric":\#(Self.text(info.metric)),"runs":\#(info.runs),"points":\#(info.points),"#
                + #""type":"\#(info.valueType)"}"#
        }
        let all = try Self.series(snapshot, .all)
        lines += all.map(\.line)
        for view in [Query.View.standard, .lastPerStep] {
            let known = Set(all.map { $0.head + $0.points })
            for series in try Self.series(snapshot, view) where !known.contains(series.head + series.points) {
                lines.append(series.line)
            }
        }
        lines += try snapshot.statistics(Query()).map(Self.line)
        lines += snapshot.problems.map { #"{"problem":\#(CanonicalLines.quoted("\($0)"))}"# }
        self.lines = lines
    }

    private struct Series {
        var head: String
        var view: Query.View
        var points: String
        var line: String { #"{"view":"\#(view)",\#(head),\#(points)}"# }
    }

    /// Points are columns here; times, which are long, are the differences to the one before, if both are times.
    private static func series(_ snapshot: Snapshot, _ view: Query.View) throws -> [Series] {
        var found: [(head: String, steps: [String], times: [Int64], values: [String])] = []
        let reader = try snapshot.series(Query(view: view))
        while let chunk = try reader.next() {
            let head = #""metric":\#(text(chunk.metric)),"run":"\#(chunk.run)","type":"\#(chunk.valueType)""#
            if found.last?.head != head { found.append((head, [], [], [])) }
            let last = found.count - 1
            for i in 0..<chunk.count {
                found[last].steps.append("\(chunk.steps[i])")
                found[last].times.append(chunk.times[i])
                found[last].values.append("\"\(CanonicalLines.digits(chunk.values[i].bitPattern, 16))\"")
            }
        }
        return found.map { head, steps, times, values in
            var last: Int64 = 0
            let differences = times.map { time -> String in
                guard time != FormatConstants.noTime else { return "null" }
                defer { last = time }
                return "\(time &- last)"
            }
            let columns = [("steps", steps), ("times", differences), ("values", values)].map { name, column in
                "\"\(name)\":[\(column.joined(separator: ","))]"
            }
            return Series(head: head, view: view, points: columns.joined(separator: ","))
        }
    }

    private static func time(_ time: Int64) -> String { time == FormatConstants.noTime ? "null" : "\(time)" }

    private static func text(_ metric: MetricKey) -> String {
        let pairs = metric.context.map { "\(CanonicalLines.quoted($0.key)):\(CanonicalLines.quoted($0.value))" }
        return "[\(CanonicalLines.quoted(metric.name)),{\(pairs.joined(separator: ","))}]"
    }

    private static func line(_ run: RunInfo, _ snapshot: Snapshot) throws -> String {
        let properties = run.properties.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            .map { "\(CanonicalLines.quoted($0.key)):\(CanonicalLines.json($0.value))" }
        let text = try snapshot.text(of: run.id).map { line in
            "[\(line.step.map(String.init) ?? "null"),\(time(line.time)),\(CanonicalLines.quoted(line.channel)),"
                + "\(CanonicalLines.quoted(line.text))]"
        }
        let artifacts = try snapshot.artifacts(of: run.id).map { artifact in
            let words = [artifact.name, artifact.version, artifact.sha256, artifact.mediaType]
            return "[\(artifact.step.map(String.init) ?? "null"),\(time(artifact.time)),\(artifact.size),"
                + "\(words.map(CanonicalLines.quoted).joined(separator: ",")),\(artifact.path != nil)]"
        }
        let fork = run.forkedFrom.map { "\"\($0)\"" } ?? "null"
        return #"{"run":"\#(run.id)","status":"\#(run.status)","created":\#(time(run.created)),"#
            + #""ended":\#(run.ended.map { time($0) } ?? "null"),"attempt":\#(run.attempt),"files":\#(run.files),"#
            + #""points":\#(run.points),"lost":\#(run.lostPoints),"#
            + #""fork":\#(fork),"historyIsMissing":\#(run.historyIsMissing),"#
            + #""properties":{\#(properties.joined(separator: ","))},"text":[\#(text.joined(separator: ","))],"#
            + #""artifacts":[\#(artifacts.joined(separator: ","))]}"#
    }

    private static func line(_ statistics: SeriesStatistics) -> String {
        func pair(_ x: (value: Double, step: Int)?) -> String {
            x.map { "[\"\(CanonicalLines.digits($0.value.bitPattern, 16))\",\($0.step)]" } ?? "null"
        }
        return #"{"statistics":\#(text(statistics.metric)),"run":"\#(statistics.run)","count":\#(statistics.count),"#
            + #""min":\#(pair(statistics.min)),"max":\#(pair(statistics.max)),"last":\#(pair(statistics.last)),"#
            + #""nan":\#(statistics.nan),"infinite":[\#(statistics.negativeInfinite),\#(statistics.positiveInfinite)]}"#
    }
}
