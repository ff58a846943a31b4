import Varve
import VarveFormat

/// `codec`: columns of each kind and length at both efforts: bytes a value, nanoseconds a value each way.
///
/// The floor of both ways is a copy of the words.
enum CodecSpeed {
    private static let counts = [20, 300, 1_000, 16_384]

    static func run(_ context: BenchContext) throws -> [Measurement] {
        var measurements: [Measurement] = []
        for count in context.size == .tiny ? [20, 300] : counts {
            for column in SampleColumn.all(count: count) {
                for effort in [ColumnEffort.index, .log] { measurements += try measure(column, effort, context) }
            }
        }
        return measurements
    }

    private static func measure(
        _ column: SampleColumn, _ effort: ColumnEffort, _ context: BenchContext
    ) throws -> [Measurement] {
        let codec = ColumnCodec()
        let count = column.words.count
        var memory = ColumnMemory()
        func encode(into writer: inout ByteWriter) {
            column.words.withUnsafeBufferPointer { words in
                switch effort {
                case .index, .parts: codec.encode(words, column.type, effort: effort, into: &writer)
                // A drain's columns: what served the last one is tried first.
                case .log: codec.encode(words, column.type, effort: .log, memory: &memory, into: &writer)
                }
            }
        }
        var writer = ByteWriter()
        encode(into: &writer)
        let stored = writer.bytes
        let rounds = context.size == .tiny ? 1 : max(2, 40_000 / count)
        let encoding = Self.time(context, count, rounds) {
            writer.bytes.removeAll(keepingCapacity: true)
            encode(into: &writer)
        }
        var decoded = [UInt64](repeating: 0, count: count)
        let decoding = try Self.time(context, count, rounds * 4) {
            try decoded.withUnsafeMutableBufferPointer { words in
                var reader = ByteReader(stored.span.bytes)
                try codec.decode(&reader, into: words)
            }
        }
        guard decoded == column.words else {
            throw WrongResult(description: "\(count) words of \(column.kind) came back as others")
        }
        let copying = Self.time(context, count, rounds * 16) {
            decoded.withUnsafeMutableBufferPointer { target in
                column.words.withUnsafeBufferPointer { source in
                    guard let from = source.baseAddress else { return }
                    target.baseAddress?.update(from: from, count: count)
                }
            }
            keep(decoded[count - 1])
        }
        let hash = decoded.withUnsafeBytes { XXHash64.hash(Array($0)) }
        let what = "\(column.kind), \(count) values, \(effort) effort"
        func measurement(_ name: String, _ value: Double, _ unit: String, floor: Double?) -> Measurement {
            Measurement("codec", "\(what): \(name)", value, unit, runs: context.repeats, floor: floor, hash: hash)
        }
        return [
            measurement("bytes", Double(stored.count) / Double(count), "B/value", floor: nil),
            measurement("encode", encoding, "ns/value", floor: copying),
            measurement("decode", decoding, "ns/value", floor: copying),
        ]
    }

    /// Nanoseconds a value: the median of the repeats.
    private static func time(
        _ context: BenchContext, _ count: Int, _ rounds: Int, _ body: () throws -> Void
    ) rethrows -> Double {
        var samples = Samples()
        for _ in 0..<context.repeats {
            let elapsed = try Stopwatch.measure { for _ in 0..<rounds { try body() } }
            samples.append(elapsed.wall / Double(rounds * count))
        }
        return samples.median
    }
}
