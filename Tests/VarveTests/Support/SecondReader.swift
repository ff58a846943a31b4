import Glibc
import Testing
import VarveFiles
import VarveFormat
import VarveTestSupport

@testable import Varve

/// The reader in Python.
enum SecondReader {
    /// One that has Python's binding of zstd; nil: there is none here.
    static let interpreter: String? = ["python3", "/usr/bin/python3"].first {
        (try? run("\($0) -c 'import sys, zstandard; sys.exit(sys.version_info < (3, 11))' 2>/dev/null"))?.status == 0
    }

    /// The canonical lines that it prints of a repository.
    static func lines(_ repository: String, _ options: [String] = []) throws -> [String] {
        let script = "\(PackagePaths.root)/Tests/SecondReader/varve_reader.py"
        let python = try #require(interpreter)
        let words = [python, "-B", script, repository] + options
        let (status, output) = try run(words.map { "'\($0)'" }.joined(separator: " ") + " 2>/dev/null")
        try #require(status == 0, "\(words)")
        return output.split(separator: "\n").map(String.init)
    }

    private static func run(_ command: String) throws -> (status: Int32, output: String) {
        let pipe = try #require(popen(command, "r"))
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&buffer, 1, buffer.count, pipe), count > 0 { bytes += buffer[..<count] }
        return (pclose(pipe), String(decoding: bytes, as: UTF8.self))
    }
}

/// What a snapshot says of a repository, in the form in which the second reader says it.
struct CanonicalLines {
    let runs: [String]
    let series: [String]
    var all: [String] { runs + series }

    init(_ repository: Repository) throws {
        let snapshot = try repository.snapshot()
        runs = try snapshot.runs.map { try Self.line($0, snapshot) }
        var found: [(metric: MetricKey, run: RunID, points: Int, hash: SHA256)] = []
        let reader = try snapshot.series(Query(view: .all))
        while let chunk = try reader.next() {
            if found.last?.metric != chunk.metric || found.last?.run != chunk.run {
                found.append((chunk.metric, chunk.run, 0, SHA256()))
            }
            var writer = ByteWriter()
            for i in 0..<chunk.count {
                writer.fixed(Int64(chunk.steps[i]))
                writer.fixed(chunk.times[i])
                writer.fixed(chunk.values[i].bitPattern)
            }
            found[found.count - 1].points += chunk.count
            found[found.count - 1].hash.update(writer.bytes)
        }
        series = found.map { metric, run, points, hash in
            var hash = hash
            let context = metric.context.map { "\(Self.quoted($0.key)):\(Self.quoted($0.value))" }.joined(
                separator: ",")
            return
                #"{"metric":\#(Self.quoted(metric.name)),"context":{\#(context)},"run":"\#(run)","points":\#(points),"#
                + #""sha256":"\#(SHA256.text(hash.finalize()))"}"#
        }
    }

    private static func line(_ run: RunInfo, _ snapshot: Snapshot) throws -> String {
        let files = snapshot.content.files(of: run.id.id).map { file in
            let rank = file.begin.rank.map(String.init) ?? "null"
            let end = file.end.map { #""\#($0)""# } ?? "null"
            return #"{"attempt":\#(file.begin.attempt),"n":\#(file.begin.n),"rank":\#(rank),"#
                + #""seal":\#(file.begin.sealOf != nil),"end":\#(end)}"#
        }
        let properties = run.properties.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            .map { "\(quoted($0.key)):\(json($0.value))" }
        let text = try snapshot.text(of: run.id).map { line in
            let step = line.step.map(String.init) ?? "null"
            return "[\(step),\(line.time),\(quoted(line.channel)),\(quoted(line.text))]"
        }
        return #"{"run":"\#(run.id)","files":[\#(files.joined(separator: ","))],"#
            + #""properties":{\#(properties.joined(separator: ","))},"text":[\#(text.joined(separator: ","))],"#
            + #""artifacts":[\#(try snapshot.artifacts(of: run.id).map(json).joined(separator: ","))],"#
            + #""records":[\#(try snapshot.records(of: run.id).map(json).joined(separator: ","))]}"#
    }

    private static func json(_ artifact: Artifact) -> String {
        let context = artifact.context.map { "\(quoted($0.key)):\(quoted($0.value))" }.joined(separator: ",")
        return "[\(artifact.step.map(String.init) ?? "null"),\(artifact.time),\(quoted(artifact.name)),"
            + "\(quoted(artifact.version)),\"\(artifact.sha256)\",\(artifact.size),\(quoted(artifact.mediaType)),{\(context)}]"
    }

    private static func json(_ record: Record) -> String {
        func list(_ items: [String]) -> String { "[\(items.joined(separator: ","))]" }
        func bits(_ numbers: [Double]) -> String { list(numbers.map { "\"\(digits($0.bitPattern, 16))\"" }) }
        let (kind, content): (Record.Kind, [(String, String)]) =
            switch record.content {
            case .confusionMatrix(let matrix):
                (
                    .confusionMatrix,
                    [
                        ("labels", list(matrix.labels.map(quoted))),
                        ("positions", list(matrix.cells.map { "\($0.truth * matrix.labels.count + $0.predicted)" })),
                        ("counts", bits(matrix.cells.map(\.count))),
                    ]
                )
            case .histogram(let histogram):
                (.histogram, [("edges", bits(histogram.edges)), ("counts", bits(histogram.counts))])
            case .classReport(let report):
                (
                    .classReport,
                    [
                        ("labels", list(report.classes.map { quoted($0.label) })),
                        ("precision", bits(report.classes.map(\.precision))),
                        ("recall", bits(report.classes.map(\.recall))), ("f1", bits(report.classes.map(\.f1))),
                        ("support", bits(report.classes.map(\.support))),
                    ]
                )
            }
        let context = record.metric.context.map { "\(quoted($0.key)):\(quoted($0.value))" }.joined(separator: ",")
        let body = content.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",")
        return "[\(record.step.map(String.init) ?? "null"),\(record.time),\(quoted(record.metric.name)),{\(context)},"
            + "\"\(kind.rawValue)\",{\(body)}]"
    }

    static func json(_ value: PropertyValue) -> String {
        switch value {
        case .absent: #"["absent",null]"#
        case .null: #"["null",null]"#
        case .bool(let flag): #"["boolean",\#(flag)]"#
        case .int(let number): #"["integer",\#(number)]"#
        case .double(let number): #"["double","\#(digits(number.bitPattern, 16))"]"#
        case .string(let text): #"["text",\#(quoted(text))]"#
        case .json(let text): #"["json",\#(quoted(text))]"#
        }
    }

    static func digits(_ word: UInt64, _ count: Int) -> String {
        let text = String(word, radix: 16)
        return String(repeating: "0", count: count - text.count) + text
    }

    /// As Python writes it: nothing but ASCII.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for unit in text.utf16 {
            switch unit {
            case 0x22: result += "\\\""
            case 0x5C: result += "\\\\"
            case 0x0A: result += "\\n"
            case 0x0D: result += "\\r"
            case 0x09: result += "\\t"
            case 0x20..<0x7F: result.unicodeScalars.append(Unicode.Scalar(UInt8(unit)))
            default: result += "\\u" + digits(UInt64(unit), 4)
            }
        }
        return result + "\""
    }
}
