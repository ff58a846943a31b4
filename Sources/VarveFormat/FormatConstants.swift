/// Every number that `Format.md` states. A test compares the two; nothing else in the package repeats one of these.
package enum FormatConstants {
    package static let version: UInt16 = 1
    /// The required-feature bits that this version knows: none.
    package static let knownFeatures: UInt32 = 0
    /// Stands for "no time" wherever a time is stored.
    package static let noTime = Int64.min
    /// Stands for "no rank" in `begin`.
    package static let noRank = UInt32.max

    // Frames
    /// "VFrm", read as a little-endian word.
    package static let frameMagic: UInt32 = 0x6D72_4656
    package static let frameHeaderBytes = 40
    package static let frameAlignment = 8
    package static let beginBytes = 224
    package static let hostBytes = 64

    // Magics of the other files, read as little-endian words
    package static let journalMagic = magic("VARVEJNL")
    package static let segmentMagic = magic("VARVESEG")
    package static let trailerMagic = magic("VARVETRL")
    package static let manifestMagic = magic("VARVEMAN")

    // Journal
    package static let journalHeaderBytes = 4096
    package static let journalRecordBytes = 32
    package static let journalChecksummedBytes = 176
    package static let journalClaimedOffset = 1024
    package static let journalDrainedOffset = 1152
    package static let journalSyncedOffset = 1160
    package static let journalHeartbeatOffset = 1168
    package static let checkKey0: UInt64 = 0x9E37_79B9_7F4A_7C15
    package static let checkKey1: UInt64 = 0xC2B2_AE3D_27D4_EB4F
    package static let checkKey2: UInt64 = 0x1656_67B1_9E37_79F9

    // Index
    package static let segmentHeaderBytes = 64
    package static let trailerBytes = 96
    package static let pageEntryBytes = 96
    package static let manifestHeaderBytes = 64
    package static let manifestEntryBytes = 64
    /// A slice of at least this many points has a summary.
    package static let summaryThreshold = 256
    /// A slice of at least two blocks of this many points has a summary of each block, too.
    package static let summaryBlock = 1024
    /// An axis, and a page that Varve writes, holds at most this many points.
    package static let axisPoints = 16_384

    // Caps: checked before anything is allocated
    package static let maxPlainBytes = 64 << 20
    package static let maxZstdWindowLog: Int32 = 23
    package static let maxFramePoints = 1 << 20
    package static let maxPagePoints = 1 << 16
    package static let maxPageSlices = 1 << 16
    package static let maxSeries = 1 << 20
    package static let maxNameBytes = 1024
    package static let maxContextPairs = 64
    package static let maxPropertyKeyBytes = 1024
    package static let maxPropertyBytes = 1 << 20
    package static let maxTextBytes = 1 << 20
    package static let maxClasses = 1 << 16
    package static let maxMatrixCells = 1 << 20
    package static let maxHistogramBins = 1 << 16
    package static let maxSegments = 1 << 16
    package static let maxSegmentRuns = 1 << 20
    package static let maxSegmentFiles = 1 << 20
    package static let maxSegmentMetrics = 1 << 20
    package static let maxSegmentAxes = 1 << 28
    package static let maxSegmentPages = 1 << 24
    package static let maxSegmentProperties = 1 << 24

    private static func magic(_ text: StaticString) -> UInt64 {
        text.withUTF8Buffer { bytes in
            bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
    }
}
