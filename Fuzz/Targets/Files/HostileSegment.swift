import VarveFiles
import VarveFormat

/// A repository whose index is one segment, the input, under checksums that fit: read, verified, merged, gone on with. Such an
/// index may lie; it must not trap, hang or exhaust memory.
///
/// If the first byte is even, checksums stay as they are; then nothing may be read but what the logs say.
struct HostileSegment: FuzzTarget {
    private let world: FuzzRepository
    private let paths: (manifest: String, segment: String)
    private let manifest: Manifest

    static var words: [String] { ["VARVESEG", "VARVETRL"] }

    static func seeds() throws -> [[UInt8]] {
        try [4, 300].map { points in
            let world = try FuzzRepository(points: points)
            let (_, segment) = try world.compacted()
            return [points == 4 ? 3 : 1] + (world.fileSystem.content(segment) ?? [])
        }
    }

    init() throws {
        world = try FuzzRepository()
        paths = try world.compacted()
        let bytes = world.fileSystem.content(paths.manifest) ?? []
        manifest = try Manifest(parsing: bytes.span.bytes)
    }

    func feed(_ input: [UInt8]) throws {
        guard let first = input.first else { return }
        var bytes = Array(input.dropFirst())
        let isMended = first & 1 == 1
        if isMended { Mending.segment(&bytes) }
        var fitting = manifest
        let end = bytes.count - FormatConstants.trailerBytes
        if end > FormatConstants.segmentHeaderBytes,
            let trailer = try? SegmentTrailer(parsing: Array(bytes[end...]).span.bytes, fileSize: bytes.count)
        {
            fitting.segments[0].size = bytes.count
            fitting.segments[0].sectionsOffset = trailer.sectionsOffset
            fitting.segments[0].sectionsHash = XXHash64.hash(Array(bytes[trailer.sectionsOffset...]))
        }
        let files = [paths.segment: bytes, paths.manifest: isMended ? fitting.bytes() : manifest.bytes()]
        try world.use(world.copy(with: files), isTrue: !isMended, goesOn: first & 2 == 2)
    }
}
