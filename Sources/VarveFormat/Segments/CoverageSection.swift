/// Which parts of which log files a segment holds (Format.md, section 6).
package enum CoverageSection {
    private static let closedFlag: UInt64 = 1
    private static let sealFlag: UInt64 = 2

    /// The section's bytes without checksum.
    ///
    /// - Parameter runs: the runs of the segment, ascending; the run of each row, unless it is zero, is among them.
    package static func bytes(_ rows: [CoverageRow], runs: [UniqueID], codec: ColumnCodec) -> [UInt8] {
        var rowOfRun: [UniqueID: UInt64] = [:]
        for (i, run) in runs.enumerated() { rowOfRun[run] = UInt64(i) + 1 }
        var writer = ByteWriter()
        writer.varint(rows.count)
        func column(_ word: (CoverageRow) -> UInt64) {
            codec.encode(rows.map(word), .integers, effort: .index, into: &writer)
        }
        column { rowOfRun[$0.begin.run] ?? 0 }
        column { UInt64($0.begin.n) }
        column { $0.begin.salt }
        column { UInt64($0.begin.attempt) }
        column { $0.begin.rank.map { UInt64($0) + 1 } ?? 0 }
        column { ($0.isClosed ? closedFlag : 0) | ($0.isSeal ? sealFlag : 0) }
        column { $0.sequences.lowerBound }
        column { $0.sequences.upperBound }
        column { $0.offsets.lowerBound }
        column { $0.offsets.upperBound }
        column { UInt64($0.begin.sealOf?.n ?? 0) }
        column { $0.begin.sealOf?.salt ?? 0 }
        column { $0.begin.sealOf?.size ?? 0 }
        column { $0.begin.rewind == nil ? 0 : 1 }
        column {
            if case .step(let step) = $0.begin.rewind { return UInt64(bitPattern: step) }
            return 0
        }
        column { $0.begin.fork?.run.high ?? 0 }
        column { $0.begin.fork?.run.low ?? 0 }
        column { UInt64($0.begin.fork?.attempt ?? 0) }
        column { UInt64(bitPattern: $0.begin.fork?.step ?? 0) }
        column { UInt64(bitPattern: $0.begin.created) }
        column { $0.endState.map { UInt64($0.rawValue) + 1 } ?? 0 }
        column { UInt64(bitPattern: $0.endTime) }
        column { $0.lostPoints }
        column { $0.points }
        column { UInt64($0.begin.durability.rawValue) }
        var names = ByteWriter()
        for row in rows { names.string(row.begin.run == .zero ? row.name : "") }
        PlainBlock.append(names.bytes, to: &writer, zstd: codec.zstd)
        return writer.bytes
    }

    /// Parses the section; `repository` is that of the segment's header.
    package static func parse(
        _ bytes: RawSpan, runs: [UniqueID], repository: UniqueID, codec: ColumnCodec
    ) throws(FormatError) -> [CoverageRow] {
        var reader = ByteReader(bytes)
        let count = try reader.count("the rows of a coverage", cap: FormatConstants.maxSegmentFiles)
        let run = try codec.decode(&reader, count: count)
        let n = try codec.decode(&reader, count: count)
        let salt = try codec.decode(&reader, count: count)
        let attempt = try codec.decode(&reader, count: count)
        let rank = try codec.decode(&reader, count: count)
        let flags = try codec.decode(&reader, count: count)
        let fromSequence = try codec.decode(&reader, count: count)
        let toSequence = try codec.decode(&reader, count: count)
        let fromOffset = try codec.decode(&reader, count: count)
        let toOffset = try codec.decode(&reader, count: count)
        let sealN = try codec.decode(&reader, count: count)
        let sealSalt = try codec.decode(&reader, count: count)
        let sealSize = try codec.decode(&reader, count: count)
        let rewindMode = try codec.decode(&reader, count: count)
        let rewindValue = try codec.decodeIntegers(&reader, count: count)
        let forkHigh = try codec.decode(&reader, count: count)
        let forkLow = try codec.decode(&reader, count: count)
        let forkAttempt = try codec.decode(&reader, count: count)
        let forkStep = try codec.decodeIntegers(&reader, count: count)
        let created = try codec.decodeIntegers(&reader, count: count)
        let endState = try codec.decode(&reader, count: count)
        let endTime = try codec.decodeIntegers(&reader, count: count)
        let lostPoints = try codec.decode(&reader, count: count)
        let points = try codec.decode(&reader, count: count)
        let durability = try codec.decode(&reader, count: count)
        let names = try PlainBlock.take(&reader, zstd: codec.zstd)
        try reader.finish("a coverage")
        var nameReader = ByteReader(names.span.bytes)
        var rows: [CoverageRow] = []
        rows.reserveCapacity(count)
        for i in 0..<count {
            func fail(_ expected: String, _ found: some Any) -> FormatError {
                FormatError(.corrupt, at: 0, expected: "row \(i) of a coverage with \(expected)", found: "\(found)")
            }
            func half(_ word: UInt64, _ what: String) throws(FormatError) -> UInt32 {
                guard let half = UInt32(exactly: word) else { throw fail("\(what) of 32 bits", word) }
                return half
            }
            func range(_ from: UInt64, _ to: UInt64, _ what: String) throws(FormatError) -> Range<UInt64> {
                guard from <= to, to <= UInt64(Int64.max) else { throw fail("\(what) in order", "\(from) ..< \(to)") }
                return from..<to
            }
            guard run[i] <= UInt64(runs.count) else { throw fail("a run of \(runs.count)", run[i]) }
            var begin = BeginFrame()
            begin.repository = repository
            begin.run = run[i] == 0 ? .zero : runs[Int(run[i]) - 1]
            begin.n = try half(n[i], "a number")
            begin.salt = salt[i]
            begin.attempt = try half(attempt[i], "an attempt")
            if rank[i] > 0 { begin.rank = try half(rank[i] - 1, "a rank") }
            begin.created = created[i]
            guard let code = UInt8(exactly: durability[i]), let kind = Durability(rawValue: code) else {
                throw fail("a durability from 0 to 2", durability[i])
            }
            begin.durability = kind
            switch rewindMode[i] {
            case 0: break
            case 1: begin.rewind = .step(rewindValue[i])
            default: throw fail("rewind mode 0 or 1", rewindMode[i])
            }
            guard (flags[i] & sealFlag != 0) == (sealN[i] != 0), (flags[i] & closedFlag != 0) == (endState[i] != 0),
                flags[i] <= 3
            else { throw fail("flags that agree with its seal and its end", flags[i]) }
            if sealN[i] != 0 {
                begin.sealOf = BeginFrame.SealSource(
                    n: try half(sealN[i], "a sealed number"), salt: sealSalt[i], size: sealSize[i])
            }
            if forkHigh[i] != 0 || forkLow[i] != 0 {
                begin.fork = BeginFrame.ForkSource(
                    run: UniqueID(high: forkHigh[i], low: forkLow[i]),
                    attempt: try half(forkAttempt[i], "the attempt of a fork"), step: forkStep[i])
            }
            var row = CoverageRow(
                begin: begin, sequences: try range(fromSequence[i], toSequence[i], "sequences"),
                offsets: try range(fromOffset[i], toOffset[i], "offsets"))
            if endState[i] != 0 {
                guard let code = UInt8(exactly: endState[i] - 1), let state = EndFrame.State(rawValue: code) else {
                    throw fail("an end state from 0 to 4", endState[i] - 1)
                }
                row.endState = state
                row.endTime = endTime[i]
            }
            guard points[i] <= UInt64(row.sequences.count) else {
                throw fail("at most \(row.sequences.count) points", points[i])
            }
            row.lostPoints = lostPoints[i]
            row.points = points[i]
            row.name = try nameReader.string("the name of a file", cap: FormatConstants.maxNameBytes)
            rows.append(row)
        }
        try nameReader.finish("the names of a coverage")
        return rows
    }
}
