/// Evaluates conditions column by column: each node takes the columns it names and answers with a set of rows.
struct FilterEvaluation {
    let columns: any FilterColumns

    func rows(_ condition: FilterCondition) -> RowMask {
        switch condition {
        case .all(let parts):
            var mask = RowMask(rows: columns.rows, all: true)
            for part in parts { mask.formIntersection(rows(part)) }
            return mask
        case .any(let parts):
            var mask = RowMask(rows: columns.rows)
            for part in parts { mask.formUnion(rows(part)) }
            return mask
        case .not(let part):
            var mask = rows(part)
            mask.invert()
            return mask
        case .compare(let a, let comparison, let b):
            return rows(a, b) { comparison.holds($0, $1) }
        case .text(let a, let test, let b):
            return rows(a, b) { text, part in
                guard case .string(let text) = text, case .string(let part) = part else { return false }
                return test.holds(text, part)
            }
        case .oneOf(let operand, let keys):
            return rows(operand) { FilterKey($0).map(keys.contains) ?? false }
        case .isTrue(let key):
            return rows(.property(key)) { $0 == .bool(true) }
        }
    }

    private func rows(_ operand: FilterOperand, _ holds: (PropertyValue) -> Bool) -> RowMask {
        switch operand {
        case .literal(let value): return RowMask(rows: columns.rows, all: holds(value))
        case .property(let key):
            var mask = RowMask(rows: columns.rows)
            guard let column = columns.column(key) else { return mask }
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
        case (.property(let first), .property(let second)):
            var mask = RowMask(rows: columns.rows)
            guard let x = columns.column(first), let y = columns.column(second) else { return mask }
            var other = 0
            for (row, value) in zip(x.rows, x.values) {
                while other < y.rows.count, y.rows[other] < row { other += 1 }
                guard other < y.rows.count else { break }
                if y.rows[other] == row, holds(value, y.values[other]) { mask.insert(row) }
            }
            return mask
        }
    }
}
