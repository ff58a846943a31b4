/// The items of one segment that are being merged, axes or slices, page by page: where it stands, and how its next item
/// ranks among those of the others.
struct MergeStream {
    /// Which of the merged segments.
    let source: Int
    /// The page at hand, once there is a rank.
    private(set) var page: Int
    private let endPage: Int
    /// By row of the segment's coverage; −1: dropped.
    private let ranks: [Int]
    /// The ranks of the page's items.
    private var items: [Int] = []
    private var row = 0

    init(source: Int, pages: Range<Int>, ranks: [Int]) {
        self.source = source
        self.ranks = ranks
        page = pages.lowerBound - 1
        endPage = pages.upperBound
    }

    /// The rank of the next item; nil at the end.
    var rank: Int? { row < items.count ? items[row] : nil }

    /// Moves to the next item that isn't dropped, if need be on the next pages.
    ///
    /// - Parameter files: gives the files of a page's items.
    mutating func advance<E: Error>(_ files: (Int) throws(E) -> [UInt32]) throws(E) {
        while true {
            while row < items.count, items[row] < 0 { row += 1 }
            if row < items.count || page + 1 >= endPage { return }
            page += 1
            row = 0
            items = try files(page).map { ranks[Int($0)] }
        }
    }

    /// Whether the page can be passed on as it is: nothing of it was taken or dropped, and all ranks are below `limit`.
    func isUntouched(below limit: Int) -> Bool { row == 0 && items.allSatisfy { $0 >= 0 && $0 < limit } }

    mutating func skipPage() { row = items.count }

    /// Takes the next items of this page with ranks below `limit`; at least one.
    mutating func takeRows(below limit: Int) -> [Int] {
        var rows: [Int] = []
        while row < items.count, rows.isEmpty || items[row] < limit {
            if items[row] >= 0 { rows.append(row) }
            row += 1
        }
        return rows
    }

    /// The stream whose item comes next, and the rank at which another one's does.
    static func first(_ streams: [MergeStream]) -> (index: Int, limit: Int)? {
        var best: Int?
        var bestRank = Int.max
        var limit = Int.max
        for (index, stream) in streams.enumerated() {
            guard let rank = stream.rank else { continue }
            if best == nil || rank < bestRank {
                limit = bestRank
                best = index
                bestRank = rank
            } else {
                limit = min(limit, rank)
            }
        }
        return best.map { ($0, limit) }
    }
}
