import Foundation
import Testing
import Varve

/// Shows that the README's Swift compiles and does what it says: its snippets stand below between markers, are compared with
/// the README word for word, and run.
struct ReadmeTests {
    @Test func snippetsWork() throws {
        let path = NSTemporaryDirectory() + "varve-readme-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try write(path)
        let expected = (990...999).reduce(0.0) { $0 + 1 / Double($1 + 1) }
        #expect(try read(path) == expected)
        #expect(try best(path) == 999)
        let info = try #require(Repository.open(path).snapshot().runs.first)
        #expect(info.name == "baseline" && info.params == ["lr": 0.1, "layers": 3] && info.tags == ["first"])
        #expect(info.status == .finished && info.points == 1000 && info.values == ["best": 0.001])
    }

    private func write(_ path: String) throws {
        // README: Writing
        let repository = try Repository.openOrCreate(at: path)
        let run = try repository.startRun(name: "baseline", params: ["lr": 0.1, "layers": 3], tags: ["first"])
        let loss = try run.series("loss", context: ["subset": "train"])
        for step in 0..<1000 {
            loss.log(1 / Double(step + 1), step: step)
        }
        try run.set("values.best", 0.001)
        try run.finish()
        // end
    }

    private func read(_ path: String) throws -> Double {
        // README: Reading
        let snapshot = try Repository.open(path).snapshot()
        let runs = try snapshot.runs(where: Filter(parsing: "params.lr > 0.01 and \"first\" in tags"))
        let reader = try snapshot.series(Query(metric: "loss", runs: runs.map(\.id), steps: 990...999))
        var sum = 0.0
        while let chunk = try reader.next() {
            for index in 0..<chunk.count { sum += chunk.values[index] }
        }
        // end
        return sum
    }

    private func best(_ path: String) throws -> Int {
        // README: Going through many points
        var query = Query(metric: "loss")
        query.columns = [.steps, .values]
        var best = (step: 0, value: Double.infinity)
        try Repository.open(path).snapshot().series(query).forEach { series in
            for index in 0..<series.count where series.values[index] < best.value {
                best = (series.steps[index], series.values[index])
            }
        }
        // end
        return best.step
    }

    @Test(arguments: ["Writing", "Reading", "Going through many points"])
    func snippetsAreTheReadmes(_ name: String) throws {
        let here = URL(fileURLWithPath: #filePath)
        let source = try String(contentsOf: here, encoding: .utf8)
        let root = here.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let readme = try String(contentsOf: root.appendingPathComponent("README.md"), encoding: .utf8)

        let marked = try #require(source.components(separatedBy: "// README: \(name)\n").dropFirst().first)
        let code = try #require(marked.components(separatedBy: "        // end\n").first)
        let lines = code.components(separatedBy: "\n").map { $0.hasPrefix("        ") ? String($0.dropFirst(8)) : $0 }
        #expect(readme.contains("\(name):\n\n```swift\nimport Varve\n\n\(lines.joined(separator: "\n"))```\n"))
    }
}
