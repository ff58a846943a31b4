/// Which parts of which log files a segment holds (Format.md, section 6).
package enum CoverageSection {
    fileprivate static let closedFlag: UInt64 = 1
    fileprivate static let sealFlag: UInt64 = 2

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
        var texts = ByteWriter()
        for row in rows { texts.string(row.begin.run == .zero ? row.name : row.begin.host) }
        PlainBlock.append(texts.bytes, to: &writer, zstd: codec.zstd)
        return writer.bytes
    }

    /// Parses the section and checks every row; `repository` is that of the segment's header.
    package static func parse(
        _ bytes: RawSpan, runs: [UniqueID], repository: UniqueID, codec: ColumnCodec
    ) throws(FormatError) -> CoverageTable {
        var reader = ByteReader(bytes)
        let count = try reader.count("the rows of a coverage", cap: FormatConstants.maxSegmentFiles)
        var columns: [WordColumn] = []
        for _ in CoverageTable.Column.allCases { columns.append(WordColumn(try codec.decode(&reader, count: count))) }
        let plainTexts = try PlainBlock.take(&reader, zstd: codec.zstd)
        try reader.finish("a coverage")
        let check = CoverageCheck(columns: columns, count: count)
        try check.words(runs: runs.count)
        try check.rows()
        var textReader = ByteReader(plainTexts.span.bytes)
        var texts = TextColumn()
        for _ in 0..<count {
            texts.append(try textReader.string("the name of a file or host", cap: FormatConstants.maxNameBytes))
        }
        try textReader.finish("the names of a coverage")
        return CoverageTable(repository: repository, runs: runs, columns: columns, texts: texts, count: count)
    }
}

/// Proves that the columns of a coverage make sense, each by itself and beside each other.
private struct CoverageCheck {
    let columns: [WordColumn]
    let count: Int

    private func fail(_ row: Int, _ expected: String, _ found: some Any) -> FormatError {
        FormatError(.corrupt, at: 0, expected: "row \(row) of a coverage with \(expected)", found: "\(found)")
    }

    /// What a column's words may be, whatever stands beside them.
    func words(runs: Int) throws(FormatError) {
        func demand(
            _ column: CoverageTable.Column, _ expected: String, _ isWrong: (UInt64) -> Bool
        ) throws(FormatError) {
            let words = columns[column.rawValue]
            guard let row = words.firstRow(count: count, where: isWrong) else { return }
            throw fail(row, expected, words[row])
        }
        let half = UInt64(UInt32.max)
        try demand(.run, "a run of \(runs)") { $0 > UInt64(runs) }
        try demand(.n, "a number of 32 bits") { $0 > half }
        try demand(.attempt, "an attempt of 32 bits") { $0 > half }
        try demand(.rank, "a rank of 32 bits") { $0 > half + 1 }
        try demand(.flags, "flags from 0 to 3") { $0 > 3 }
        try demand(.toSequence, "sequences of 63 bits") { $0 > UInt64(Int64.max) }
        try demand(.toOffset, "offsets of 63 bits") { $0 > UInt64(Int64.max) }
        try demand(.sealN, "a sealed number of 32 bits") { $0 > half }
        try demand(.rewindMode, "rewind mode 0 or 1") { $0 > 1 }
        try demand(.forkAttempt, "the attempt of a fork of 32 bits") { $0 > half }
        try demand(.endState, "an end state from 0 to 4") { word in
            word != 0 && UInt8(exactly: word - 1).flatMap(EndFrame.State.init) == nil
        }
        try demand(.durability, "a durability from 0 to 2") { word in
            UInt8(exactly: word).flatMap(Durability.init) == nil
        }
    }

    /// What must agree within a row.
    func rows() throws(FormatError) {
        let (flags, sealN, endState) = (column(.flags), column(.sealN), column(.endState))
        let (fromSequence, toSequence) = (column(.fromSequence), column(.toSequence))
        let (fromOffset, toOffset) = (column(.fromOffset), column(.toOffset))
        let points = column(.points)
        for row in 0..<count {
            guard (flags[row] & CoverageSection.sealFlag != 0) == (sealN[row] != 0),
                (flags[row] & CoverageSection.closedFlag != 0) == (endState[row] != 0)
            else { throw fail(row, "flags that agree with its seal and its end", flags[row]) }
            guard fromSequence[row] <= toSequence[row] else {
                throw fail(row, "sequences in order", "\(fromSequence[row]) ..< \(toSequence[row])")
            }
            guard fromOffset[row] <= toOffset[row] else {
                throw fail(row, "offsets in order", "\(fromOffset[row]) ..< \(toOffset[row])")
            }
            let sequences = toSequence[row] - fromSequence[row]
            guard points[row] <= sequences else { throw fail(row, "at most \(sequences) points", points[row]) }
        }
    }

    private func column(_ column: CoverageTable.Column) -> WordColumn { columns[column.rawValue] }
}
