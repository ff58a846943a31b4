import Testing
import VarveFiles
import VarveFuzz
import VarveTestSupport

/// Feeds every target of the fuzzer what its fuzzing starts from: the seeds that code makes, those in Fuzz/Seeds, and what was
/// found and mended; then each with a few random changes. So that no target rots, and that nothing that was found comes
/// back, whether or not anybody fuzzes.
struct SeedTests {
    private static let root = "\(PackagePaths.root)/Fuzz/Seeds"

    private func files(of name: String) throws -> [(name: String, bytes: [UInt8])] {
        let fileSystem = RealFileSystem()
        let folder = Paths.join(Self.root, name)
        guard try fileSystem.status(folder) != nil else { return [] }
        return try fileSystem.list(folder).sorted().map {
            ($0, try fileSystem.readAll(Paths.join(folder, $0), cap: 1 << 20))
        }
    }

    @Test(arguments: FuzzTargets.names) func seeds(_ name: String) throws {
        guard let type = FuzzTargets.all.first(where: { $0.name == name }) else { throw Unmet(description: name) }
        let made = try type.seeds().enumerated().map { ("made \($0)", $1) }
        let seeds = try made + files(of: name)
        #expect(!seeds.isEmpty)
        let target = try type.init()
        var random = SplitMix64(seed: 1)
        for (label, seed) in seeds {
            do {
                try target.feed(seed)
                for _ in 0..<20 { try target.feed(Self.changed(seed, &random)) }
            } catch { Issue.record("\(name), \(label): \(error)") }
        }
        try target.feed([])
    }

    /// Every folder of seeds has a target.
    @Test func noOrphans() throws {
        let names = Set(FuzzTargets.names)
        for folder in try RealFileSystem().list(Self.root) { #expect(names.contains(folder)) }
    }

    private static func changed(_ seed: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
        var bytes = seed
        for _ in 0...random.below(3) where !bytes.isEmpty {
            let at = random.below(bytes.count)
            switch random.below(4) {
            case 0: bytes[at] = UInt8(truncatingIfNeeded: random.next())
            case 1: bytes[at] ^= 1 << UInt8(random.below(8))
            case 2: bytes.remove(at: at)
            default: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: at)
            }
        }
        return bytes
    }
}
