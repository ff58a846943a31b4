import VarveFiles
import VarveFormat

extension Repository {
    /// Copies runs into another repository: their log files byte for byte, the artifacts that these name, and what was set for
    /// them from outside. Nothing in the source changes, but that journals of dead writers are sealed.
    ///
    /// A run that is there already is told and left; one of which a file is there with other bytes is refused, whole: nothing of it
    /// is copied. Repeating an interrupted copy finishes it; `progress` interrupts it between files by an error of its own.
    /// - Throws: `notFound` if one of the runs isn't here; `invalid` if both are the same repository; `noRoom` or `system`: what was
    ///   copied by then stays; and what `progress` throws.
    public func copy(
        _ runs: [RunID], to other: Repository, progress: (Progress) throws(VarveError) -> Void = { _ in }
    ) throws(VarveError) -> TransferReport {
        var transfer = try Transfer(runs, from: self, to: other)
        return try transfer.run(progress)
    }

    /// Copies runs into another repository, then moves them to this one's trash. What was refused stays.
    ///
    /// - Throws: as ``copy(_:to:progress:)`` and ``remove(_:)``.
    public func move(
        _ runs: [RunID], to other: Repository, progress: (Progress) throws(VarveError) -> Void = { _ in }
    ) throws(VarveError) -> TransferReport {
        let report = try copy(runs, to: other, progress: progress)
        _ = try remove(report.copied + report.present)
        return report
    }
}
