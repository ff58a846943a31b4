import Testing
import Varve
import VarveTestSupport

@testable import VarveExport

/// Shows that a wide table is the same however few points are in memory at once, and that the form is written by any number of
/// threads to the same bytes.
struct WideTableTests {
    private func csv(_ snapshot: Snapshot, budget: Int) throws -> (rows: [String], points: Int) {
        let table = try WideTable(snapshot, Query(), budget: budget)
        let encoder = WideCSV()
        var bytes = WideCSV.header(table.columns)
        let points = try table.forEachBatch(ExportLabels(snapshot, Query())) { batch throws(VarveError) in
            #expect(batch.rows <= table.rowsAtOnce)
            bytes += encoder.encode(batch, names: [:])
        }
        return (String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init), points)
    }

    @Test func isTheSameInPieces() throws {
        let snapshot = try HardRepository(longSeries: 300).snapshot
        let whole = try csv(snapshot, budget: .max / 4)
        #expect(whole.rows.count > 400)
        #expect(whole.points == snapshot.runs.reduce(0) { $0 + $1.points })
        // From one window for all to one for nearly each step; steps reach from one end of 64 bits to the other.
        for budget in [200, 37, 5] {
            let pieces = try csv(snapshot, budget: budget)
            expectSame(pieces.rows, whole.rows, "with \(budget) points at once")
            #expect(pieces.points == whole.points)
        }
    }

    @Test(arguments: ExportFormat.allCases) func threadsChangeNothing(_ format: ExportFormat) throws {
        let snapshot = try HardRepository(longSeries: 20_000).snapshot
        func bytes(threads: Int, isWide: Bool) throws -> [UInt8] {
            var bytes: [UInt8] = []
            _ = try snapshot.export(Query(), as: format, isWide: isWide, threads: threads) { bytes += $0 }
            return bytes
        }
        for isWide in format.hasWideForm ? [false, true] : [false] {
            let alone = try bytes(threads: 1, isWide: isWide)
            for threads in [2, 5] { #expect(try bytes(threads: threads, isWide: isWide) == alone) }
        }
    }

    /// What the caller's writer throws ends an export, whoever encodes.
    @Test(arguments: [1, 4]) func endsWithItsWriter(_ threads: Int) throws {
        let snapshot = try HardRepository(longSeries: 20_000).snapshot
        for format in ExportFormat.allCases {
            var calls = 0
            #expect(throws: VarveError(.noRoom, "full")) {
                try snapshot.export(Query(), as: format, threads: threads) { _ throws(VarveError) in
                    calls += 1
                    if calls == 2 { throw VarveError(.noRoom, "full") }
                }
            }
            #expect(calls == 2)
        }
    }
}
