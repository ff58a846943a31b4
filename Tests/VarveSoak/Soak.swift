import VarveFiles

/// Random worlds by seed; one that breaks a promise is told, and made as small as it goes.
package enum Soak {
    /// A world that broke a promise.
    package struct Finding: CustomStringConvertible, Sendable {
        package let seed: UInt64
        package let failure: String
        /// The fewest steps that were found to break one.
        package let steps: [SoakStep]
        package let shrunk: String

        package var description: String {
            """
            seed \(seed): \(failure)
              again: ./test soak --seed \(seed) --worlds 1
              \(steps.count) steps suffice: \(steps.map(\.description).joined(separator: ", "))
              with them: \(shrunk)
            """
        }
    }

    /// The steps of a world.
    package static func steps(_ seed: UInt64) -> [SoakStep] {
        var random = SplitMix64(seed: seed)
        return (0..<20 + random.below(60)).map { _ in SoakStep(&random) }
    }

    /// Lives through the world of a seed.
    package static func world(_ seed: UInt64) -> Finding? {
        let steps = steps(seed)
        guard let failure = failure(seed, steps) else { return nil }
        let fewer = shrink(steps) { self.failure(seed, $0) != nil }
        return Finding(seed: seed, failure: failure, steps: fewer, shrunk: self.failure(seed, fewer) ?? "")
    }

    private static func failure(_ seed: UInt64, _ steps: [SoakStep]) -> String? {
        do {
            try SoakWorld(seed: seed).live(steps)
            return nil
        } catch { return "\(error)" }
    }

    /// Leaves out halves, quarters, … and single steps for as long as what is left still fails.
    package static func shrink(_ steps: [SoakStep], _ fails: ([SoakStep]) -> Bool) -> [SoakStep] {
        var steps = steps
        var length = steps.count / 2
        while length > 0 {
            var at = 0
            while at < steps.count {
                var fewer = steps
                fewer.removeSubrange(at..<min(steps.count, at + length))
                if fails(fewer) { steps = fewer } else { at += length }
            }
            length /= 2
        }
        return steps
    }
}
