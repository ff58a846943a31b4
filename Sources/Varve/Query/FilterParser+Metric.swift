extension FilterParser {
    /// What `metric.…` asks for.
    func metricPart(_ names: [String], _ range: Range<Int>) throws(VarveError) -> MetricPart {
        let figures = MetricFigure.allCases.map(\.rawValue)
        guard let first = names.first else {
            throw error(
                "a name must follow 'metric', as in metric.name, metric.context.subset or metric.last", at: range)
        }
        if first == "context" {
            guard names.count > 1 else {
                throw error("a key of the context must follow, as in metric.context.subset", at: range)
            }
            return .context(names.dropFirst().joined(separator: "."))
        }
        let part: MetricPart? =
            switch first {
            case "name": .name
            case MetricPart.rankKey: .rank
            case MetricPart.hostKey: .host
            default: MetricFigure(rawValue: first).map { .figure($0) }
            }
        guard let part else {
            let known = ["name", "context", MetricPart.rankKey, MetricPart.hostKey] + figures
            let hint = FilterNames.nearest(to: first, among: known).map { "did you mean 'metric.\($0)'?" }
            throw error(
                "a metric has no '\(first)'; \(hint ?? "it has \(known.joined(separator: ", "))")", at: range)
        }
        if names.count > 1 {
            throw error("'metric.\(first)' has no parts, so '.\(names[1])' can't follow it", at: range)
        }
        return part
    }

    /// `metrics.val.loss.min`: the last name is a figure, or the last value is meant.
    mutating func series(_ names: [String]) -> FilterOperand {
        var names = names
        var figure = MetricFigure.last
        if names.count > 1, let named = names.last.flatMap({ MetricFigure(rawValue: $0) }) {
            figure = named
            names.removeLast()
        }
        let name = names.joined(separator: ".")
        metrics.insert(name)
        return .series(MetricSelector(name: name, context: [:]), figure)
    }

    /// `["loss", {"subset": "val"}].last` after `metrics`; nil: what follows has no context.
    mutating func seriesFigure(from start: Int) throws(VarveError) -> Operand? {
        guard current.kind == .sign("["), case .string(let name) = tokens[index + 1].kind,
            tokens[index + 2].kind == .sign(","), tokens[index + 3].kind == .sign("{")
        else { return nil }
        index += 4
        var context: [String: String] = [:]
        while !take(sign: "}") {
            guard case .string(let key) = current.kind else { throw error("expected a key of the context in quotes") }
            index += 1
            guard take(sign: ":") else { throw error("expected ':' here") }
            context[key] = try contextValue()
            guard take(sign: ",") else {
                guard take(sign: "}") else { throw error("expected ',' or '}' here") }
                break
            }
        }
        guard take(sign: "]") else { throw error("expected ']' here") }
        metrics.insert(name)
        var figure = MetricFigure.last
        let names = try nextNames()
        let range = start..<tokens[index - 1].range.upperBound
        if let named = names?.first {
            guard let known = MetricFigure(rawValue: named), names?.count == 1 else {
                let figures = MetricFigure.allCases.map(\.rawValue)
                let hint = FilterNames.nearest(to: named, among: figures).map { "did you mean '\($0)'?" }
                throw error(
                    "a metric has no '\(named)'; \(hint ?? "it has \(figures.joined(separator: ", "))")", at: range)
            }
            figure = known
        }
        return Operand(value: .series(MetricSelector(name: name, context: context), figure), range: range)
    }

    /// A value of a context; they are texts, whatever they look like.
    private mutating func contextValue() throws(VarveError) -> String {
        defer { index += 1 }
        switch current.kind {
        case .string(let text): return text
        case .int(let number): return String(number)
        default: throw error("expected a value of the context in quotes")
        }
    }

    /// Remembers the metrics' names that expressions compare with, for hints where nothing is found.
    mutating func note(_ a: Operand, _ b: Operand) {
        for (side, other) in [(a, b), (b, a)] where side.value == .metric(.name) {
            if case .literal(.string(let name)) = other.value { metrics.insert(name) }
        }
    }

    /// `datetime(2026, 11, 23, 10, 0, 0)`, as Python has it: UTC.
    mutating func date() throws(VarveError) -> Operand {
        let start = current.range.lowerBound
        index += 2
        var numbers: [Int64] = []
        while !take(sign: ")") {
            guard case .int(let number) = current.kind else { throw error("expected a whole number here") }
            numbers.append(number)
            index += 1
            guard take(sign: ",") else {
                guard take(sign: ")") else { throw error("expected ',' or ')' here") }
                break
            }
        }
        let range = start..<tokens[index - 1].range.upperBound
        guard (3...6).contains(numbers.count), numbers.allSatisfy({ (0...9999).contains($0) }) else {
            throw error("datetime takes year, month, day, and hour, minute, second", at: range)
        }
        let fields = (numbers + [0, 0, 0]).prefix(6).map { $0 < 10 ? "0\($0)" : String($0) }
        let text = "\(fields[0])-\(fields[1])-\(fields[2])T\(fields[3]):\(fields[4]):\(fields[5])Z"
        guard TimeText.time(text) != nil else { throw error("there is no such date", at: range) }
        return Operand(value: .literal(.string(text)), range: range)
    }
}
