import VarveFormat

extension SegmentCursor {
    /// Some of the values of a page as bit patterns: as little is decoded as the form of the column allows.
    package func values(page: Int, ranges: [Range<Int>]) throws(VarveError) -> [[UInt64]] {
        let entry = segment.pages[page]
        let bytes = try content(entry.valuesOffset, entry.valuesBytes)
        var parts: [[UInt64]] = []
        do throws(FormatError) {
            for range in ranges { parts.append(try values(bytes, count: entry.points, range)) }
        } catch {
            throw VarveError(error.located(in: segment.path, at: entry.valuesOffset))
        }
        return parts
    }

    private func values(_ bytes: [UInt8], count: Int, _ range: Range<Int>) throws(FormatError) -> [UInt64] {
        var reader = ByteReader(bytes.span.bytes)
        var words = [UInt64](repeating: 0, count: range.count)
        var failure: FormatError?
        words.withUnsafeMutableBufferPointer { target in
            do throws(FormatError) {
                try codec.decode(&reader, count: count, range: range, into: target)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return words
    }
}
