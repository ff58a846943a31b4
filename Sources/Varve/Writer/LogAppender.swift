import VarveFiles
import VarveFormat

/// Appends frames to one log file. One owner at a time: it lives behind ``WriterFile``'s append lock.
struct LogAppender {
    private let file: any OpenFile
    private let encoder: FrameEncoder
    /// Where the next frame goes. After a failed write it stays: what was torn is written over, so that nothing ever
    /// follows damage.
    private(set) var end = 0
    /// Everything below is durable.
    private(set) var synced = 0
    private(set) var textEntries: UInt64 = 0
    private(set) var recordEntries: UInt64 = 0
    private(set) var isEnded = false
    /// A failed write may have left a part of a frame behind the end.
    private var isTorn = false
    private var definitions: [SeriesKey: UInt32] = [:]
    /// A test asks for less.
    var mostSeries = FormatConstants.maxSeries
    /// Every series of the file by its number.
    private(set) var keys: [UInt32: DefinedSeries] = [:]

    /// What a series is within one file.
    struct SeriesKey: Hashable {
        var metric: MetricKey
        var automaticSteps: Bool
    }

    struct DefinedSeries: Hashable {
        var key: SeriesKey
        var valueType: ValueType
    }

    init(file: any OpenFile, salt: UInt64) {
        self.file = file
        encoder = FrameEncoder(salt: salt, zstd: Zstd())
    }

    /// Writes `begin`, twice, and what else belongs to the beginning, with one call.
    mutating func begin(_ begin: BeginFrame, properties: [PropertyEntry]) throws(FileError) {
        let payload = begin.payload()
        let frame = encoder.frame(.begin, payload: payload, count: 1, sequence: 0)
        var bytes = frame + frame
        for part in Limits.frames(properties) {
            bytes += encoder.frame(
                .properties, payload: PropertyEntry.payload(Array(part)), count: part.count, sequence: 0)
        }
        try append(bytes)
    }

    mutating func append(
        _ kind: FrameKind, payload: [UInt8], count: Int, sequence: UInt64, flags: FrameFlags = FrameFlags()
    ) throws(FileError) {
        try append(encoder.frame(kind, payload: payload, count: count, sequence: sequence, flags: flags))
        if kind == .end { isEnded = true }
    }

    /// The number of a series in this file, which its definition precedes.
    mutating func define(
        _ key: SeriesKey, valueType: ValueType, sequence: UInt64
    ) throws(FileError) -> UInt32? {
        if let known = definitions[key] { return known }
        guard definitions.count < mostSeries else { return nil }
        let id = UInt32(definitions.count)
        let definition = SeriesDefinition(
            id: id, metric: key.metric, valueType: valueType, automaticSteps: key.automaticSteps)
        try append(.define, payload: SeriesDefinition.payload([definition]), count: 1, sequence: sequence)
        definitions[key] = id
        keys[id] = DefinedSeries(key: key, valueType: valueType)
        return id
    }

    var seriesCount: Int { definitions.count }

    mutating func append(text entries: [TextEntry], sequence: UInt64) throws(FileError) {
        let payload = TextEntry.payload(entries, firstOrdinal: textEntries)
        try append(.text, payload: payload, count: entries.count, sequence: sequence)
        textEntries += UInt64(entries.count)
    }

    /// - Parameter records: entries as `RecordEntry.bytes` makes them.
    mutating func append(records: [[UInt8]], sequence: UInt64) throws(FileError) {
        let payload = RecordEntry.payload(records, firstOrdinal: recordEntries)
        try append(.records, payload: payload, count: records.count, sequence: sequence)
        recordEntries += UInt64(records.count)
    }

    private mutating func append(_ bytes: [UInt8]) throws(FileError) {
        do throws(FileError) { try file.write(bytes, at: end) } catch {
            // At once, and again with the next frame if that fails: what was written may be whole, and a reader must not see
            // what the caller is told has failed, and another frame is put in the place of.
            isTorn = true
            wipe()
            throw error
        }
        end += bytes.count
        if isTorn { wipe() }
    }

    /// Writes zeros over what a failed write left behind the end: a reader takes it for damage otherwise. It has its
    /// blocks already, so that a full disk is no obstacle.
    private mutating func wipe() {
        do throws(FileError) {
            let rest = try file.size() - end
            if rest > 0 { try file.write([UInt8](repeating: 0, count: rest), at: end) }
            isTorn = false
        } catch {
            // The frame itself stands; the next one tries again.
        }
    }

    mutating func noteSynced(_ offset: Int) { synced = max(synced, offset) }
}
