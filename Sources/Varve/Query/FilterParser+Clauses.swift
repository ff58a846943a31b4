extension FilterParser {
    /// Reads a whole search: a condition, and what comes behind it in any order.
    mutating func search() throws(VarveError) -> Search {
        var search = Search()
        let condition = try leadingCondition()
        var seen: Set<String> = []
        while current.kind != .end {
            guard let clause = word, FilterNames.clauses.contains(clause) else { throw unexpectedAfterCondition() }
            guard seen.insert(clause).inserted else { throw error("there is a second '\(clause)'") }
            index += 1
            if clause == "limit" {
                search.limit = try limit()
                continue
            }
            guard take(word: "by") else { throw error("expected 'by' after '\(clause)'") }
            repeat {
                let key = try key()
                if clause == "group" {
                    search.groups.append(key)
                } else {
                    let isDescending = take(word: "desc")
                    if !isDescending { _ = take(word: "asc") }
                    search.order.append(Search.Order(key: key, isDescending: isDescending))
                }
            } while take(sign: ",")
        }
        if let condition { search.filter = Filter(condition: condition, self) }
        search.keys = keys.sorted()
        search.metricNames = metrics.sorted()
        return search
    }

    private mutating func limit() throws(VarveError) -> Int {
        guard case .int(let number) = current.kind, let count = Int(exactly: number), count > 0 else {
            throw error("'limit' takes a number of runs above 0")
        }
        index += 1
        return count
    }

    private mutating func key() throws(VarveError) -> Search.Key {
        let operand = try operand()
        if case .literal = operand.value { throw error("expected a name, such as params.lr", at: operand.range) }
        if operand.method != nil { throw error("expected a name without a test", at: operand.range) }
        return Search.Key(operand: operand.value)
    }
}
