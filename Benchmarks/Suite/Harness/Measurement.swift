import Varve

/// One figure: what was measured, how often, beside which floor, and what came out.
package struct Measurement: Sendable {
    /// What is measured, such as `log-call`.
    package var name: String
    /// Under which circumstances.
    package var what: String
    package var value: Double
    package var unit: String
    /// The number of runs of which the value is the median.
    package var runs: Int
    /// What the machine does without Varve, in the same unit; with the unit `x floor`, what the value was divided by.
    package var floor: Double?
    /// An order-independent hash of the points that were read or written; equal wherever the points are.
    package var hash: UInt64?

    package init(
        _ name: String, _ what: String, _ value: Double, _ unit: String, runs: Int = 1, floor: Double? = nil,
        hash: UInt64? = nil
    ) {
        self.name = name
        self.what = what
        self.value = value
        self.unit = unit
        self.runs = runs
        self.floor = floor
        self.hash = hash
    }

    /// Takes what ``json`` gave; nil for anything else.
    package init?(json: JSONValue) {
        guard let name = json["name"]?.stringValue, let what = json["case"]?.stringValue,
            let value = json["value"]?.doubleValue, let unit = json["unit"]?.stringValue
        else { return nil }
        self.init(
            name, what, value, unit, runs: json["median_of"]?.intValue.map { Int(clamping: $0) } ?? 1,
            floor: json["floor"]?.doubleValue, hash: json["hash"]?.stringValue.flatMap { UInt64($0, radix: 16) })
    }

    package var hashText: String? {
        hash.map { hash in
            let digits = String(hash, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }
    }

    /// The object that stands for it in the JSON file.
    package var json: JSONValue {
        [
            "name": .string(name), "case": .string(what), "value": .double(value), "unit": .string(unit),
            "median_of": .int(Int64(runs)), "floor": floor.map { .double($0) } ?? .null,
            "hash": hashText.map { .string($0) } ?? .null,
        ]
    }
}

/// The benchmark's own finding: Varve gave back something else than what was logged.
package struct WrongResult: Error, CustomStringConvertible {
    package let description: String
}
