extension ColumnCodec {
    /// The encodings that promise the smallest column, best first, judged on a sample.
    func ranking(
        _ words: UnsafePointer<UInt64>, _ count: Int, _ kind: ColumnKind, _ effort: ColumnEffort
    ) -> [ColumnEncoding] {
        let plan = SamplePlan(count: count, effort: effort)
        let source = sample.reserve(plan.total)
        plan.gather(words, into: source)
        let transforms =
            kind == .integers
            ? TransformFinder.integers(source, plan.total) : TransformFinder.doubles(source, plan.total)
        let scale = Double(count) / Double(plan.total)
        var ranked: [(encoding: ColumnEncoding, bits: Double)] = []
        let t = integers.reserve(plan.total)
        let d = differences.reserve(plan.total)
        let most = plan.total / 8 + 1
        let positions = exceptions.reserve(most)
        for transform in transforms {
            guard
                let found = TransformKernels.forward(
                    source, plan.total, transform, to: t, exceptions: positions, most: most)
            else { continue }
            let lost = Double(found) * scale * 76
            var leastBefore = Double.infinity
            for order in 0...ColumnEncoding.maxOrder {
                let used = plan.differences(t, order: order, into: d)
                guard used > 0 else { break }
                var least = Double.infinity
                defer { leastBefore = least }
                for estimate in statistics.estimates(d, used, scale: Double(count) / Double(used)) {
                    ranked.append((ColumnEncoding(transform, order: order, body: estimate.body), estimate.bits + lost))
                    least = Swift.min(least, estimate.bits)
                }
                // Only what is smooth gets smaller with every order.
                if order >= 2 && least >= leastBefore { break }
            }
        }
        ranked.sort { $0.bits < $1.bits }
        return ranked.map { $0.encoding }
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

    /// Differences within the runs, without their leading words; returns how many there are.
    func differences(_ t: UnsafePointer<UInt64>, order: Int, into target: UnsafeMutablePointer<UInt64>) -> Int {
        guard run > order else { return 0 }
        var used = 0
        for i in 0..<runs {
            let from = t + i * run
            let to = target + used
            to.update(from: from, count: run)
            for level in 0..<order { WordKernels.difference(to + level, run - level) }
            if order > 0 { to.update(from: to + order, count: run - order) }
            used += run - order
        }
        return used
    }
}
