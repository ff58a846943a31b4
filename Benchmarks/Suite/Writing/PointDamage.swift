import Varve

/// What a death cost of points whose values follow from their steps, and whose steps count up from 0.
struct PointDamage {
    private(set) var lost = 0
    private(set) var doubled = 0
    private(set) var wrong = 0

    /// Reads a metric of a run, and compares it with what its writer was told is kept, and with what it may have logged.
    ///
    /// - Parameters:
    ///   - told: the steps below it are kept, as the writer was told.
    ///   - attempted: the steps from it on, and others than whole ones from 0 on, were never logged.
    /// - Returns: the number of points that are there.
    @discardableResult
    mutating func compare(
        _ snapshot: Snapshot, _ run: RunID, _ metric: String, told: Int, attempted: Int, _ value: (Int) -> Double
    ) throws -> Int {
        let reader = try snapshot.series(Query(metric: metric, runs: [run]))
        var next = 0
        var read = 0
        while let chunk = try reader.next() {
            read += chunk.count
            for i in 0..<chunk.count {
                let step = chunk.steps[i]
                if step < next {
                    doubled += 1
                } else {
                    // A hole among what may be lost is none that counts.
                    lost += max(0, min(step, told) - next)
                    next = step + 1
                }
                if chunk.values[i] != value(step) { wrong += 1 }
            }
        }
        lost += max(0, told - next)
        wrong += max(0, next - attempted)
        return read
    }

    /// All points of what `told` says are lost.
    mutating func loseAll(told: Int) { lost += told }

    /// The three figures.
    ///
    /// - Parameters:
    ///   - deaths: how many there were.
    ///   - points: those that were there after them.
    func measurements(_ when: String, deaths: Int, points: Int) -> [Measurement] {
        [("lost", lost), ("doubled", doubled), ("wrong", wrong)].map { what, count in
            Measurement(
                "kill", "\(what) \(when)", Double(count), "points", runs: deaths, hash: UInt64(points))
        }
    }
}
