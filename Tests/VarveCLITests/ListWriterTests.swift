import Glibc
import Testing
import Varve

@testable import VarveCLI

/// What `body` writes to a pipe in the place of standard output.
func written(width: Int? = nil, _ body: (OutputStream) throws -> Void) throws -> String {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    defer { close(ends[0]) }
    do {
        defer { close(ends[1]) }
        let output = OutputStream(descriptor: ends[1], terminal: Terminal(width: width))
        try body(output)
        try output.flush()
    }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = read(ends[0], &buffer, buffer.count)
        guard count > 0 else { break }
        bytes += buffer[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
}

/// Shows each format of a listing on the same rows, hostile text included, by comparing the whole text.
struct ListWriterTests {
    private static let columns = [
        Column("name"), Column("points", numeric: true), Column("lr", title: "lr", numeric: true, optional: true),
        Column("exact", machines: true),
    ]
    private static let rows: [[Cell]] = [
        [.text("a|\"b\",\tc"), .count(1234), .number(0.1), .step(7)],
        [.text("line\nbreak\\"), .count(5), .missing, .number(.nan)],
    ]

    private func text(_ format: ListFormat?, width: Int? = nil, rows: [[Cell]] = Self.rows) throws -> String {
        try written(width: width) { output in
            let writer = try ListWriter(output, format: format, columns: Self.columns)
            for row in rows { try writer.row(row) }
            try writer.end()
        }
    }

    @Test func table() throws {
        #expect(
            try text(.table) == """
                NAME         POINTS   lr
                a|"b", c      1,234  0.1
                line break\\       5

                """)
    }

    /// Where there is little room, remarks give way first and titles of numbers next; numbers, and names that tell rows apart, don't.
    @Test func narrowTablesKeepWhatTellsRowsApart() throws {
        let columns = [Column("context", name: true), Column("learning_rate", numeric: true), Column("note")]
        func lines(_ width: Int) throws -> [Substring] {
            try written(width: width) { output in
                let writer = try ListWriter(output, format: .table, columns: columns)
                for subset in ["train", "val"] {
                    try writer.row([.text("subset=\(subset)"), .number(0.125), .text("a remark that takes much room")])
                }
                try writer.end()
            }.split(separator: "\n")
        }
        #expect(
            try lines(40) == [
                "CONTEXT       LEARNING_RATE  NOTE", "subset=train          0.125  a remark t…",
                "subset=val            0.125  a remark t…",
            ])
        #expect(
            try lines(34) == [
                "CONTEXT       LEARNING_…  NOTE", "subset=train       0.125  a remar…",
                "subset=val         0.125  a remar…",
            ])
        // What doesn't fit at all keeps its titles.
        #expect(try lines(20)[0] == "CONTEXT       LEARNING_RATE  NOTE")
    }

    /// What a name says to a terminal isn't sent to one, in no format; a pipe gets every byte.
    @Test func namesDontCommandTheTerminal() throws {
        let evil = "red\u{1B}[31m\u{9B}2J"
        for format in [ListFormat.table, .tsv, .csv, .json, .jsonl, .markdown] {
            func text(width: Int?) throws -> String {
                try written(width: width) { output in
                    let columns = [Column("a\u{1B}[1m", title: "a\u{1B}[1m")]
                    let writer = try ListWriter(output, format: format, columns: columns)
                    try writer.row([.text(evil)])
                    try writer.end()
                }
            }
            #expect(try !text(width: 80).unicodeScalars.contains("\u{1B}"), "\(format)")
            if format == .tsv || format == .csv { #expect(try text(width: nil).contains(evil)) }
        }
    }

    @Test func tsvIsWhatPipesGet() throws {
        let expected = "name\tpoints\tlr\texact\na|\"b\",\\tc\t1234\t0.1\t7\nline\\nbreak\\\\\t5\t\tNaN\n"
        #expect(try text(.tsv) == expected)
        #expect(try text(nil) == expected)
        #expect(try text(nil, width: 80) == text(.table))
    }

    /// Rows that threads share come out as if each had been written by itself, in their order, in every format.
    @Test(arguments: ListFormat.allCases)
    func manyRowsKeepTheirOrder(_ format: ListFormat) throws {
        let rows = (0..<3000).map { row -> [Cell] in
            [.text(row % 7 == 0 ? "tab\t, \(row)" : "run \(row)"), .count(row), .number(Double(row) / 8), .step(row)]
        }
        // Asynchronous readers are spared: a pipe holds less than this.
        func text(_ body: (ListWriter) throws -> Void) throws -> String {
            let file = try #require(tmpfile())
            defer { fclose(file) }
            let output = OutputStream(descriptor: fileno(file), terminal: Terminal(width: nil))
            let writer = try ListWriter(output, format: format, columns: Self.columns)
            try body(writer)
            try writer.end()
            rewind(file)
            var bytes = [UInt8](repeating: 0, count: 1 << 20)
            let count = fread(&bytes, 1, bytes.count, file)
            return String(decoding: bytes[..<count], as: UTF8.self)
        }
        let one = try text { writer in for row in rows { try writer.row(row) } }
        let many = try text { try $0.rows(rows) { $0 } }
        #expect(many == one)
        #expect(one.split(separator: "\n").count >= 3000)
    }

    @Test func csv() throws {
        #expect(
            try text(.csv) == "name,points,lr,exact\n\"a|\"\"b\"\",\tc\",1234,0.1,7\n\"line\nbreak\\\",5,,NaN\n")
    }

    @Test func json() throws {
        let first = #"{"name":"a|\"b\",\tc","points":1234,"lr":0.1,"exact":7}"#
        let second = #"{"name":"line\nbreak\\","points":5,"lr":null,"exact":"NaN"}"#
        #expect(try text(.jsonl) == "\(first)\n\(second)\n")
        #expect(try text(.json) == "[\n \(first),\n \(second)\n]\n")
        #expect(try text(.json, rows: []) == "[]\n")
        #expect(try JSONValue(parsing: text(.json)).arrayValue?.count == 2)
    }

    @Test func markdown() throws {
        #expect(
            try text(.markdown) == """
                | NAME | POINTS | lr |
                | --- | ---: | ---: |
                | a\\|"b", c | 1,234 | 0.1 |
                | line break\\ | 5 |  |

                """)
    }

    @Test func emptyTableSaysNothing() throws {
        #expect(try text(.table, rows: []) == "")
    }

    /// A narrow terminal loses optional columns first, then clips text; a line is never wider than it.
    @Test(arguments: [10, 16, 20, 24, 40]) func narrow(_ width: Int) throws {
        let lines = try text(.table, width: width).split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines[0].contains("lr") == (width >= 24))
        for line in lines where width >= 16 { #expect(HumanText.width(String(line)) <= width, "\(line)") }
    }

    /// Beyond the sample from which widths are taken, rows are written as they come.
    @Test func manyRows() throws {
        let text = try text(.table, rows: Array(repeating: [.text("x"), .count(1), .missing, .missing], count: 2500))
        #expect(text.split(separator: "\n").count == 2501)
    }

    @Test func readerThatGoesAway() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        signal(SIGPIPE, SIG_IGN)
        close(ends[0])
        defer { close(ends[1]) }
        let output = OutputStream(descriptor: ends[1], terminal: Terminal(width: nil))
        try output.line("nobody reads this")
        #expect(throws: ReaderIsGone.self) { try output.flush() }
    }
}
