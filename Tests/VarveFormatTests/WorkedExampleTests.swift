import Glibc
import Testing
import VarveTestSupport

@testable import VarveFormat

/// Format.md, section 8, gives bytes in hexadecimal and what they say. Here the bytes are taken out of the document and decoded,
/// and the outcome is compared with the document's own tables; the second reader's self-test does the same in Python.
@Suite struct WorkedExampleTests {
    @Test func logFileSaysWhatTheDocumentSays() throws {
        let part = try Document.part(1)
        let bytes = try Document.bytes(part)
        var frames = try LogFrames(bytes)
        let first = try frames.next(.begin).payload
        let second = try frames.next(.begin).payload
        let begin = try BeginFrame(parsing: first.span.bytes)
        #expect(second == first)
        #expect(begin.salt == 0x1122_3344_5566_7788)
        #expect(begin.n == 1 && begin.attempt == 0 && begin.rank == nil && begin.durability == .mapped)
        #expect(begin.sealOf == nil && begin.rewind == nil && begin.fork == nil && begin.host == "node7")
        #expect(part.contains { $0.contains("of the run `\(begin.run)`") })

        frames.salt = begin.salt
        let define = try frames.next(.define)
        let definitions = try SeriesDefinition.parse(define.payload.span.bytes, count: define.header.count)
        #expect(definitions.map(\.valueType) == [.double, .integer])
        #expect(definitions.allSatisfy { !$0.automaticSteps })

        let points = try frames.next(.points)
        let frame = try PointsFrame(
            points.payload, count: points.header.count, hasOrder: false, codec: ColumnCodec())
        var rows: [[String]] = []
        for (i, slice) in frame.slices.enumerated() {
            let metric = try #require(definitions.first { $0.id == slice.series }).metric
            let context = metric.context.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
            let found = try frame.points(ofSlice: i)
            for k in 0..<slice.count {
                rows.append([
                    metric.name, context, "\(found.steps[k])", "\(found.times[k])",
                    Document.hexadecimal(found.values[k]),
                ])
            }
        }
        #expect(rows == Document.rows(part))

        let set = try frames.next(.properties)
        let properties = try PropertyEntry.parse(set.payload.span.bytes, count: set.header.count)
        #expect(properties.map(\.key) == ["name", "params.lr"])
        #expect(properties.map(\.value) == [.string("first"), .double(0.1)])
        let last = try frames.next(.end).payload
        let end = try EndFrame(parsing: last.span.bytes)
        #expect(end == EndFrame(state: .finished, points: 6, time: begin.created + 3_000_000_000))
        #expect(frames.isAtEnd)
    }

    @Test func recordFitsOnlyItsSequence() throws {
        let bytes = try Document.bytes(Document.part(2))
        try #require(bytes.count == FormatConstants.journalRecordBytes)
        var reader = ByteReader(bytes.span.bytes)
        let record = JournalRecord(
            step: try reader.fixed(Int64.self), time: try reader.fixed(Int64.self),
            value: try reader.fixed(UInt64.self),
            series: try reader.fixed(UInt32.self), check: try reader.fixed(UInt32.self))
        #expect(record.step == 7 && record.series == 1 && record.value == (0.25).bitPattern)
        #expect(record.isValid(for: 70, salt: 0x1122_3344_5566_7788))
        #expect(!record.isValid(for: 6, salt: 0x1122_3344_5566_7788))
        #expect(!record.isValid(for: 70, salt: 0x1122_3344_5566_7789))
    }

    @Test func columnsOfEachBodyDecodeToTheirWords() throws {
        let rows = Document.rows(try Document.part(3))
        var bodies: Set<UInt8> = []
        for row in rows {
            let (name, text, words) = (row[0], row[1].filter { $0 != "`" }, row[3].split(separator: " "))
            let bytes = try Document.hexBytes(text)
            bodies.insert(bytes[2])
            var reader = ByteReader(bytes.span.bytes)
            let found = try ColumnCodec().decode(&reader, count: try #require(Int(row[2])))
            let left = reader.remaining
            #expect(left == 0, "\(name)")
            let isHexadecimal = words.allSatisfy { $0.utf8.count == 16 }
            let shown = found.map { isHexadecimal ? Document.hexadecimal($0) : "\(Int64(bitPattern: $0))" }
            #expect(shown == words.map(String.init), "\(name)")
        }
        #expect(bodies == Set(BodyCode.allCases.map(\.rawValue)))
    }

    @Test func recordsSayWhatTheDocumentSays() throws {
        let part = try Document.part(4)
        let bytes = try Document.bytes(part)
        func bits(_ numbers: [Double]) -> String {
            numbers.map { Document.hexadecimal($0.bitPattern) }.joined(separator: " ")
        }
        var rows: [[String]] = []
        let codec = ColumnCodec()
        var entries: [[UInt8]] = []
        try RecordEntry.forEach(
            bytes.span.bytes, count: 3, codec: codec, where: { _, _, _, _ in true }
        ) { entry throws(FormatError) in
            let content =
                switch entry.body {
                case .confusionMatrix(let matrix):
                    [
                        matrix.labels.joined(separator: " "), matrix.positions.map(String.init).joined(separator: " "),
                        bits(matrix.counts),
                    ]
                case .histogram(let histogram): [bits(histogram.edges), bits(histogram.counts)]
                case .classReport(let report):
                    [report.labels.joined(separator: " ")]
                        + [report.precision, report.recall, report.f1, report.support].map(bits)
                }
            rows.append([
                entry.metric.name, entry.metric.context.map { "\($0.key)=\($0.value)" }.joined(separator: ","),
                entry.step.map { "\($0)" } ?? "", "\(entry.time)", "\(entry.body.code)",
                content.joined(separator: "; "),
            ])
            entries.append(entry.bytes(codec: codec))
        }
        #expect(rows == Document.rows(part))
        #expect(RecordEntry.payload(entries, firstOrdinal: 0) == bytes)
    }
}

/// The frames of a log file, one after the other, each of the kind that is expected.
private struct LogFrames {
    let bytes: [UInt8]
    var offset = 0
    var salt: UInt64 = 0

    init(_ bytes: [UInt8]) throws { self.bytes = bytes }

    var isAtEnd: Bool { offset == bytes.count }

    mutating func next(_ kind: FrameKind) throws -> (header: FrameHeader, payload: [UInt8]) {
        try #require(offset + FormatConstants.frameHeaderBytes <= bytes.count)
        let rest = Array(bytes[offset...])
        let header = try FrameHeader(parsing: rest.span.bytes)
        try #require(header.kind == kind.rawValue)
        let start = FormatConstants.frameHeaderBytes
        let stored = rest.span.bytes.extracting(start..<(start + header.storedBytes))
        offset += header.frameBytes
        return (header, try header.payload(of: stored, salt: salt, zstd: Zstd()))
    }
}

/// The worked examples as they stand in Format.md.
private enum Document {
    /// The lines of section 8.`number`.
    static func part(_ number: Int) throws -> [Substring] {
        let file = try #require(fopen("\(PackagePaths.root)/Format.md", "r"))
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        bytes.removeLast(bytes.count - fread(&bytes, 1, bytes.count, file))
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(lines.firstIndex { $0.hasPrefix("### 8.\(number) ") })
        return Array(lines[(start + 1)...].prefix { !$0.hasPrefix("#") })
    }

    /// What the lines of hexadecimal say; the offset in front of each proves that none is missing.
    static func bytes(_ lines: [Substring]) throws -> [UInt8] {
        var bytes: [UInt8] = []
        for line in lines where line.hasPrefix("    ") {
            let words = line.split(separator: " ", omittingEmptySubsequences: true)
            #expect(Int(words[0], radix: 16) == bytes.count, "\(line)")
            if words[1] == "=" {
                let range = (try #require(Int(words[2], radix: 16)))..<(try #require(Int(words[4], radix: 16)))
                bytes += bytes[range]
            } else if words.count > 3, words[2] == "×" {
                bytes += [UInt8](repeating: 0, count: try #require(Int(words[3])))
            } else {
                // After the offset: pairs of digits, up to two spaces.
                let text = line.dropFirst(10)
                var pairs = ""
                for character in text {
                    if character == " ", pairs.last == " " { break }
                    pairs.append(character)
                }
                bytes += try hexBytes(pairs)
            }
        }
        return bytes
    }

    /// Pairs of hexadecimal digits with spaces between.
    static func hexBytes(_ text: String) throws -> [UInt8] {
        try text.split(separator: " ").map { try #require(UInt8($0, radix: 16), "\(text)") }
    }

    static func hexadecimal(_ word: UInt64) -> String {
        let digits = String(word, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// The cells of the rows of a table, its head left out.
    static func rows(_ lines: [Substring]) -> [[String]] {
        lines.filter { $0.hasPrefix("|") }.dropFirst(2).map { line in
            line.dropFirst().dropLast().split(separator: "|", omittingEmptySubsequences: false).map { cell in
                var cell = cell
                while cell.first == " " { cell.removeFirst() }
                while cell.last == " " { cell.removeLast() }
                return String(cell)
            }
        }
    }
}
