extension ColumnCodec {
    /// Appends `words` as a COLUMN.
    package func encode(
        _ words: UnsafeBufferPointer<UInt64>, _ kind: ColumnKind, effort: ColumnEffort, into writer: inout ByteWriter
    ) {
        guard let source = words.baseAddress, words.count > 0 else { return writer.varint(0) }
        precondition(words.count <= Self.maxWords, "a column of more words than the format allows")
        best.bytes.removeAll(keepingCapacity: true)
        var tried = 0
        let most = effort == .log ? 1 : 3
        for encoding in ranking(source, words.count, kind, effort) {
            guard attempt(source, words.count, encoding, level: effort == .log ? 1 : 3) else { continue }
            if best.count == 0 || trial.count < best.count { swap(&trial, &best) }
            tried += 1
            if tried == most { break }
        }
        if best.count == 0 || best.count > 8 * words.count + 2 || !isExact(source, words.count) {
            let raw = ColumnEncoding(ColumnTransform(.bits), order: 0, body: .raw)
            best.bytes.removeAll(keepingCapacity: true)
            if attempt(source, words.count, raw, level: 1) { swap(&trial, &best) }
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
    private func attempt(
        _ words: UnsafePointer<UInt64>, _ count: Int, _ encoding: ColumnEncoding, level: Int32
    ) -> Bool {
        let transform = encoding.transform
        trial.bytes.removeAll(keepingCapacity: true)
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
        if transform.code.hasExceptions {
            trial.varint(found)
            var last: UInt32 = 0
            for i in 0..<found {
                trial.varint(UInt64(positions[i] - last))
                last = positions[i]
            }
            for i in 0..<found { trial.fixed(words[Int(positions[i])]) }
        }
        let leading = Swift.min(encoding.order, count)
        if leading >= 1 { WordKernels.difference(t, count) }
        if leading == 2 { WordKernels.difference(t + 1, count - 1) }
        for i in 0..<leading { trial.zigzag(Int64(bitPattern: t[i])) }
        return appendBody(encoding.body, t + leading, count - leading, level: level, to: &trial)
    }
}
