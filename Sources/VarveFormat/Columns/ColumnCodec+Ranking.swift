extension ColumnCodec {
    /// The encodings that promise the smallest column, best first, judged on a sample.
    ///
    /// First each transform and order is weighed by the mean length of its words, which one pass tells; then the bodies of
    /// the best of them by what they are made of.
    func ranking(
        _ words: UnsafePointer<UInt64>, _ count: Int, _ kind: ColumnKind, _ effort: ColumnEffort
    ) -> [ColumnEncoding] {
        let plan = SamplePlan(count: count, effort: effort)
        let source = sample.reserve(plan.total)
        plan.gather(words, into: source)
        let transforms = TransformFinder.candidates(source, plan.total, kind, effort)
        let scale = Double(count) / Double(plan.total)
        var ranked: [Ranked] = []
        var shapes: [Ranked] = []
        var bins: [Ranked] = []
        var isVaried = true
        for transform in transforms {
            weigh(
                transform, plan, scale, into: &shapes, dictionaries: &ranked, bins: &bins, isVaried: &isVaried)
        }
        if effort == .parts {
            shapes.removeAll { !$0.encoding.hasParts }
            ranked = []
        }
        shapes.sort { $0.bits < $1.bits }
        // The second best by length may be the best by its bodies, if it is close. In a log, where choices are rare, it is looked
        // at from farther off: differences that lie about two points are longer than they take.
        let close = (shapes.first?.bits ?? 0) + Double(count) * (effort == .log ? 1.5 : 0.7)
        let isFew = effort == .index && count < Self.veryFewWords
        // Numbers of either sign lie far apart, but few bits tell which is which.
        let rounded = shapes.firstIndex { $0.encoding.transform.code == .rounded }
        for (number, shape) in shapes.enumerated()
        where number < (isFew ? 4 : 2) && shape.bits <= close || number == rounded {
            rankBodies(shape, plan, scale, effort, isFirst: number == 0, into: &ranked)
        }
        if effort == .parts { ranked.removeAll { !$0.encoding.hasParts } }
        ranked.sort { $0.bits < $1.bits }
        // Estimates are good to a few percent; what lies farther behind isn't worth a trial. But of runs and of the like,
        // zstd may make much less than any estimate says.
        let first = ranked.first?.bits ?? 0
        let isSparse = effort == .index && first < Double(count)
        let least = isSparse ? first * 3 + 400 : first * (count < Self.fewWords ? 1.08 : 1.03) + 100
        let most = isSparse || isFew || effort == .log ? 4 : 2
        var likely = ranked.prefix { $0.bits <= least }.prefix(most).map { $0.encoding }
        // Of few distinct words it doesn't matter how long they are.
        if effort != .log {
            // Their estimate doesn't know which bins join: where a trial is cheap, two get one, and even if they promise a little less.
            let (tried, most) = count < Self.fewWords ? (2, first * 1.3) : (1, first)
            let best = bins.sorted { $0.bits < $1.bits }.prefix(tried).filter { $0.bits < most }
            likely = best.map { $0.encoding }.filter { !likely.contains($0) } + likely
        }
        guard effort == .index, isVaried || count < Self.fewWords, let best = shapes.first?.encoding
        else { return likely }
        // Floats and whole numbers all end in zeros: of them only repetitions count.
        let isDouble = [.bits, .ordered, .near].contains(best.transform.code)
        let zeros = isDouble ? Self.doubleZeros : .max
        let isRepeated =
            statistics.patterns(sample.reserve(plan.total), plan.total, zeros: zeros) > Self.repeated
            || scale > 1 && statistics.repeatedPairs(words, count) > 0.04
        return isRepeated ? likely + repetitive(best, isVaried: isVaried) : likely
    }

    /// Encodings for words that come again, of which zstd may make less than any count says, when `best` leaves the shortest words.
    private func repetitive(_ best: ColumnEncoding, isVaried: Bool) -> [ColumnEncoding] {
        let orders = Set([0, Swift.min(1, best.order), best.order]).sorted()
        // Whole rows that come again, doubles and floats mixed; of few distinct words also those that follow one another alike.
        let bodies: [BodyCode] = isVaried ? [.planes] : [.planes, .dictionary]
        let encodings = bodies.flatMap { body in orders.map { ColumnEncoding(best.transform, order: $0, body: body) } }
        // A number beside a quotient looks like noise; what it stood for may not.
        let asTheyAre = ColumnEncoding(ColumnTransform(.ordered), order: 0, body: .planes)
        return best.transform.code == .near ? [asTheyAre] + encodings : encodings
    }

    /// The share of words that came before, or that have none of the bits of ``doubleZeros``, from which on zstd gets a trial.
    static let repeated = 0.1

    /// The last bits of a double, which are zero in few that aren't floats or whole numbers.
    static let doubleZeros: UInt64 = 0xFFFF

    /// Fewer words than these are cheap to try out in many forms.
    static let fewWords = 4096

    /// And fewer than these in still more, as estimates mislead.
    private static let veryFewWords = 512

    /// An encoding and about how many bits it takes.
    struct Ranked {
        var encoding: ColumnEncoding
        var bits: Double
    }

    /// Puts the sample's differences of an order into `differences`.
    /// - Returns: how many there are, and how many words the transform can't express; nil if too many.
    private func prepare(_ transform: ColumnTransform, _ plan: SamplePlan) -> (used: Int, found: Int)? {
        let most = plan.total / 8 + 1
        let found = TransformKernels.forward(
            sample.reserve(plan.total), plan.total, transform, to: differences.reserve(plan.total),
            exceptions: exceptions.reserve(most), most: most)
        return found.map { (plan.total, $0) }
    }

    /// Weighs the orders of one transform, as long as they make words shorter; of those in which few words are distinct,
    /// dictionaries and bins.
    private func weigh(
        _ transform: ColumnTransform, _ plan: SamplePlan, _ scale: Double, into shapes: inout [Ranked],
        dictionaries: inout [Ranked], bins: inout [Ranked], isVaried: inout Bool
    ) {
        guard case (var used, let found)? = prepare(transform, plan) else { return }
        let lost = Double(found) * scale * ColumnStatistics.exceptionBits
        let d = differences.reserve(plan.total)
        var lengthBefore = Double.infinity
        for order in 0...ColumnEncoding.maxOrder {
            if order > 0 { used = plan.takeDifferences(d, order: order) }
            guard used > 0 else { break }
            let length = statistics.meanLength(d, used)
            let total = Double(used) * scale
            let encoding = ColumnEncoding(transform, order: order, body: .bins)
            shapes.append(Ranked(encoding: encoding, bits: total * length + lost))
            if order <= 1, let found = statistics.repeated(d, used, total) {
                let dictionary = ColumnEncoding(transform, order: order, body: .dictionary)
                dictionaries.append(Ranked(encoding: dictionary, bits: found.dictionaryBits + lost))
                bins.append(Ranked(encoding: encoding, bits: found.binBits + lost))
                isVaried = isVaried && found.distinct * 4 > used
            }
            if length == 0 || length >= lengthBefore { break }
            lengthBefore = length
        }
    }

    /// Weighs the bodies of a transform and order.
    private func rankBodies(
        _ shape: Ranked, _ plan: SamplePlan, _ scale: Double, _ effort: ColumnEffort, isFirst: Bool,
        into ranked: inout [Ranked]
    ) {
        let (transform, order) = (shape.encoding.transform, shape.encoding.order)
        guard case (var used, let found)? = prepare(transform, plan) else { return }
        let lost = Double(found) * scale * ColumnStatistics.exceptionBits
        let d = differences.reserve(plan.total)
        for level in 0..<order { used = plan.takeDifferences(d, order: level + 1) }
        let estimates = statistics.estimates(d, used, scale: scale, planes: effort == .log || isFirst && scale > 2)
        for estimate in estimates {
            let encoding = ColumnEncoding(transform, order: order, body: estimate.body)
            ranked.append(Ranked(encoding: encoding, bits: estimate.bits + lost))
        }
        if effort != .log, used >= 48, estimates.count > 1 {
            let (base, range) = BodyRange.of(d, used)
            let bits = finder.find(d, used, base: base, range: range, scale: scale)
            let encoding = ColumnEncoding(transform, order: order, body: .bins)
            ranked.append(Ranked(encoding: encoding, bits: bits + lost + 60))
            if scale == 1 { foundBins.append((encoding, finder.starts)) }
        }
    }
}

/// Which words of a column stand for all: all of a short one, else runs spread evenly over it.
struct SamplePlan {
    private var run: Int
    private var runs: Int
    private var stride: Int

    init(count: Int, effort: ColumnEffort) {
        let (most, length) = effort == .log ? (384, 128) : (2048, 256)
        if count <= most + most / 4 {
            (run, runs, stride) = (count, 1, count)
        } else {
            (run, runs) = (length, most / length)
            stride = (count - length) / (runs - 1)
        }
    }

    var total: Int { run * runs }

    func gather(_ words: UnsafePointer<UInt64>, into target: UnsafeMutablePointer<UInt64>) {
        for i in 0..<runs { (target + i * run).update(from: words + i * stride, count: run) }
    }

    /// Takes differences once more within the runs, whose words stand one after the other; `order` counts this time.
    /// - Returns: how many words are left.
    func takeDifferences(_ words: UnsafeMutablePointer<UInt64>, order: Int) -> Int {
        let length = run - order + 1
        guard length > 1 else { return 0 }
        for i in 0..<runs {
            let from = words + i * length
            let to = words + i * (length - 1)
            for j in 1..<length { to[j &- 1] = from[j] &- from[j &- 1] }
        }
        return runs * (length - 1)
    }
}
