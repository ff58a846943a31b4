import Testing

@testable import Varve

/// Shows that evaluation by columns agrees with the plain reading of the same condition run by run: random conditions over
/// random properties, against a model of a few lines.
struct FilterModelTests {
    @Test func agreesWithTheModel() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = Random(state: seed)
        for _ in 0..<300 {
            let rows = (0..<random.below(140)).map { _ in random.properties() }
            let columns = Columns(all: rows)
            let condition = random.condition(depth: 4)
            let mask = FilterEvaluation(columns: columns).rows(condition)
            #expect(mask.rows == rows.count)
            for (index, row) in rows.enumerated() {
                #expect(mask[index] == Self.holds(condition, row), "seed \(seed), row \(index): \(condition)")
            }
        }
    }

    private static func holds(_ condition: FilterCondition, _ row: [String: PropertyValue]) -> Bool {
        func value(_ operand: FilterOperand) -> PropertyValue {
            switch operand {
            case .literal(let value): value
            case .property(let key): row[key] ?? .absent
            case .metric(let part): row["\(part)"] ?? .absent
            case .series(let metric, let figure): row["\(metric)\(figure)"] ?? .absent
            }
        }
        switch condition {
        case .all(let parts): return parts.allSatisfy { holds($0, row) }
        case .any(let parts): return parts.contains { holds($0, row) }
        case .not(let part): return !holds(part, row)
        case .compare(let a, let comparison, let b): return comparison.holds(value(a), value(b))
        case .oneOf(let operand, let keys): return FilterKey(value(operand)).map(keys.contains) ?? false
        case .text(let a, let test, let b):
            guard case .string(let text) = value(a), case .string(let part) = value(b) else { return false }
            return test.holds(text, part)
        case .matches(let operand, let pattern):
            guard case .string(let text) = value(operand) else { return false }
            return pattern.isFound(in: text)
        case .isTrue(let key): return row[key] == .bool(true)
        }
    }

    private struct Columns: FilterColumns {
        let all: [[String: PropertyValue]]
        var rows: Int { all.count }
        func column(_ key: String) -> FilterColumn? {
            var column = FilterColumn()
            for (row, properties) in all.enumerated() {
                guard let value = properties[key] else { continue }
                column.rows.append(row)
                column.values.append(value)
            }
            return column.rows.isEmpty ? nil : column
        }

        func column(_ part: MetricPart) -> FilterColumn? { column("\(part)") }
        func column(_ metric: MetricSelector, _ figure: MetricFigure) -> FilterColumn? { column("\(metric)\(figure)") }
    }

    private static let metric = MetricSelector(name: "loss", context: [:])
    private static let patterns = ["a", "^b", "a|b$"].compactMap { try? TextPattern($0) }

    private struct Random {
        var state: UInt64

        mutating func below(_ count: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % count
        }

        mutating func value() -> PropertyValue {
            let values: [PropertyValue] = [
                1, 2, 1.0, 1.5, .double(.nan), "a", "ab", "b", true, false, .null, .json("[1]"), .double(-0.0), 0,
                .int(.max), 0x1p63,
            ]
            return values[below(values.count)]
        }

        mutating func key() -> String { ["x", "y", "z", "gone"][below(4)] }

        mutating func properties() -> [String: PropertyValue] {
            var properties: [String: PropertyValue] = [:]
            let keys = ["x", "y", "z", "\(MetricPart.figure(.last))", "\(metric)\(MetricFigure.min)"]
            for key in keys where below(4) > 0 { properties[key] = value() }
            return properties
        }

        mutating func operand() -> FilterOperand {
            switch below(6) {
            case 0, 1: .literal(value())
            case 2, 3: .property(key())
            case 4: .metric(.figure(.last))
            default: .series(metric, .min)
            }
        }

        mutating func condition(depth: Int) -> FilterCondition {
            switch depth == 0 ? 3 + below(5) : below(8) {
            case 0: .all((0..<below(4)).map { _ in condition(depth: depth - 1) })
            case 1: .any((0..<below(4)).map { _ in condition(depth: depth - 1) })
            case 2: .not(condition(depth: depth - 1))
            case 3: .compare(operand(), FilterComparison.allCases[below(6)], operand())
            case 4: .oneOf(operand(), Set((0..<below(4)).compactMap { _ in FilterKey(value()) }))
            case 5: .text(operand(), FilterTextTest.allCases[below(3)], operand())
            case 6: .matches(operand(), patterns[below(patterns.count)])
            default: .isTrue(key())
            }
        }
    }
}
