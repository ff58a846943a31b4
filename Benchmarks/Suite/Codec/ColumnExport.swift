import Glibc
import Varve
import VarveFiles
import VarveFormat

/// Writes columns as files for other programs to encode, and beside them what Varve makes of each.
///
/// A column is a file of little-endian words, `<number>.f64` or `<number>.i64`. `columns.tsv` has a line for each: file,
/// kind, values, bytes at index effort, bytes at log effort, nanoseconds a value to encode at index effort, and to decode.
/// `parts.tsv` has a line for each repository: name, points, and the bytes of its index by what they hold.
package struct ColumnExport {
    private let directory: String
    private let codec = ColumnCodec()
    private var lines: [String] = []
    private var parts: [String] = []
    /// Values are cut into pages of this length, as the index does.
    private static let page = 16_384

    package init(to directory: String) throws {
        self.directory = directory
        try RealFileSystem().makeDirectory(directory)
    }

    /// The generated kinds, in the lengths that are measured.
    package mutating func addSamples() throws {
        for count in [20, 300, 1_000, Self.page] {
            for column in SampleColumn.all(count: count) {
                try add("\(column.kind)/\(count)", column.type, column.words)
            }
        }
    }

    /// The values, steps and times of a repository: of every series, and of every metric over all runs, as pages hold them.
    package mutating func add(repository path: String, name: String, least: Int = 20) throws {
        let repository = try Repository.open(path)
        let index = try IndexParts(of: repository)
        parts.append(
            [index.points, index.all, index.values, index.steps, index.times, index.timeDifferences, index.axes]
                .reduce(name) { "\($0)\t\($1)" } + "\t\(index.slices + index.summaries)\t\(index.rest)")
        let reader = try repository.snapshot().series(Query())
        var values: [String: [UInt64]] = [:]
        var steps: [String: [UInt64]] = [:]
        var times: [String: [UInt64]] = [:]
        while let chunk = try reader.next() {
            let metric = "\(chunk.metric.name) \(chunk.metric.context.map { "\($0.key)=\($0.value)" })"
            for key in ["metric \(metric)", "series \(metric)\t\(chunk.run)"] {
                for i in 0..<chunk.count {
                    values[key, default: []].append(chunk.values[i].bitPattern)
                    steps[key, default: []].append(UInt64(bitPattern: Int64(chunk.steps[i])))
                    times[key, default: []].append(UInt64(bitPattern: chunk.times[i]))
                }
            }
        }
        for key in values.keys.sorted() {
            guard let words = values[key], let steps = steps[key], let times = times[key] else { continue }
            let what = key.split(separator: "\t")[0]
            // The columns of a table of all points, for a comparison with the whole index: short ones count, too.
            if what.hasPrefix("metric") {
                try add("\(name)/whole \(what)", .doubles, words)
                try add("\(name)/whole steps", .integers, steps)
                try add("\(name)/whole times", .integers, times)
            }
            guard words.count >= least else { continue }
            try add("\(name)/\(what)", .doubles, words)
            if what.hasPrefix("series") {
                try add("\(name)/steps", .integers, steps)
                try add("\(name)/times", .integers, times)
            }
        }
    }

    private mutating func add(_ kind: String, _ type: ColumnKind, _ words: [UInt64]) throws {
        let name = "\(lines.count).\(type == .doubles ? "f64" : "i64")"
        let file = try RealFileSystem().open(Paths.join(directory, name), .createNew)
        defer { file.close() }
        try words.withUnsafeBytes { bytes in
            try file.write(Array(bytes), at: 0)
        }
        func encoded(_ effort: ColumnEffort) -> ByteWriter {
            var writer = ByteWriter()
            for start in stride(from: 0, to: words.count, by: Self.page) {
                let page = Array(words[start..<min(words.count, start + Self.page)])
                codec.encode(page, type, effort: effort, into: &writer)
            }
            return writer
        }
        let index = encoded(.index)
        let encoding = Stopwatch.measure { keep(UInt64(encoded(.index).count)) }
        let decoding = try Stopwatch.measure {
            var reader = ByteReader(index.bytes.span.bytes)
            for start in stride(from: 0, to: words.count, by: Self.page) {
                let count = min(words.count - start, Self.page)
                keep(try codec.decode(&reader, count: count)[count - 1])
            }
        }
        let perValue = 1 / Double(words.count)
        lines.append(
            "\(name)\t\(kind)\t\(words.count)\t\(index.count)\t\(encoded(.log).count)"
                + "\t\(encoding.wall * perValue)\t\(decoding.wall * perValue)")
    }

    /// Writes the lists.
    package func finish() throws {
        for (name, lines) in [("columns.tsv", lines), ("parts.tsv", parts)] {
            let file = try RealFileSystem().open(Paths.join(directory, name), .createNew)
            defer { file.close() }
            try file.write(Array(lines.map { $0 + "\n" }.joined().utf8), at: 0)
        }
    }
}
