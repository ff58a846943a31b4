import VarveFormat

/// Which log files the segments of an index cover, and how far.
struct CoverageMap {
    /// What the index has of one file: an unbroken chain from its beginning.
    struct Chain {
        var parts: [SourceFile.IndexedPart] = []
        /// The newest row; nil if nothing is covered.
        var last: CoverageRow?
        var points: UInt64 = 0
        var lostPoints: UInt64 = 0

        /// Where the next frame that isn't covered stands.
        var offset: Int { last.map { Int(clamping: $0.offsets.upperBound) } ?? 0 }
        var sequence: UInt64 { last?.sequences.upperBound ?? 0 }
    }

    /// What the name of a file says, and so a reader knows without opening it.
    private enum Place: Hashable {
        case run(UniqueID, UInt32, isSeal: Bool)
        case named(String)
    }

    private var rows: [LogIdentity: [(part: SourceFile.IndexedPart, row: CoverageRow)]] = [:]
    private var identities: [Place: [LogIdentity]] = [:]

    init(_ segments: [SegmentReader]) {
        for (segment, reader) in segments.enumerated() {
            for (row, coverage) in reader.coverage.enumerated() {
                let identity = coverage.identity
                if rows[identity] == nil { identities[Self.place(coverage), default: []].append(identity) }
                rows[identity, default: []].append((SourceFile.IndexedPart(segment: segment, row: row), coverage))
            }
        }
    }

    private static func place(_ row: CoverageRow) -> Place {
        row.begin.run == .zero ? .named(row.name) : .run(row.begin.run, row.begin.n, isSeal: row.isSeal)
    }

    /// The identity that the index has under a file's name; nil if it has none, or more than one.
    func identity(_ name: LogName) -> LogIdentity? {
        let place: Place
        switch name {
        case .log(let run, let n): place = .run(run, n, isSeal: false)
        case .seal(let run, let n): place = .run(run, n, isSeal: true)
        case .edit: place = .named("\(name)")
        default: return nil
        }
        guard let known = identities[place], known.count == 1 else { return nil }
        return known[0]
    }

    /// What of a file may be taken from the index.
    func chain(_ identity: LogIdentity) -> Chain {
        var chain = Chain()
        guard var open = rows[identity] else { return chain }
        open.sort { $0.row.offsets.lowerBound < $1.row.offsets.lowerBound }
        for (part, row) in open {
            // A gap, or two rows that say the same: nothing beyond can be relied on.
            guard Int(clamping: row.offsets.lowerBound) == chain.offset || (chain.last == nil && row.offsets.lowerBound == 0),
                row.sequences.lowerBound >= chain.sequence
            else { break }
            chain.parts.append(part)
            chain.last = row
            chain.points &+= row.points
            chain.lostPoints &+= row.lostPoints
        }
        return chain
    }
}
