extension ColumnCodec {
    /// Appends `words` as a COLUMN.
    package func encode(
        _ words: UnsafeBufferPointer<UInt64>, _ kind: ColumnKind, effort: ColumnEffort, into writer: inout ByteWriter
    ) {
        guard let source = words.baseAddress, words.count > 0 else { return writer.varint(0) }
        precondition(words.count <= Self.maxWords, "a column of more words than the format allows")
        _ = choose(source, words.count, kind, effort)
        finish(source, words.count, &writer)
    }

    /// Appends `words` as a COLUMN, in the form that served a column of the same sort before, if that serves again.
    package func encode(
        _ words: UnsafeBufferPointer<UInt64>, _ kind: ColumnKind, effort: ColumnEffort, memory: inout ColumnMemory,
        into writer: inout ByteWriter
    ) {
        guard let source = words.baseAddress, words.count > 0 else { return writer.varint(0) }
        precondition(words.count <= Self.maxWords, "a column of more words than the format allows")
        let count = words.count
        foundBins.removeAll(keepingCapacity: true)
        if var encoding = memory.recall(), effort != .parts || encoding.hasParts {
            if encoding.transform.code == .scaled { encoding.transform.base = source[0] }
            if attempt(source, count, encoding, level: Self.level(effort)),
                memory.accepts(trial.count, count, effort)
            {
                swap(&trial, &best)
                return finish(source, count, &writer)
            }
        }
        memory.store(choose(source, count, kind, effort), best.count, count)
        finish(source, count, &writer)
    }

    /// How hard zstd tries.
    private static func level(_ effort: ColumnEffort) -> Int32 { effort == .log ? 1 : 3 }

    /// Puts the words into `best` in the smallest of the forms that are tried.
    private func choose(
        _ source: UnsafePointer<UInt64>, _ count: Int, _ kind: ColumnKind, _ effort: ColumnEffort
    ) -> ColumnEncoding? {
        best.bytes.removeAll(keepingCapacity: true)
        foundBins.removeAll(keepingCapacity: true)
        let isConstant = WordKernels.isConstant(source, count)
        if isConstant || count <= Self.shortColumn {
            return chooseShort(source, count, isConstant: isConstant, kind, effort)
        }
        let level = Self.level(effort)
        var winner: ColumnEncoding?
        var left = effort == .log ? 2 : count < Self.fewWords ? 9 : 5
        // Where the sample misled, none that was ranked can be made; these can for nearly all words, and for all.
        let (order, body) = effort == .parts ? (0, BodyCode.bins) : (1, BodyCode.planes)
        let fallbacks = [
            ColumnEncoding(ColumnTransform(kind == .doubles ? .ordered : .bits), order: order, body: body),
            ColumnEncoding(ColumnTransform(.bits), order: 0, body: body),
        ]
        let ranked = ranking(source, count, kind, effort)
        for (index, choice) in (ranked + fallbacks).enumerated() {
            if index >= ranked.count, winner != nil { break }
            var encoding = choice
            // A sample may lack the outliers that spoil a split.
            if encoding.body == .split, effort == .log { encoding.body = .trimmed }
            guard attempt(source, count, encoding, level: level) else { continue }
            if winner == nil || isBetter(encoding.body) {
                swap(&trial, &best)
                winner = encoding
            }
            left -= 1
            if left == 0 { break }
        }
        return winner
    }

    /// Whether `trial`, with this body, is worth more than `best`: smaller, and by so much that it pays for what it takes to
    /// decode.
    private func isBetter(_ body: BodyCode) -> Bool {
        let margin = body == .bins ? best.count / 256 : best.count / 1024
        return trial.count < best.count - margin
    }

    /// Appends `best` if it leads back to the words, else the words as they are.
    private func finish(_ source: UnsafePointer<UInt64>, _ count: Int, _ writer: inout ByteWriter) {
        if best.count == 0 || best.count > 8 * count + 2 || !isExact(source, count) {
            let raw = ColumnEncoding(ColumnTransform(.bits), order: 0, body: .raw)
            if attempt(source, count, raw, level: 1) { swap(&trial, &best) }
        }
        writer.varint(best.count)
        writer.raw(best.bytes)
    }

    /// Appends `words` as a COLUMN in one given encoding: for tests of each.
    /// - Returns: false, and appends nothing, if the words can't have that encoding.
    package func encode(
        _ words: UnsafeBufferPointer<UInt64>, as encoding: ColumnEncoding, into writer: inout ByteWriter
    ) -> Bool {
        guard let source = words.baseAddress, words.count > 0 else { return false }
        foundBins.removeAll(keepingCapacity: true)
        guard attempt(source, words.count, encoding, level: 3) else { return false }
        swap(&trial, &best)
        guard isExact(source, words.count) else { return false }
        writer.varint(best.count)
        writer.raw(best.bytes)
        return true
    }

    /// Whether `best` decodes to the words.
    private func isExact(_ words: UnsafePointer<UInt64>, _ count: Int) -> Bool {
        let target = UnsafeMutableBufferPointer(start: decoded.reserve(count), count: count)
        let decodes = best.bytes.withUnsafeBytes { raw in
            do throws(FormatError) {
                try decode(raw, at: 0, into: target)
                return true
            } catch { return false }
        }
        guard decodes, let base = target.baseAddress else { return false }
        return WordKernels.areEqual(words, base, count)
    }

    /// Puts the words into `trial` in one encoding.
    /// - Returns: false if they can't have it.
    func attempt(
        _ words: UnsafePointer<UInt64>, _ count: Int, _ encoding: ColumnEncoding, level: Int32
    ) -> Bool {
        let transform = encoding.transform
        trial.bytes.removeAll(keepingCapacity: true)
        if transform.code == .bits, encoding.order == 0 {
            trial.u8(transform.code.rawValue)
            trial.u8(encoding.body.rawValue)
            return appendBody(encoding, words, count, level: level, to: &trial)
        }
        let t = integers.reserve(count)
        let most = count / 8 + 1
        let positions = exceptions.reserve(most)
        guard
            let found = TransformKernels.forward(
                words, count, transform, to: t, exceptions: positions, most: most)
        else { return false }
        trial.u8(transform.code.rawValue | UInt8(encoding.order) << 4)
        trial.u8(encoding.body.rawValue)
        if transform.code == .scaled { trial.zigzag(Int64(bitPattern: transform.base)) }
        if transform.code.hasDivisor { trial.varint(transform.divisor) }
        if transform.code.mostBits != nil { trial.u8(UInt8(truncatingIfNeeded: transform.base)) }
        if transform.code.hasExceptions { ColumnExceptions.append(positions, found, of: words, to: &trial) }
        let leading = Swift.min(encoding.order, count)
        for level in 0..<leading { WordKernels.difference(t + level, count - level) }
        for i in 0..<leading { trial.zigzag(Int64(bitPattern: t[i])) }
        return appendBody(encoding, t + leading, count - leading, level: level, to: &trial)
    }
}
