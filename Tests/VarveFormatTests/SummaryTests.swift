import Testing
import VarveFiles
import VarveTestSupport

@testable import VarveFormat

/// Shows that what is said of values and of rows without looking at each in turn is what the plainest loop says.
struct SummaryTests {
    /// Lengths around the four values that are taken at a time; zeros of both signs, repetitions, and everything that isn't finite.
    @Test func summariesAreThoseOfALoop() {
        withSeeds(0..<400) { seed, random in
            let kinds = Int.random(in: 1...5, using: &random)
            let values = (0..<Int.random(in: 0...40, using: &random)).map { _ -> UInt64 in
                switch Int.random(in: 0..<kinds, using: &random) {
                case 0: Double(Int.random(in: -3...3, using: &random)).bitPattern
                case 1: Double.random(in: -1...1, using: &random).bitPattern
                case 2:
                    [0.0, -0.0, .leastNonzeroMagnitude, .greatestFiniteMagnitude][Int(random.next() % 4)].bitPattern
                case 3: [Double.infinity, -.infinity, .nan, -.nan][Int(random.next() % 4)].bitPattern
                default: random.next()
                }
            }
            var expected = SliceSummary()
            for (i, bits) in values.enumerated() {
                if i == 0 { expected.first = bits }
                expected.last = bits
                let value = Double(bitPattern: bits)
                if value.isNaN {
                    expected.nan += 1
                } else if value == .infinity {
                    expected.positiveInfinite += 1
                } else if value == -.infinity {
                    expected.negativeInfinite += 1
                } else {
                    if value < expected.min { (expected.min, expected.minPosition) = (value, i) }
                    if value > expected.max { (expected.max, expected.maxPosition) = (value, i) }
                }
            }
            let found = SliceSummary(values.span)
            try require(found == expected, "\(found), expected \(expected)")
            try require(
                found.min.bitPattern == expected.min.bitPattern && found.max.bitPattern == expected.max.bitPattern,
                "signs of zeros")
        }
    }

    /// Rows of tables are in the order of the rows that are made of them: few different values, so that many agree in part.
    @Test func rowsOfTablesAreInOrder() throws {
        var random = SplitMix64(seed: 5)
        let runs = [UniqueID(high: 1, low: 1), UniqueID(high: 1, low: 2)]
        func table() throws -> CoverageTable {
            let rows = (0..<60).map { _ in
                var begin = BeginFrame()
                begin.run = runs[Int(random.next() % 2)]
                begin.attempt = UInt32(random.next() % 2)
                begin.n = 1 + UInt32(random.next() % 2)
                begin.salt = random.next() % 2
                if random.next() % 3 == 0 { begin.sealOf = BeginFrame.SealSource(n: 1, salt: 1, size: 1) }
                let (sequence, offset) = (random.next() % 2, random.next() % 2)
                return CoverageRow(begin: begin, sequences: sequence..<5, offsets: offset..<9)
            }
            let bytes = CoverageSection.bytes(rows, runs: runs, codec: ColumnCodec())
            return try CoverageSection.parse(bytes.span.bytes, runs: runs, repository: .zero, codec: ColumnCodec())
        }
        let (a, b) = (try table(), try table())
        for i in a.indices {
            for j in b.indices {
                #expect(CoverageTable.precedes(a, i, b, j) == CoverageRow.precedes(a[i], b[j]), "\(a[i]), \(b[j])")
            }
        }
    }
}
