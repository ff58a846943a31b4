import Glibc
import Synchronization
import Testing
import Varve
import VarveFiles
import VarveTestSupport

@testable import VarveImport

/// Proves that following brings what grows, once, whatever appears, and that it may be stopped and begun again anywhere.
@Suite struct FollowTests {
    @Test(arguments: [1, 2, 100]) func bringsWhatGrows(_ passesEach: Int) throws {
        try Place.with { place in
            var follower = ImportFollower(place.repository, place.logs) { 0 }
            var rows = ""
            for step in 0..<12 {
                rows += "\(step),\(Double(step) / 4)\n"
                // The last row may be cut anywhere.
                let cut = String(rows.dropLast(step % 4))
                try place.write("a/m.csv", "step,loss\n" + cut)
                if step > 5 {
                    try place.write("b/m.jsonl", (6...step).map { "{\"step\":\($0),\"x\":1}\n" }.joined())
                }
                _ = try follower.pass()
                if step % passesEach == 0 { follower = ImportFollower(place.repository, place.logs) { 0 } }
            }
            try place.write("a/m.csv", "step,loss\n" + rows)
            _ = try follower.pass()
            let expected = (0..<12).map { " \($0)=\(Double($0) / 4)" }.joined()
            let later = (6..<12).map { " \($0)=1.0" }.joined()
            #expect(try place.shown() == ["a loss:" + expected, "b x:" + later])
        }
    }

    /// However often it grows, a run has one file while it is followed, and an end afterwards; also if the follower was killed.
    @Test(arguments: [true, false]) func keepsRunsOpen(_ endsWell: Bool) throws {
        try Place.with { place in
            var follower: ImportFollower? = ImportFollower(place.repository, place.logs) { 0 }
            var rows = "step,loss\n"
            for step in 0..<10 {
                rows += "\(step),1\n"
                try place.write("a/m.csv", rows + "\(step + 1),")
                #expect(try follower?.pass().pointsStored == 1)
            }
            let open = try #require(try place.repository.snapshot().runs.first)
            #expect(open.files == 1 && open.status == .running && open.points == 10)
            if endsWell { try follower?.end() }
            follower = nil
            try place.write("a/m.csv", rows)
            let report = try place.load(.csv)
            let ended = try #require(try place.repository.snapshot().runs.first)
            #expect(ended.status == .finished && ended.points == 10 && report.newRuns == 0)
        }
    }

    /// Where more runs grow than may be open, it isn't one file more for each of them at each pass; and in the end all is there.
    @Test func moreRunsThanMayBeOpen() throws {
        try Place.with { place in
            var options = ImportOptions()
            options.maxFollowedRuns = 2
            var now: Int64 = 0
            let follower = ImportFollower(place.repository, place.logs, options: options) { now }
            var rows = "step,loss\n"
            for step in 0..<20 {
                rows += "\(step),1\n"
                for name in ["a", "b", "c", "d"] { try place.append("\(name)/m.csv", Array(rows.utf8)) }
                _ = try follower.pass()
                now += 1_000_000_000
            }
            #expect(try place.files().count == 4)
            for _ in 0..<2 {
                now += 30_000_000_000
                _ = try follower.pass()
            }
            #expect(try place.files().count <= 8)
            let points = (0..<20).map { " \($0)=1.0" }.joined()
            let shown = try place.shown()
            #expect(shown == ["a", "b", "c", "d"].map { "\($0) loss:" + points }, "\(shown)")
            try follower.end()
        }
    }

    /// The same of runs that one file interleaves: what comes for a run that was ended for another one isn't lost.
    @Test(arguments: ["m.jsonl", "m.csv"]) func moreRunsOfAFileThanMayBeOpen(_ name: String) throws {
        try Place.with { place in
            var options = ImportOptions()
            options.maxFollowedRuns = 2
            options.run = "seed"
            var now: Int64 = 0
            let follower = ImportFollower(place.repository, place.logs, options: options) { now }
            var rows = name == "m.csv" ? "seed,step,loss\n" : ""
            for step in 0..<20 {
                for seed in ["a", "b", "c", "d"] {
                    rows +=
                        name == "m.csv" ? "\(seed),\(step),1\n" : "{\"seed\":\"\(seed)\",\"step\":\(step),\"loss\":1}\n"
                }
                try place.append(name, Array(rows.utf8))
                _ = try follower.pass()
                now += 5_000_000_000
            }
            now += 30_000_000_000
            _ = try follower.pass()
            let points = (0..<20).map { " \($0)=1.0" }.joined()
            let shown = try place.shown()
            #expect(shown == ["a", "b", "c", "d"].map { "\($0) loss:" + points }, "\(shown)")
            // Read every half minute, for a hundred seconds: each time all four are opened, at most.
            #expect(try place.files().count <= 20)
            try follower.end()
        }
    }

    /// Every kind of stream, fed in pieces that end anywhere, gives what it gives at once, without its beginning being read again.
    @Test(arguments: ["a.csv", "a.jsonl", "a.monitor.csv", "events.out.tfevents.1.h"]) func readsOn(_ name: String)
        throws
    {
        var whole: [UInt8] = []
        switch name {
        case "a.csv":
            whole = Array("step,\"lo\"\"ss\",time\n".utf8)
            for step in 0..<30 { whole += Array("\(step),\"\(step)\",\(1_700_000_000 + step)\r\n".utf8) }
        case "a.jsonl":
            for step in 0..<30 { whole += Array("{\"step\": \(step), \"x\": {\"y\": \(step)}}\n".utf8) }
        case "a.monitor.csv":
            whole = Array("#{\"t_start\": 1700000000}\nr,l,t\n".utf8)
            for step in 0..<30 { whole += Array("\(step),2,\(step)\n".utf8) }
        default: whole = (0..<30).flatMap { EventFile.scalar("loss", Float($0), step: Int64($0)) }
        }
        var shown: [[String]] = []
        for isFollowed in [false, true] {
            try Place.with { place in
                let follower = ImportFollower(place.repository, place.logs) { 0 }
                if isFollowed {
                    var random = SplitMix64(seed: 7)
                    var count = 0
                    while count < whole.count {
                        count = min(whole.count, count + 1 + Int(random.next() % 50))
                        try place.append("a/" + name, Array(whole[..<count]))
                        _ = try follower.pass()
                    }
                    try follower.end()
                    #expect(try place.repository.snapshot().runs.map(\.files) == [1])
                    // The proof reads everything again.
                    #expect(try place.load(nil) { $0.audits = true }.audit?.isEqual == true)
                } else {
                    try place.write("a/" + name, whole)
                    _ = try place.load(nil)
                }
                shown.append(try place.shown())
            }
        }
        #expect(shown[0] == shown[1] && !shown[0].isEmpty)
    }

    /// A file that was written anew under its name is not read on: its run is left, and named.
    @Test func noticesAnotherFile() throws {
        try Place.with { place in
            let follower = ImportFollower(place.repository, place.logs) { 0 }
            try place.append("a/m.csv", Array("step,loss\n1,1\n".utf8))
            #expect(try follower.pass().pointsStored == 1)
            try place.append("a/m.csv", Array("step,loss\n1,2\n2,3\n".utf8))
            let report = try follower.pass()
            #expect(report.pointsStored == 0 && report.refused.count == 1)
            try follower.end()
        }
    }

    /// The pause grows while nothing happens, to less than a second, and is short again when something did.
    @Test func pausesLonger() throws {
        try Place.with { place in
            let follower = ImportFollower(place.repository, Paths.join(place.logs, "later")) { 0 }
            #expect(try follower.pass().files == 0)
            for _ in 0..<9 { _ = try follower.pass() }
            #expect(follower.pause == 0.8)
            try place.write("later/m.csv", "step,loss\n1,2\n")
            #expect(try follower.pass().newRuns == 1 && follower.pause == 0.2)
        }
    }

    /// What importing takes makes no pause longer: only looking counts, or a large tree's first pass would delay the second one.
    @Test func importingIsNoLook() throws {
        try Place.with { place in
            try place.write("a/m.csv", "step,loss\n1,2\n")
            var calls: Int64 = 0
            // Each call is a second later: the start, the end of the look, and twice while runs are kept and ended.
            let follower = ImportFollower(place.repository, place.logs) {
                calls += 1
                return calls * 1_000_000_000
            }
            #expect(try follower.pass().newRuns == 1)
            #expect(calls > 2 && follower.pause == 3)
            try follower.end()
        }
    }

    /// Several trackers in one tree, which begin at different times, grow at once and then rest: each has what it has at once.
    @Test func followsAMixedTree() throws {
        try Place.with { place in
            let fileSystem = CountingFileSystem()
            var options = ImportOptions()
            options.follows = true
            let follower = ImportFollower(place.repository, place.logs, nil, options, fileSystem) { 0 }
            let experiment = "mlruns/1/abc"
            try place.write("db/keep", "")
            let database = try TestDatabase(Paths.join(place.logs, "db/mlflow.db"))
            try database.run("PRAGMA journal_mode = WAL; " + MLflowTables.all)
            try database.run("INSERT INTO experiments VALUES (1, 'exp')")
            try database.run(
                "INSERT INTO runs VALUES ('u1', 'stored', 'me', 'RUNNING', 1700000000000, NULL, 'active', '', 1)")
            for step in 0..<6 {
                if step == 2 {
                    let meta = "artifact_uri: file:///x\nexperiment_id: '1'\nrun_id: abc\nrun_name: foldered\n"
                    try place.write("\(experiment)/meta.yaml", meta + "status: 1\nstart_time: 1700000000000\n")
                }
                try place.append("table/m.csv", Array("step,loss\n".utf8) + rows(step) { "\($0),\($0)\n" })
                try place.append("lines/m.jsonl", rows(step) { "{\"step\":\($0),\"x\":\($0)}\n" })
                try place.append(
                    "events/events.out.tfevents.1.h",
                    (0...step).flatMap { EventFile.scalar("loss", Float($0), step: Int64($0)) })
                if step >= 2 {
                    try place.append("\(experiment)/metrics/loss", rows(step) { "170000000000\($0) \($0) \($0)\n" })
                }
                try database.run(
                    "INSERT INTO metrics VALUES ('acc', \(step), \(1_700_000_000_000 + step), 'u1', \(step), 0)")
                #expect(try follower.pass().problems.isEmpty)
            }
            let points = (0..<6).map { " \($0)=\(Double($0))" }.joined()
            let expected = ["events loss:", "foldered loss:", "lines x:", "stored acc:", "table loss:"].map {
                $0 + points
            }
            let shown = try place.shown()
            #expect(shown == expected, "\(shown)")
            #expect(try place.repository.snapshot().runs.allSatisfy { $0.files == 1 })
            // Long untouched, nothing of it is opened any more; a row more, and it is.
            let old = timespec(tv_sec: 1_700_000_000, tv_nsec: 0)
            for file in try SourceTree(place.logs, in: fileSystem).files {
                #expect(utimensat(AT_FDCWD, file.path, [old, old], 0) == 0)
            }
            _ = try follower.pass()
            let opens = fileSystem.count.opens.load(ordering: .relaxed)
            for _ in 0..<3 { #expect(try follower.pass().files == 0) }
            #expect(fileSystem.count.opens.load(ordering: .relaxed) == opens)
            try database.run("INSERT INTO metrics VALUES ('acc', 6, 1700000000006, 'u1', 6, 0)")
            #expect(try follower.pass().pointsStored == 1)
            try follower.end()
            #expect(try place.load(nil) { $0.audits = true }.audit?.isEqual == true)
        }
    }

    private func rows(_ last: Int, _ row: (Int) -> String) -> [UInt8] { Array((0...last).map(row).joined().utf8) }

    private struct CountingFileSystem: ForwardingFileSystem {
        final class Count: Sendable { let opens = Atomic(0) }
        let inner = RealFileSystem()
        let count = Count()

        func open(_ path: String, _ mode: OpenMode) throws(FileError) -> any OpenFile {
            count.opens.add(1, ordering: .relaxed)
            return try inner.open(path, mode)
        }
    }

    /// While nothing grows, a pass looks at sizes and times alone, however many files there are.
    @Test func anIdlePassOpensNothing() throws {
        try Place.with { place in
            for run in 0..<20 { try place.write("r\(run)/m.csv", "step,loss\n1,2\n") }
            let fileSystem = CountingFileSystem()
            let opens = { fileSystem.count.opens.load(ordering: .relaxed) }
            var options = ImportOptions()
            options.follows = true
            let follower = ImportFollower(place.repository, place.logs, nil, options, fileSystem) { 0 }
            #expect(try follower.pass().newRuns == 20 && opens() > 20)
            let before = opens()
            for _ in 0..<5 { #expect(try follower.pass().files == 0) }
            #expect(opens() == before)
            try place.append("r7/m.csv", Array("step,loss\n1,2\n2,3\n".utf8))
            #expect(try follower.pass().pointsStored == 1 && opens() > before)
            try follower.end()
        }
    }
}
