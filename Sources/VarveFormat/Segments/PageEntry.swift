/// What the directory of a segment says of one page: 96 bytes (Format.md, section 6).
package struct PageEntry: Hashable, Sendable {
    /// Of the page in the file.
    package var offset = 0
    package var slicesBytes = 0
    package var summariesBytes = 0
    package var timesBytes = 0
    package var valuesBytes = 0
    package var points = 0
    /// Slices; in a page of axes: axes.
    package var slices = 0
    /// Fence keys: rows of the runs section.
    package var firstRun = 0
    package var lastRun = 0
    /// Bounds of the finite values; +Inf and −Inf if there are none.
    package var minValue = Double.infinity
    package var maxValue = -Double.infinity
    package var nan = 0
    /// Values that are +Inf or −Inf.
    package var infinite = 0
    /// Bounds of the steps. They hold, but need not be attained.
    package var minStep = Int64.max
    package var maxStep = Int64.min
    /// In a page of axes, the number of its first.
    package var firstAxis = 0
    /// In a page of axes, 1 + the row of the metric whose axes these are, in the metrics section; 0: of any metrics.
    package var lane = 0

    package init() {}

    /// Bytes of all four chunks.
    package var bytes: Int { slicesBytes + summariesBytes + timesBytes + valuesBytes }
    package var summariesOffset: Int { offset + slicesBytes }
    package var timesOffset: Int { summariesOffset + summariesBytes }
    package var valuesOffset: Int { timesOffset + timesBytes }
}

extension PageEntry {
    package func write(to writer: inout ByteWriter) {
        writer.fixed(UInt64(offset))
        for length in [slicesBytes, summariesBytes, timesBytes, valuesBytes] { writer.fixed(UInt32(length)) }
        for number in [points, slices, firstRun, lastRun] { writer.fixed(UInt32(number)) }
        writer.double(minValue)
        writer.double(maxValue)
        writer.fixed(UInt32(nan))
        writer.fixed(UInt32(infinite))
        writer.fixed(minStep)
        writer.fixed(maxStep)
        writer.fixed(UInt32(firstAxis))
        writer.fixed(UInt32(lane))
        writer.zeros(8)
    }

    /// Takes one entry.
    ///
    /// - Parameters:
    ///   - end: where the pages end; a page lies before it.
    ///   - runs: the number of runs in the segment.
    package init(_ reader: inout ByteReader, before end: Int, runs: Int) throws(FormatError) {
        let start = reader.offset
        func fail(_ expected: String, _ found: String) -> FormatError {
            FormatError(.corrupt, at: start, expected: expected, found: found)
        }
        let place = try reader.fixed(UInt64.self, "the offset of a page")
        slicesBytes = try Int(reader.fixed(UInt32.self, "the bytes of a chunk"))
        summariesBytes = try Int(reader.fixed(UInt32.self, "the bytes of a chunk"))
        timesBytes = try Int(reader.fixed(UInt32.self, "the bytes of a chunk"))
        valuesBytes = try Int(reader.fixed(UInt32.self, "the bytes of a chunk"))
        points = try Int(reader.fixed(UInt32.self, "the points of a page"))
        slices = try Int(reader.fixed(UInt32.self, "the slices of a page"))
        firstRun = try Int(reader.fixed(UInt32.self, "the first run of a page"))
        lastRun = try Int(reader.fixed(UInt32.self, "the last run of a page"))
        minValue = try reader.double("the minimum of a page")
        maxValue = try reader.double("the maximum of a page")
        nan = try Int(reader.fixed(UInt32.self, "the NaN of a page"))
        infinite = try Int(reader.fixed(UInt32.self, "the infinite values of a page"))
        minStep = try reader.fixed(Int64.self, "the first step of a page")
        maxStep = try reader.fixed(Int64.self, "the last step of a page")
        firstAxis = try Int(reader.fixed(UInt32.self, "the first axis of a page"))
        lane = try Int(reader.fixed(UInt32.self, "the lane of a page"))
        try reader.skip(8)
        // Four 32-bit numbers: their sum can't overflow.
        let length = slicesBytes + summariesBytes + timesBytes + valuesBytes
        guard place % 8 == 0, place >= UInt64(FormatConstants.segmentHeaderBytes), end >= length,
            place <= UInt64(end - length)
        else { throw fail("a page between the header and the sections at \(end)", "\(length) bytes at \(place)") }
        offset = Int(place)
        guard points <= FormatConstants.maxPagePoints, slices <= FormatConstants.maxPageSlices else {
            throw FormatError(
                .capExceeded, at: start + 24,
                expected: "at most \(FormatConstants.maxPagePoints) points and \(FormatConstants.maxPageSlices) slices",
                found: "\(points) and \(slices)")
        }
        guard slices >= 1, points >= slices else { throw fail("points in each slice", "\(points) in \(slices)") }
        guard firstRun <= lastRun, lastRun < runs else {
            throw fail("runs below \(runs) in order", "\(firstRun) to \(lastRun)")
        }
        guard !minValue.isNaN, !maxValue.isNaN, nan + infinite <= points, minStep <= maxStep else {
            throw fail("bounds in order", "values \(minValue) to \(maxValue), steps \(minStep) to \(maxStep)")
        }
        for chunk in [slicesBytes, summariesBytes, timesBytes, valuesBytes] {
            guard chunk <= FormatConstants.maxPlainBytes else {
                throw FormatError(
                    .capExceeded, at: start + 8, expected: "a chunk of at most \(FormatConstants.maxPlainBytes) bytes",
                    found: "\(chunk)")
            }
        }
    }
}
