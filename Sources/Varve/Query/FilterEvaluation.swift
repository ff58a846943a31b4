/// Evaluates conditions column by column: each node takes the columns it names and answers with a set of rows.
struct FilterEvaluation {
    let columns: any FilterColumns
    /// Whether an operand's values are known already; what compares others may hold of any row.
    var knows: (FilterOperand) -> Bool = { _ in true }

    /// The rows for which a condition holds.
    func rows(_ condition: FilterCondition) -> RowMask { rows(condition, assuming: true) }

    /// - Parameter assumption: what a comparison with something unknown comes to; the wider answer, which `not` turns round.
    private func rows(_ condition: FilterCondition, assuming assumption: Bool) -> RowMask {
        switch condition {
        case .all(let parts):
            var mask = RowMask(rows: columns.rows, all: true)
            for part in parts { mask.formIntersection(rows(part, assuming: assumption)) }
            return mask
        case .any(let parts):
            var mask = RowMask(rows: columns.rows)
            for part in parts { mask.formUnion(rows(part, assuming: assumption)) }
            return mask
        case .not(let part):
            var mask = rows(part, assuming: !assumption)
            mask.invert()
            return mask
        case .compare, .text, .matches, .oneOf, .isTrue:
            guard condition.operands.allSatisfy({ isKnown($0) }) else {
                return RowMask(rows: columns.rows, all: assumption)
            }
            return leaf(condition)
        }
    }

    private func isKnown(_ operand: FilterOperand) -> Bool {
        if case .literal = operand { true } else { knows(operand) }
    }

    private func leaf(_ condition: FilterCondition) -> RowMask {
        switch condition {
        case .all, .any, .not: return rows(condition)
        case .compare(let a, let comparison, let b):
            return rows(a, b) { comparison.holds($0, $1) }
        case .text(let a, let test, let b):
            return rows(a, b) { text, part in
                guard case .string(let text) = text, case .string(let part) = part else { return false }
                return test.holds(text, part)
            }
        case .matches(let operand, let pattern):
            var search = PatternSearch(pattern)
            return rows(operand) { if case .string(let text) = $0 { search.isFound(in: text) } else { false } }
        case .oneOf(let operand, let keys):
            return rows(operand) { FilterKey($0).map(keys.contains) ?? false }
        case .isTrue(let key):
            return rows(.property(key)) { $0 == .bool(true) }
        }
    }

    private func rows(_ operand: FilterOperand, _ holds: (PropertyValue) -> Bool) -> RowMask {
        switch operand {
        case .literal(let value): return RowMask(rows: columns.rows, all: holds(value))
        case .property, .metric, .series:
            var mask = RowMask(rows: columns.rows)
            guard let column = columns.column(of: operand) else { return mask }
            for (row, value) in zip(column.rows, column.values) where holds(value) { mask.insert(row) }
            return mask
        }
    }

    private func rows(
        _ a: FilterOperand, _ b: FilterOperand, _ holds: (PropertyValue, PropertyValue) -> Bool
    ) -> RowMask {
        switch (a, b) {
        case (.literal(let value), _): return rows(b) { holds(value, $0) }
        case (_, .literal(let value)): return rows(a) { holds($0, value) }
        default:
            var mask = RowMask(rows: columns.rows)
            guard let x = columns.column(of: a), let y = columns.column(of: b) else { return mask }
            var other = 0
            for (row, value) in zip(x.rows, x.values) {
                while other < y.rows.count, y.rows[other] < row { other += 1 }
                var same = other
                while same < y.rows.count, y.rows[same] == row {
                    if holds(value, y.values[same]) { mask.insert(row) }
                    same += 1
                }
            }
            return mask
        }
    }
}
