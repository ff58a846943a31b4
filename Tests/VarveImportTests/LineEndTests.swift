import Testing
import Varve
import VarveTestSupport

@testable import VarveImport

/// Proves that lines end in LF, CRLF, CRCRLF or CR, also mixed, in every format of lines: what comes in is what the same text with LF
/// says, at whatever place the file is cut by the end of a read.
struct LineEndTests {
    private static let ends = ["\n", "\r\n", "\r\r\n", "\r"]

    /// Hands out a few bytes a time, so that line ends lie across the ends of reads.
    private final class Dripping: ByteSource {
        let bytes: [UInt8]
        let most: Int
        let name = "f"

        init(bytes: [UInt8], most: Int) { (self.bytes, self.most) = (bytes, most) }

        func size() -> Int { bytes.count }

        func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
            let count = max(0, min(buffer.count, bytes.count - offset, most))
            for index in 0..<count { buffer[index] = bytes[offset + index] }
            return count
        }
    }

    @Test(arguments: ends, [1, 2, 3, 1 << 16]) func lines(_ end: String, _ most: Int) throws {
        let text = ["a", "", "bc"].map { $0 + end }.joined() + "d"
        var reader = LineReader(Dripping(bytes: Array(text.utf8), most: most))
        var found: [String] = []
        while case .line(_, let isWhole) = try reader.next() {
            found.append(reader.span.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } + (isWhole ? "." : ""))
            #expect(reader.endsInReturn == (isWhole && end == "\r"))
        }
        #expect(found == ["a.", ".", "bc.", "d"] && reader.offset == text.utf8.count && reader.number == 4)
    }

    @Test(arguments: ends, [1, 2, 3, 1 << 16]) func rows(_ end: String, _ most: Int) throws {
        let text = ["a,b", "", "\"1\r2\",3", "4,"].map { $0 + end }.joined()
        var reader = CSVReader(Dripping(bytes: Array(text.utf8), most: most))
        var found: [[String]] = []
        while case .row(_, _, true) = try reader.next() { found.append((0..<reader.count).map { reader.text($0) }) }
        #expect(found == [["a", "b"], ["1\r2", "3"], ["4", ""]] && reader.offset == text.utf8.count)
        #expect(reader.nextLine == 5)
    }

    @Test(
        arguments: ends,
        [
            ("m.csv", "step,loss\n1,0.5\n2,0.25\n"), ("m.tsv", "\u{FEFF}step\tloss\n1\t0.5\n2\t0.25\n"),
            ("m.txt", "step loss\n1 0.5\n2 0.25\n"),
            ("m.jsonl", "\u{FEFF}{\"step\":1,\"loss\":0.5}\n{\"step\":2,\"loss\":0.25}\n"),
            ("m.log", "\u{FEFF}step 1: loss 0.5\nstep 2: loss 0.25\n"),
            ("m.monitor.csv", "#{\"t_start\": 0.0}\nr,l,t\n5,1,1\n6,1,2\n"),
        ])
    func formats(_ end: String, _ file: (name: String, text: String)) throws {
        func imported(_ text: String) throws -> [String] {
            try Place.with { place in
                try place.write("a/" + file.name, text)
                let report = try place.load(nil) { $0.audits = true }
                #expect(report.problems.isEmpty && report.audit?.isEqual == true)
                return try place.shown()
            }
        }
        let expected = try imported(file.text)
        #expect(!expected.isEmpty)
        #expect(try imported(file.text.split(separator: "\n").map { $0 + end }.joined()) == expected)
        #expect(try imported(file.text.split(separator: "\n").joined(separator: end)) == expected)
    }

    /// A bar that is redrawn for hours, of which the file holds one line of two mebibytes; some states of it twice.
    @Test func aBarOfManyStates() throws {
        let pad = String(repeating: "#", count: 1_000)
        let states = (1...1_000).map { "Epoch 1: \($0)/1000 \(pad) loss=\(Double($0) / 4)" }
        let text = states.map { "\($0)\r\($0)\r" }.joined() + "\n"
        try Place.with { place in
            try place.write("a/out.txt", text)
            let report = try place.load(nil) { $0.audits = true }
            #expect(report.problems.isEmpty && report.audit?.isEqual == true)
            let loss = try place.shown().first { $0.contains("loss") }?.split(separator: " ").dropFirst(2)
            #expect(loss?.first == "1=0.25" && loss?.last == "1000=250.0" && loss?.count == 1_000)
        }
    }
}
