import Testing
import Varve
import VarveFiles

@testable import VarveImport

/// Proves that event files are read as protobuf, TensorFlow and the plugins mean them: every type of scalar, packed and
/// not,
/// params, texts, and what is only counted. Messages are built by hand, field by field.
@Suite struct EventFileTests {
    private func read(_ bytes: [UInt8]) throws -> CollectingSink {
        let sink = CollectingSink()
        var reader = EventFileReader(file: "f", into: sink)
        try reader.read(MemorySource(bytes))
        return sink
    }

    /// The check value of the CRC catalogue, and tables against bits at all lengths around their step.
    @Test func checksumsAgreeWithTheDefinition() {
        #expect(CRC32C.checksum(Array("123456789".utf8).span.bytes) == 0xE306_9283)
        var random = SplitMix64(seed: 1)
        for count in 0..<40 {
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            #expect(CRC32C.masked(bytes.span.bytes) == EventFile.masked(bytes))
        }
    }

    @Test func readsSimpleValues() throws {
        let values: [Float] = [0, -0.0, 1.5, .nan, .infinity, -.infinity, .leastNonzeroMagnitude, 0.1]
        let bytes = values.enumerated().flatMap { EventFile.scalar("a/b c", $1, step: Int64($0) - 1) }
        let sink = try read(EventFile.version + bytes)
        #expect(sink.values("a/b c").map(\.bitPattern) == values.map { Double($0).bitPattern })
        #expect(sink.steps("a/b c") == [-1, 0, 1, 2, 3, 4, 5, 6])
        #expect(sink.types[MetricKey("a/b c")] == .float)
        #expect(sink.problems.isEmpty)
    }

    /// For each dtype: its number in types.proto, a value in tensor_content, the field of its list, and an element of
    /// that:
    /// nil where it is the same bytes, else a varint.
    private static let types: [(type: Int64, content: [UInt8], field: Int, element: Int64?, value: Double)] = [
        (1, Message.littleEndian(Float(-2.5).bitPattern), 5, nil, -2.5),
        (2, Message.littleEndian((-2.5).bitPattern), 6, nil, -2.5),
        (3, [0xFD, 0xFF, 0xFF, 0xFF], 7, -3, -3),
        (4, [0xFD], 7, 253, 253),
        (5, [0xFD, 0xFF], 7, -3, -3),
        (6, [0xFD], 7, -3, -3),
        (9, Message.littleEndian(Int64(-3)), 10, -3, -3),
        (10, [1], 11, 1, 1),
        (14, [0x20, 0xC0], 13, 0xC020, -2.5),
        (17, [0xFD, 0xFF], 7, 65_533, 65_533),
        (19, [0x00, 0xC1], 13, 0xC100, -2.5),
        (22, [0xFD, 0xFF, 0xFF, 0xFF], 16, 4_294_967_293, 4_294_967_293),
        (23, Message.littleEndian(UInt64(3)), 17, 3, 3),
    ]

    private func tensor(_ body: Message, plugin: String? = nil) -> [UInt8] {
        var value = Message().text(1, "t")
        if let plugin { value = value.message(9, Message().message(1, Message().text(1, plugin))) }
        return EventFile.event(value.message(8, body), step: 7)
    }

    @Test(arguments: Self.types.indices) func readsTensorsOfEveryType(_ index: Int) throws {
        let (type, content, field, element, expected) = Self.types[index]
        for shape in [Message(), Message().message(2, Message().varint(1, 1))] {
            let head = Message().varint(1, type).message(2, shape)
            let packed = head.bytes(field, element.map { Message.varint(UInt64(bitPattern: $0)) } ?? content)
            let unpacked =
                element.map { head.varint(field, $0) }
                ?? (type == 1 ? head.float(field, Float(expected)) : head.double(field, expected))
            for message in [head.bytes(4, content), unpacked, packed] {
                for plugin in ["scalars", nil] {
                    let sink = try read(tensor(message, plugin: plugin))
                    #expect(sink.values("t") == [expected], "type \(type)")
                    #expect(sink.steps("t") == [7])
                }
            }
        }
    }

    /// Halves of every exponent against the definition of binary16, written here in terms of the exponent.
    @Test func readsEveryHalf() throws {
        for bits in stride(from: 0, through: 0xFFFF, by: 37) {
            let body = Message().varint(1, 19).bytes(4, [UInt8(bits & 0xFF), UInt8(bits >> 8)])
            let found = try #require(try read(tensor(body)).values("t").first)
            let (exponent, fraction) = (bits >> 10 & 31, Double(bits & 0x3FF) / 1024)
            var expected = exponent == 0 ? fraction * 0x1p-14 : (1 + fraction) * pow2(exponent - 15)
            if exponent == 31 { expected = fraction == 0 ? .infinity : .nan }
            if bits & 0x8000 != 0 { expected = -expected }
            #expect(found == expected || found.isNaN && expected.isNaN, "\(bits)")
        }
    }

    private func pow2(_ exponent: Int) -> Double { Double(sign: .plus, exponent: exponent, significand: 1) }

    /// TensorFlow leaves out what is zero; 64-bit integers beyond 2⁵³ are rounded and counted; more than one element,
    /// unknown types and short contents are no scalars.
    @Test func readsOddTensors() throws {
        #expect(try read(tensor(Message().varint(1, 1))).values("t") == [0])
        let big = try read(tensor(Message().varint(1, 9).varint(10, 1 << 53 + 1)))
        #expect(big.values("t") == [0x1p53] && big.roundings == 1)
        let two = Message().varint(1, 1).message(2, Message().message(2, Message().varint(1, 2)))
        let unknown = Message().varint(1, 1).message(2, Message().varint(3, 1))
        let complex = Message().varint(1, 8).bytes(4, [0, 0, 0, 0, 0, 0, 0, 0])
        for message in [two, unknown, complex, Message().varint(1, 1).bytes(4, [0, 0])] {
            let sink = try read(tensor(message, plugin: "scalars"))
            #expect(sink.points.isEmpty && sink.skips == ["tensors": 1])
        }
        let huge = Message().message(2, Message().varint(1, .max))
        let product = Message().varint(1, 1).message(2, Message(bytes: huge.bytes + huge.bytes))
        #expect(try read(tensor(product)).skips == ["tensors": 1])
    }

    /// The plugin may stand with the first value of a tag only; what isn't kept is counted by kind.
    @Test func sortsByPlugin() throws {
        let image = Message().varint(1, 7).bytes(8, [1, 2, 3])
        let again = EventFile.event(Message().text(1, "t").message(8, image))
        #expect(try read(tensor(image, plugin: "images") + again).skips == ["images": 2])
        #expect(
            try read(tensor(image, plugin: "text") + again).texts == ["t@7: \u{1}\u{2}\u{3}", "t@0: \u{1}\u{2}\u{3}"])
        for (plugin, kind) in [("pr_curves", "PR curves"), ("audio", "audio clips"), ("x", "values of the plugin x")] {
            #expect(try read(tensor(image, plugin: plugin)).skips == [kind: 1])
        }
        let fields = [
            (4, "images"), (5, "histograms without values"), (6, "audio clips"),
            (3, "histograms in an obsolete form"),
        ]
        for (field, kind) in fields {
            #expect(try read(EventFile.event(Message().text(1, "t").bytes(field, [8, 1]))).skips == [kind: 1])
        }
        for (field, kind) in [(4, "graphs"), (6, "log messages"), (7, "session marks"), (9, "meta graphs")] {
            #expect(try read(EventFile.record(Message().bytes(field, [8, 1]).bytes)).skips == [kind: 1])
        }
    }

    @Test func readsParams() throws {
        func value(_ message: Message, _ key: String) -> Message {
            Message().message(1, Message().text(1, key).message(2, message))
        }
        let list = Message().message(1, Message().double(2, 1)).message(1, Message().text(3, "x"))
        let nested = Message().message(1, Message().text(1, "k").message(2, Message().varint(4, 1)))
        let params =
            value(Message().double(2, 0.1), "lr").bytes + value(Message().text(3, "adam"), "optimizer").bytes
            + value(Message().varint(4, 1), "nesterov").bytes + value(Message().varint(1, 0), "seed").bytes
            + value(Message().message(6, list), "layers").bytes + value(Message().message(5, nested), "s").bytes
        func hparams(_ message: Message) -> [UInt8] {
            let plugin = Message().text(1, "hparams").bytes(2, message.bytes)
            return EventFile.event(Message().text(1, "_hparams_/x").message(9, Message().message(1, plugin)))
        }
        let sink = try read(hparams(Message().bytes(3, params)) + hparams(Message().message(4, Message().varint(1, 2))))
        #expect(
            sink.properties == [
                "params.lr": 0.1, "params.optimizer": "adam", "params.nesterov": true, "params.seed": .null,
                "params.layers": .json("[1.0,\"x\"]"), "params.s": .json("{\"k\":true}"),
            ])
        #expect(sink.end == .failed)
        var deep = Message().double(2, 1)
        for _ in 0..<1000 { deep = Message().message(6, Message().message(1, deep)) }
        let nestedSink = try read(hparams(Message().message(3, value(deep, "deep"))))
        #expect(nestedSink.properties.isEmpty && nestedSink.problems.count == 1)
    }

    /// A wall time comes back as the same double; one that is no time costs the time, not the point.
    @Test func keepsWallTimes() throws {
        var random = SplitMix64(seed: 3)
        for _ in 0..<2000 {
            let seconds = Double.random(in: 8.4e6...9e9, using: &random)
            let time = try #require(WallTime.nanoseconds(seconds))
            #expect(WallTime.seconds(time) == seconds)
        }
        for wall in [Double.nan, .infinity, 1e300, -1e12] {
            let sink = try read(EventFile.event(Message().text(1, "a").float(2, 1), wall: wall))
            #expect(sink.points[MetricKey("a")]?.map(\.time) == [WallTime.none])
        }
    }
}
