import Varve

extension Search {
    /// Says which of the names that the expression has aren't there, and what may have been meant: for those who find nothing.
    func hint(_ snapshot: Snapshot) throws {
        for (name, nearest) in try unknownNames(in: snapshot) {
            printNote("note: no run has \(name)\(nearest.map { "; did you mean \($0)?" } ?? "")")
        }
    }

    /// For verbs that list no groups.
    func refuseGroups() throws {
        guard !groups.isEmpty else { return }
        throw VarveError(.invalid, "'group by' has no meaning here", remedy: "varve runs and varve report make groups")
    }
}
