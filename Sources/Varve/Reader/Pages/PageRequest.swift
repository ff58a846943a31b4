import VarveFormat

/// A page of a metric that is to be decoded, and what of it.
struct PageRequest: Sendable {
    /// The segment's place in the snapshot.
    var segment: Int
    var reader: SegmentReader
    /// A row of its directory.
    var page: Int
    /// Rows of the segment's runs that are wanted, ascending; nil: all.
    var runs: [Int]?
    var columns: Query.Columns
    /// Slices that have no step in here aren't wanted.
    var steps: ClosedRange<Int64>?
}
