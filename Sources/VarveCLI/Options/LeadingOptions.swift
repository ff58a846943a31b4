/// Options of every verb that stand before it, where many expect them; those behind the verb still count more.
struct LeadingOptions: Hashable {
    var repository: String?
    var isQuiet = false
    var isVerbose = false
    /// What isn't one of them, the verb first.
    var rest: [String]

    init(_ arguments: [String]) {
        rest = arguments
        while let first = rest.first {
            switch first {
            case "--quiet": isQuiet = true
            case "--verbose": isVerbose = true
            case "--repo" where rest.count > 2:
                repository = rest[1]
                rest.removeFirst()
            case _ where first.hasPrefix("--repo="): repository = String(first.dropFirst(7))
            default: return
            }
            rest.removeFirst()
        }
    }
}
