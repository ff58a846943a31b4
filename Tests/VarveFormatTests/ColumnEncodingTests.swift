import Testing

@testable import VarveFormat

/// Every transform with every order and every body leads back to the words, forced one by one, so that none is right only
/// because the choice never falls on it.
@Suite struct ColumnEncodingTests {
    /// Words that a transform can express but for a few.
    static func words(_ transform: ColumnTransform, _ count: Int, _ random: inout SeededGenerator) -> [UInt64] {
        (0..<count).map { i in
            let k = Int64.random(in: -50...50, using: &random)
            // Every transform with exceptions gets some.
            if i % 40 == 17, transform.code.hasExceptions { return Double.signalingNaN.bitPattern }
            switch transform.code {
            case .bits: return UInt64(bitPattern: k)
            case .ordered: return (Double(k) / 7).bitPattern
            case .float: return Double(Float(k) / 7).bitPattern
            case .whole: return Double(k &* Int64(transform.divisor)).bitPattern
            case .quotient: return (Double(k) / Double(transform.divisor)).bitPattern
            case .quotientFloat: return Double(Float(Double(k) / Double(transform.divisor))).bitPattern
            case .near:
                let quotient = (Double(k) / Double(transform.divisor)).bitPattern
                return UInt64(bitPattern: Int64(bitPattern: quotient) + (k == 0 ? 0 : k % 5))
            case .printed: return PrintedFloat()(Double(Float(k) / 7)).bitPattern
            case .rounded: return ((Double(k) / 7).bitPattern &>> transform.base) &<< transform.base
            case .scaled: return transform.base &+ UInt64(bitPattern: k) &* transform.divisor
            }
        }
    }

    static let transforms: [ColumnTransform] = [
        ColumnTransform(.bits), ColumnTransform(.ordered), ColumnTransform(.float), ColumnTransform(.whole, divisor: 1),
        ColumnTransform(.whole, divisor: 512), ColumnTransform(.quotient, divisor: 777),
        ColumnTransform(.quotientFloat, divisor: 10_000), ColumnTransform(.scaled, divisor: 1000, base: 123),
        ColumnTransform(.scaled, divisor: 3, base: UInt64(bitPattern: .max)),
        ColumnTransform(.near, divisor: 3001, base: 4), ColumnTransform(.quotient, divisor: 1 << 61),
        ColumnTransform(.printed), ColumnTransform(.rounded, base: 45), ColumnTransform(.rounded, base: 0),
    ]

    @Test(arguments: transforms)
    func everyOrderAndBodyComesBack(_ transform: ColumnTransform) throws {
        let codec = ColumnCodec()
        var random = SeededGenerator(7)
        for count in [1, 2, 3, 8, 9, 100, 600] {
            let words = Self.words(transform, count, &random)
            for order in 0...ColumnEncoding.maxOrder {
                for body in BodyCode.allCases {
                    let encoding = ColumnEncoding(transform, order: order, body: body)
                    var writer = ByteWriter()
                    let made = words.withUnsafeBufferPointer { codec.encode($0, as: encoding, into: &writer) }
                    // What any words may be stored as, these must be.
                    if count > order, body != .constant, body != .dictionary {
                        #expect(made, "\(encoding), \(count) words")
                    }
                    guard made else { continue }
                    var reader = ByteReader(writer.bytes.span.bytes)
                    #expect(try codec.decode(&reader, count: count) == words, "\(encoding), \(count) words")
                    try reader.finish("the bytes")
                }
            }
        }
    }

    /// Words that come rarely, so that a sample misses most of them, don't make the frequent ones longer: memory that grows by a few
    /// hundred bytes now and then, and a state that is left for a moment, to both sides.
    @Test func rareWordsCostLittle() throws {
        var random = SeededGenerator(11)
        var held = 47.0e9
        let plateau = (0..<16_384).map { _ in
            if Int.random(in: 0..<200, using: &random) == 0 {
                held += Double(Int.random(in: 1...4_096, using: &random) * 512)
            }
            return held.bitPattern
        }
        let state = (0..<16_384).map { i -> UInt64 in
            i % 251 == 7 ? UInt64.random(in: 0..<1 << 20, using: &random) : 1 << 19
        }
        for (words, kind, most) in [(plateau, ColumnKind.doubles, 410), (state, .integers, 360)] {
            let codec = ColumnCodec()
            var writer = ByteWriter()
            words.withUnsafeBufferPointer { codec.encode($0, kind, effort: .index, into: &writer) }
            var reader = ByteReader(writer.bytes.span.bytes)
            #expect(try codec.decode(&reader, count: words.count) == words)
            #expect(writer.count <= most, "\(kind)")
        }
    }

    /// Accuracies of batches of which the last is smaller have two denominators, so that they are no quotients of one: a few
    /// floats, far apart, of which most come rarely.
    @Test func fewDistinctWordsTakeAboutTheirEntropy() throws {
        var random = SeededGenerator(5)
        for count in [3_000, 13_000] {
            let words = (0..<count).map { _ -> UInt64 in
                let (size, rate) = Int.random(in: 0..<8, using: &random) == 0 ? (24, 0.01) : (128, 0.003)
                let wrong = (0..<size).count { _ in Double.random(in: 0..<1, using: &random) < rate }
                return Double(Float(size - wrong) / Float(size)).bitPattern
            }
            var counts: [UInt64: Int] = [:]
            for word in words { counts[word, default: 0] += 1 }
            let bits = counts.values.reduce(0.0) { $0 - Double($1) * Logarithm.base2(Double($1) / Double(count)) }
            let codec = ColumnCodec()
            var writer = ByteWriter()
            words.withUnsafeBufferPointer { codec.encode($0, .doubles, effort: .index, into: &writer) }
            var reader = ByteReader(writer.bytes.span.bytes)
            #expect(try codec.decode(&reader, count: count) == words)
            // A table of bins is some 7 bytes a word.
            #expect(writer.count <= Int(bits / 8 * 1.05) + 7 * counts.count + 40, "\(count)")
            var dictionary = ByteWriter()
            let encoding = ColumnEncoding(ColumnTransform(.float), order: 0, body: .dictionary)
            #expect(words.withUnsafeBufferPointer { codec.encode($0, as: encoding, into: &dictionary) })
            #expect(writer.count * 20 < dictionary.count * 19, "\(count)")
        }
    }

    /// The bytes of a column in the index.
    private func size(_ words: [UInt64], _ kind: ColumnKind) -> Int {
        var writer = ByteWriter()
        ColumnCodec().encode(words, kind, effort: .index, into: &writer)
        return writer.count
    }

    /// Columns of a few hundred words, or a few dozen, in which estimates mislead: a trial tells.
    @Test func fewWordsAreTriedOut() {
        var random = SeededGenerator(3)
        // The same noise twice: seven bytes a distinct word, and little beside them.
        let noise = (0..<120).map { _ in Double.random(in: 0.02...0.45, using: &random) }
        #expect(size((noise + noise).map(\.bitPattern), .doubles) < 120 * 7 + 80)
        func expectBins(_ values: [Double], order: Int) {
            var bins = ByteWriter()
            let encoding = ColumnEncoding(ColumnTransform(.float), order: order, body: .bins)
            let words = values.map(\.bitPattern)
            #expect(words.withUnsafeBufferPointer { ColumnCodec().encode($0, as: encoding, into: &bins) })
            #expect(size(words, .doubles) <= bins.count)
        }
        // Whole numbers, but for one in fifteen: few bits each, which eight bytes an exception would double.
        let scores: [(Double, Int)] = [
            (-48, 75), (-50, 43), (-47, 5), (-46, 4), (-45, 3), (-44, 2), (-49, 2), (-43, 1), (-39, 1),
        ]
        let whole = scores.flatMap { [Double](repeating: $0.0, count: $0.1) }.shuffled(using: &random)
        expectBins((0..<10).map { Double($0 * $0) + 32.1875 } + whole, order: 0)
        // Smooth, but for a beginning that makes third differences as wide as second ones.
        expectBins((0..<50).map { Double(Float(1 - 1 / (1.38 + 0.5 * Double($0)))) }, order: 3)
    }

    /// A run that was logged twice, far apart in the page: no sample has both, and no count of lengths tells.
    @Test func whatComesAgainFarAwayIsFound() {
        var random = SeededGenerator(17)
        func losses(_ count: Int) -> [UInt64] { ColumnSamples.doubles(0, count, &random) }
        let run = losses(5_000)
        let others = losses(6_000)
        let once = size(run + others, .doubles)
        #expect(size(run + others + run, .doubles) < once + once / 20)
    }

    /// Printed with 16 decimals, floats and their means lie some doubles beside what they were.
    @Test func printedFloatsAreFound() {
        var random = SeededGenerator(29)
        func printed(_ value: Double) -> UInt64 { (Double(Int64(value * 1e16)) / 1e16).bitPattern }
        for count in [48, 76, 700] {
            let floats = (0..<count).map { _ in printed(Double(Float.random(in: 0.045...0.08, using: &random))) }
            #expect(size(floats, .doubles) < count * 29 / 8 + 60, "\(count)")
            let means = (0..<count).map { _ in printed(ColumnSamples.meanOfFloats(7, &random) / 8) }
            #expect(size(means, .doubles) < count * 43 / 8 + 60, "\(count)")
        }
    }

    /// Floats as texts give them, of any size and sign: what the standard library prints is the oracle.
    @Test func floatsArePrintedAsTheStandardLibraryPrintsThem() {
        var random = SeededGenerator(41)
        let printed = PrintedFloat()
        var others = 0
        for _ in 0..<20_000 {
            // 2⁻⁴⁰ ..< 2²⁴: larger ones are whole numbers, whose texts may end in zeros that they don't have.
            let exponent = UInt32.random(in: 127 - 40..<127 + 24, using: &random)
            let sign = UInt32.random(in: 0...1, using: &random)
            let bits = sign << 31 | exponent << 23 | UInt32.random(in: 0..<1 << 23, using: &random)
            let float = Float(bitPattern: bits)
            others += Double("\(float)") == printed(Double(float)) ? 0 : 1
        }
        #expect(others < 20)
        for float: Float in [0, 0.1, 1, -0.5, 0.45791024, 1e-5, 16_777_216, 3.0517578e-05, 1.1754944e-38, .infinity] {
            let found = printed(Double(float))
            #expect(found == Double("\(float)") || found == Double(float), "\(float)")
            #expect(Float(found) == float)
        }
        #expect(printed(-0.0).bitPattern == (-0.0).bitPattern)
        #expect(printed(.nan).isNaN)
        for (count, range) in [(200, 0.001...10), (3000, 1e-5...0.01)] as [(Int, ClosedRange<Float>)] {
            // As many bits as the floats themselves have.
            let floats = (0..<count).map { _ in Float.random(in: range, using: &random) }
            let texts = floats.map { (Double("\($0)") ?? .nan).bitPattern }
            let most = size(floats.map { Double($0).bitPattern }, .doubles)
            #expect(size(texts, .doubles) <= most + 20, "\(range)")
        }
    }

    /// What was logged in bfloat16, binary16 or TensorFloat-32 takes as many bits as these have, over all magnitudes and signs.
    @Test(arguments: [(45, 7), (42, 10)]) func zerosAtTheEndAreLeftOut(_ zeros: Int, _ fraction: Int) {
        var random = SeededGenerator(43)
        for count in [60, 1000, 20_000] {
            let words = (0..<count).map { i -> UInt64 in
                // One in a hundred is another number.
                let magnitude = Double(1 << Int.random(in: 0..<8, using: &random))
                let value = Double.random(in: 1..<2, using: &random) * magnitude
                if i % 100 == 40 { return value.bitPattern }
                return ((i % 2 == 0 ? value : -value).bitPattern >> UInt64(zeros)) << UInt64(zeros)
            }
            let most = count * (fraction + 4) / 8 + count / 100 * 10 + count / 64 + 70
            #expect(size(words, .doubles) < most, "\(count)")
        }
    }

    /// The same steps in each run, of which no count of lengths tells that they come again.
    @Test func stepsOfSeveralRunsAreToldOnce() {
        var random = SeededGenerator(31)
        let run = (0..<60).reduce(into: [UInt64(5)]) { steps, _ in
            steps.append(steps[steps.count - 1] + UInt64.random(in: 190...210, using: &random))
        }
        let once = size(run, .integers)
        #expect(size((0..<12).flatMap { _ in run }, .integers) < once * 3)
    }

    @Test func equalWordsAreAWord() {
        for (value, bytes) in [(0.0, 4), (1, 6), (0.5, 7)] {
            for count in [1, 64, 65, 20_000] {
                let words = [UInt64](repeating: value.bitPattern, count: count)
                #expect(size(words, .doubles) <= bytes, "\(count) of \(value)")
            }
        }
    }

    /// Of a few words, too, zstd sees what comes again, and the zeros at the end of some.
    @Test func fewLongWordsThatComeAgainAreTriedOut() {
        var random = SeededGenerator(37)
        func noise() -> Double { Double.random(in: 1...40, using: &random) }
        let scores = (0..<21).map { $0 % 5 == 2 ? Double(Float(noise())) : noise() }
        #expect(size((scores + scores).map(\.bitPattern), .doubles) < 21 * 8 + 30)
    }

    @Test func constantAndDictionaryAreMadeWhereTheyCanBe() throws {
        let codec = ColumnCodec()
        let cases: [(words: [UInt64], order: Int, body: BodyCode)] = [
            ([5, 5, 5, 5], 0, .constant), ([1, 2, 3, 4], 1, .constant), ([0, 1, 4, 9, 16, 25], 2, .constant),
            ([7], 0, .dictionary), ((0..<600).map { UInt64($0 % 256) << 40 }, 0, .dictionary),
            ((0..<600).map { UInt64($0 % 3) }, 0, .dictionary), ((0..<600).map { UInt64($0 / 300) }, 0, .dictionary),
        ]
        for (words, order, body) in cases {
            let encoding = ColumnEncoding(ColumnTransform(.bits), order: order, body: body)
            var writer = ByteWriter()
            #expect(words.withUnsafeBufferPointer { codec.encode($0, as: encoding, into: &writer) }, "\(words)")
            var reader = ByteReader(writer.bytes.span.bytes)
            #expect(try codec.decode(&reader, count: words.count) == words)
        }
        var writer = ByteWriter()
        let many = (0..<257).map { UInt64($0) }
        let dictionary = ColumnEncoding(ColumnTransform(.bits), order: 0, body: .dictionary)
        #expect(!many.withUnsafeBufferPointer { codec.encode($0, as: dictionary, into: &writer) })
        #expect(writer.count == 0)
    }

    /// Packing has a path for each class of width; each is compared with single bits taken from the bytes.
    @Test func bitsOfEveryWidthComeBack() throws {
        var random = SeededGenerator(3)
        for width in 0...64 {
            for count in [1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 64, 129] {
                let mask = width == 64 ? UInt64.max : (1 << UInt64(width)) - 1
                let words = (0..<count).map { _ in random.next() & mask }
                let size = BitKernels.bytes(count, width: width)
                var bytes = [UInt8](repeating: 0, count: size)
                words.withUnsafeBufferPointer { source in
                    bytes.withUnsafeMutableBytes { target in
                        guard let from = source.baseAddress, let to = target.baseAddress else { return }
                        BitKernels.pack(from, count, base: 0, width: width, to: to)
                    }
                }
                for (i, word) in words.enumerated() {
                    let stored = (0..<width).reduce(UInt64(0)) { word, bit in
                        let at = i * width + bit
                        return word | UInt64(bytes[at / 8] >> UInt8(at % 8) & 1) << UInt64(bit)
                    }
                    #expect(stored == word, "width \(width), value \(i)")
                }
                var back = [UInt64](repeating: 0, count: count)
                bytes.withUnsafeBytes { source in
                    back.withUnsafeMutableBufferPointer { target in
                        guard let from = source.baseAddress, let to = target.baseAddress else { return }
                        BitKernels.unpack(from, count, base: 5, width: width, to: to)
                    }
                }
                #expect(back == words.map { width == 0 ? 5 : $0 &+ 5 }, "width \(width), \(count) values")
            }
        }
    }

    /// Where the sample shows nothing but floats of 32 bits and the rest is doubles, the column still isn't stored raw.
    @Test(arguments: [ColumnEffort.log, .index])
    func misleadingSamplesCostLittle(_ effort: ColumnEffort) throws {
        let count = 20_000
        // Smooth doubles, then floats exactly where the sample lies: its first words tell one from the other.
        var words = (0..<count).map { (1 + Double($0) / 3e9).bitPattern }
        let positions = (0..<count).map { UInt64($0) }
        let plan = SamplePlan(count: count, effort: effort)
        var sampled = [UInt64](repeating: 0, count: plan.total)
        positions.withUnsafeBufferPointer { from in
            sampled.withUnsafeMutableBufferPointer { to in
                guard let source = from.baseAddress, let target = to.baseAddress else { return }
                plan.gather(source, into: target)
            }
        }
        for position in sampled { words[Int(position)] = Double(Float(words[Int(position)] & 0xFFFF) / 7).bitPattern }
        var writer = ByteWriter()
        ColumnCodec().encode(words, .doubles, effort: effort, into: &writer)
        #expect(writer.count < count * 7)
        var reader = ByteReader(writer.bytes.span.bytes)
        #expect(try ColumnCodec().decode(&reader, count: count) == words)
    }

    /// What a column is made of is found again: the size says so.
    @Test func structureIsFound() {
        var random = SeededGenerator(11)
        let n = 4000
        #expect(size((0..<n).map { UInt64($0) * 10 }, .integers) < 16)
        #expect(size((0..<n).map { Double($0 * 256).bitPattern }, .doubles) < 16)
        #expect(size((0..<n).map { (Double($0) / 1500).bitPattern }, .doubles) < 24)
        // k ÷ n takes about log₂ n bits.
        for (divisor, most) in [(256.0, 8.2), (777, 9.9), (10_000, 13.7)] {
            let k = (0..<n).map { _ in Double(Int.random(in: 0...Int(divisor), using: &random)) }
            #expect(Double(size(k.map { ($0 / divisor).bitPattern }, .doubles)) < Double(n) * most / 8 + 100)
            #expect(
                Double(size(k.map { Double(Float($0 / divisor)).bitPattern }, .doubles)) < Double(n) * most / 8 + 100)
        }
        // Seconds of a clock whose doubles are 2⁻²² apart: some 20 bits of noise a difference.
        var seconds = 1_760_000_000.0
        let laps = (0..<n).map { _ -> UInt64 in
            seconds += Double.random(in: 10...10.2, using: &random)
            return (seconds - 1_760_000_000).bitPattern
        }
        #expect(size(laps, .doubles) < n * 21 / 8 + 120)
        // The same summed up in another order: the double before or after, now and then.
        let inexact = laps.map { $0 &+ UInt64.random(in: 0...2, using: &random) &- 1 }
        #expect(size(inexact, .doubles) < n * 24 / 8 + 120)
        // A quotient, and a few doubles beside it.
        let beside = (0..<n).map { _ -> UInt64 in
            let word = (Double(Int.random(in: 20_000...30_000, using: &random)) / 52_576).bitPattern
            return word + UInt64.random(in: 0...3, using: &random)
        }
        #expect(size(beside, .doubles) < n * 18 / 8 + 120)
        // Sums of floats divided by their number are multiples of its inverse, much as noise as they look.
        for parts in [7.0, 391, 4_095] {
            let means = (0..<n).map { _ in ColumnSamples.meanOfFloats(parts, &random).bitPattern }
            #expect(size(means, .doubles) < n * 41 / 8 + 120, "\(parts)")
        }
        // Milliseconds in nanoseconds: 7 bits of noise a step.
        var clock: Int64 = 1_760_000_000_123_456_789
        let times = (0..<n).map { _ -> UInt64 in
            clock += Int64.random(in: 100...227, using: &random) * 1_000_000
            return UInt64(bitPattern: clock)
        }
        #expect(size(times, .integers) < n * 7 / 8 + 120)
    }
}
