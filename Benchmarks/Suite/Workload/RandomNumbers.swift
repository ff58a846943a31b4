import Glibc
import VarveFiles

/// Distributions that the workloads are made of.
extension SplitMix64 {
    mutating func uniform(_ low: Double = 0, _ high: Double = 1) -> Double {
        low + (high - low) * Double(next() &>> 11) * 0x1p-53
    }

    /// Standard normal: one of the two numbers of a Box–Muller pair.
    mutating func normal() -> Double {
        let radius = (-2 * log(max(uniform(), 0x1p-53))).squareRoot()
        return radius * cos(2 * .pi * uniform())
    }

    mutating func number(_ low: Int, _ high: Int) -> Int { low + below(high - low) }

    mutating func choose<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }
}
