import Varve
import VarveFiles
import VarveFormat

/// A repository with a journal that the input describes, beside the log file of its run: read as a live writer's or a dead
/// one's, sealed, compacted, gone on with.
///
/// The input is the header's 192 bytes (checksum and all), three words of hints, then records. Checksums are made to fit if
/// the first byte is odd; its second bit says whether runs are gone on with.
struct HostileJournal: FuzzTarget {
    private let world: FuzzRepository
    private let log: [UInt8]

    static var words: [String] { ["VARVEJNL"] }

    static func seeds() throws -> [[UInt8]] {
        let world = try FuzzRepository()
        let begin = try BeginFrame(parsing: world.logBytes.span.bytes.extracting(40..<264))
        return [4, 64].map { slots -> [UInt8] in
            var header = JournalHeader()
            header.run = begin.run
            header.n = 1
            header.slots = UInt32(slots)
            header.salt = begin.salt
            header.repository = begin.repository
            header.host = "node7"
            var writer = ByteWriter()
            writer.u8(slots == 4 ? 3 : 1)
            writer.raw(header.bytes())
            for hint in [50, 41, 41, 3] as [UInt64] { writer.fixed(hint) }
            for slot in 0..<slots {
                writer.fixed(Int64(slot))
                writer.fixed(Int64(1_000))
                writer.fixed(Double(slot).bitPattern)
                writer.fixed(UInt32(slot % 3))
                writer.fixed(UInt32(slots == 4 ? 12 : slot < 41 ? 1 : 0))
            }
            return writer.bytes
        }
    }

    init() throws {
        world = try FuzzRepository()
        // Without `end`, the last 56 bytes: its writer didn't come so far.
        log = Array(world.logBytes.dropLast(56))
    }

    func feed(_ input: [UInt8]) throws {
        guard let first = input.first else { return }
        let checked = FormatConstants.journalChecksummedBytes + 8
        var page = Array(input.dropFirst().prefix(checked))
        page += [UInt8](repeating: 0, count: FormatConstants.journalHeaderBytes - page.count)
        var rest = input.dropFirst(1 + checked)
        for offset in [
            FormatConstants.journalClaimedOffset, FormatConstants.journalDrainedOffset,
            FormatConstants.journalSyncedOffset, FormatConstants.journalHeartbeatOffset,
        ] {
            let word = Array(rest.prefix(8))
            page.replaceSubrange(offset..<(offset + word.count), with: word)
            rest = rest.dropFirst(8)
        }
        var bytes = page + rest
        if first & 1 == 1 { Mending.journal(&bytes) }
        let journal = Paths.join(Paths.parent(world.log), "\(LogName.journal(run: world.run, n: 1))")
        try world.use(world.copy(with: [world.log: log, journal: bytes]), isTrue: true, goesOn: first & 2 == 2)
    }
}
