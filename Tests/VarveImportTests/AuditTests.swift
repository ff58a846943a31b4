import Testing
import Varve
import VarveFiles
import VarveTestSupport

@testable import VarveImport

/// Proves that the proof proves: complete imports are equal series by series, a point that is missing, doubled or changed in the
/// repository is found, and only an order that differs is told from points that do.
@Suite struct AuditTests {
    private func audit(_ place: Place, _ format: ImportFormat? = nil) throws -> ImportAudit {
        try #require(try place.load(format) { $0.audits = true }.audit)
    }

    @Test func provesEverySeries() throws {
        try Place.with { place in
            try place.write("a/m.csv", "step,loss,val_loss,word\n1,2,nan,x\n2,3,,y\n")
            try place.write("b/m.jsonl", "{\"step\":1,\"loss\":-0.0,\"time\":1700000000.5}\n")
            let audit = try audit(place)
            #expect(audit.isEqual && audit.points == 4 && audit.series == 3)
            #expect(audit.runs.map(\.name) == ["a", "b"] && audit.runs.map(\.format) == ["csv", "jsonl"])
            #expect(audit.runs.first?.leftOut == ["texts in the column word": 2])
            #expect(audit.runs.flatMap(\.series).allSatisfy { $0.verdict == .equal && $0.source == $0.stored })
            // What was there already is read and compared again.
            let again = try self.audit(place)
            #expect(again.isEqual && again.points == 4)
        }
    }

    @Test(arguments: ["one more", "another series"])
    func findsWhatDiffers(_ what: String) throws {
        try Place.with { place in
            try place.write("a/m.csv", "step,loss\n1,2\n2,3\n")
            _ = try place.load(.csv)
            let id = try #require(try place.repository.snapshot().runs.first?.id)
            let run = try place.repository.resumeRun(id)
            try run.series(what == "one more" ? "loss" : "acc").log(3, step: 2, time: .min)
            try run.finish()
            let audit = try audit(place)
            #expect(!audit.isEqual && audit.runs.first?.series.count { $0.verdict == .different } == 1)
        }
    }

    /// An earlier file that grew after a later one was imported: all points are there, in the order of their arrival.
    @Test func tellsOrderFromLoss() throws {
        try Place.with { place in
            func records(_ steps: Range<Int>) -> [UInt8] {
                steps.flatMap { EventFile.scalar("loss", Float($0), step: Int64($0)) }
            }
            try place.write("a/events.out.tfevents.1.h", records(0..<2))
            try place.write("a/events.out.tfevents.2.h", records(5..<7))
            _ = try place.load(.tensorboard)
            try place.write("a/events.out.tfevents.1.h", records(0..<3))
            let audit = try audit(place)
            #expect(audit.isEqual && audit.runs.first?.verdict == .reordered)
        }
    }

    /// The JSON says all of it, and its hash is XXH64 over the points as Docs/Import.md states.
    @Test func writesJSON() throws {
        try Place.with { place in
            try place.write("a/m.csv", "step,val_loss\n1,2\n2,\n3,0.5\n")
            let report = try place.load(.csv) { $0.audits = true }
            var text = ""
            try #require(report.audit).writeJSON(report) { text += $0 }
            let json = try JSONValue(parsing: text)
            #expect(json["verdict"] == "equal" && json["points_in_source"] == 2 && json["points_stored"] == 2)
            let series = try #require(json["runs"]?.arrayValue?.first?["series"]?.arrayValue?.first)
            #expect(series["metric"] == "loss" && series["context"]?["subset"] == "val")
            var bytes: [UInt8] = []
            for (step, value) in [(1, 2.0), (3, 0.5)] as [(Int64, Double)] {
                bytes += Message.littleEndian(step) + Message.littleEndian(Int64.min)
                bytes += Message.littleEndian(value.bitPattern)
            }
            let hash = String(XXHash64.hash(bytes), radix: 16)
            let digits = String(repeating: "0", count: 16 - hash.count) + hash
            #expect(series["source"]?["xxh64"] == .string(digits) && series["stored"]?["xxh64"] == .string(digits))
        }
    }
}
