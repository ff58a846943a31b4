import Testing
import Varve
import VarveTestSupport

@testable import VarveImport

/// Proves that runs of Guild AI come in. Their files stand here as guildai 0.9.0 wrote them, shortened.
@Suite struct GuildTests {
    private func write(_ place: Place, _ run: String, exit: String?) throws {
        let attributes: [(String, String?)] = [
            ("id", "cfea93331bec4c519c103cb303b0320c\n"),
            ("flags", "layers: 2\nlr: 0.2\nname: x\nopt:\n  beta: null\n"),
            ("label", "my label\n"), ("tags", "- t1\n"), ("host", "vm\n"), ("started", "1795719745105133\n"),
            ("stopped", exit == nil ? nil : "1795719748939817\n"), ("exit_status", exit), ("user", "''\n"),
        ]
        for (name, text) in attributes { if let text { try place.write("\(run)/.guild/attrs/\(name)", text) } }
        try place.write("\(run)/.guild/opref", "guildfile:/tmp/gl/guild.yml d5199a2c4df380ecb0e46e2ed6bf03d4 '' train")
        try place.write("\(run)/.guild/output", "step: 1\nloss: 0.5\n")
        let scalars = EventFile.scalar("loss", 0.5, step: 1) + EventFile.scalar("loss", 0.25, step: 2)
        try place.write("\(run)/.guild/events.out.tfevents.1795719748.vm.19818.0", EventFile.version + scalars)
        let own = EventFile.version + EventFile.scalar("acc", 0.75, step: 1)
        try place.write("\(run)/logs/val/events.out.tfevents.1795719749.vm.1.0", own)
        try place.write("\(run)/train.py", "print(1)\n")
    }

    @Test func runs() throws {
        try Place.with { place in
            try write(place, "runs/cfea", exit: "0\n")
            let report = try place.load(nil) { $0.audits = true }
            #expect(report.problems.isEmpty && report.audit?.isEqual == true && report.runs == 1)
            #expect(try place.shown() == ["my label acc {subset=val}: 1=0.75", "my label loss: 1=0.5 2=0.25"])
            let run = try #require(try place.repository.snapshot().runs.first)
            #expect(run.params == ["layers": 2, "lr": 0.2, "name": "x", "opt.beta": .null])
            #expect(run.properties["guild.operation"] == "train" && run.properties["tags.t1"] == true)
            #expect(report.textsStored == 2)
            let again = try place.load(nil)
            #expect(again.pointsStored == 0 && again.textsStored == 0 && again.newRuns == 0)
        }
    }

    /// A run is known again by its ID wherever it lies, also where it is the path that is imported.
    @Test func aRunThatGoesOn() throws {
        try Place.with { place in
            try write(place, "cfea", exit: nil)
            let first = try place.load(nil, place.logs + "/cfea")
            #expect(first.newRuns == 1)
            #expect(try place.repository.snapshot().runs.first?.status == .silent)
            try place.write("cfea/.guild/attrs/exit_status", "1\n")
            let report = try place.load(nil)
            #expect(report.newRuns == 0 && report.pointsStored == 0)
            #expect(try place.repository.snapshot().runs.first?.status == .failed)
        }
    }
}
