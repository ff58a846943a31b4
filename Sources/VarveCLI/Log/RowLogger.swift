import Varve
import VarveImport

/// Logs rows that came from outside, one by one, as they come: what was taken is in the journal before the next row is read.
struct RowLogger {
    /// Which key or column is what; nil: it is recognised by its name.
    struct Names {
        var step: String?
        var time: String?
    }

    let run: Run
    let names: Names
    let context: [String: String]
    private let complain: (String) -> Void
    private var series: [MetricKey: Series] = [:]
    private var unusable: Set<MetricKey> = []
    /// The step of a row that says none; nil before the first row.
    private var nextStep: Int?
    private let firstStep: () throws(VarveError) -> Int

    private(set) var points = 0
    /// Matrices, histograms and reports.
    var records = 0
    /// Rows that were no rows.
    private(set) var refused = 0
    /// Values that are no numbers, by their name.
    private(set) var skipped: [String: Int] = [:]
    /// Rows without the key that was to hold their step or time, by that key.
    private(set) var missing: [String: Int] = [:]

    /// Complaints beyond this many are only counted.
    private static let maxComplaints = 10

    /// - Parameter firstStep: Of rows that don't say theirs; asked for at most once, and only if there is such a row.
    init(
        _ run: Run, names: Names = Names(), context: [String: String] = [:],
        firstStep: @escaping () throws(VarveError) -> Int, complain: @escaping (String) -> Void
    ) {
        self.run = run
        self.names = names
        self.context = context
        self.complain = complain
        self.firstStep = firstStep
    }

    /// Takes all of `source`: JSONL if it begins with a brace, else CSV.
    mutating func log(_ source: any ByteSource, isCSV: Bool?) throws(VarveError) {
        let source = PeekedSource(source)
        let first = try source.firstByte()
        if isCSV ?? (first != UInt8(ascii: "{")) {
            try logCSV(source, separator: Self.separator(of: source.firstLine))
        } else {
            try logJSONLines(source)
        }
    }

    // MARK: JSONL

    private mutating func logJSONLines(_ source: any ByteSource) throws(VarveError) {
        var lines = LineReader(source)
        while true {
            switch try lines.next() {
            case .end: return
            case .tooLong(_, let bytes): refuse("line \(lines.number): \(bytes) bytes are too many for a line")
            case .line:
                if CellValue.trimmed(lines.span).byteCount == 0 { continue }
                var object: JSONObject?
                do throws(FormatError) {
                    object = try JSONValue(parsing: lines.span).objectValue
                } catch {
                    refuse(
                        "line \(lines.number): no JSON: expected \(error.expected) at byte \(error.offset), found \(error.found)"
                    )
                    continue
                }
                guard let object else {
                    refuse("line \(lines.number): no JSON object")
                    continue
                }
                if RecordLine.isRecord(object) {
                    try logRecord(object, line: lines.number)
                } else if object["metric"]?.stringValue != nil, object["value"] != nil {
                    try logPoint(object, line: lines.number)
                } else {
                    try logRow(object, line: lines.number)
                }
            }
        }
    }

    /// `{"metric": "loss", "value": 0.5, "step": 1, "time": …, "context": {…}}`, as `varve series --format jsonl` writes it.
    private mutating func logPoint(_ object: JSONObject, line: Int) throws(VarveError) {
        guard let name = object["metric"]?.stringValue, let value = object["value"]?.number else {
            return refuse("line \(line): the value is no number")
        }
        var pairs = context
        for member in object["context"]?.objectValue?.members ?? [] {
            pairs[member.key] = member.value.stringValue ?? member.value.text
        }
        noteMissing(in: object)
        let step = try self.step(object[names.step ?? "step"], line: line)
        try log(
            value, of: MetricKey(name, context: pairs), step: step, time: time(object[names.time ?? "time"], line: line)
        )
    }

    private mutating func logRow(_ object: JSONObject, line: Int) throws(VarveError) {
        let keys = object.members.map(\.key)
        let stepKey = names.step ?? Self.first(StepChoice.stepNames, in: keys)
        let timeKey = names.time ?? Self.first(StepChoice.timeNames, in: keys)
        noteMissing(in: object)
        let step = try self.step(stepKey.flatMap { object[$0] }, line: line)
        let time = self.time(timeKey.flatMap { object[$0] }, line: line)
        var rest: [(prefix: String, object: JSONObject)] = [("", object)]
        while let (prefix, object) = rest.popLast() {
            for member in object.members where !(prefix.isEmpty && (member.key == stepKey || member.key == timeKey)) {
                let name = prefix + member.key
                switch member.value {
                case .null: break
                case .object(let nested): rest.append((name + ".", nested))
                case .bool(let flag):
                    try log(flag ? 1 : 0, of: MetricKey(name, context: context), step: step, time: time)
                default:
                    if let value = member.value.number {
                        try log(value, of: MetricKey(name, context: context), step: step, time: time)
                    } else {
                        skipped[name, default: 0] += 1
                    }
                }
            }
        }
    }

    private mutating func noteMissing(in object: JSONObject) {
        for name in [names.step, names.time] {
            if let name, object[name] == nil { missing[name, default: 0] += 1 }
        }
    }

    // MARK: CSV

    /// Commas, unless the header has none, and tabs or semicolons instead.
    private static func separator(of header: some Collection<UInt8>) -> UInt8 {
        let candidates = [",", "\t", ";"].map { UInt8(ascii: $0) }
        return candidates.first { header.contains($0) } ?? candidates[0]
    }

    private mutating func logCSV(_ source: any ByteSource, separator: UInt8) throws(VarveError) {
        var reader = CSVReader(source, separator: separator)
        var metrics: [MetricKey?] = []
        var (stepColumn, timeColumn): (Int?, Int?) = (nil, nil)
        while true {
            switch try reader.next() {
            case .end: return
            case .damaged(_, let line, let what): refuse("line \(line): \(what)")
            case .row(_, let line, _):
                if metrics.isEmpty {
                    let header = (0..<reader.count).map { reader.text($0).trimmed }.enumerated().map {
                        $1.isEmpty ? "column \($0 + 1)" : $1
                    }
                    stepColumn = (names.step ?? Self.first(StepChoice.stepNames, in: header)).flatMap(header.firstIndex)
                    timeColumn = (names.time ?? Self.first(StepChoice.timeNames, in: header)).flatMap(header.firstIndex)
                    if let wanted = names.step, stepColumn == nil { throw noColumn(wanted, header) }
                    if let wanted = names.time, timeColumn == nil { throw noColumn(wanted, header) }
                    metrics = header.enumerated().map { index, name in
                        index == stepColumn || index == timeColumn ? nil : MetricKey(name, context: context)
                    }
                    continue
                }
                guard reader.count == metrics.count else {
                    refuse("line \(line): \(reader.count) cells under a header of \(metrics.count)")
                    continue
                }
                let step = try self.step(stepColumn.map { .string(reader.text($0)) }, line: line)
                let time = self.time(timeColumn.map { .string(reader.text($0)) }, line: line)
                for index in 0..<reader.count {
                    guard let metric = metrics[index] else { continue }
                    switch CellValue(reader.cell(index)) {
                    case .blank: break
                    case .text: skipped[metric.name, default: 0] += 1
                    case .number(let value, _): try log(value, of: metric, step: step, time: time)
                    }
                }
            }
        }
    }

    private func noColumn(_ name: String, _ header: [String]) -> VarveError {
        VarveError(.invalid, "there is no column '\(name)'", found: header.joined(separator: ", "))
    }

    // MARK: Both

    /// The first of the known names that is there, capitals apart.
    private static func first(_ known: [String], in names: [String]) -> String? {
        for candidate in known {
            if let name = names.first(where: { $0.lowercased() == candidate }) { return name }
        }
        return nil
    }

    /// The row's step; one more than the last row's if it says none.
    mutating func step(_ value: JSONValue?, line: Int) throws(VarveError) -> Int {
        var step: Int64?
        switch value {
        case nil, .null: break
        case .int(let number): step = number
        case .double(let number): step = CellValue.wholeNumber(number)
        case .string(let text): step = CellValue(text).step
        default: break
        }
        let result = if let step { Int(step) } else if let nextStep { nextStep } else { try firstStep() }
        if step == nil, let value, value != .null, value != .string("") {
            complainOnce("line \(line): \(value) is no step; \(result) is taken instead")
        }
        nextStep = result == .max ? .max : result + 1
        return result
    }

    mutating func time(_ value: JSONValue?, line: Int) -> Int64? {
        let time: Int64?
        switch value {
        case nil, .null, .string(""): return nil
        case .int(let number): time = ForeignTime.nanoseconds(String(number))
        case .double(let number): time = ForeignTime.nanoseconds(number)
        case .string(let text): time = ForeignTime.nanoseconds(text)
        default: time = nil
        }
        if time == nil, let value { complainOnce("line \(line): \(value) is no time; now is taken instead") }
        return time
    }

    private mutating func log(_ value: Double, of metric: MetricKey, step: Int, time: Int64?) throws(VarveError) {
        let handle: Series
        if unusable.contains(metric) { return }
        if let known = series[metric] {
            handle = known
        } else {
            let context = Dictionary(metric.context.map { ($0.key, $0.value) }) { $1 }
            do throws(VarveError) {
                handle = try run.series(metric.name, context: context)
            } catch {
                // A name that can't be stored costs its values, not the rest of the input.
                guard error.code == .limit || error.code == .invalid else { throw error }
                if unusable.insert(metric).inserted {
                    complainOnce("'\(metric.name.prefix(40))' is not kept: \(error)")
                }
                return
            }
            series[metric] = handle
        }
        if let time { handle.log(value, step: step, time: time) } else { handle.log(value, step: step) }
        points += 1
    }

    mutating func refuse(_ message: String) {
        refused += 1
        if refused <= Self.maxComplaints { complain("\(message); not logged") }
    }

    private var complaints = 0

    private mutating func complainOnce(_ message: String) {
        complaints += 1
        if complaints <= Self.maxComplaints { complain(message) }
    }
}

/// A source whose beginning was looked at.
private final class PeekedSource: ByteSource {
    private let source: any ByteSource
    private var head: [UInt8] = []

    init(_ source: any ByteSource) { self.source = source }

    var name: String { source.name }
    func size() throws(VarveError) -> Int { try source.size() }

    /// The first byte that isn't white space; nil if there is none.
    func firstByte() throws(VarveError) -> UInt8? {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            if let byte = head.first(where: { $0 > 0x20 && $0 != 0xEF && $0 != 0xBB && $0 != 0xBF }) { return byte }
            let (source, offset) = (source, head.count)
            var failure: VarveError?
            let count = buffer.withUnsafeMutableBytes { bytes in
                do throws(VarveError) {
                    return try source.read(into: bytes, at: offset)
                } catch {
                    failure = error
                    return 0
                }
            }
            if let failure { throw failure }
            if count == 0 { return nil }
            head += buffer[..<count]
        }
    }

    /// What is known of the first line.
    var firstLine: ArraySlice<UInt8> { head.drop { $0 <= 0x20 }.prefix { $0 != 0x0A } }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(VarveError) -> Int {
        guard offset < head.count else { return try source.read(into: buffer, at: offset) }
        let part = head[offset...].prefix(buffer.count)
        buffer.copyBytes(from: part)
        return part.count
    }
}

extension String {
    /// Without the spaces around it: `step, loss` are two plain names.
    fileprivate var trimmed: String {
        var rest = self[...]
        while rest.first == " " { rest.removeFirst() }
        while rest.last == " " { rest.removeLast() }
        return String(rest)
    }
}
