/// What a pattern says, parsed.
indirect enum PatternNode {
    case one(ScalarSet)
    case demand(PatternAssertion)
    case sequence([PatternNode])
    case either([PatternNode])
    case repeated(PatternNode, least: Int, most: Int?)

    /// How many steps it takes, without going beyond a number that no pattern may have.
    var steps: Int {
        let cap = 1 << 20
        switch self {
        case .one, .demand: return 1
        case .sequence(let parts): return parts.reduce(0) { min(cap, $0 + $1.steps) }
        case .either(let parts): return parts.reduce(0) { min(cap, $0 + $1.steps + 2) }
        case .repeated(let part, let least, let most):
            let size = part.steps
            let (times, isOver) = (size + 1).multipliedReportingOverflow(by: most ?? least + 1)
            return isOver ? cap : min(cap, times + 2)
        }
    }
}

/// Turns what was parsed into steps. Where it may go on in several ways it forks; a fork's targets are put in when they are
/// known.
struct PatternCompiler {
    var steps: [PatternStep] = []

    mutating func emit(_ node: PatternNode) {
        switch node {
        case .one(let set): steps.append(.one(set))
        case .demand(let assertion): steps.append(.demand(assertion))
        case .sequence(let parts): for part in parts { emit(part) }
        case .either(let parts): emit(alternatives: parts)
        case .repeated(let part, let least, let most):
            for _ in 0..<least { emit(part) }
            guard let most else { return emit(loop: part) }
            var forks: [Int] = []
            for _ in least..<max(least, most) {
                forks.append(steps.count)
                steps.append(.end)
                emit(part)
            }
            for fork in forks { steps[fork] = .fork(fork + 1, steps.count) }
        }
    }

    private mutating func emit(loop part: PatternNode) {
        let fork = steps.count
        steps.append(.end)
        emit(part)
        steps.append(.jump(fork))
        steps[fork] = .fork(fork + 1, steps.count)
    }

    private mutating func emit(alternatives parts: [PatternNode]) {
        var jumps: [Int] = []
        for (index, part) in parts.enumerated() {
            guard index < parts.count - 1 else {
                emit(part)
                break
            }
            let fork = steps.count
            steps.append(.end)
            emit(part)
            jumps.append(steps.count)
            steps.append(.end)
            steps[fork] = .fork(fork + 1, steps.count)
        }
        for jump in jumps { steps[jump] = .jump(steps.count) }
    }
}
