import VarveFormat

/// Finds the steps and times of slices on their axes. One thread at a time; the shelf is that of all threads of a reader.
struct AxisColumns {
    private let shelf: AxisShelf
    private let codec: ColumnCodec
    private let tables = ChunkReader()
    private var regular = RegularSteps()
    // The page of axes that was used last, and its numbers.
    private var current: Current?
    private var segment = -1
    private var axes = 0..<0
    private var steps = Column()
    private var times = Column()
    /// How often a part of one of them was decoded.
    private var parts = 0

    /// An object, as each row looks at it: a value of this size would be copied.
    private final class Current {
        let shelved: ShelvedAxes
        let page: AxisPage
        let entry: PageEntry

        init(_ shelved: ShelvedAxes, _ page: AxisPage, _ entry: PageEntry) {
            (self.shelved, self.page, self.entry) = (shelved, page, entry)
        }
    }

    private enum Kind {
        case steps, times
    }

    /// A column of that page.
    private struct Column {
        let chunks = ChunkReader()
        /// All of it, once it is decoded.
        var whole: WordBlock?
    }

    /// After as many parts the whole column is decoded: other metrics of the same runs will want it, too.
    private static let mostParts = 4

    init(_ shelf: AxisShelf, _ codec: ColumnCodec) {
        self.shelf = shelf
        self.codec = codec
    }

    /// Where the steps of a slice are, before anything is decoded.
    private struct Position {
        /// Of the slice's first point on the page of axes.
        var first: Int
        /// What its steps are, if they are regular; spacing 0: they aren't.
        var firstStep: Int64
        var spacing: Int64
    }

    /// A block that is filled row by row.
    private struct Filling {
        private let block: WordBlock
        private let room: Int
        private var filled = 0

        init(_ block: WordBlock, room: Int) {
            self.block = block
            self.room = room
        }

        /// Where the next `count` words go. Room for all is made once, so that pointers into it stay, and only where there is a use
        /// for it.
        mutating func take(_ count: Int) -> UnsafeMutablePointer<UInt64> {
            if filled == 0 { _ = block.reserve(room) }
            defer { filled += count }
            return block.words + filled
        }
    }

    /// Gives the rows of `page` their steps and times, as far as the request wants them, and drops those that have no wanted
    /// step.
    ///
    /// - Parameter isPart: few points of the page are wanted, so that decoding pages of axes whole may not pay.
    mutating func place(_ page: DecodedPage, _ request: PageRequest, isPart: Bool) throws(VarveError) {
        let columns = request.columns
        guard columns.contains(.steps) || columns.contains(.times) || request.steps != nil else { return }
        // Out of the page while they change: in an object each access would be checked.
        var rows = page.rows
        var shared = page.shared
        (page.rows, page.shared) = ([], [])
        let points = rows.reduce(0) { $0 + Int($1.count) }
        var (steps, times) = (Filling(page.steps, room: points), Filling(page.times, room: points))
        var kept = 0
        for i in rows.indices {
            var row = rows[i]
            if row.axis < axes.lowerBound || row.axis >= axes.upperBound || segment != request.segment {
                try turn(to: Int(row.axis), request)
            }
            let position = try locate(&row, request)
            if let wanted = request.steps, row.highStep < wanted.lowerBound || row.lowStep > wanted.upperBound {
                continue
            }
            if columns.contains(.steps) { try addSteps(&row, position, request, isPart, &steps, &shared) }
            if columns.contains(.times) { try addTimes(&row, position, request, isPart, &times, &shared) }
            rows[kept] = row
            kept += 1
        }
        rows.removeLast(rows.count - kept)
        (page.rows, page.shared) = (rows, shared)
    }

    /// Turns to the page of axes on which an axis stands.
    private mutating func turn(to axis: Int, _ request: PageRequest) throws(VarveError) {
        let reader = request.reader
        let number = reader.page(ofAxis: axis)
        let entry = reader.pages[number]
        let shelved = shelf.axes(AxisShelf.Key(segment: request.segment, page: number))
        let page = try shelved.page(on: shelf) { () throws(VarveError) in try load(entry, reader) }
        current = Current(shelved, page, entry)
        (steps.whole, times.whole, parts) = (nil, nil, 0)
        segment = request.segment
        axes = entry.firstAxis..<(entry.firstAxis + page.table.count)
    }

    private func load(_ entry: PageEntry, _ segment: SegmentReader) throws(VarveError) -> AxisPage {
        let codec = codec
        let summaries = try tables.withContent(
            of: segment, at: entry.summariesOffset, bytes: entry.summariesBytes
        ) { content in content.withUnsafeBytes { [UInt8]($0) } }
        let table = try tables.withContent(of: segment, at: entry.offset, bytes: entry.slicesBytes) {
            content throws(FormatError) in
            let table = try AxisTable(
                parsing: content, summaries: summaries.span.bytes, page: entry, limits: segment.limits, codec: codec)
            try segment.demandOwners(table.runs, table.files)
            return table
        }
        return AxisPage(table)
    }

    private func locate(_ row: inout PageRow, _ request: PageRequest) throws(VarveError) -> Position {
        let axis = Int(row.axis) - axes.lowerBound
        let (start, count) = (Int(row.start), Int(row.count))
        guard let page = current?.page, axis >= 0, axis < axes.count,
            start + count <= Int(page.table.counts[axis])
        else {
            throw VarveError(
                FormatError(
                    .corrupt, at: request.reader.pages[request.page].offset,
                    expected: "slice \(row.row) to lie on its axis",
                    found: "points \(start) to \(start + count) of axis \(row.axis)", file: request.reader.path))
        }
        let (low, high) = (page.table.minSteps[axis], page.table.maxSteps[axis])
        let isAscending = page.table.flags[axis].contains(.ascending)
        row.isAscending = row.isAscending || isAscending
        var spacing = page.table.spacings[axis]
        // No gap has room among them.
        if isAscending, UInt64(bitPattern: high &- low) == UInt64(page.table.counts[axis] - 1) { spacing = 1 }
        (row.lowStep, row.highStep) = (low, high)
        guard spacing > 0 else { return Position(first: page.offsets[axis] + start, firstStep: 0, spacing: 0) }
        // Within the axis' bounds, which were checked: nothing wraps.
        row.lowStep = low &+ Int64(start) &* spacing
        row.highStep = row.lowStep &+ Int64(count - 1) &* spacing
        return Position(first: page.offsets[axis] + start, firstStep: row.lowStep, spacing: spacing)
    }

    private mutating func addSteps(
        _ row: inout PageRow, _ position: Position, _ request: PageRequest, _ isPart: Bool, _ filling: inout Filling,
        _ shared: inout [WordBlock]
    ) throws(VarveError) {
        let count = Int(row.count)
        if position.spacing > 0 {
            if count <= RegularSteps.mostPoints {
                let block = regular.block(first: position.firstStep, spacing: position.spacing, count: count)
                Self.keep(block, in: &shared)
                row.steps = UnsafePointer(block.steps)
            } else {
                let words = filling.take(count)
                RegularSteps.fill(words, first: position.firstStep, spacing: position.spacing, count: count)
                row.steps = UnsafePointer(UnsafeMutableRawPointer(words).assumingMemoryBound(to: Int.self))
            }
            return
        }
        if steps.whole == nil {
            if isPart, let words = try part(.steps, position.first, count, request, &filling) {
                row.steps = UnsafePointer(UnsafeMutableRawPointer(words).assumingMemoryBound(to: Int.self))
                return
            }
            steps.whole = try whole(.steps, request)
        }
        guard let block = steps.whole else { return }
        Self.keep(block, in: &shared)
        row.steps = UnsafePointer(block.steps + position.first)
    }

    private mutating func addTimes(
        _ row: inout PageRow, _ position: Position, _ request: PageRequest, _ isPart: Bool, _ filling: inout Filling,
        _ shared: inout [WordBlock]
    ) throws(VarveError) {
        if times.whole == nil {
            if isPart, let words = try part(.times, position.first, Int(row.count), request, &filling) {
                row.times = UnsafePointer(UnsafeMutableRawPointer(words).assumingMemoryBound(to: Int64.self))
                return
            }
            times.whole = try whole(.times, request)
        }
        guard let block = times.whole else { return }
        Self.keep(block, in: &shared)
        row.times = UnsafePointer(block.numbers + position.first)
    }

    /// The words of a row by themselves; nil: its column is to be decoded whole.
    private mutating func part(
        _ kind: Kind, _ first: Int, _ count: Int, _ request: PageRequest, _ filling: inout Filling
    ) throws(VarveError) -> UnsafeMutablePointer<UInt64>? {
        guard let current, parts < Self.mostParts, count <= current.entry.points / 2 else { return nil }
        let isKnown = kind == .steps ? current.shelved.hasSteps : current.shelved.hasTimes
        if isKnown { return nil }
        parts += 1
        let words = filling.take(count)
        try decode(kind, current.entry, first..<(first + count), request.reader, words)
        return words
    }

    /// The whole column, which other readers may have decoded.
    private func whole(_ kind: Kind, _ request: PageRequest) throws(VarveError) -> WordBlock? {
        guard let current else { return nil }
        let entry = current.entry
        func load(_ block: WordBlock) throws(VarveError) {
            try decode(kind, entry, 0..<entry.points, request.reader, block.words)
        }
        return switch kind {
        case .steps: try current.shelved.steps(entry.points, on: shelf, load)
        case .times: try current.shelved.times(entry.points, on: shelf, load)
        }
    }

    private func decode(
        _ kind: Kind, _ entry: PageEntry, _ range: Range<Int>, _ segment: SegmentReader,
        _ words: UnsafeMutablePointer<UInt64>
    ) throws(VarveError) {
        let codec = codec
        let target = UnsafeMutableBufferPointer(start: words, count: range.count)
        let column = kind == .steps ? steps : times
        let (offset, bytes) =
            kind == .steps ? (entry.valuesOffset, entry.valuesBytes) : (entry.timesOffset, entry.timesBytes)
        try column.chunks.withContent(of: segment, at: offset, bytes: bytes) { content throws(FormatError) in
            try codec.decode(content, count: entry.points, range: range, into: target)
        }
    }

    /// Keeps memory that a row points to.
    private static func keep(_ block: WordBlock, in shared: inout [WordBlock]) {
        // Rows side by side mostly share both of theirs.
        let last = shared.count - 1
        if last >= 0, shared[last] === block { return }
        if last >= 1, shared[last - 1] === block { return }
        shared.append(block)
    }
}
