import VarveFormat

/// The payloads of all kinds of frames but points: each gives entries or an error, and what it gives is written and read
/// to the same again.
///
/// The first byte is the kind, the next two are the header's count, the rest is the payload.
struct FramePayloads: FuzzTarget {
    static var words: [String] { ["loss", "rank", "\u{FFFF}", "\u{1}", "\0\0\0\0\0\0\0\u{80}"] }

    static func seeds() -> [[UInt8]] {
        let run = UniqueID(high: 1, low: 2)
        var begin = BeginFrame()
        begin.run = run
        begin.n = 3
        begin.salt = 4
        begin.rank = 1
        begin.rewind = .step(9)
        begin.sealOf = BeginFrame.SealSource(n: 1, salt: 2, size: 3)
        begin.fork = BeginFrame.ForkSource(run: run, attempt: 1, step: 5)
        begin.host = "node7"
        let metrics = [MetricKey("loss", context: ["subset": "val", "rank": "0"]), MetricKey("é")]
        let definitions = metrics.enumerated().map { id, metric in
            SeriesDefinition(id: UInt32(id), metric: metric, valueType: .integer, automaticSteps: id == 1)
        }
        let values: [PropertyValue] = [
            .absent, .null, .bool(true), .int(-5), .double(.nan), .string("é"), .json("[1]"), .string(""),
        ]
        let properties = values.enumerated().map { number, value in
            PropertyEntry(
                run: number % 2 == 0 ? run : nil, key: "params.k\(number)", revision: 1, time: 2, value: value)
        }
        let texts = [nil, 3].map { TextEntry(step: $0, time: 1, channel: "stdout", text: "a line") }
        let artifact = ArtifactEntry(
            step: -1, time: 2, name: "model.bin", version: "v1", sha256: [UInt8](repeating: 7, count: 32), size: 9,
            mediaType: "application/octet-stream", context: MetricKey("", context: ["subset": "val"]).context)
        let losses = [LossEntry.Reason.hole, .noRoom].map {
            LossEntry(reason: $0, firstSequence: 300, points: 2, time: 3, detail: "why")
        }
        let end = EndFrame(state: .failed, points: 300, time: 1, message: "out of memory")
        let packed = PackedFile(identity: begin.identity, offset: 0, bytes: 880, isClosed: true)
        let parts: [(FrameKind, Int, [UInt8])] = [
            (.begin, 1, begin.payload()), (.define, 2, SeriesDefinition.payload(definitions)),
            (.properties, properties.count, PropertyEntry.payload(properties)),
            (.text, 2, TextEntry.payload(texts, firstOrdinal: 200)),
            (.artifacts, 1, ArtifactEntry.payload([artifact])), (.loss, 2, LossEntry.payload(losses)),
            (.end, 1, end.payload()), (.contents, 1, PackedFile.payload([packed])),
            (.records, Self.bodies.count, Self.recordPayload),
        ]
        return parts.map { [$0 == .records ? 9 : $0.rawValue, UInt8($1), 0] + $2 }
    }

    init() {}

    func feed(_ input: [UInt8]) throws {
        var reader = InputReader(input)
        let number = reader.choice(10)
        let kind = number == 9 ? FrameKind.records : FrameKind(rawValue: UInt8(number))
        let count = reader.word()
        let payload = reader.remainder()
        do throws(FormatError) {
            switch kind {
            case .begin:
                var begin = try BeginFrame(parsing: payload.span.bytes)
                // A name for people: what isn't UTF-8 is replaced, and may then be too long.
                begin.host = ""
                try same(begin, begin.payload()) { bytes throws(FormatError) in try BeginFrame(parsing: bytes) }
            case .define:
                let entries = try SeriesDefinition.parse(payload.span.bytes, count: count)
                try same(entries, SeriesDefinition.payload(entries)) { bytes throws(FormatError) in
                    try SeriesDefinition.parse(bytes, count: count)
                }
            case .properties:
                let entries = try PropertyEntry.parse(payload.span.bytes, count: count)
                try same(entries, PropertyEntry.payload(entries)) { bytes throws(FormatError) in
                    try PropertyEntry.parse(bytes, count: count)
                }
            case .text:
                let (first, entries) = try TextEntry.parse(payload.span.bytes, count: count)
                try same(entries, TextEntry.payload(entries, firstOrdinal: first)) { bytes throws(FormatError) in
                    try TextEntry.parse(bytes, count: count).entries
                }
            case .artifacts, .withdrawals:
                let entries = try ArtifactEntry.parse(payload.span.bytes, count: count)
                try same(entries, ArtifactEntry.payload(entries)) { bytes throws(FormatError) in
                    try ArtifactEntry.parse(bytes, count: count)
                }
            case .loss:
                let entries = try LossEntry.parse(payload.span.bytes, count: count)
                try same(entries, LossEntry.payload(entries)) { bytes throws(FormatError) in
                    try LossEntry.parse(bytes, count: count)
                }
            case .end:
                let end = try EndFrame(parsing: payload.span.bytes)
                try same(end, end.payload()) { bytes throws(FormatError) in try EndFrame(parsing: bytes) }
            case .contents:
                let files = try PackedFile.parse(payload.span.bytes, count: count)
                try same(files, PackedFile.payload(files)) { bytes throws(FormatError) in
                    try PackedFile.parse(bytes, count: count)
                }
            case .records: try records(payload, count)
            case .points, nil: return
            }
        } catch {
            if error.kind == .unsupported, error.expected == Self.difference { throw Broken(description: "\(error)") }
        }
    }

    private static let bodies: [RecordBody] = [
        .confusionMatrix(StoredMatrix(labels: ["a", "b"], positions: [0, 1, 3], counts: [5, 0.5, 7])),
        .histogram(StoredHistogram(edges: [-.infinity, 0, 1], counts: [2, 3])),
        .classReport(StoredReport(labels: ["a"], precision: [0.5], recall: [.nan], f1: [1], support: [3])),
    ]

    private static var recordPayload: [UInt8] {
        let codec = ColumnCodec()
        let entries = bodies.enumerated().map { i, body in
            RecordEntry(step: i == 0 ? nil : -3, time: 1, metric: MetricKey("m", context: ["a": "b"]), body: body)
                .bytes(codec: codec)
        }
        return RecordEntry.payload(entries, firstOrdinal: 200)
    }

    /// Entry by entry: a few bytes may stand for millions of cells.
    private func records(_ payload: [UInt8], _ count: Int) throws(FormatError) {
        let codec = ColumnCodec()
        func each(
            _ bytes: [UInt8], _ count: Int, _ body: (RecordEntry) throws(FormatError) -> Void
        ) throws(FormatError) {
            try RecordEntry.forEach(bytes.span.bytes, count: count, codec: codec, where: { _, _, _, _ in true }, body)
        }
        try each(payload, count) { entry throws(FormatError) in
            let again = RecordEntry.payload([entry.bytes(codec: codec)], firstOrdinal: 0)
            try same(entry, again) { _ throws(FormatError) in
                var found: RecordEntry?
                try each(again, 1) { found = $0 }
                guard let found else { throw FormatError(.corrupt, at: 0, expected: "an entry", found: "none") }
                return found
            }
        }
    }

    private static let difference = "what was written"

    /// Through its text: NaN isn't equal to itself.
    private func same<Value>(
        _ value: Value, _ bytes: [UInt8], _ parse: (RawSpan) throws(FormatError) -> Value
    ) throws(FormatError) {
        let again: Value
        do throws(FormatError) { again = try parse(bytes.span.bytes) } catch {
            throw FormatError(.unsupported, at: 0, expected: Self.difference, found: "\(error)")
        }
        guard "\(again)" == "\(value)" else {
            throw FormatError(.unsupported, at: 0, expected: Self.difference, found: "\(again), not \(value)")
        }
    }
}
