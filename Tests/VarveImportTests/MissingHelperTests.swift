import Testing
import Varve
import VarveFiles

@testable import VarveImport

/// Proves that a Python, or a package of it, that isn't there costs the sources which need it and nothing else: a tree with an Aim
/// repository beside tables and event files comes in but for that, which is named with what helps.
struct MissingHelperTests {
    /// A tree with an Aim repository of two runs (their databases are never reached), a table, and an event file.
    private func fill(_ place: Place) throws {
        for run in ["6d1f0c9a", "a84be127"] {
            try place.write("exp/.aim/meta/chunks/\(run)/CURRENT", "MANIFEST-000001\n")
        }
        try place.write("sheet/metrics.csv", "step,loss\n0,1\n1,0.5\n")
        let events = EventFile.version + EventFile.scalar("acc", 0.25, step: 3)
        try place.write("board/events.out.tfevents.1700000000.host", events)
    }

    @Test func whatNeedsNoHelperComesInWithoutPython() throws {
        try Place.with { place in
            try fill(place)
            let report = try place.load(nil) { options in
                options.python = "/no/such/python"
                options.audits = true
            }
            #expect(report.newRuns == 2 && report.pointsStored == 3)
            let left = try #require(report.unreadable.first)
            #expect(report.unreadable.count == 1 && left.format == "aim" && left.runs == 2 && left.path == "exp/.aim")
            #expect(left.reason.remedy?.contains("--python") == true)
            var text = ""
            try report.audit?.writeJSON(report) { text += $0 }
            let audit = try JSONValue(parsing: text)
            #expect(audit["verdict"]?.stringValue == "different" && audit["unreadable"]?.arrayValue?.count == 1)
        }
    }

    @Test(.enabled(if: (try? Python.run("")) != nil, "there is no Python"))
    func aMissingPackageIsNamed() throws {
        try Place.with { place in
            try fill(place)
            // An isolated interpreter without site packages has no aim, wherever this one's are.
            let python = Paths.join(place.directory, "python")
            let file = try RealFileSystem().open(python, .createNew)
            try file.write(Array("#!/bin/sh\nexec \(Python.path) -I -S \"$@\"\n".utf8), at: 0)
            file.close()
            try Python.run("import os, sys; os.chmod(sys.argv[1], 0o755)", [python])
            let report = try place.load(nil) { $0.python = python }
            #expect(report.newRuns == 2)
            let reason = try #require(report.unreadable.first?.reason)
            #expect(reason.message.contains("Aim's own Python package"))
            #expect(reason.remedy?.contains("pip install aim") == true)
        }
    }

    @Test func aFollowerAsksOnce() throws {
        try Place.with { place in
            try fill(place)
            var options = ImportOptions()
            options.python = "/no/such/python"
            let follower = ImportFollower(place.repository, place.logs, options: options, clock: { 0 })
            #expect(try follower.pass().unreadable.count == 1)
            #expect(try follower.pass().unreadable.isEmpty)
            try follower.end()
        }
    }
}
