/// The directory of a segment's pages: axis pages first, then those of each metric (Format.md, section 6).
package enum PagesSection {
    package static func bytes(_ pages: [PageEntry]) -> [UInt8] {
        var writer = ByteWriter(capacity: pages.count * FormatConstants.pageEntryBytes)
        for page in pages { page.write(to: &writer) }
        return writer.bytes
    }

    /// Parses the whole directory and checks it against what the metrics section says.
    ///
    /// - Parameter end: where the pages end.
    package static func parse(
        _ bytes: RawSpan, before end: Int, runs: Int, metrics: MetricsSection
    ) throws(FormatError) -> [PageEntry] {
        let size = FormatConstants.pageEntryBytes
        guard bytes.byteCount == metrics.pages * size else {
            throw FormatError(
                .corrupt, at: 0, expected: "\(metrics.pages) pages of \(size) bytes", found: "\(bytes.byteCount) bytes")
        }
        var reader = ByteReader(bytes)
        var pages: [PageEntry] = []
        pages.reserveCapacity(metrics.pages)
        var axes = 0
        for i in 0..<metrics.pages {
            let start = reader.offset
            let page = try PageEntry(&reader, before: end, runs: runs)
            if i < metrics.axisPages {
                guard page.firstAxis == axes else {
                    throw FormatError(
                        .corrupt, at: start, expected: "a page of axes from \(axes) on", found: "\(page.firstAxis)")
                }
                guard page.lane <= metrics.metrics.count else {
                    throw FormatError(
                        .corrupt, at: start, expected: "axes of one of \(metrics.metrics.count) metrics",
                        found: "of metric \(page.lane)")
                }
                axes += page.slices
            }
            pages.append(page)
        }
        guard axes == metrics.axes else {
            throw FormatError(.corrupt, at: 0, expected: "\(metrics.axes) axes", found: "\(axes)")
        }
        return pages
    }
}
