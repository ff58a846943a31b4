import Varve
import VarveFiles

/// The monitor files of Stable-Baselines3 and Gymnasium: a line `#{"t_start": …}`, a header `r,l,t`, and a row an episode.
///
/// The step of a row is the number of environment steps at the end of its episode, the sum of the lengths `l` so far, as
/// the library's own plots have it; its time is `t_start` plus the seconds `t`. What the first line says becomes params.
package struct MonitorFormat: StreamFormat {
    package let name = "monitor"
    package let title = "monitor files of Stable-Baselines3"
    package let signs = "monitor.csv files whose first line is # and a JSON object"

    package init() {}

    package func plan(_ tree: SourceTree, _ place: ImportPlace) -> ImportPlan {
        let files = tree.files.filter { file in
            guard file.name.lowercased().hasSuffix(".csv"), let bytes = place.beginning(of: file, 4_096) else {
                return false
            }
            return Self.looksLikeOne(bytes)
        }
        return TablePlan(files, of: tree, keepNames: place.options.keepNames).plan
    }

    private static func looksLikeOne(_ bytes: [UInt8]) -> Bool {
        guard bytes.first == UInt8(ascii: "#"), let end = bytes.firstIndex(where: { $0 == 0x0A || $0 == 0x0D }) else {
            return false
        }
        return (try? JSONValue(parsing: Array(bytes[1..<end])))?["t_start"] != nil
    }

    package func reader(
        of source: ImportSource, _ place: ImportPlace, _ sinks: @escaping SinkFinder
    ) throws(VarveError) -> any StreamReader {
        MonitorReader(
            file: source.file.relativePath, into: try sinks(nil), leavesOpenEnd: place.options.table.leavesOpenEnd)
    }
}

/// Reads one monitor file.
package struct MonitorReader: StreamReader {
    private let file: String
    private let sink: any RunSink
    package private(set) var end = 0
    package private(set) var endIsOpen = false
    private var names: [String] = []
    private var start: Double?
    private var steps: Int64 = 0
    private var episodes: Int64 = 0
    private var nextLine = 1
    private let leavesOpenEnd: Bool

    package init(file: String, into sink: any RunSink, leavesOpenEnd: Bool = false) {
        self.file = file
        self.sink = sink
        self.leavesOpenEnd = leavesOpenEnd
    }

    package mutating func read(_ bytes: any ByteSource, progress: (Int) -> Void = { _ in }) throws(VarveError) {
        if end == 0 { guard try readHead(bytes) else { return } }
        var reader = CSVReader(bytes, at: end, line: nextLine)
        defer { nextLine = reader.nextLine }
        while true {
            switch try reader.next() {
            case .end: return
            case .damaged(let offset, let line, let what):
                sink.problem(ImportProblem(file: file, offset: offset, line: line, message: what + ", skipped a line"))
            case .row(let offset, let line, let isWhole):
                if !isWhole, leavesOpenEnd { return }
                if names.isEmpty {
                    guard isWhole else { return }
                    names = (0..<reader.count).map { reader.text($0) }
                } else if reader.count != names.count {
                    let what =
                        isWhole
                        ? "a row of \(reader.count) cells under a header of \(names.count), skipped"
                        : "the file ends inside a row, which is left for the next import,"
                    sink.problem(ImportProblem(file: file, offset: offset, line: line, message: what))
                    if !isWhole { return }
                } else {
                    try row(reader, offset, line)
                }
                end = reader.offset
                endIsOpen = !isWhole
                progress(end)
            }
        }
    }

    /// The first line; false while it isn't whole.
    private mutating func readHead(_ bytes: any ByteSource) throws(VarveError) -> Bool {
        var lines = LineReader(bytes)
        guard case .line(_, true) = try lines.next() else { return false }
        let text = lines.span.withUnsafeBytes { Array($0.dropFirst()) }
        let json = try? JSONValue(parsing: text)
        if json == nil {
            sink.problem(ImportProblem(file: file, offset: 0, line: 1, message: "a first line that is no JSON,"))
        }
        for member in json?.objectValue?.members ?? [] {
            if member.key == "t_start" { start = member.value.doubleValue }
            for (key, value) in PropertyValue.flatten(member.value, under: "params." + member.key)
            where member.key != "t_start" {
                sink.property(key, value)
            }
        }
        end = lines.offset
        nextLine = 2
        return true
    }

    private mutating func row(_ reader: borrowing CSVReader, _ offset: Int, _ line: Int) throws(VarveError) {
        var values: [(name: String, value: Double)] = []
        var time = WallTime.none
        for index in names.indices {
            switch CellValue(reader.cell(index)) {
            case .blank: break
            case .text:
                // What `info_keywords` of the monitor name, such as `is_success`.
                if let flag = CellValue.truth(reader.cell(index)) {
                    values.append((names[index], flag ? 1 : 0))
                } else {
                    sink.skipped("texts in the column \(names[index])")
                }
            case .number(let value, let integer):
                if let integer, Int64(exactly: value) != integer { sink.rounded() }
                values.append((names[index], value))
            }
        }
        if let length = values.first(where: { $0.name == "l" })?.value, let whole = CellValue.wholeNumber(length) {
            let (sum, overflow) = steps.addingReportingOverflow(whole)
            if !overflow { steps = sum }
        } else {
            let what = "a row whose length is no number: its step is that of the one before,"
            sink.problem(ImportProblem(file: file, offset: offset, line: line, message: what))
        }
        if let start, let seconds = values.first(where: { $0.name == "t" })?.value {
            time = WallTime.nanoseconds(start + seconds) ?? WallTime.none
        }
        try sink.record(from: offset, to: reader.rowEnd)
        for (name, value) in values { try sink.point(name, step: steps, time: time, value: value, type: .double) }
        episodes += 1
    }
}
