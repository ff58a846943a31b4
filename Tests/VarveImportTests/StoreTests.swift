import Testing
import Varve
import VarveFiles
import VarveTestSupport

@testable import VarveImport

/// Proves that importing a store again adds what is new and nothing twice without any mark: what the run holds is compared
/// with what the store tells. The store here is an array.
@Suite struct StoreTests {
    /// A store of one run, whose series a test changes as it likes.
    private final class ToyStore: StoreReader {
        var series: [(name: String, points: [(step: Int64, value: Double)])]
        var texts: [String] = []
        var end: ForeignEnd?
        var version: UInt64?

        init(_ series: [(name: String, points: [(step: Int64, value: Double)])]) { self.series = series }

        func version(of source: ImportSource) -> UInt64? { version }

        func read(_ source: ImportSource, into sink: any RunSink) throws(VarveError) {
            for (name, points) in series {
                for (step, value) in points {
                    try sink.point(name, step: step, time: WallTime.none, value: value, type: .double)
                }
            }
            for text in texts { try sink.text(text, name: "t", step: 0, time: 0) }
            if let end { sink.ended(end) }
        }
    }

    private struct ToyFormat: StoreFormat {
        let name = "toy"
        let title = "toys"
        let signs = ""
        nonisolated(unsafe) let store: ToyStore

        func plan(_ tree: SourceTree, _ place: ImportPlace) -> ImportPlan {
            var plan = ImportPlan()
            let file = SourceTree.File(relativePath: "toy", path: "toy", size: 0)
            plan.runs = [ImportPlan.Run(name: "r", sources: [ImportSource(file: file, key: "1")], identity: "id-1")]
            return plan
        }

        func open(_ place: ImportPlace) -> any StoreReader { store }
    }

    private func load(
        _ place: Place, _ store: ToyStore, _ change: (inout ImportOptions) -> Void = { _ in }
    ) throws -> ImportReport {
        var options = ImportOptions()
        change(&options)
        let search = try ImportSearch(place.logs, ToyFormat(store: store), options, RealFileSystem())
        return try place.repository.importLogs(search)
    }

    @Test func addsWhatIsNew() throws {
        try Place.with { place in
            let store = ToyStore([("a", [(1, 1), (2, 2)])])
            store.texts = ["x"]
            store.end = .running
            #expect(try load(place, store).pointsStored == 2)
            #expect(try place.repository.snapshot().runs.first?.status == .silent)
            #expect(try load(place, store).unchangedRuns == 1)
            store.series = [("A", [(5, 5)]), ("a", [(1, 1), (2, 2), (2, 2)])]
            store.texts = ["x", "x", "y"]
            store.end = .finished
            let report = try load(place, store)
            #expect(report.pointsStored == 2 && report.grownRuns == 1 && report.textsStored == 2)
            #expect(try place.shown() == ["r A: 5=5.0", "r a: 1=1.0 2=2.0 2=2.0"])
            let info = try #require(try place.repository.snapshot().runs.first)
            #expect(info.status == .finished && info.properties["import.id"] == "id-1")
        }
    }

    /// The name that came first keeps its metric, wherever a second one that would be the same is found later.
    @Test func keepsNamesApart() throws {
        try Place.with { place in
            let store = ToyStore([("val_loss", [(1, 1)])])
            _ = try load(place, store)
            store.series = [("val/loss", [(1, 7)]), ("val_loss", [(1, 1), (2, 2)])]
            let report = try load(place, store)
            #expect(report.pointsStored == 2 && report.refused.isEmpty)
            #expect(try place.shown() == ["r loss {subset=val}: 1=1.0 2=2.0", "r val/loss: 1=7.0"])
        }
    }

    /// A store that says something else than it said is left, or imported anew.
    @Test(
        arguments: [
            [("a", [(1, 1), (2, 9)])], [("a", [(1, 1)])], [("b", [(1, 1)])],
            [("a", [(1, 1), (2, 9), (3, 3)]), ("b", [(1, 1)])],
        ] as [[(name: String, points: [(step: Int64, value: Double)])]])
    func refusesWhatChanged(_ series: [(name: String, points: [(step: Int64, value: Double)])]) throws {
        try Place.with { place in
            let store = ToyStore([("a", [(1, 1), (2, 2)])])
            _ = try load(place, store)
            store.series = series
            #expect(try load(place, store).refused.count == 1)
            #expect(try place.shown().contains("r a: 1=1.0 2=2.0"))
            let report = try load(place, store) { $0.replaceChanged = true }
            #expect(report.refused.isEmpty && report.newRuns == 1)
            let expected = series.map { name, points in
                "r \(name):" + points.map { " \($0.step)=\($0.value)" }.joined()
            }
            #expect(try place.shown() == expected)
            #expect(try load(place, store).unchangedRuns == 1)
        }
    }

    /// An import that was killed between any two points goes on where its points end.
    @Test(arguments: 0...4) func goesOnAfterAKill(_ stored: Int) throws {
        try Place.with { place in
            let store = ToyStore([("a", [(1, 1), (2, 2)]), ("b", [(1, 3), (2, 4)])])
            let run = try place.repository.startRun(name: "r")
            try run.set([
                "import.format": "toy", "import.root": "/", "import.run": "r", "import.id": "id-1",
                "import.complete": false,
            ])
            for (name, points) in store.series {
                for (step, value) in points where Int(value) <= stored {
                    try run.series(name).log(value, step: Int(step), time: .min)
                }
            }
            try run.finish()
            #expect(try load(place, store).pointsStored == 4 - stored)
            #expect(try place.shown() == ["r a: 1=1.0 2=2.0", "r b: 1=3.0 2=4.0"])
        }
    }

    /// A store that says it is what it was isn't read, unless somebody wants a proof.
    @Test func believesAVersion() throws {
        try Place.with { place in
            let store = ToyStore([("a", [(1, 1)])])
            store.version = 7
            _ = try load(place, store)
            #expect(try load(place, store).pointsRead == 0)
            #expect(try load(place, store) { $0.audits = true }.pointsRead == 1)
            store.version = 8
            #expect(try load(place, store).pointsRead == 1)
            #expect(try load(place, store).pointsRead == 0)
        }
    }
}
