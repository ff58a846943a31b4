import Varve
import VarveExport
import VarveFormat

/// `export`: points as lines of text, as Arrow and Parquet, as a folder and as a database. Copying the same bytes is the floor; what
/// reading the points takes stands beside it.
enum Exporting {
    static func run(_ context: BenchContext) throws -> [Measurement] {
        let corpus = try context.corpus("L")
        try corpus.compact()
        let snapshot = try corpus.repository.snapshot()
        let points = Double(corpus.workload.points)
        var results: [Measurement] = []
        for format in ExportFormat.allCases {
            let output = try check(corpus, snapshot, format)
            var rates = Samples()
            var floors = Samples()
            for round in 0...context.repeats {
                var bytes = 0
                let elapsed = try Stopwatch.measure {
                    _ = try snapshot.export(Query(), as: format, withRuns: false) { bytes += $0.count }
                }
                keep(UInt64(bytes))
                let floor = copy(bytes)
                if round > 0 {
                    rates.append(points * 1e3 / elapsed.cpu)
                    floors.append(points * 1e3 / floor)
                }
            }
            let what = "L, \(format.rawValue), \(output.bytes / max(1, corpus.workload.points)) bytes a point"
            results.append(
                Measurement(
                    "export", what, rates.median, "M points/s of CPU", runs: rates.count, floor: floors.median,
                    hash: output.hash))
        }
        results += try folders(context, snapshot, corpus.workload.points)
        var reading = Samples()
        for _ in 0..<context.repeats {
            let elapsed = try Stopwatch.measure {
                let reader = try snapshot.series(Query())
                while let chunk = try reader.next() { keep(UInt64(chunk.count)) }
            }
            reading.append(points * 1e3 / elapsed.cpu)
        }
        results.append(
            Measurement(
                "export", "L, reading the points alone", reading.median, "M points/s of CPU", runs: reading.count))
        return results
    }

    /// Exports of more than a stream.
    private static func folders(
        _ context: BenchContext, _ snapshot: Snapshot, _ points: Int
    ) throws -> [Measurement] {
        typealias Export = (String) throws -> ExportReport
        let exports: [(name: String, export: Export)] = [
            ("tensorboard", { try snapshot.exportTensorBoard(Query(), to: $0) }),
            ("mlflow", { try snapshot.exportMLflow(Query(), to: $0, experiment: "bench") }),
            ("sqlite", { try snapshot.exportSQLite(Query(), to: $0, withPoints: true) }),
        ]
        return try exports.map { name, export in
            var (rates, floors) = (Samples(), Samples())
            var report = ExportReport()
            for _ in 0..<context.repeats {
                let path = context.newPath(name)
                defer { FileTree.remove(path) }
                let elapsed = try Stopwatch.measure { report = try export(path) }
                rates.append(Double(points) * 1e3 / elapsed.cpu)
                floors.append(Double(points) * 1e3 / copy(report.bytes))
            }
            guard report.points == points else {
                throw WrongResult(description: "export: \(report.points) points of \(name)")
            }
            let hash = XXHash64.hash(Array("\(report.points) \(report.runs) \(report.rounded)".utf8))
            return Measurement(
                "export", "L, \(name), \(report.bytes / max(1, points)) bytes a point", rates.median,
                "M points/s of CPU", runs: rates.count, floor: floors.median, hash: hash)
        }
    }

    /// Proves that there is a line for each point, where there are lines. The hash is the sum of those of the lines, but for the
    /// run's ID.
    private static func check(
        _ corpus: Corpus, _ snapshot: Snapshot, _ format: ExportFormat
    ) throws -> (bytes: Int, hash: UInt64) {
        guard ExportFormat.lines.contains(format) else { return try checkColumns(corpus, snapshot, format) }
        var rest: [UInt8] = []
        var (lines, bytes, hash) = (0, 0, UInt64(0))
        let count = try snapshot.export(Query(), as: format, withRuns: false) { block in
            bytes += block.count
            rest += block
            var start = 0
            while let end = rest[start...].firstIndex(of: UInt8(ascii: "\n")) {
                let line = rest[start..<end]
                let comma = line.firstIndex(of: UInt8(ascii: ",")) ?? start
                hash &+= line[comma...].withUnsafeBytes { XXHash64.hash($0) }
                lines += 1
                start = end + 1
            }
            rest.removeFirst(start)
        }
        let expected = corpus.workload.points + (format == .csv ? 1 : 0)
        guard count == corpus.workload.points, lines == expected, rest.isEmpty else {
            throw WrongResult(description: "export: \(count) points in \(lines) lines of \(format)")
        }
        return (bytes, hash)
    }

    /// Proves that all points are written. The hash is that of the uncompressed file, but for the run's ID.
    private static func checkColumns(
        _ corpus: Corpus, _ snapshot: Snapshot, _ format: ExportFormat
    ) throws -> (bytes: Int, hash: UInt64) {
        let ids = snapshot.runIDs.map { Array($0.description.utf8) }
        var hash: UInt64 = 0
        let count = try snapshot.export(Query(), as: format, compression: ExportCompression.none) { block in
            var block = block
            // IDs stand in dictionaries and in what the file's end says of them, not among the points.
            if block.count < 1 << 16 {
                for id in ids {
                    while let place = block.firstRange(of: id) { block.removeSubrange(place) }
                }
            }
            hash = XXHash64.hash(block, seed: hash)
        }
        var bytes = 0
        _ = try snapshot.export(Query(), as: format) { bytes += $0.count }
        guard count == corpus.workload.points else {
            throw WrongResult(description: "export: \(count) points of \(format)")
        }
        return (bytes, hash)
    }

    /// What copying this many bytes in blocks takes.
    private static func copy(_ bytes: Int) -> Double {
        let source = UnsafeMutableRawBufferPointer.allocate(byteCount: max(8, min(bytes, 1 << 26) & ~7), alignment: 64)
        defer { source.deallocate() }
        source.initializeMemory(as: UInt8.self, repeating: 0x30)
        let elapsed = BytesFloor.copy(UnsafeRawBufferPointer(source), block: 1 << 16)
        return elapsed * Double(bytes) / Double(source.count)
    }
}
