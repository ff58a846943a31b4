import VarveFiles
import VarveFormat

/// Which contents the artifacts of some logs have: those that were removed again aside, in whichever of a run's files that stands.
struct ArtifactLedger {
    private struct Place: Hashable {
        var run: UniqueID
        var entry: ArtifactEntry
    }

    private var named: Set<Place> = []
    private var withdrawn: Set<Place> = []

    /// Takes what a file says.
    mutating func add(_ section: LogSection, _ reader: LogFileReader) throws(VarveError) {
        for frame in section.frames where frame.kind == .artifacts || frame.kind == .withdrawals {
            let payload = try reader.payload(of: frame, in: section)
            let entries = try formatted(
                reader.file.path, at: section.baseOffset + frame.offset
            ) { () throws(FormatError) in
                try ArtifactEntry.parse(payload.span.bytes, count: frame.header.count)
            }
            let places = entries.map { Place(run: section.begin.run, entry: $0) }
            if frame.kind == .artifacts { named.formUnion(places) } else { withdrawn.formUnion(places) }
        }
    }

    /// SHA-256 in hexadecimal.
    var contents: Set<String> { Set(named.subtracting(withdrawn).map { SHA256.text($0.entry.sha256) }) }
}
