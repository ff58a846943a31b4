import Testing
import VarveTestSupport

@testable import VarveFiles

/// Proves that the simulated file system's faults do what its head comment says, one by one.
@Suite struct SimulatedFaultTests {
    private func code(_ body: () throws -> Void) -> FileError.Code? {
        do { try body() } catch let error as FileError { return error.code } catch {}
        return nil
    }

    @Test func callsAreNumbered() throws {
        let files = SimulatedFileSystem(seed: 1)
        let file = try files.open("/a", .createNew)
        try file.write([1, 2, 3], at: 5)
        try file.sync()
        try files.link("/a", "/b")
        #expect(files.callCount == 4)
        #expect(files.calls.map(\.description) == ["1 create /a", "2 write /a 5+3", "3 sync /a", "4 link /b"])
        files.failCall(6, .io)
        #expect(code { _ = try file.size() } == nil)
        #expect(code { _ = try file.size() } == .io)
        #expect(code { _ = try file.size() } == nil)
        files.fail(.quota, times: 2) { $0.kind == .write }
        #expect(code { try file.write([1], at: 0) } == .quota)
        #expect(code { _ = try file.size() } == nil)
        #expect(code { try file.write([1], at: 0) } == .quota)
        #expect(code { try file.write([1], at: 0) } == nil)
        files.fail(.quota) { $0.kind == .write }
        files.clearFaults()
        #expect(code { try file.write([1], at: 0) } == nil)
    }

    @Test func roomRunsOutAndComesBack() throws {
        let files = SimulatedFileSystem(seed: 1, capacity: 16_384)
        let file = try files.open("/a", .createNew)
        #expect(code { try file.allocate(16_385) } == .noSpace)
        #expect(try file.size() == 0)
        try file.allocate(8_192)
        #expect(try files.volume("/").available == 8_192)
        let other = try files.open("/b", .createNew)
        #expect(code { try other.write([UInt8](repeating: 1, count: 9_000), at: 0) } == .noSpace)
        // What fits is written, as a full disk does it.
        #expect(try other.size() == 8_192)
        #expect(code { try other.write([1], at: 100) } == nil)
        #expect(code { try other.write([1], at: 8_192) } == .noSpace)
        #expect(code { try file.write([1], at: 8_191) } == nil)
        // Renaming and other names take no room; a file with a user keeps its own.
        try files.rename("/a", "/c")
        #expect(try files.volume("/").available == 0)
        try files.unlink("/c")
        #expect(try files.volume("/").available == 0)
        file.close()
        #expect(try files.volume("/").available == 8_192)
        try other.write([1], at: 8_192)
        #expect(try files.snapshot().volume("/").available == 4_096)
        files.setCapacity(nil)
        try other.write([1], at: 1_000_000)
        #expect(code { try other.write([1], at: 1 << 40) } == .fileTooLarge)
    }

    @Test func writesEndAtABudget() throws {
        let files = SimulatedFileSystem(seed: 1)
        let file = try files.open("/a", .createNew)
        files.limitWrites(toBytes: 10)
        try file.write([1, 2, 3, 4, 5, 6], at: 0)
        #expect(code { try file.write([7, 8, 9, 10, 11, 12], at: 6) } == .noSpace)
        #expect(files.content("/a") == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
        #expect(code { try file.write([1], at: 0) } == .noSpace)
        files.clearFaults()
        try file.write([0], at: 0)
    }

    @Test func aKillKeepsThePageCache() throws {
        let files = SimulatedFileSystem(seed: 1)
        let file = try files.open("/a", .createNew)
        try file.allocate(8_192)
        let region = try file.map(8_192)
        region.base.storeBytes(of: 7, toByteOffset: 5_000, as: UInt8.self)
        files.kill(atCall: files.callCount + 2)
        try file.write([3], at: 1)
        #expect(code { try file.write([9], at: 2) } == .killed)
        #expect(files.isKilled)
        // The process is dead: neither calls nor stores reach anything.
        #expect(code { try files.unlink("/a") } == .killed)
        region.base.storeBytes(of: 8, toByteOffset: 5_001, as: UInt8.self)
        #expect(code { try region.sync(0..<1) } == .killed)
        #expect(files.callCount == 5)

        let next = files.afterKill()
        let bytes = try next.readAll("/a", cap: 10_000)
        #expect(bytes.count == 8_192)
        #expect(Array(bytes[..<3]) == [0, 3, 0])
        #expect(Array(bytes[5_000...5_001]) == [7, 0])
        #expect(next.callCount == 3)
        // Nothing is durable yet, for the next process either.
        #expect((0..<20).contains { next.snapshot().afterPowerLoss(seed: $0).content("/a") == nil })
    }

    @Test(arguments: [SimulatedTearing.page, .byte, .none, .exactly(5)])
    func aKillTearsAWrite(tearing: SimulatedTearing) throws {
        var lengths: Set<Int> = []
        for seed in 0..<UInt64(60) {
            let files = SimulatedFileSystem(seed: seed)
            let file = try files.open("/a", .createNew)
            try file.write([UInt8](repeating: 1, count: 100), at: 0)
            files.kill(tearing: tearing) { $0.kind == .write }
            #expect(code { try file.write([UInt8](repeating: 2, count: 12_000), at: 100) } == .killed)
            let bytes = try #require(files.afterKill().content("/a"))
            #expect(bytes.prefix(100).allSatisfy { $0 == 1 } && bytes.dropFirst(100).allSatisfy { $0 == 2 })
            lengths.insert(bytes.count)
        }
        switch tearing {
        case .none: #expect(lengths == [100])
        case .exactly: #expect(lengths == [105])
        case .page: #expect(lengths == [100, 4_096, 8_192])
        case .byte: #expect(lengths.count > 20 && lengths.allSatisfy { 100...12_100 ~= $0 })
        }
    }

    @Test func whatWasSyncedSurvivesThePower() throws {
        var results: Set<[UInt8]?> = []
        for seed in 0..<UInt64(100) {
            let files = SimulatedFileSystem(seed: seed)
            let file = try files.open("/a", .createNew)
            try file.write([1, 2], at: 0)
            try file.sync()
            try files.syncDirectory("/")
            try file.write([3], at: 1)
            try file.write([4], at: 2)
            let content = files.afterPowerLoss(seed: seed).content("/a")
            results.insert(content)
            #expect(content?.first == 1)
        }
        // Dropped, kept, and each half of it; [1, 3, 0]: the page went out between the two writes, the size after them.
        #expect(results == [[1, 2], [1, 3], [1, 2, 0], [1, 3, 0], [1, 3, 4]])
    }

    @Test func pagesAndSectorsAreLostOneByOne() throws {
        let (old, new) = ([UInt8](repeating: 1, count: 16_384), [UInt8](repeating: 2, count: 16_384))
        var patterns: Set<[UInt8]> = []
        for seed in 0..<UInt64(200) {
            let files = SimulatedFileSystem(seed: seed)
            files.setWriteBack(0)
            let file = try files.open("/a", .createNew)
            try file.write(old, at: 0)
            try file.sync()
            try files.syncDirectory("/")
            try file.write(new, at: 0)
            let content = try #require(files.afterPowerLoss(seed: seed).content("/a"))
            let sectors = stride(from: 0, to: content.count, by: 512).map { content[$0] }
            #expect(content.indices.allSatisfy { content[$0] == sectors[$0 / 512] }, "a sector is torn")
            patterns.insert(sectors)
        }
        #expect(
            patterns.contains([UInt8](repeating: 1, count: 32)) && patterns.contains([UInt8](repeating: 2, count: 32)))
        let torn = patterns.filter { sectors in
            (0..<4).contains { page in Set(sectors[page * 8..<page * 8 + 8]).count > 1 }
        }
        let reordered = patterns.filter { $0[0] == 1 && $0[31] == 2 }
        #expect(torn.count > 10 && reordered.count > 5 && patterns.count > torn.count + 5)
    }

    @Test func mappedPagesAreDurableByRegion() throws {
        for seed in 0..<UInt64(50) {
            let files = SimulatedFileSystem(seed: seed)
            let file = try files.open("/a", .createNew)
            try file.allocate(12_288)
            let region = try file.map(12_288)
            try files.syncDirectory("/")
            for page in 0..<3 { region.base.storeBytes(of: 5, toByteOffset: page * 4_096, as: UInt8.self) }
            try region.sync(5_000..<5_001)
            let content = try #require(files.afterPowerLoss(seed: seed).content("/a"))
            #expect(content.count == 12_288)
            #expect(content[4_096] == 5)
        }
    }

    @Test func namesAreDurableByDirectory() throws {
        var seen: Set<[String]> = []
        for seed in 0..<UInt64(200) {
            let files = SimulatedFileSystem(seed: seed)
            try files.makeDirectory("/d")
            try files.syncDirectory("/")
            _ = try files.open("/d/a", .createNew)
            _ = try files.open("/d/b", .createNew)
            try files.syncDirectory("/d")
            try files.unlink("/d/a")
            try files.link("/d/b", "/d/c")
            try files.rename("/d/b", "/e")
            let paths = files.afterPowerLoss(seed: seed).paths()
            seen.insert(paths)
            // A rename happens as a whole.
            #expect(paths.contains("/d/b") != paths.contains("/e"))
        }
        // Three changes, each done or not.
        #expect(seen.count == 8)
    }

    @Test func aDurableChangeTakesAlongWhatItBuildsOn() throws {
        for seed in 0..<UInt64(100) {
            let files = SimulatedFileSystem(seed: seed)
            try files.makeDirectory("/d")
            try files.makeDirectory("/e")
            try files.syncDirectory("/")
            _ = try files.open("/d/a", .createNew)
            try files.rename("/d/a", "/e/a")
            try files.syncDirectory("/e")
            // The making of /d/a must not happen after its renaming.
            #expect(files.afterPowerLoss(seed: seed).paths() == ["/d", "/e", "/e/a"])
        }
    }

    @Test func aFailedSyncLosesThePages() throws {
        for evicting in [false, true] {
            let files = SimulatedFileSystem(seed: 4)
            files.setWriteBack(0)
            let file = try files.open("/a", .createNew)
            try file.write([1, 1], at: 0)
            try file.sync()
            try files.syncDirectory("/")
            try file.write([2], at: 0)
            files.fail(.io, times: 1, evicting: evicting) { $0.kind == .sync }
            #expect(code { try file.sync() } == .io)
            #expect(files.content("/a") == (evicting ? [1, 1] : [2, 1]))
            // The kernel says that all is well, and it isn't.
            try file.sync()
            for seed in 0..<UInt64(20) { #expect(files.snapshot().afterPowerLoss(seed: seed).content("/a") == [1, 1]) }
            // What is written anew is synced anew.
            try file.write([3], at: 1)
            try file.sync()
            #expect(files.afterPowerLoss(seed: 0).content("/a") == (evicting ? [1, 3] : [2, 3]))
        }
    }

    @Test func aSnapshotStandsAlone() throws {
        let files = SimulatedFileSystem(seed: 1)
        let file = try files.open("/a", .createNew)
        try file.write([1], at: 0)
        files.fail(.io) { _ in true }
        let copy = files.snapshot()
        try copy.open("/a", .update).write([2], at: 0)
        #expect(files.content("/a") == [1])
        #expect(copy.replace("/a", with: [3, 4]))
        #expect(try copy.readAll("/a", cap: 9) == [3, 4])
        #expect(!copy.replace("/b", with: []))
        files.setTime(77)
        #expect(code { try file.write([1], at: 0) } == .io)
        files.clearFaults()
        try file.write([1], at: 0)
        #expect(try file.status().modified == 77)
    }

    /// One seed gives one history: the whole of a random program, its faults and what the power leaves, run twice.
    @Test func oneSeedOneHistory() throws {
        func history(_ seed: UInt64) -> [String] {
            var random = SplitMix64(seed: seed)
            let files = SimulatedFileSystem(seed: seed)
            files.kill(atCall: 60, tearing: .byte)
            var lines: [String] = []
            var open: [any OpenFile] = []
            while !files.isKilled {
                let (a, b) = ("/\(random.below(4))", "/\(random.below(4))")
                do {
                    switch random.below(9) {
                    case 0: open.append(try files.open(a, .createNew))
                    case 1, 2:
                        try open.randomElement(using: &random)?.write(
                            [UInt8](repeating: 1, count: random.below(9_000)), at: random.below(9_000))
                    case 3: try open.randomElement(using: &random)?.sync()
                    case 4: try files.syncDirectory("/")
                    case 5: try files.link(a, b)
                    case 6: try files.rename(a, b)
                    case 7: try files.unlink(a)
                    default: lines.append(try files.list("/").joined(separator: " "))
                    }
                } catch { lines.append("\(error)") }
            }
            for after in [files.afterKill(), files.afterPowerLoss(seed: 5)] {
                for path in after.paths() {
                    lines.append(path + " \(after.content(path)?.reduce(7) { $0 &* 31 &+ Int($1) } ?? 0)")
                }
            }
            return lines
        }
        withSeeds(0..<30) { seed, _ in
            try require(history(seed) == history(seed), "another history")
        }
        #expect(history(1) != history(2))
    }
}
