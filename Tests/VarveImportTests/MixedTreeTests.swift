import Glibc
import Testing
import Varve
import VarveFiles
import VarveTestSupport

@testable import VarveImport

/// Proves that a folder full of projects comes in whole and once: several trackers side by side, links that lead in circles, up, to
/// the same things and to others, installed packages, hidden folders, pipes and broken links.
@Suite struct MixedTreeTests {
    private func link(_ place: Place, _ name: String, to target: String) throws {
        try #require(symlink(target, Paths.join(place.logs, name)) == 0)
    }

    @Test func everythingOnce() throws {
        try Place.with { place in
            try place.write("a/v0/metrics.csv", "step,loss\n1,0.5\n")
            try place.write("a/v1/metrics.csv", "step,loss\n1,0.25\n")
            let events = EventFile.version + EventFile.scalar("loss", 0.75, step: 1)
            try place.write("b/runs/events.out.tfevents.1.h", events)
            try place.write("c/log.jsonl", "{\"epoch\": 1, \"loss\": 0.5}\n{\"epoch\": 2, \"loss\": 0.25}\n")
            try place.write("d/node_modules/x/history.json", "{\"loss\": [1, 2]}")
            try place.write("d/venv/lib/site-packages/p/data.csv", "step,a\n1,2\n")
            try place.write("a/.git/logs.csv", "step,a\n1,2\n")
            try place.write("b/model.pt", "x")
            let other = Paths.join(place.directory, "other")
            try RealFileSystem().makeDirectory(other)
            let file = try RealFileSystem().open(Paths.join(other, "m.csv"), .createNew)
            try file.write(Array("step,acc\n1,0.125\n".utf8), at: 0)
            file.close()
            try link(place, "a/latest", to: "v1")
            try link(place, "a/loop", to: "..")
            try link(place, "b/above", to: "../../..")
            try link(place, "b/whole", to: place.logs)
            try link(place, "c/best.jsonl", to: "log.jsonl")
            try link(place, "broken", to: "nowhere")
            try link(place, "linked", to: other)
            try link(place, "twice", to: other)
            try #require(mkfifo(Paths.join(place.logs, "c/pipe"), 0o600) == 0)

            let report = try place.load(nil) { $0.audits = true }
            #expect(report.problems.isEmpty, "\(report.problems)")
            #expect(report.audit?.isEqual == true)
            let expected = [
                "a/v0 loss: 1=0.5", "a/v1 loss: 1=0.25", "b/runs loss: 1=0.75", "c loss: 1=0.5 2=0.25",
                "linked acc: 1=0.125",
            ]
            #expect(try place.shown() == expected)
            #expect(
                report.skipped == [
                    "hidden files and directories": 1, "directories of installed packages": 2,
                    "links to what is imported anyway": 6,
                ])
            #expect(report.notes == ["1 file (b/model.pt) is of no format that is known"])
            let again = try place.load(nil)
            #expect(again.unchangedRuns == 5 && again.newRuns == 0)
        }
    }

    @Test func aDirectoryThatIsALink() throws {
        try Place.with { place in
            try place.write("a/metrics.csv", "step,loss\n1,0.5\n")
            try link(place, "l", to: "a")
            #expect(try place.load(nil, Paths.join(place.logs, "l")).newRuns == 1)
        }
    }
}
