import VarveFormat

/// What the rewinds of later attempts take back (DESIGN, section 3).
struct Supersession {
    private let rewinds: [(attempt: UInt32, step: Int64)]

    init(_ files: [SourceFile]) {
        rewinds = files.compactMap { file in
            guard case .step(let step) = file.begin.rewind else { return nil }
            return (file.begin.attempt, step)
        }
    }

    /// The first step of an attempt that is superseded; nil: nothing is.
    func firstSuperseded(in attempt: UInt32) -> Int64? {
        rewinds.filter { $0.attempt > attempt }.map(\.step).min()
    }
}
