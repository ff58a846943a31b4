import Varve
import VarveFiles

extension SoakWorld {
    /// Where runs are copied and moved to, and come back from.
    func otherRepository(_ process: Int) throws -> Repository {
        try Repository.openOrCreate(at: "/other", name: "", self.process(process).repository.environment)
    }

    /// What takes runs out of sight and brings them back, and what gives their bytes another place.
    func move(_ step: SoakStep) throws {
        // A file that comes and goes between two looks is nothing that a tail promises to show.
        try pollTail()
        switch step.kind {
        case .restore: try restore(step)
        case .pack: try pack(step)
        case .copyRun: try copyRun(step)
        case .bringBack: try bringBack(step)
        default: try remove(step)
        }
    }

    /// Puts the files of all runs, or of two, into packs.
    private func pack(_ step: SoakStep) throws {
        let repository = try process(step.a).repository
        guard step.b % 2 == 1, !runs.isEmpty else { return _ = try repository.pack() }
        _ = try repository.pack([runs[step.b % runs.count], runs[step.c % runs.count]])
    }

    /// A run that nobody writes.
    private func idleRun(_ number: Int) -> RunID? {
        guard !runs.isEmpty else { return nil }
        let run = runs[number % runs.count]
        return writers.contains { $0.id == run } ? nil : run
    }

    /// Moves a run to the trash, or to the other repository.
    private func remove(_ step: SoakStep) throws {
        guard let run = idleRun(step.b), !movedAway.contains(run) else { return }
        // A run of which the trash has a part can be removed or come back; whole it is nowhere.
        if step.kind == .moveRun, trashed.contains(run) { return }
        let repository = try process(step.a).repository
        let other = step.kind == .moveRun ? try otherRepository(step.a) : nil
        let before = oracle
        oracle.beginRemoval(run)
        let wasCut = hasCutRemoval
        hasCutRemoval = true
        let isRefused: Bool
        do {
            if let other {
                isRefused = try !repository.move([run], to: other).refused.isEmpty
            } else {
                _ = try repository.remove([run])
                isRefused = false
            }
        } catch  where error.code == .state {
            // A run whose end could not be written down is open until its process dies.
            oracle = before
            hasCutRemoval = wasCut
            return
        } catch {
            if !trashed.contains(run) { trashed.append(run) }
            throw error
        }
        if isRefused {
            oracle = before
            hasCutRemoval = wasCut
            return
        }
        trashed.removeAll { $0 == run }
        if other == nil || fileSystem.isKilled { trashed.append(run) }
        guard !fileSystem.isKilled else { return }
        if let other {
            // All of it is there.
            oracle.endReturn(run)
            try read(other, of: run)
            oracle.beginRemoval(run)
            movedAway.append(run)
        }
        oracle.endRemoval(run)
        hasCutRemoval = wasCut
        forgetRun(run)
    }

    private func restore(_ step: SoakStep) throws {
        guard !trashed.isEmpty else { return }
        let run = trashed[step.b % trashed.count]
        try comeBack(run) { _ = try process(step.a).repository.restore([run]) }
    }

    private func bringBack(_ step: SoakStep) throws {
        guard !movedAway.isEmpty else { return }
        let run = movedAway[step.b % movedAway.count]
        let other = try otherRepository(step.a)
        try comeBack(run) {
            let report = try other.copy([run], to: process(step.a).repository)
            if let refused = report.refused.first { throw refused.error }
        }
    }

    private func comeBack(_ run: RunID, _ bring: () throws -> Void) throws {
        oracle.beginReturn(run)
        noteRun(run)
        let wasCut = hasCutRemoval
        hasCutRemoval = true
        try bring()
        guard !fileSystem.isKilled else { return }
        oracle.endReturn(run)
        hasCutRemoval = wasCut
        trashed.removeAll { $0 == run }
        movedAway.removeAll { $0 == run }
    }

    /// Copies a run, finished or dead, to the other repository, which has all of it then.
    private func copyRun(_ step: SoakStep) throws {
        guard let run = idleRun(step.b) else { return }
        let other = try otherRepository(step.a)
        let report = try process(step.a).repository.copy([run], to: other)
        guard report.refused.isEmpty, !fileSystem.isKilled else { return }
        try read(other, of: run)
    }
}
