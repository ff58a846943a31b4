import Testing
import Varve
import VarveFiles
import VarveTestSupport

@testable import VarveImport

/// Proves that what is below a path is found out by its content: each kind by what gives it away, data sets and notes left
/// where they are, and said so.
@Suite struct RecognitionTests {
    /// `format: run run …` for each format found, and the notes.
    private func found(_ files: [String: String], below: String = "") throws -> [String] {
        try Place.with { place in
            for (path, text) in files { try place.write(path, text) }
            let search = try ImportSearch(below.isEmpty ? place.logs : Paths.join(place.logs, below))
            return search.parts.map { part in
                "\(part.format.name): \(part.plan.runs.map(\.name).joined(separator: " "))"
            } + search.notes
        }
    }

    @Test func findsEveryKindOfATree() throws {
        let files = [
            "a/events.out.tfevents.1.h": "", "a/hparams.yaml": "lr: 1\n",
            "b/metrics.csv": "epoch,step,loss\n0,1,2\n", "c/log.jsonl": "{\"step\":1,\"loss\":2}\n",
            "c/notes.txt": "hello, world\n",
        ]
        let rest = "1 file (c/notes.txt) is of no format that is known"
        #expect(try found(files) == ["tensorboard: a", "csv: b", "jsonl: c", rest])
        #expect(try found(files, below: "b") == ["csv: b"])
        #expect(try found(files, below: "b/metrics.csv") == ["csv: metrics"])
    }

    /// Tables as several tools write them.
    @Test(arguments: [
        ("metrics.csv", "epoch,step,train_loss\n0,1,0.5\n"),
        (
            "results.csv",
            "                  epoch,         train/box_loss\n                      1,                0.5\n"
        ),
        ("progress.csv", "rollout/ep_rew_mean,time/total_timesteps\n1.5,2048\n"),
        ("training.log", "epoch;loss\n0;0.5\n"),
        ("m.tsv", "step\tloss\n1\t2\n"), ("all.csv", "run,metric,context,step,time,value\n"),
    ])
    func findsTables(_ name: String, _ text: String) throws {
        #expect(try found(["x/\(name)": text]) == ["csv: x"])
    }

    /// What is no training isn't taken for one, unless it is named.
    @Test(arguments: [
        ("iris.csv", "sepal,species\n5.1,setosa\n"), ("numbers.csv", "a,b\n1,2\n3,4\n"),
    ])
    func leavesDataSets(_ name: String, _ text: String) throws {
        #expect(
            try found([name: text])
                == ["1 table has no column that counts steps (\(name)); varve import csv takes such tables, too"])
        #expect(try found([name: text], below: name).first?.hasPrefix("csv: ") == true)
    }

    @Test(arguments: [
        ("words.csv", "a,b\nx,y\n"), ("app.log", "epoch 1 done\n"), ("binary.csv", "step,loss\n\0\0\n"),
        ("broken.csv", "1,2\n"), ("list.jsonl", "[1]\n[2]\n"), ("empty.csv", ""),
        ("text.jsonl", "{\"a\":\"b\"}\n"),
        ("server.log", "epoch,took\nfirst,long\n"),
    ])
    func leavesWhatIsNothing(_ name: String, _ text: String) throws {
        #expect(try found([name: text]).isEmpty)
    }

    /// What one format claims the next ones don't see.
    @Test func claimsHold() {
        var claims = SourceTree.Claims()
        claims.directories = ["a/b", "c"]
        claims.files = ["d/e.csv"]
        let inside = ["a/b/x", "a/b/c/d", "c/x", "d/e.csv"]
        let outside = ["a/x", "a/bc/x", "b", "cc/x", "d/e.csv.txt"]
        #expect(inside.allSatisfy(claims.holds) && !outside.contains(where: claims.holds))
        claims.directories = [""]
        #expect(outside.allSatisfy(claims.holds))
    }

    /// Every format can be named, once, and says what it looks for.
    @Test func formatsAreNamed() {
        let names = ImportFormat.all.map(\.name)
        #expect(Set(names).count == names.count)
        for format in ImportFormat.all {
            #expect(ImportFormat(format.name) == format && !format.title.isEmpty && !format.signs.isEmpty)
            #expect(format.name.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) })
        }
        #expect(ImportFormat("nothing") == nil)
    }
}
