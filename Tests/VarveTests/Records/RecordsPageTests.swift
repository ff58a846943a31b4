import Foundation
import Testing
import Varve
import VarveTestSupport

/// Shows that the Swift of Docs/Records.md compiles and does what it says: it stands below between markers, and is compared
/// with the page word for word.
struct RecordsPageTests {
    @Test func snippetWorks() throws {
        let path = NSTemporaryDirectory() + "varve-records-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        var printed: [Double] = []
        func print(_ number: Double) { printed.append(number) }
        // Page:
        let repository = try Repository.openOrCreate(at: path)
        let run = try repository.startRun(name: "baseline")
        let matrix = try ConfusionMatrix(labels: ["cat", "dog"], truth: [0, 0, 1, 1], predicted: [0, 1, 1, 1])
        try run.log(confusionMatrix: matrix, step: 1000, context: ["subset": "test"])
        try run.log(histogram: Histogram(of: [0.1, 0.4, 0.4, 0.9], bins: 4), name: "weights/layer1", step: 1000)
        try run.finish()

        for record in try repository.snapshot().records(of: run.id, kinds: [.confusionMatrix]) {
            if case .confusionMatrix(let matrix) = record.content { print(ClassReport(matrix).macro.f1) }
        }
        // end
        #expect(printed.map { ($0 * 1000).rounded() } == [733])
    }

    @Test func snippetIsThePages() throws {
        let source = try String(contentsOfFile: #filePath, encoding: .utf8)
        let page = try String(contentsOfFile: "\(PackagePaths.root)/Docs/Records.md", encoding: .utf8)
        let marked = try #require(source.components(separatedBy: "        // Page:\n").dropFirst().first)
        let code = try #require(marked.components(separatedBy: "        // end\n").first)
        let lines = code.components(separatedBy: "\n").map { $0.hasPrefix("        ") ? String($0.dropFirst(8)) : $0 }
        #expect(page.contains("```swift\nimport Varve\n\n\(lines.joined(separator: "\n"))```\n"))
    }
}
