import Glibc
import Testing
import VarveFiles
import VarveTestSupport

@testable import Varve

/// Documents beside the logs are there whole or not at all, and lead nowhere else.
struct DocumentsTests {
    private static let (old, new) = ([UInt8]("old".utf8), [UInt8](repeating: 9, count: 9_000))

    private static func documents(_ fileSystem: SimulatedFileSystem) throws -> Documents {
        let environment = Environment(
            fileSystem: fileSystem, host: SimulatedHost(SimulatedMachine(seed: 1)), hasThreads: false)
        let repository = try Repository.openOrCreate(at: "/repo", name: "", environment)
        return Documents(repository, folder: "campaigns", maxBytes: 10_000)
    }

    @Test(arguments: [false, true]) func wholeOrNotAtAll(replaces: Bool) throws {
        func fresh(_ seed: UInt64) throws -> SimulatedFileSystem {
            let fileSystem = SimulatedFileSystem(seed: seed)
            let documents = try Self.documents(fileSystem)
            if replaces { try require(try documents.write(Self.old, as: "a.json", replaces: false), "is new") }
            return fileSystem
        }
        let whole = try fresh(0)
        var documents = try Self.documents(whole)
        let before = whole.callCount
        #expect(try documents.write(Self.new, as: "a.json", replaces: replaces))
        let last = whole.callCount
        for number in before + 1...last + 1 {
            withSeeds(0..<10) { seed, _ in
                let fileSystem = try fresh(seed)
                documents = try Self.documents(fileSystem)
                fileSystem.kill(atCall: number, tearing: .byte)
                let isDone = (try? documents.write(Self.new, as: "a.json", replaces: replaces)) == true
                for after in [fileSystem.afterKill(), fileSystem.afterPowerLoss(seed: seed)] {
                    let found = try Self.documents(after).read("a.json")
                    try require(
                        found == Self.new || !isDone && found == (replaces ? Self.old : nil),
                        "after call \(number) there is \(String(describing: found?.count))")
                    try require(try Self.documents(after).names() == (found == nil ? [] : ["a.json"]), "names")
                }
            }
        }
    }

    @Test func nothingIsReplacedUnasked() throws {
        let documents = try Self.documents(SimulatedFileSystem(seed: 1))
        #expect(try documents.read("a.json") == nil && documents.names() == [])
        #expect(try documents.write(Self.old, as: "a.json", replaces: false))
        #expect(try documents.write(Self.new, as: "a.json", replaces: false) == false)
        #expect(try documents.read("a.json") == Self.old)
        #expect(try documents.write(Self.new, as: "a.json", replaces: true))
        #expect(try documents.read("a.json") == Self.new)
        do throws(VarveError) {
            _ = try documents.write([UInt8](repeating: 0, count: 10_001), as: "b.json", replaces: false)
            Issue.record("it is too long")
        } catch { #expect(error.code == .limit) }
        #expect(try documents.names() == ["a.json"])
    }

    @Test func linksAreNotFollowed() throws {
        try withTemporaryDirectory { directory in
            let repository = try Repository.create(at: Paths.join(directory, "repo"))
            let documents = Documents(repository, folder: "campaigns", maxBytes: 10_000)
            _ = try documents.write(Self.old, as: "a.json", replaces: false)
            let outside = Paths.join(directory, "outside")
            let real = RealFileSystem()
            try real.makeDirectory(outside)
            #expect(symlink("\(outside)/b.json", documents.path("b.json")) == 0)
            #expect(throws: VarveError.self) { _ = try documents.read("b.json") }
            try real.unlink(documents.path("b.json"))
            try real.unlink(documents.path("a.json"))
            try real.removeDirectory(Paths.parent(documents.path("a.json")))
            #expect(symlink(outside, Paths.parent(documents.path("a.json"))) == 0)
            #expect(throws: VarveError.self) { _ = try documents.names() }
            #expect(throws: VarveError.self) { _ = try documents.write(Self.old, as: "c.json", replaces: true) }
            #expect(try real.list(outside) == [])
        }
    }
}
