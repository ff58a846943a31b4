import VarveFormat

/// Manifests: what is valid is written as it was read; and a repository with this one beside its index is read, verified,
/// compacted. Checksums are made to fit if the first byte is odd.
struct HostileManifest: FuzzTarget {
    private let world: FuzzRepository
    private let manifest: String

    static var words: [String] { ["VARVEMAN"] }

    static func seeds() throws -> [[UInt8]] {
        let world = try FuzzRepository(points: 4)
        let (path, _) = try world.compacted()
        let bytes = world.fileSystem.content(path) ?? []
        return [[3] + bytes, [1] + bytes + bytes.suffix(FormatConstants.manifestEntryBytes)]
    }

    init() throws {
        world = try FuzzRepository(points: 4)
        manifest = try world.compacted().manifest
    }

    func feed(_ input: [UInt8]) throws {
        guard let first = input.first else { return }
        var bytes = Array(input.dropFirst())
        if first & 1 == 1 { Mending.manifest(&bytes) }
        guard let parsed = try? Manifest(parsing: bytes.span.bytes) else { return }
        let again = try? Manifest(parsing: parsed.bytes().span.bytes)
        try demand(again == parsed, "\(parsed) came back as \(String(describing: again))")
        try world.use(world.copy(with: [manifest: bytes]), isTrue: !parsed.isComplete, goesOn: first & 2 == 2)
    }
}
