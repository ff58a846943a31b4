import VarveFormat

/// Which segments are merged next.
///
/// Tiers of eight: a segment's tier says how often its points were rewritten, and eight of a tier become one of the next. Where
/// more of a tier wait they are taken at once, up to 64, which saves a tier. So a point is written at most once a tier,
/// and there are at most seven segments of each.
enum MergePolicy {
    static let width = 8
    private static let most = 64

    /// The segments to merge, and the tier of what comes out; nil: nothing.
    ///
    /// - Parameters:
    ///   - segments: what is live.
    ///   - width: how many of a tier are enough, at least 2.
    ///   - excluding: tiers whose segments can't be merged.
    ///   - mostBytes: what the segments to merge may have together: a merge that would be given up half-way is work for
    ///     nothing, time and again.
    static func next(
        _ segments: [ManifestEntry], width: Int, excluding: Set<UInt16> = [], mostBytes: Int = .max
    ) -> (inputs: [ManifestEntry], tier: UInt16)? {
        var tiers: [UInt16: [ManifestEntry]] = [:]
        for segment in segments { tiers[segment.tier, default: []].append(segment) }
        for tier in tiers.keys.sorted() where !excluding.contains(tier) {
            let waiting = tiers[tier, default: []]
            guard waiting.count >= max(2, width) else { continue }
            // Neighbours in time first: their runs interleave least with those of others.
            var inputs = waiting.sorted { ($0.firstRunSeconds, $0.id) < ($1.firstRunSeconds, $1.id) }.prefix(most)
            var bytes = inputs.reduce(0) { $0 + $1.size }
            while bytes > mostBytes, let last = inputs.popLast() { bytes -= last.size }
            guard inputs.count >= max(2, width) else { continue }
            return (Array(inputs), tier &+ (inputs.count >= most ? 2 : 1))
        }
        return nil
    }
}
