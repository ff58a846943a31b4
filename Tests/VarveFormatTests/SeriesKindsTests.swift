import Testing
import VarveFiles
import VarveTestSupport

@testable import VarveFormat

/// Shows that kinds of series are told apart exactly as definitions are, whatever bytes spell them: random definitions, most of
/// them met before, are compared with what parsing each of them says.
struct SeriesKindsTests {
    @Test func kindsAreThoseOfTheDefinitions() {
        withSeeds(0..<40) { seed, random in
            let kinds = SeriesKinds()
            var numbers: [SeriesKinds.Kind: UInt32] = [:]
            for _ in 0..<Int.random(in: 1...20, using: &random) {
                let count = Int.random(in: 0...30, using: &random)
                var writer = ByteWriter()
                for _ in 0..<count { Self.append(&random, to: &writer) }
                try kinds.parse(writer.bytes.span.bytes, count: count)
                let definitions = try SeriesDefinition.parse(writer.bytes.span.bytes, count: count)
                try require(kinds.parsed.map(\.id) == definitions.map(\.id), "IDs")
                for (series, definition) in zip(kinds.parsed, definitions) {
                    let kind = SeriesKinds.Kind(metric: definition.metric, flags: SliceFlags(definition))
                    try require(kinds.kinds[Int(series.kind)] == kind, "\(definition)")
                    try require(numbers[kind, default: series.kind] == series.kind, "one number a kind")
                    numbers[kind] = series.kind
                }
            }
            try require(kinds.kinds.count == numbers.count, "no number without a series")
        }
    }

    /// Many kinds, so that the table grows; every one is found again.
    @Test func thousandsOfKinds() throws {
        let kinds = SeriesKinds()
        for _ in 0..<2 {
            for i in 0..<5_000 {
                let payload = SeriesDefinition.payload([SeriesDefinition(id: 7, metric: MetricKey("loss_\(i)"))])
                try kinds.parse(payload.span.bytes, count: 1)
                #expect(kinds.parsed.count == 1 && kinds.parsed[0] == (7, UInt32(i)))
            }
        }
        #expect(kinds.kinds.count == 5_000 && kinds.weight > 5_000 * 8)
    }

    /// What a definition can't be is refused, met before or not; nothing of a cut-off one is taken for one.
    @Test func damage() throws {
        let metric = MetricKey("é", context: ["a": "1", "b": "2"])
        let whole = SeriesDefinition.payload([SeriesDefinition(id: 300, metric: metric, valueType: .integer)])
        for isKnown in [false, true] {
            let kinds = SeriesKinds()
            if isKnown { try kinds.parse(whole.span.bytes, count: 1) }
            for length in whole.indices {
                #expect(throws: FormatError.self) {
                    try kinds.parse(whole.span.bytes.extracting(first: length), count: 1)
                }
            }
            for (offset, byte) in [(2, UInt8(3)), (5, 0xFF), (whole.count - 4, UInt8(ascii: "a"))] {
                var bytes = whole
                bytes[offset] = byte
                #expect(throws: FormatError.self, "\(offset)") { try kinds.parse(bytes.span.bytes, count: 1) }
            }
            #expect(kinds.kinds.count == (isKnown ? 1 : 0))
        }
    }

    private static func append(_ random: inout SplitMix64, to writer: inout ByteWriter) {
        writer.varint(Int.random(in: 0..<1_000, using: &random))
        writer.u8(UInt8.random(in: 0...2, using: &random))
        // Only the first bit of the flags means something.
        writer.u8([0, 0, 0, 1, 2, 3][Int.random(in: 0..<6, using: &random)])
        let name = ["loss", "", "é", "a name of more than sixteen bytes"][Int.random(in: 0..<4, using: &random)]
        if Int.random(in: 0..<5, using: &random) == 0 {
            // The same length in more bytes than it needs.
            writer.u8(UInt8(name.utf8.count) | 0x80)
            writer.u8(0)
            writer.raw(Array(name.utf8))
        } else {
            writer.string(name)
        }
        let pairs = Int.random(in: 0...2, using: &random)
        writer.varint(pairs)
        for key in ["a", "b"].prefix(pairs) {
            writer.string(key)
            writer.string(["", "val"][Int.random(in: 0..<2, using: &random)])
        }
    }
}
