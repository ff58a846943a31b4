import Testing
import VarveTestSupport

@testable import VarveFiles

/// Proves that the real and the simulated file system answer alike: every test here runs against both, in an empty
/// directory, so that what is shown with the simulated one holds for the real one.
@Suite struct BehaviourTests {
    enum Kind: CaseIterable { case real, simulated }

    private func run(_ kind: Kind, _ body: (any FileSystem, String) throws -> Void) throws {
        switch kind {
        case .real: try withTemporaryDirectory { path in try body(RealFileSystem(), path) }
        case .simulated:
            let files = SimulatedFileSystem(seed: 1)
            try files.makeDirectory("/work")
            try body(files, "/work")
        }
    }

    private func code(_ body: () throws -> Void) -> FileError.Code? {
        do { try body() } catch let error as FileError { return error.code } catch {}
        return nil
    }

    @Test(arguments: Kind.allCases)
    func reading(kind: Kind) throws {
        try run(kind) { files, root in
            let path = root + "/a"
            let file = try files.open(path, .createNew)
            let bytes = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* 7 >> 3) }
            try file.write(bytes, at: 0)
            #expect(try file.size() == 10_000)
            #expect(try file.read(upTo: 10, at: 4090) == Array(bytes[4090..<4100]))
            #expect(try file.read(upTo: 100, at: 9_990) == Array(bytes[9_990...]))
            #expect(try file.read(upTo: 1, at: 10_000).isEmpty)
            #expect(try file.read(upTo: 1, at: 1_000_000).isEmpty)
            #expect(try files.readAll(path, cap: 10_000) == bytes)
            #expect(try files.readAll(path, cap: Int.max) == bytes)
            #expect(code { _ = try files.readAll(path, cap: 9_999) } == .beyondCap)
            // A gap reads as zeros.
            try file.write([1], at: 20_000)
            #expect(try file.read(upTo: 20_000, at: 10_000) == [UInt8](repeating: 0, count: 10_000) + [1])
            #expect(code { _ = try file.read(upTo: 1, at: -1) } == .invalid)
            #expect(code { try file.write([1], at: -1) } == .invalid)
            #expect(code { try file.write([1], at: Int.max) } != nil)
            try file.sync()
            file.close()
            #expect(code { _ = try file.size() } == .badDescriptor)
        }
    }

    @Test(arguments: Kind.allCases)
    func modes(kind: Kind) throws {
        try run(kind) { files, root in
            let path = root + "/a"
            #expect(code { _ = try files.open(path, .read) } == .notFound)
            #expect(code { _ = try files.open(path, .update) } == .notFound)
            _ = try files.open(path, .createNew)
            #expect(code { _ = try files.open(path, .createNew) } == .exists)
            let reader = try files.open(path, .read)
            #expect(code { try reader.write([1], at: 0) } == .badDescriptor)
            try files.open(path, .update).write([1], at: 0)
            #expect(try reader.size() == 1)
            #expect(code { _ = try files.open(root, .read) } == .isDirectory)
            #expect(code { _ = try files.open(path + "/b", .read) } == .notDirectory)
            #expect(code { _ = try files.open(root + "/no/b", .createNew) } == .notFound)
            #expect(code { _ = try files.open(path + "\0b", .read) } == .invalid)
        }
    }

    @Test(arguments: Kind.allCases)
    func names(kind: Kind) throws {
        try run(kind) { files, root in
            let (a, b, c) = (root + "/a", root + "/b", root + "/c")
            let file = try files.open(a, .createNew)
            try file.write([1, 2], at: 0)
            #expect(try files.status(b) == nil)
            try files.link(a, b)
            #expect(code { try files.link(a, b) } == .exists)
            #expect(code { try files.link(root + "/no", c) } == .notFound)
            #expect(try files.list(root).sorted() == ["a", "b"])
            #expect(try files.status(a)?.inode == files.status(b)?.inode)
            #expect(try files.status(b)?.links == 2)
            // Two names of one file: renaming one to the other changes nothing.
            try files.rename(a, b)
            #expect(try files.list(root).sorted() == ["a", "b"])
            try files.unlink(a)
            try files.unlink(a)
            #expect(try files.readAll(b, cap: 10) == [1, 2])
            _ = try files.open(c, .createNew)
            try files.rename(b, c)
            #expect(try files.list(root) == ["c"])
            #expect(try files.readAll(c, cap: 10) == [1, 2])
            try files.unlink(c)
            // Whoever has it open keeps it.
            #expect(try file.status().links == 0)
            #expect(try file.read(upTo: 9, at: 0) == [1, 2])
            #expect(code { try files.rename(a, c) } == .notFound)
        }
    }

    @Test(arguments: Kind.allCases)
    func directories(kind: Kind) throws {
        try run(kind) { files, root in
            let directory = root + "/d"
            try files.makeDirectory(directory)
            try files.makeDirectory(directory)
            #expect(try files.status(directory)?.kind == .directory)
            let path = directory + "/a"
            _ = try files.open(path, .createNew)
            #expect(try files.status(path)?.kind == .file)
            #expect(code { try files.makeDirectory(path) } == .exists)
            #expect(code { try files.makeDirectory(root + "/no/d") } == .notFound)
            #expect(code { try files.removeDirectory(directory) } == .notEmpty)
            #expect(code { try files.removeDirectory(path) } == .notDirectory)
            #expect(code { try files.unlink(directory) } == .isDirectory)
            #expect(code { _ = try files.list(path) } == .notDirectory)
            #expect(code { _ = try files.list(root + "/no") } == .notFound)
            try files.syncDirectory(directory)
            #expect(code { try files.syncDirectory(path) } == .notDirectory)
            try files.rename(directory, root + "/e")
            #expect(code { try files.rename(root + "/e", root + "/e/f") } == .invalid)
            try files.unlink(root + "/e/a")
            try files.removeDirectory(root + "/e")
            #expect(code { try files.removeDirectory(root + "/e") } == .notFound)
            #expect(try files.list(root).isEmpty)
        }
    }

    @Test(arguments: Kind.allCases)
    func mapping(kind: Kind) throws {
        try run(kind) { files, root in
            let file = try files.open(root + "/a", .createNew)
            #expect(code { _ = try file.map(4096) } == .invalid)
            try file.write([9], at: 100)
            try file.allocate(10_000)
            try file.allocate(5_000)
            #expect(try file.size() == 10_000)
            #expect(code { _ = try file.map(10_001) } == .invalid)
            let region = try file.map(10_000)
            #expect(UInt(bitPattern: region.base) % 4096 == 0)
            #expect(region.base.load(fromByteOffset: 100, as: UInt8.self) == 9)
            region.base.storeBytes(of: 7, toByteOffset: 8_000, as: UInt8.self)
            #expect(try file.read(upTo: 2, at: 7_999) == [0, 7])
            try file.write([5], at: 9_000)
            #expect(region.base.load(fromByteOffset: 9_000, as: UInt8.self) == 5)
            // A second mapping shows the same bytes.
            let other = try file.map(4_096)
            other.base.storeBytes(of: 3, toByteOffset: 0, as: UInt8.self)
            #expect(region.base.load(as: UInt8.self) == 3)
            try region.sync(8_000..<8_001)
            try region.sync(0..<0)
            #expect(code { try region.sync(0..<10_001) } == .invalid)
            file.close()
            region.base.storeBytes(of: 1, toByteOffset: 1, as: UInt8.self)
            region.unmap()
            other.unmap()
            #expect(try files.readAll(root + "/a", cap: 20_000).prefix(2) == [3, 1])
            let reader = try files.open(root + "/a", .read)
            #expect(code { _ = try reader.map(10) } != nil)
        }
    }

    @Test(arguments: Kind.allCases)
    func publishing(kind: Kind) throws {
        try run(kind) { files, root in
            let (final, temporary) = (root + "/1.manifest", root + "/.1.manifest.x")
            #expect(try files.publish(final, from: temporary, bytes: [1]))
            #expect(try files.publish(final, from: temporary, bytes: [2]) == false)
            #expect(try files.readAll(final, cap: 10) == [1])
            #expect(try files.list(root) == ["1.manifest"])
            #expect(try files.status(final)?.links == 1)
            // A writer that fails leaves nothing, and a publication that is let go neither.
            let failure = FileError("x", "y", .io)
            #expect(throws: failure) {
                try files.publish(root + "/2", from: temporary) { _ throws(FileError) in throw failure }
            }
            #expect(try files.list(root) == ["1.manifest"])
            _ = try Publication(files, root + "/2", from: temporary)
            #expect(try files.list(root) == ["1.manifest"])
        }
    }

    @Test(arguments: Kind.allCases)
    func volume(kind: Kind) throws {
        try run(kind) { files, root in
            let available = try files.volume(root).available
            #expect(available > 0)
            #expect(code { _ = try files.volume(root + "/no") } == .notFound)
        }
    }

    @Test(arguments: Kind.allCases)
    func manyThreads(kind: Kind) async throws {
        // Eight threads write every eighth block each; none is lost, and one of them wins each name.
        let files: any FileSystem = kind == .real ? RealFileSystem() : SimulatedFileSystem(seed: 3)
        try await withTemporaryDirectory { directory in
            let root = kind == .real ? directory : ""
            let file = try files.open(root + "/a", .createNew)
            let wins = try await withThrowingTaskGroup(of: Int.self) { group in
                for thread in 0..<8 {
                    group.addTask {
                        var wins = 0
                        for block in 0..<25 {
                            try file.write(
                                [UInt8](repeating: UInt8(thread), count: 512), at: (block * 8 + thread) * 512)
                            let temporary = root + "/.\(thread).\(block)"
                            if try files.publish(root + "/\(block)", from: temporary, bytes: [1]) { wins += 1 }
                        }
                        return wins
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(wins == 25)
            let bytes = try file.readAll(cap: 1 << 20)
            #expect(bytes.count == 200 * 512)
            #expect(bytes.indices.allSatisfy { Int(bytes[$0]) == $0 / 512 % 8 })
            #expect(try files.list(root.isEmpty ? "/" : root).count == 26)
        }
    }
}
