import Varve

extension ImportedRun {
    /// Sets what is known of the run as a whole, and ends it.
    func finish(_ marks: [FileMark]) throws(VarveError) {
        guard hasContent else {
            session.report.emptyRuns += 1
            return
        }
        try storeWaiting()
        session.report.runs += 1
        if known == nil { session.report.newRuns += 1 }
        stateStatus()
        noteNames()
        var changes = properties.filter { known?.info.properties[$0.key] != $0.value }
        var files = known?.marks ?? [:]
        for mark in marks { files[mark.path] = mark }
        if files != known?.marks { for (key, value) in FileMark.properties(files) { changes[key] = value } }
        if run == nil, runID != nil, known?.isComplete == true, changes.isEmpty {
            session.report.unchangedRuns += 1
            return
        }
        if known != nil { session.report.grownRuns += 1 }
        changes["import.complete"] = true
        changes["import.points"] = .int(Int64((known?.points ?? 0) + storedPoints))
        // The marks come last, in one frame, behind the points: a kill leaves marks only if all that they cover is there.
        let run = try openRun()
        try Self.drain(run)
        try run.set(changes)
        self.run = nil
        session.closed(self)
        let isGood = end != .failed
        try run.end(
            successfully: isGood, isGood ? "" : "the imported files say so", at: lifetime.end ?? times?.upperBound)
    }

    /// A run that was killed, or whose source says that it still runs, neither finished nor failed: `status` says so, until a
    /// later import knows better.
    private func stateStatus() {
        let stated: PropertyValue? =
            switch end {
            case .killed: .string(RunStatus.killed.rawValue)
            case .running: .string(RunStatus.silent.rawValue)
            case .finished, .failed, nil: nil
            }
        if let stated {
            properties["status"] = stated
            properties["import.status"] = stated
        } else if end != nil, let earlier = known?.info.properties["import.status"] {
            // Only what an import stated is taken back.
            if known?.info.properties["status"] == earlier { properties["status"] = .absent }
            properties["import.status"] = .absent
        }
    }

    private func noteNames() {
        guard isOfStore, !renamed.isEmpty, renamed != known?.names else { return }
        var json = JSONObject()
        for (name, metric) in renamed.sorted(by: { $0.key < $1.key }) {
            var context = JSONObject()
            for pair in metric.context { context[pair.key] = .string(pair.value) }
            json[name] = [.string(metric.name), .object(context)]
        }
        let text = JSONValue.object(json).text
        if text.utf8.count <= FormatConstants.maxPropertyBytes { properties["import.names"] = .json(text) }
    }
}
