import Glibc
import Testing
import VarveTestSupport

@testable import VarveFiles

/// Proves what only the real system can show: a full disk, odd kinds of files, modes, what kinds of volumes are trusted.
@Suite struct RealFileSystemTests {
    private let files = RealFileSystem()

    private func code(_ body: () throws -> Void) -> FileError.Code? {
        do { try body() } catch let error as FileError { return error.code } catch {}
        return nil
    }

    /// Mounts a tmpfs of 1 MiB; needs to be root, and mostly not to be in a container.
    private static func withSmallVolume(_ body: (String) throws -> Void) throws -> Bool {
        try withTemporaryDirectory { path in
            guard mount("none", path, "tmpfs", 0, "size=1m") == 0 else { return false }
            defer { umount2(path, Int32(MNT_DETACH)) }
            try body(path)
            return true
        }
    }

    private static let canMount = (try? withSmallVolume { _ in }) == true

    @Test(.enabled(if: canMount, "mounting a small tmpfs isn't allowed here: no full disk to try"))
    func aFullDisk() throws {
        _ = try Self.withSmallVolume { root in
            let volume = try files.volume(root)
            #expect(volume.kind == "tmpfs" && volume.mapsSafely && !volume.isRemote && volume.available <= 1 << 20)
            let file = try files.open(root + "/a", .createNew)
            #expect(code { try file.allocate(1 << 21) } == .noSpace)
            try files.unlink(root + "/a")
            let other = try files.open(root + "/b", .createNew)
            try other.allocate(1 << 19)
            // What was allocated can be stored to although the disk is full by then.
            let region = try other.map(1 << 19)
            let filler = try files.open(root + "/c", .createNew)
            let block = [UInt8](repeating: 1, count: 1 << 20)
            #expect(code { try filler.write(block, at: 0) } == .noSpace)
            for offset in stride(from: 0, to: region.count, by: 4_096) {
                region.base.storeBytes(of: 1, toByteOffset: offset, as: UInt8.self)
            }
            try region.sync(0..<region.count)
            region.unmap()
            #expect(code { _ = try files.publish(root + "/d", from: root + "/.d", bytes: block) } == .noSpace)
            #expect(try files.list(root).sorted() == ["b", "c"])
        }
    }

    @Test func whatIsNoFileIsRefused() throws {
        try withTemporaryDirectory { root in
            #expect(mkfifo(root + "/pipe", 0o600) == 0)
            // Would wait for ever if it were opened as a file is.
            #expect(code { _ = try files.open(root + "/pipe", .read) } == .notAFile)
            #expect(code { _ = try files.open("/dev/null", .read) } == .notAFile)
            let kind = try files.status(root + "/pipe")?.kind
            #expect(kind == .other)
            #expect(symlink("loop", root + "/loop") == 0)
            #expect(code { _ = try files.open(root + "/loop", .readLinked) } == .linkLoop)
            // Inside a repository none is followed, wherever it leads; a person may name one.
            _ = try files.open(root + "/file", .createNew)
            #expect(symlink(root + "/file", root + "/link") == 0)
            for name in ["/loop", "/link"] {
                for mode in [OpenMode.read, .update] {
                    #expect(code { _ = try files.open(root + name, mode) } == .symbolicLink)
                }
                #expect(code { _ = try files.open(root + name, .createNew) } == .exists)
                #expect(try files.status(root + name)?.kind == .link)
            }
            _ = try files.open(root + "/link", .readLinked)
            #expect(try files.targetStatus(root + "/link") == files.status(root + "/file"))
            #expect(mknod(root + "/socket", S_IFSOCK | 0o600, 0) == 0)
            #expect(code { _ = try files.open(root + "/socket", .read) } == .notAFile)
            #expect(code { _ = try files.open(root + "/" + String(repeating: "x", count: 300), .read) } == .nameTooLong)
        }
    }

    @Test func namesThatAreNotTextAreLeftOut() throws {
        try withTemporaryDirectory { root in
            _ = try files.open(root + "/ä", .createNew)
            let bytes = Array(root.utf8) + [UInt8(ascii: "/"), 0xFF, 0xFE, 0]
            let descriptor = bytes.withUnsafeBytes { bytes in
                bytes.baseAddress.map { open($0.assumingMemoryBound(to: CChar.self), O_CREAT | O_RDWR, 0o600) } ?? -1
            }
            try #require(descriptor >= 0)
            close(descriptor)
            defer {
                bytes.withUnsafeBytes { bytes in
                    _ = bytes.baseAddress.map { unlink($0.assumingMemoryBound(to: CChar.self)) }
                }
            }
            #expect(try files.list(root) == ["ä"])
        }
    }

    @Test func modesFollowTheMask() throws {
        try withTemporaryDirectory { root in
            let mask = umask(0)
            umask(mask)
            _ = try files.open(root + "/a", .createNew)
            try files.makeDirectory(root + "/d")
            for (name, full) in [("/a", mode_t(0o666)), ("/d", 0o777)] {
                var status = stat()
                #expect(stat(root + name, &status) == 0)
                #expect(status.st_mode & 0o777 == full & ~mask)
            }
        }
    }

    @Test func descriptorsDoNotLeak() throws {
        try withTemporaryDirectory { root in
            for index in 0..<5 {
                _ = try files.publish(root + "/\(index)", from: root + "/.x", bytes: [1])
                _ = try files.readAll(root + "/\(index)", cap: 9)
                _ = try? files.open(root, .read)
                try files.syncDirectory(root)
                _ = try files.list(root)
            }
            let file = try files.open(root + "/0", .update)
            let region = try file.map(1)
            let before = try openPaths(below: root)
            #expect(before == [root + "/0"])
            file.close()
            let after = try openPaths(below: root)
            #expect(after.isEmpty)
            region.unmap()
        }
    }

    /// What this process's descriptors lead to, as far as it lies in a directory.
    private func openPaths(below root: String) throws -> [String] {
        try files.list("/proc/self/fd").compactMap { number in
            var target = [UInt8](repeating: 0, count: 4_096)
            let length = target.withUnsafeMutableBytes { bytes in
                bytes.baseAddress.map {
                    readlink("/proc/self/fd/" + number, $0.assumingMemoryBound(to: CChar.self), 4_096)
                } ?? -1
            }
            let path = String(decoding: target.prefix(max(0, length)), as: UTF8.self)
            return path.hasPrefix(root + "/") || path == root ? path : nil
        }
    }

    @Test func volumesAreJudged() {
        #expect(
            Volume(magic: 0xEF53, available: 1) == Volume(kind: "ext4", mapsSafely: true, isRemote: false, available: 1)
        )
        #expect(
            Volume(magic: 0x6969, available: 1) == Volume(kind: "nfs", mapsSafely: false, isRemote: true, available: 1))
        #expect(
            Volume(magic: 0x9123_683E, available: 1)
                == Volume(kind: "btrfs", mapsSafely: false, isRemote: false, available: 1))
        #expect(
            Volume(magic: 0x1234_5678, available: 1)
                == Volume(kind: "0x12345678", mapsSafely: false, isRemote: true, available: 1))
        for (magic, kind) in [(UInt32(0x5846_5342), "xfs"), (0x0102_1994, "tmpfs"), (0x794C_7630, "overlay")] {
            let volume = Volume(magic: magic, available: 0)
            #expect(volume.kind == kind && volume.mapsSafely && !volume.isRemote)
        }
    }

    @Test func errorsSayWhatHelps() throws {
        let error = FileError("pwrite", "/r/logs/a.vlog", .noSpace)
        #expect(error.description.hasPrefix("/r/logs/a.vlog: pwrite: the disk is full; free some room"))
        #expect(FileError.Code(rawValue: 4_711).description == "error 4711 of the operating system")
        #expect(
            FileError.Code.noSpace.isLackOfRoom && FileError.Code.quota.isLackOfRoom && !FileError.Code.io.isLackOfRoom)
        // A path with a zero byte is another file's path up to there.
        try withTemporaryDirectory { root in
            _ = try files.open(root + "/a", .createNew)
            #expect(code { try files.unlink(root + "/a\0.vlog") } == .invalid)
            #expect(try files.list(root) == ["a"])
        }
    }
}
