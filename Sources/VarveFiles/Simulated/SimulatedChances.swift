/// How likely what wasn't synced is to survive a power failure: drawn once for each.
struct SimulatedChances {
    /// That a page, a size or a name is what it was last.
    let kept: Double
    /// That a page is torn: each sector by itself.
    let torn: Double

    init(_ random: inout SplitMix64) {
        // The extremes (nothing, everything) find most faults and are rare among even mixtures.
        switch random.below(4) {
        case 0: kept = 0
        case 1: kept = 1
        default: kept = Double(random.below(99) + 1) / 100
        }
        torn = kept == 0 || kept == 1 ? 0 : Double(random.below(100)) / 100
    }

    func size(from old: Int, to new: Int, _ random: inout SplitMix64) -> Int {
        guard new > old else { return new }
        if torn > 0, random.chance(torn) { return old + random.below(new - old + 1) }
        return random.chance(kept) ? new : old
    }

    func page(_ before: [UInt8], _ after: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
        guard torn > 0, random.chance(torn) else { return random.chance(kept) ? after : before }
        var page = before
        for start in stride(from: 0, to: PagedBytes.pageSize, by: PagedBytes.sectorSize) where random.chance(0.5) {
            let sector = start..<start + PagedBytes.sectorSize
            page.replaceSubrange(sector, with: after[sector])
        }
        return page
    }
}
