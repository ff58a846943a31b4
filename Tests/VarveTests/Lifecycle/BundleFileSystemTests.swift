import Testing
import VarveFiles
import VarveTestSupport

@testable import Varve

/// A file that is seen as a folder refuses whatever would change it, and lets through what concerns others.
@Suite struct BundleFileSystemTests {
    private let inner = SimulatedFileSystem(seed: 1)
    private let pack = "/b/\(LogName.pack(.zero))"
    private var bundle: BundleFileSystem { BundleFileSystem(inner, "/b") }

    init() throws {
        let file = try inner.open("/b", .createNew)
        try file.write([1, 2, 3], at: 0)
        file.close()
        try inner.open("/beside", .createNew).close()
    }

    private func code(_ body: () throws -> Void) -> FileError.Code? {
        do {
            try body()
            return nil
        } catch { return (error as? FileError)?.code }
    }

    @Test func refusesChanges() throws {
        let bundle = bundle
        for path in ["/b", pack, "/b/other", "/b/index"] {
            #expect(code { _ = try bundle.open(path, .createNew) } == .readOnly, "\(path)")
            #expect(code { try bundle.makeDirectory(path) } == .readOnly, "\(path)")
            #expect(code { try bundle.link("/beside", path) } == .readOnly, "\(path)")
            #expect(code { try bundle.unlink(path) } == .readOnly, "\(path)")
            #expect(code { try bundle.rename(path, "/new") } == .readOnly, "\(path)")
            #expect(code { try bundle.rename("/beside", path) } == .readOnly, "\(path)")
            #expect(code { try bundle.removeDirectory(path) } == .readOnly, "\(path)")
            #expect(code { try bundle.syncDirectory(path) } == .readOnly, "\(path)")
        }
        for path in ["/b", pack] { #expect(code { _ = try bundle.open(path, .update) } == .readOnly) }
        #expect(code { _ = try bundle.open("/b/other", .read) } == .notFound)
        #expect(code { _ = try bundle.list("/b/index") } == .notFound)
        #expect(inner.paths().sorted() == ["/b", "/beside"])
        #expect(inner.content("/b") == [1, 2, 3])
    }

    @Test func showsOnePack() throws {
        let bundle = bundle
        #expect(try bundle.list("/b") == ["\(LogName.pack(.zero))"])
        #expect(try bundle.status("/b")?.kind == .directory)
        #expect(try bundle.status(pack)?.size == 3)
        #expect(try bundle.targetStatus(pack)?.kind == .file)
        #expect(try bundle.status("/b/other") == nil)
        for path in ["/b", pack] {
            let file = try bundle.open(path, .read)
            defer { file.close() }
            #expect(try file.read(upTo: 10, at: 0) == [1, 2, 3])
        }
        _ = try bundle.volume(pack)
    }

    /// What lies beside it is as it always is.
    @Test func letsOthersThrough() throws {
        let bundle = bundle
        try bundle.makeDirectory("/folder")
        try bundle.link("/beside", "/folder/two")
        try bundle.rename("/folder/two", "/folder/three")
        #expect(try bundle.list("/folder") == ["three"])
        #expect(try bundle.status("/folder/three")?.kind == .file)
        #expect(try bundle.targetStatus("/folder/three")?.kind == .file)
        try bundle.open("/folder/three", .update).close()
        try bundle.unlink("/folder/three")
        try bundle.syncDirectory("/folder")
        try bundle.removeDirectory("/folder")
        #expect(try bundle.status("/folder") == nil)
    }
}
