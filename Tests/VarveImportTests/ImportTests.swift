import Testing
import Varve
import VarveExport
import VarveFiles
import VarveTestSupport

@testable import VarveImport

/// Proves the way of real logs through a repository: every point that the parsers found (``DataSetTests`` hold those against
/// `expected.json`) is shown by default, bit for bit and in its order, under the run, name and context that the rules give.
@Suite(.enabled(if: DataSet.areHere, PackagePaths.skipMessage))
struct ImportTests {
    private typealias Points = [String: [MetricKey: [CollectingSink.Point]]]

    /// What the parsers find below `path`, by run and metric: the oracle.
    private func parsed(_ path: String, _ format: ImportFormat) throws -> Points {
        var found: Points = [:]
        let stream = try #require(format.type as? any StreamFormat)
        let plan = try stream.plan(SourceTree(path, in: RealFileSystem()), ImportPlace())
        for run in plan.runs {
            var names = MetricNames(keepNames: false)
            for source in run.sources {
                let sink = CollectingSink()
                let bytes = FileSource(source.file.path, name: source.file.relativePath, in: RealFileSystem())
                var reader = try stream.reader(of: source, ImportPlace()) { _ in sink }
                try reader.read(bytes) { _ in }
                for (metric, points) in sink.points {
                    let name = names.metric(metric.name, subset: source.subset, directory: source.file.directory)
                    found[run.name, default: [:]][name, default: []] += points
                }
            }
        }
        return found
    }

    /// What a snapshot shows by default, by run and metric.
    private func shown(_ repository: Repository) throws -> Points {
        let snapshot = try repository.snapshot()
        let names = Dictionary(uniqueKeysWithValues: snapshot.runs.map { ($0.id, $0.name) })
        var found: Points = [:]
        let reader = try snapshot.series(Query())
        while let chunk = try reader.next() {
            let run = try #require(names[chunk.run])
            for index in 0..<chunk.count {
                let point = CollectingSink.Point(
                    step: Int64(chunk.steps[index]), time: chunk.times[index], value: chunk.values[index].bitPattern)
                found[run, default: [:]][chunk.metric, default: []].append(point)
            }
        }
        return found
    }

    private func expectSame(_ found: Points, _ expected: Points, _ label: String) {
        #expect(Set(found.keys) == Set(expected.keys), "\(label)")
        for (run, series) in expected {
            #expect(Set(found[run]?.keys.map(\.self) ?? []) == Set(series.keys), "\(label): \(run)")
            for (metric, points) in series {
                #expect(found[run]?[metric] == points, "\(label): \(run) \(metric)")
            }
        }
    }

    private static let sets: [(name: String, format: ImportFormat, runs: Int, points: Int)] = [
        ("tensorboard-keras-mixed", .tensorboard, 23, 1_944), ("tensorboard-lightning-rbm", .tensorboard, 26, 7_587),
        ("algoperf-baseline", .tensorboard, 11, 19_014), ("algoperf-baseline", .csv, 22, 0),
        ("jsonl-dreamer", .tensorboard, 3, 423), ("jsonl-dreamer", .jsonl, 4, 438),
        ("multi-tracker-vit", .tensorboard, 11, 874), ("multi-tracker-vit", .csv, 11, 0),
        ("csv-lightning-mnist", .csv, 22, 40_443),
    ]

    @Test(arguments: Self.sets.indices)
    func everyPointIsShown(_ index: Int) throws {
        let (name, format, runs, points) = Self.sets[index]
        let source = try #require(PackagePaths.dataSet(name))
        try withTemporaryDirectory(in: DataSet.memory) { directory in
            let repository = try Repository.create(at: Paths.join(directory, "r"))
            let report = try repository.importLogs(format, from: source)
            let expected = try parsed(source, format)
            let total = expected.values.reduce(0) { $0 + $1.values.reduce(0) { $0 + $1.count } }
            #expect(report.problemCount == 0 && report.refused.isEmpty, "\(report.problems)")
            #expect(report.newRuns == expected.count || report.newRuns == runs, "\(report)")
            #expect(report.pointsStored == total && (points == 0 || total == points))
            expectSame(try shown(repository), expected, "imported")

            #expect(try repository.compact().points == total)
            expectSame(try shown(repository), expected, "compacted")
            removeTree(Paths.join(repository.path, "index"))
            expectSame(try shown(repository), expected, "without its index")
            #expect(try repository.compact().points == total)
            expectSame(try shown(repository), expected, "compacted again")

            let again = try repository.importLogs(format, from: source)
            #expect(again.pointsStored == 0 && again.unchangedRuns == again.runs && again.newRuns == 0, "\(again)")
            expectSame(try shown(repository), expected, "imported twice")

            for exported in ExportFormat.lines {
                let path = Paths.join(directory, "points." + exported.rawValue)
                let file = try RealFileSystem().open(path, .createNew)
                var offset = 0
                let count = try repository.snapshot().export(Query(), as: exported) { bytes throws(VarveError) in
                    do throws(FileError) { try file.write(bytes, at: offset) } catch { throw VarveError(error) }
                    offset += bytes.count
                }
                file.close()
                #expect(count == total)
                let copy = try Repository.create(at: Paths.join(directory, exported.rawValue))
                _ = try copy.importLogs(exported == .csv ? .csv : .jsonl, from: path)
                expectSame(try shown(copy), expected, "exported as \(exported)")
            }
        }
    }
}
