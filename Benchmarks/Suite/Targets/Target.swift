/// What one figure should be.
package struct Target: Sendable {
    /// The measurement's name.
    package var name: String
    /// What is measured, for people.
    package var what: String
    package var bound: Bound
    package var unit: String
    /// What the measurement's case must contain, all of it.
    package var marks: [String]
    /// Which command measures it, where that isn't `bench`.
    package var source: Source

    package enum Bound: Hashable, Sendable {
        case atMost(Double)
        case atLeast(Double)
        case below(Double)
    }

    package enum Source: Sendable {
        /// A benchmark of this program.
        case bench
        /// The comparison with other tools, which needs them installed.
        case peers
    }

    init(_ name: String, _ what: String, _ bound: Bound, _ unit: String, _ marks: String..., by source: Source = .bench)
    {
        self.name = name
        self.what = what
        self.bound = bound
        self.unit = unit
        self.marks = marks
        self.source = source
    }

    /// The measurement that decides: where several fit, the one that is farthest from the target.
    package func worst(of measurements: [Measurement]) -> Measurement? {
        let fitting = measurements.filter { measurement in
            // What something else does in Varve's place is a floor of its own kind.
            measurement.name == name && measurement.unit == unit && !measurement.what.hasSuffix(" instead")
                && marks.allSatisfy(measurement.what.contains)
        }
        return switch bound {
        case .atMost, .below: fitting.max { $0.value < $1.value }
        case .atLeast: fitting.min { $0.value < $1.value }
        }
    }

    package func isMet(by value: Double) -> Bool {
        switch bound {
        case .atMost(let limit): value <= limit
        case .atLeast(let limit): value >= limit
        case .below(let limit): value < limit
        }
    }
}

extension Target.Bound: CustomStringConvertible {
    package var description: String {
        func text(_ value: Double) -> String {
            value == value.rounded() && abs(value) < 1e9 ? "\(Int(value))" : "\(value)"
        }
        return switch self {
        case .atMost(let limit): "≤ \(text(limit))"
        case .atLeast(let limit): "≥ \(text(limit))"
        case .below(let limit): "< \(text(limit))"
        }
    }
}
