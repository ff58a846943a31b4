import VarveFiles

/// One thing that happens in a world. Its numbers choose among what is there then, so that a history from which steps were
/// taken out still means something.
package struct SoakStep: Sendable, CustomStringConvertible {
    package enum Kind: String, Sendable, CaseIterable {
        case start, join, resume, log, logMany, logRow, text, record, tick, flush, finish
        case property, edit, rewind, remove, restore, pack, copyRun, moveRun, bringBack
        case compact, read, backup, tail, deleteIndex, verify
        case killProcess, killAll, killInCall, powerLoss, powerLossInCall
        case failCalls, failSync, tornWrite, diskFull, calm
    }

    package let kind: Kind
    /// Which process, run, writer or series; and how many.
    let a: Int
    let b: Int
    let c: Int

    package var description: String { "\(kind.rawValue)(\(a), \(b), \(c))" }

    /// How often each happens, in a hundred or so.
    private static let weights: [(Kind, Int)] = [
        (.start, 7), (.join, 3), (.resume, 5), (.rewind, 3), (.log, 22), (.logMany, 5), (.logRow, 6), (.text, 3),
        (.record, 4), (.tick, 10), (.flush, 3), (.finish, 6), (.property, 4), (.edit, 2), (.remove, 2), (.restore, 2),
        (.pack, 2), (.copyRun, 1), (.moveRun, 1), (.bringBack, 2), (.compact, 6), (.read, 6), (.backup, 2),
        (.tail, 5), (.deleteIndex, 1), (.verify, 1),
        (.killProcess, 3), (.killAll, 1), (.killInCall, 3), (.powerLoss, 1), (.powerLossInCall, 2), (.failCalls, 3),
        (.failSync, 2), (.tornWrite, 1), (.diskFull, 2), (.calm, 7),
    ]
    private static let sum = weights.reduce(0) { $0 + $1.1 }

    /// A random step.
    package init(_ random: inout SplitMix64) {
        var left = random.below(Self.sum)
        var kind = Kind.log
        for (next, weight) in Self.weights {
            if left < weight {
                kind = next
                break
            }
            left -= weight
        }
        self.kind = kind
        a = random.below(1 << 16)
        b = random.below(1 << 16)
        c = random.below(1 << 16)
    }
}
