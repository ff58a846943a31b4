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
        let isNew = noted == nil
        if isNew { session.report.newRuns += 1 }
        stateStatus()
        noteNames()
        let noted = noted ?? (Properties(), [:], 0)
        var changes = properties.filter { noted.properties[$0.key] != $0.value }
        var files = noted.marks
        for mark in marks { files[mark.path] = mark }
        if files != noted.marks { for (key, value) in FileMark.properties(files) { changes[key] = value } }
        let wasComplete = noted.properties["import.complete"] == true && known?.isComplete != false
        if run == nil, let runID, wasComplete, session.isEnded(runID, known), changes.isEmpty {
            session.report.unchangedRuns += 1
            return
        }
        if !isNew { session.report.grownRuns += 1 }
        changes["import.complete"] = true
        changes["import.points"] = .int(Int64(noted.points + storedPoints))
        // The marks come last, in one frame, behind the points: a kill leaves marks only if all that they cover is there.
        let run = try openRun()
        try Self.drain(run)
        try run.set(changes)
        var all = noted.properties
        for (key, value) in changes { all[key] = value }
        self.noted = (all, files, noted.points + storedPoints)
        storedPoints = 0
        letGo()
        session.closed(self)
        let ending = FollowedRuns.Ending(isGood: end != .failed, time: lifetime.end ?? times?.upperBound)
        if let followed = session.followed { try followed.keep(run, ending) } else { try ending.end(run) }
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
        } else if end != nil, let earlier = noted?.properties["import.status"], earlier != .absent {
            // Only what an import stated is taken back, an earlier one or an earlier pass of this one.
            if noted?.properties["status"] == earlier { properties["status"] = .absent }
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
