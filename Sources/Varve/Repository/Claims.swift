import VarveFiles
import VarveFormat

/// Says that a process is about to do something which others mustn't do at the same time: a small file in the folder `claims` of
/// the repository, there for the moment between looking and doing. What was done then stands in the logs, where all see it.
///
/// Publishing the file decides who is first, so that no lock is needed, on network file systems neither. Who died with a claim in
/// hand is found out as whoever died with a journal is; elsewhere a claim is void after five minutes.
package struct Claims: Sendable {
    private let documents: Documents
    private let host: any Host

    /// The claims of a repository.
    package init(_ repository: Repository) {
        documents = Documents(repository, folder: "claims", maxBytes: 4096)
        host = repository.environment.host
    }

    /// Something that is claimed, until it is released.
    package struct Claim: Sendable {
        fileprivate var name: String
        /// One more than there were claims of processes that are gone.
        fileprivate var number: Int

        fileprivate func file(_ number: Int) -> String { "\(name).\(number)" }
    }

    /// More claims of dead processes than these nobody leaves behind.
    private static let mostDead = 1000

    /// Claims what a text names. Whoever has the claim looks once more whether it is still to be done.
    ///
    /// - Returns: nil if somebody else has it.
    package func take(_ what: String) throws(VarveError) -> Claim? {
        var hash = SHA256()
        hash.update(Array(what.utf8))
        var claim = Claim(name: String(SHA256.text(hash.finalize()).prefix(32)), number: 1)
        while claim.number <= Self.mostDead {
            if try documents.write(Holder(host).bytes, as: claim.file(claim.number), replaces: false) { return claim }
            // Released this instant: its number is free again.
            guard let bytes = try documents.read(claim.file(claim.number)) else { continue }
            if let holder = Holder(parsing: bytes, host), holder.holds(host) { return nil }
            // It is never taken from a dead holder: two that tried would both believe they had it.
            claim.number += 1
        }
        return nil
    }

    /// Gives a claim back, once what was done shows in the repository: then it says itself that it is done.
    package func release(_ claim: Claim) {
        // Those of dead processes go first: while ours is there, nobody relies on theirs.
        for number in 1...claim.number { try? documents.remove(claim.file(number)) }
    }
}
