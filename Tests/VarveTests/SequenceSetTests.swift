import Testing
import VarveFiles
import VarveTestSupport

@testable import Varve

/// A set of sequences answers as a plain set of numbers does, whatever ranges go in and in whatever order.
@Suite struct SequenceSetTests {
    @Test func answersAsAPlainSet() {
        withSeeds(0..<200) { _, random in
            var set = SequenceSet()
            var model: Set<UInt64> = []
            for _ in 0..<Int.random(in: 1...12, using: &random) {
                let from = UInt64.random(in: 0..<60, using: &random)
                let range = from..<(from + UInt64.random(in: 0..<12, using: &random))
                set.insert(range)
                model.formUnion(range)
                try require(set.count == UInt64(model.count), "count \(set.count) after \(range)")
            }
            for sequence in 0..<UInt64(75) {
                try require(set.contains(sequence) == model.contains(sequence), "\(sequence) of \(set.ranges)")
            }
            for from in 0..<UInt64(70) {
                let range = from..<(from + UInt64.random(in: 0..<6, using: &random))
                try require(set.contains(range) == model.isSuperset(of: range), "all of \(range) in \(set.ranges)")
                try require(set.isDisjoint(with: range) == model.isDisjoint(with: range), "\(range), \(set.ranges)")
            }
            let gaps = zip(set.ranges, set.ranges.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound }
            try require(gaps, "neighbours touch: \(set.ranges)")
        }
    }
}
