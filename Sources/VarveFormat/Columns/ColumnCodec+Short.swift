/// Columns of a few words: in a log of short runs, in pages of rare metrics, in the tables of a segment.
///
/// There the size of nearly every form follows from a pass over the words, so that it is computed, and one is made. A zstd frame pays
/// only for long words that come again.
extension ColumnCodec {
    /// The most words of a column whose form is chosen this way.
    static let shortColumn = 64

    /// A form, and how many bytes it takes from byte 0 on.
    private struct Sized {
        var encoding: ColumnEncoding
        var bytes: Int
    }

    /// Puts `count` words, few or all the same, into `best` in the smallest of the forms that may suit them.
    /// - Returns: that form; nil if none suits, so that the words have to be stored as they are.
    func chooseShort(
        _ source: UnsafePointer<UInt64>, _ count: Int, isConstant: Bool, _ kind: ColumnKind, _ effort: ColumnEffort
    ) -> ColumnEncoding? {
        var winner = Sized(encoding: ColumnEncoding(ColumnTransform(.bits), order: 0, body: .raw), bytes: 2 + 8 * count)
        var (shape, rounded) = (Shape?.none, Shape?.none)
        // Of equal words a few tell as much as all.
        let seen = Swift.min(count, Self.shortColumn)
        if isConstant {
            // Some transform may make the word shorter, by a few bytes: not worth looking for in a log.
            let bytes = 2 + Self.zigzagBytes(source[0])
            winner = Sized(encoding: ColumnEncoding(ColumnTransform(.bits), order: 0, body: .constant), bytes: bytes)
        }
        if !isConstant || effort != .log {
            for transform in TransformFinder.candidates(source, seen, kind, effort) {
                if transform.code == .rounded {
                    weigh(transform, source, seen, effort, &winner, &rounded)
                } else {
                    weigh(transform, source, seen, effort, &winner, &shape)
                }
            }
        }
        guard attempt(source, count, winner.encoding, level: 1) else { return nil }
        swap(&trial, &best)
        if effort != .log {
            if let shape { tryBins(shape, source, count, effort, &winner) }
            if let rounded { tryBins(rounded, source, count, effort, &winner) }
        }
        if effort == .index { tryPlanes(source, count, &winner) }
        return winner.encoding
    }

    /// Puts words of very uneven density into `best` as bins if these pay for their table.
    private func tryBins(
        _ shape: Shape, _ source: UnsafePointer<UInt64>, _ count: Int, _ effort: ColumnEffort, _ winner: inout Sized
    ) {
        guard let encoding = promisingBins(shape, source, count, effort, below: winner.bytes) else { return }
        improve(with: encoding, source, count, level: 1, &winner)
    }

    /// Puts the words into `best` in another encoding if that takes fewer bytes.
    private func improve(
        with encoding: ColumnEncoding, _ source: UnsafePointer<UInt64>, _ count: Int, level: Int32,
        _ winner: inout Sized
    ) {
        guard attempt(source, count, encoding, level: level), trial.count < best.count else { return }
        swap(&trial, &best)
        winner = Sized(encoding: encoding, bytes: best.count)
    }

    /// Puts long words that come again, or end in zeros here and there, into `best` as planes if these are smaller: zstd finds what no
    /// range shows.
    private func tryPlanes(_ source: UnsafePointer<UInt64>, _ count: Int, _ winner: inout Sized) {
        guard count >= Self.leastBinned, best.count > 4 * count,
            statistics.patterns(source, count, zeros: Self.doubleZeros) > Self.repeated
        else { return }
        for order in 0...1 {
            let encoding = ColumnEncoding(winner.encoding.transform, order: order, body: .planes)
            improve(with: encoding, source, count, level: 3, &winner)
        }
    }

    /// What makes a range narrow, and about how many bytes stand before its body.
    private struct Shape {
        var transform: ColumnTransform
        var order: Int
        var head: Int
        var range: UInt64
    }

    /// Bins for a shape if they promise fewer bytes than `most`; in the index also for its next differences, as a few words far
    /// off make a range wide, but not bins expensive.
    private func promisingBins(
        _ shape: Shape, _ source: UnsafePointer<UInt64>, _ count: Int, _ effort: ColumnEffort, below most: Int
    ) -> ColumnEncoding? {
        var least = most
        var found: ColumnEncoding?
        var head = shape.head
        for order in shape.order...(shape.order + (effort == .index ? 1 : 0)) {
            let encoding = ColumnEncoding(shape.transform, order: order, body: .bins)
            let words = differences.reserve(count)
            guard order <= ColumnEncoding.maxOrder, count - order >= Self.leastBinned,
                prepare(encoding, source, count, into: words)
            else { break }
            if order > shape.order { head += Self.zigzagBytes(words[order - 1]) }
            let (base, range) = BodyRange.of(words + order, count - order)
            let bits = finder.find(words + order, count - order, base: base, range: range, scale: 1)
            let bytes = head + Int(bits) / 8 + 3
            if bytes < least {
                (least, found) = (bytes, encoding)
                foundBins.append((encoding, finder.starts))
            }
        }
        return found
    }

    /// Fewer words than these don't pay for a table of bins.
    private static let leastBinned = 16

    /// Puts the differences of an encoding's order into `words`, behind the leading ones.
    private func prepare(
        _ encoding: ColumnEncoding, _ source: UnsafePointer<UInt64>, _ count: Int,
        into words: UnsafeMutablePointer<UInt64>
    ) -> Bool {
        let most = count / 8 + 1
        let found = TransformKernels.forward(
            source, count, encoding.transform, to: words, exceptions: exceptions.reserve(most), most: most)
        guard found != nil else { return false }
        for level in 0..<Swift.min(encoding.order, count) { WordKernels.difference(words + level, count - level) }
        return true
    }

    /// Compares the forms of one transform, order by order, as long as words become narrower.
    private func weigh(
        _ transform: ColumnTransform, _ source: UnsafePointer<UInt64>, _ count: Int, _ effort: ColumnEffort,
        _ winner: inout Sized, _ shape: inout Shape?
    ) {
        let most = count / 8 + 1
        let words = differences.reserve(count)
        let positions = exceptions.reserve(most)
        let found = TransformKernels.forward(source, count, transform, to: words, exceptions: positions, most: most)
        guard let found else { return }
        var head = 2 + Self.parameterBytes(transform, exceptions: found)
        var narrowest = 65
        for order in 0...Swift.min(ColumnEncoding.maxOrder, count - 1) {
            if order > 0 {
                head += Self.zigzagBytes(words[order - 1])
                WordKernels.difference(words + order - 1, count - order + 1)
            }
            let (d, left) = (words + order, count - order)
            let (base, range) = BodyRange.of(d, left)
            let width = BitKernels.width(of: range)
            // Of a handful of words each may well be a leading one.
            if width >= narrowest, order > 0, effort == .log || count > ColumnEncoding.maxOrder + 1 { break }
            narrowest = Swift.min(narrowest, width)
            let packed = head + Self.zigzagBytes(base) + (width == 0 ? 0 : 1 + BitKernels.bytes(left, width: width))
            consider(
                ColumnEncoding(transform, order: order, body: width == 0 ? .constant : .packed), packed, effort, &winner
            )
            if width == 0 { break }
            if order <= 1, width > 1, effort != .parts { weighDictionary(transform, order, d, left, head, &winner) }
            // What makes a range narrow makes most words short.
            let known = shape.map { $0.head + BitKernels.bytes(count, width: BitKernels.width(of: $0.range)) }
            if effort != .parts || order <= 1, packed < known ?? .max {
                shape = Shape(transform: transform, order: order, head: head, range: range)
            }
        }
    }

    private func weighDictionary(
        _ transform: ColumnTransform, _ order: Int, _ words: UnsafePointer<UInt64>, _ count: Int, _ head: Int,
        _ winner: inout Sized
    ) {
        guard let number = distinct.count(words, count, most: count / 2), number > 1 else { return }
        let entries = distinct.words
        var bytes = head + 2 + BitKernels.bytes(count, width: Self.indexWidth(number))
        for i in 0..<number { bytes += Self.zigzagBytes(entries[i]) }
        consider(ColumnEncoding(transform, order: order, body: .dictionary), bytes, .index, &winner)
    }

    private func consider(
        _ encoding: ColumnEncoding, _ bytes: Int, _ effort: ColumnEffort, _ winner: inout Sized
    ) {
        if bytes < winner.bytes, effort != .parts || encoding.hasParts {
            winner = Sized(encoding: encoding, bytes: bytes)
        }
    }

    /// The bytes of a transform's parameters.
    private static func parameterBytes(_ transform: ColumnTransform, exceptions: Int) -> Int {
        var bytes = 0
        if transform.code == .scaled { bytes += zigzagBytes(transform.base) }
        if transform.code.hasDivisor { bytes += varintBytes(transform.divisor) }
        if transform.code.mostBits != nil { bytes += 1 }
        if transform.code.hasExceptions { bytes += 1 + 9 * exceptions }
        return bytes
    }

    private static func varintBytes(_ value: UInt64) -> Int { (BitKernels.width(of: value | 1) + 6) / 7 }

    private static func zigzagBytes(_ word: UInt64) -> Int {
        let value = Int64(bitPattern: word)
        return varintBytes(UInt64(bitPattern: value &<< 1 ^ value &>> 63))
    }
}
