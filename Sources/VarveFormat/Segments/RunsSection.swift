/// The runs of a segment, ascending; slices and other sections name them by their row (Format.md, section 6).
package enum RunsSection {
    package static func bytes(_ runs: [UniqueID]) -> [UInt8] {
        var writer = ByteWriter(capacity: runs.count * 16 + 8)
        writer.varint(runs.count)
        for run in runs { writer.id(run) }
        return writer.bytes
    }

    package static func parse(_ bytes: RawSpan) throws(FormatError) -> [UniqueID] {
        var reader = ByteReader(bytes)
        let count = try reader.count("the runs of a segment", cap: FormatConstants.maxSegmentRuns)
        guard reader.remaining == count * 16 else {
            throw FormatError(
                .corrupt, at: reader.offset, expected: "\(count) runs of 16 bytes", found: "\(reader.remaining) bytes")
        }
        var runs: [UniqueID] = []
        runs.reserveCapacity(count)
        for _ in 0..<count {
            let start = reader.offset
            let run = try reader.id("a run of a segment")
            if let last = runs.last, last >= run {
                throw FormatError(.corrupt, at: start, expected: "a run after \(last)", found: "\(run)")
            }
            runs.append(run)
        }
        return runs
    }
}
