import Glibc
import Testing
import VarveFiles
import VarveFormat
import VarveTestSupport

@testable import Varve

/// Shows that whole repositories of version 1 stay readable: `Tests/Golden/v1` was written once, is kept for ever, and reads
/// as `expected.jsonl` says, with its index, without, and with one that is built anew.
///
/// It was made by `VARVE_MAKE_GOLDEN=DIR swift test --filter GoldenTests.make`, which writes a fresh one into the new
/// directory DIR. What is there is never written again: a new version of the format gets a folder of its own.
struct GoldenTests {
    private static let folder = Paths.join(PackagePaths.root, "Tests/Golden/v1")
    private static let expected = "expected.jsonl"

    @Test(.enabled(if: getenv("VARVE_MAKE_GOLDEN") != nil, "only to make a golden repository")) func make() throws {
        let target = try #require(getenv("VARVE_MAKE_GOLDEN").map { String(cString: $0) })
        let golden = try GoldenRepository()
        let real = RealFileSystem()
        try real.makeDirectory(target)
        for path in golden.fileSystem.paths() where path.hasPrefix(GoldenRepository.path + "/") {
            let name = Paths.lastComponent(path)
            let copy = target + path.dropFirst(GoldenRepository.path.count)
            guard let bytes = golden.fileSystem.content(path) else {
                try real.makeDirectory(copy)
                continue
            }
            guard !name.hasPrefix("."), !name.hasPrefix("spare-") else { continue }
            let file = try real.open(copy, .createNew)
            try file.write(bytes, at: 0)
            file.close()
        }
        let lines = try Self.lines(golden.fileSystem.afterKill())
        let file = try real.open(Paths.join(target, Self.expected), .createNew)
        try file.write(Array((lines.joined(separator: "\n") + "\n").utf8), at: 0)
        file.close()
    }

    /// On another machine, so that nobody there lives.
    private static func open(_ fileSystem: SimulatedFileSystem) throws -> Repository {
        try Repository.open(
            GoldenRepository.path,
            Environment(fileSystem: fileSystem, host: SimulatedHost(seed: 99), hasThreads: false))
    }

    private static func lines(_ fileSystem: SimulatedFileSystem) throws -> [String] {
        try RepositoryLines(open(fileSystem)).lines
    }

    /// The golden files in a file system that may be written.
    private static func load() throws -> SimulatedFileSystem {
        let fileSystem = SimulatedFileSystem(seed: 2)
        try fileSystem.load(Self.folder, to: GoldenRepository.path)
        return fileSystem
    }

    private func expect(_ found: [String], _ when: String) throws {
        let text = try RealFileSystem().readAll(Paths.join(Self.folder, Self.expected), cap: 1 << 20)
        let expected = String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
        for i in 0..<max(expected.count, found.count) {
            let (a, b) = (i < expected.count ? expected[i] : "nothing", i < found.count ? found[i] : "nothing")
            guard a == b else {
                Issue.record("\(when), line \(i + 1): expected \(a), found \(b)")
                return
            }
        }
    }

    @Test func versionOneReads() throws {
        let fileSystem = try Self.load()
        try expect(Self.lines(fileSystem), "as it is")
        let repository = try Self.open(fileSystem)
        let report = try repository.verify(deep: true)
        #expect(report.problems.isEmpty && report.points > 900, "\(report)")
        for name in try fileSystem.list(repository.paths.index) {
            try fileSystem.unlink(Paths.join(repository.paths.index, name))
        }
        try expect(Self.lines(fileSystem), "without its index")
        #expect(try repository.compact().built > 0)
        try expect(Self.lines(fileSystem), "with a new index")
    }

    @Test func holdsEverything() throws {
        let fileSystem = try Self.load()
        let repository = try Self.open(fileSystem)
        var kinds: Set<UInt8> = []
        var shapes = ColumnShapes()
        for text in try fileSystem.list(repository.paths.logs) {
            guard let name = LogName(text), text.hasSuffix(".vlog") else { continue }
            let path = repository.paths.log(name)
            let bytes = try #require(fileSystem.content(path))
            for frame in try FrameList(bytes).frames {
                kinds.insert(frame.header.kind)
                if frame.header.kind == FrameKind.points.rawValue {
                    try shapes.take(Array(bytes[frame.payload]), hasOrder: frame.header.flags.contains(.ordered))
                }
            }
        }
        #expect(kinds == Set([0, 1, 2, 3, 4, 5, 6, 7]), "every kind but contents, which nothing writes yet")
        #expect(shapes.transforms == Set(0...6), "\(shapes)")
        #expect(shapes.bodies == Set(0...6), "\(shapes)")
        #expect(shapes.orders.isSuperset(of: 0...2), "\(shapes)")
    }
}
