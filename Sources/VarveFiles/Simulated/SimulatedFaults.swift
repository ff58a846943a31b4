/// One system call of a simulated process: what a rule of faults sees, and what the list of calls shows.
package struct SimulatedCall: Hashable, Sendable, CustomStringConvertible {
    package enum Kind: String, Hashable, Sendable {
        case open, create, list, makeDirectory, status, link, unlink, rename, removeDirectory, syncDirectory, volume
        case read, write, size, fileStatus, sync, allocate, map, syncRegion
    }

    /// Counted from 1.
    package var number: Int
    package var kind: Kind
    /// Of `link` and `rename`: the new name.
    package var path: String
    /// Of calls on a part of a file: where it begins.
    package var offset: Int
    /// How many bytes the caller asked for.
    package var bytes: Int

    package var description: String {
        "\(number) \(kind.rawValue) \(path)" + (bytes == 0 && offset == 0 ? "" : " \(offset)+\(bytes)")
    }
}

/// How much of a write happens before the call is cut off.
package enum SimulatedTearing: Sendable {
    /// Nothing.
    case none
    /// Up to a 4 KiB page of the file, or nothing: what SIGKILL in the middle of a `write` leaves.
    case page
    /// Any number of bytes.
    case byte
    /// This many bytes, or all if there are fewer.
    case exactly(Int)

    /// How many of `count` bytes at `offset` are written.
    func length(of count: Int, at offset: Int, _ random: inout SplitMix64) -> Int {
        switch self {
        case .none: return 0
        case .byte: return random.below(count + 1)
        case .exactly(let length): return max(0, min(length, count))
        case .page:
            let first = PagedBytes.pageSize - offset % PagedBytes.pageSize
            guard first < count else { return 0 }
            let cuts = (count - first - 1) / PagedBytes.pageSize + 2
            let cut = random.below(cuts)
            return cut == 0 ? 0 : first + (cut - 1) * PagedBytes.pageSize
        }
    }
}

/// The faults that a test has ordered.
struct SimulatedFaults {
    typealias Condition = @Sendable (SimulatedCall) -> Bool

    struct Rule {
        /// nil: the process dies.
        var code: FileError.Code?
        var timesLeft: Int
        var tearing: SimulatedTearing
        var evicting: Bool
        var condition: Condition
    }

    var rules: [Rule] = []
    /// What may still be written, and what then follows.
    var writeBudget: (bytes: Int, code: FileError.Code)?

    /// The first rule that fits; it counts as used.
    mutating func rule(for call: SimulatedCall) -> Rule? {
        for index in rules.indices where rules[index].timesLeft > 0 && rules[index].condition(call) {
            rules[index].timesLeft -= 1
            return rules[index]
        }
        return nil
    }
}
