import VarveFiles
import VarveFormat

extension Snapshot {
    /// Reads a run's records one by one in the order of logging: attempt, file, place. What a rewind superseded is left out.
    ///
    /// - Parameters:
    ///   - kinds: of these kinds only; nil: of all that this version knows.
    ///   - isWanted: asked before a record is decoded; false leaves it out.
    public func forEachRecord(
        of run: RunID, kinds: Set<Record.Kind>? = nil,
        where isWanted: (_ metric: MetricKey, _ step: Int?) -> Bool = { _, _ in true },
        _ body: (Record) -> Void
    ) throws(VarveError) {
        let codec = ColumnCodec()
        // A frame may be there twice, as a copy, or in a seal: each record has a number in its file.
        var seen: [UInt64: Set<UInt64>] = [:]
        try entries(of: run, .records) { section, payload, count, below throws(FormatError) in
            let salt = section.begin.sealOf?.salt ?? section.begin.salt
            try RecordEntry.forEach(payload, count: count, codec: codec) { ordinal, step, metric, code in
                guard seen[salt, default: []].insert(ordinal).inserted, let kind = Record.Kind(code: code),
                    kinds?.contains(kind) ?? true
                else { return false }
                if let below, let step, step >= below { return false }
                return isWanted(metric, step.map { Int($0) })
            } _: { entry throws(FormatError) in
                body(
                    Record(
                        metric: entry.metric, step: entry.step.map { Int($0) }, time: entry.time,
                        content: Record.Content(entry.body)))
            }
        }
    }

    /// All records of a run in the order of logging. A run with many large ones is better read with
    /// ``forEachRecord(of:kinds:where:_:)``.
    public func records(of run: RunID, kinds: Set<Record.Kind>? = nil) throws(VarveError) -> [Record] {
        var found: [Record] = []
        try forEachRecord(of: run, kinds: kinds) { found.append($0) }
        return found
    }
}
