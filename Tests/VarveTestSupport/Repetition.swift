import Testing
import VarveFiles

/// Runs `body` for each element, and names the element at which the body throws; that ends it.
package func withEvery<Elements: Sequence>(
    _ label: String, in elements: Elements, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: (Elements.Element) throws -> Void
) {
    for element in elements {
        do {
            try body(element)
        } catch {
            Issue.record("with \(label) = \(element): \(error)", sourceLocation: sourceLocation)
            return
        }
    }
}

/// Runs `body` for many seeds, each with a generator of its own; the first that throws is named, and ends it.
package func withSeeds(
    _ seeds: Range<UInt64>, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: (UInt64, inout SplitMix64) throws -> Void
) {
    withEvery("seed", in: seeds, sourceLocation: sourceLocation) { seed in
        var random = SplitMix64(seed: seed)
        try body(seed, &random)
    }
}

/// What ``require(_:_:)`` throws.
package struct Unmet: Error, CustomStringConvertible {
    package let description: String
    package init(description: String) { self.description = description }
}

/// Throws if the condition doesn't hold: inside ``withSeeds(_:sourceLocation:_:)`` that names the seed, and is cheaper
/// than `#expect` in a loop of many thousands.
package func require(_ condition: Bool, _ message: @autoclosure () -> String) throws(Unmet) {
    if !condition { throw Unmet(description: message()) }
}
