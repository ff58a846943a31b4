import VarveFormat

extension SegmentCursor {
    /// The summaries of a page's long slices and of their blocks.
    package func summaries(page: Int) throws(VarveError) -> PageSummaries {
        let table = try loadSlices(page).table
        let entry = segment.pages[page]
        guard entry.summariesBytes > 0 else {
            guard !table.counts.contains(where: { PageSummaries.isLong(Int($0)) }) else {
                throw VarveError(
                    FormatError(
                        .corrupt, at: entry.summariesOffset, expected: "summaries of the long slices of a page",
                        found: "none", file: segment.path))
            }
            return PageSummaries()
        }
        let bytes = try content(entry.summariesOffset, entry.summariesBytes)
        do throws(FormatError) {
            return try PageSummaries(parsing: bytes.span.bytes, slices: table, codec: codec)
        } catch {
            throw VarveError(error.located(in: segment.path, at: entry.summariesOffset))
        }
    }

    /// What is known of a slice without decoding its values; nil for short ones.
    package func summary(of slice: SliceRef) throws(VarveError) -> SliceSummary? {
        guard PageSummaries.isLong(slice.count) else { return nil }
        let counts = try loadSlices(slice.page).table.counts
        return try summaries(page: slice.page).slices[
            counts[..<slice.row].count { PageSummaries.isLong(Int($0)) }]
    }
}
