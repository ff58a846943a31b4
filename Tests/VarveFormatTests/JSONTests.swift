import Testing
import VarveFormat

/// Proves that the JSON reader takes exactly what RFC 8259 (plus Python's NaN and ±Infinity) allows, keeps integers,
/// rounds correctly, names the place of every error, survives any bytes, and reads back what the writer wrote.
@Suite struct JSONTests {
    private func parse(_ text: String) throws(FormatError) -> JSONValue { try JSONValue(parsing: text) }

    private func failure(_ text: String) -> FormatError? {
        do throws(FormatError) {
            _ = try JSONValue(parsing: text)
            return nil
        } catch { return error }
    }

    /// One document of everything, compared with its value written out by hand.
    @Test func readsEveryKindOfValue() throws {
        let text = #" {"a": [1, -2.5, true, false, null, "x\n\"\\\/"], "b": {}, "c": [], "d": {"e": "ü"}} "#
        let expected: JSONValue = [
            "a": [1, -2.5, true, false, nil, "x\n\"\\/"], "b": [:], "c": [], "d": ["e": "ü"],
        ]
        #expect(try parse(text) == expected)
        #expect(try parse(text)["d"]?["e"]?.stringValue == "ü")
    }

    /// Integers of 64 bits stay integers; one more becomes the nearest double; the sign of zero survives.
    @Test func keepsIntegersThatFit() throws {
        #expect(try parse("9223372036854775807") == .int(.max))
        #expect(try parse("-9223372036854775808") == .int(.min))
        #expect(try parse("9223372036854775808") == .double(0x1p63))
        #expect(try parse("-9223372036854775809") == .double(-0x1p63))
        #expect(try parse("99999999999999999999999") == .double(1e23))
        #expect(try parse("1.0") == .double(1))
        #expect(try parse("1e2") == .double(100))
        #expect(try parse("0") == .int(0))
        #expect(try parse("-0").doubleValue?.sign == .minus)
    }

    /// Numbers known to be hard to round, beside the double that exact arithmetic gives (as hexadecimal literals).
    @Test(arguments: [
        ("2.2250738585072011e-308", Double(bitPattern: (1 << 52) - 1)), ("2.2250738585072014e-308", 0x1p-1022),
        ("9007199254740993.0", 0x1p53), ("9007199254740993.00001", 0x1.0000000000001p53),
        ("1.7976931348623157e308", Double.greatestFiniteMagnitude), ("1.7976931348623159e308", Double.infinity),
        ("4.9406564584124654e-324", Double.leastNonzeroMagnitude), ("2e-324", 0), ("1e400", Double.infinity),
        ("1e-400", 0), ("1e99999999999999999999", Double.infinity), ("0e99999999999999999999", 0),
        ("123456789012345678901234567890e-30", 0.12345678901234568), ("8.5e-23", 8.5e-23), ("0.1", 0.1),
        ("0.30000001192092896", Double(Float(0.3))), ("5e-1", 0.5), ("100000000000000000000000e-22", 10),
    ])
    func roundsToTheNearestDouble(_ text: String, _ expected: Double) throws {
        #expect(try parse(text).doubleValue == expected)
        #expect(try parse("-" + text).doubleValue == -expected)
    }

    @Test func readsPythonsWordsForNoNumber() throws {
        #expect(try parse("[NaN]").arrayValue?.first?.doubleValue?.isNaN == true)
        #expect(try parse("Infinity") == .double(.infinity))
        #expect(try parse("-Infinity") == .double(-.infinity))
    }

    /// Escapes by code unit: a pair is one character, half a pair is U+FFFD and swallows nothing behind it.
    @Test func readsEscapes() throws {
        #expect(try parse(#""\u00e9\ud83d\ude00\b\f\t\r""#) == .string("é😀\u{8}\u{C}\t\r"))
        #expect(try parse(#""\ud83dx""#) == .string("\u{FFFD}x"))
        #expect(try parse(#""\ud83d\n""#) == .string("\u{FFFD}\n"))
        #expect(try parse(#""\ud83d\ud83d\ude00""#) == .string("\u{FFFD}😀"))
        #expect(try parse(#""\ude00""#) == .string("\u{FFFD}"))
        #expect(try parse(#""\u0000""#) == .string("\0"))
    }

    /// Of a repeated key the last value counts, where the first stood; also past the size where a dictionary takes over.
    @Test func lastValueOfAKeyCounts() throws {
        #expect(try parse(#"{"a":1,"b":2,"a":3}"#).text == #"{"a":3,"b":2}"#)
        let many = (0..<40).map { #""k\#($0 % 20)":\#($0)"# }.joined(separator: ",")
        let object = try #require(try parse("{\(many)}").objectValue)
        #expect(object.members.map(\.key) == (0..<20).map { "k\($0)" })
        #expect(object.members.map(\.value) == (20..<40).map { .int($0) })
    }

    /// Every error names the byte, and tells text that is cut off from text that is wrong.
    @Test(arguments: [
        ("", FormatError.Kind.truncated, 0), ("[1,", .truncated, 3), ("[1", .truncated, 2), ("\"abc", .truncated, 4),
        ("{\"a\"", .truncated, 4), ("tru", .truncated, 3), ("-", .truncated, 1), ("1.", .truncated, 2),
        ("1e", .truncated, 2), ("\"\\u12", .truncated, 5), ("\"\\", .truncated, 2),
        ("nope", .corrupt, 1), ("[1 2]", .corrupt, 3), ("1 2", .corrupt, 2), ("01", .corrupt, 1), ("+1", .corrupt, 0),
        (".5", .corrupt, 0), ("1.e5", .corrupt, 2), ("[1,]", .corrupt, 3), ("{\"a\":1,}", .corrupt, 7),
        ("{a:1}", .corrupt, 1), ("'a'", .corrupt, 0), ("\"\n\"", .corrupt, 1), ("\"\\x\"", .corrupt, 2),
        ("\"\\u12g4\"", .corrupt, 5), ("nan", .corrupt, 1), ("{\"a\" 1}", .corrupt, 5), ("]", .corrupt, 0),
    ])
    func namesThePlaceOfAnError(_ text: String, _ kind: FormatError.Kind, _ offset: Int) throws {
        let error = try #require(failure(text))
        #expect(error.kind == kind)
        #expect(error.offset == offset)
    }

    @Test func refusesOtherEncodings() {
        let samples: [[UInt8]] = [[0x22, 0xFF, 0x22], [0x22, 0xC3, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0xEF]]
        for bytes in samples {
            #expect(throws: FormatError.self) { try JSONValue(parsing: bytes) }
        }
    }

    /// Depth and length of numbers are bounded: 64 levels pass, 65 and a million don't.
    @Test func boundsDepthAndNumbers() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        _ = try parse(nested(64))
        #expect(failure(nested(65))?.kind == .capExceeded)
        #expect(failure(String(repeating: "{\"a\":", count: 1_000_000))?.kind == .capExceeded)
        #expect(failure(String(repeating: "9", count: 4097))?.kind == .capExceeded)
        #expect(try parse(String(repeating: "9", count: 4096)) == .double(.infinity))
    }

    @Test func writesWhatItReads() throws {
        #expect(
            JSONValue(dictionaryLiteral: ("a", [1, 2.0, nil]), ("q\"\\\n\u{1}é", .double(.nan))).text
                == #"{"a":[1,2.0,null],"q\"\\\n\u0001é":"NaN"}"#)
        #expect(JSONValue.array([.double(.infinity), .double(-.infinity)]).text == #"["Infinity","-Infinity"]"#)
    }

    /// Random documents come back equal; random doubles come back bit for bit, and agree with the standard library.
    @Test func roundTripsRandomDocuments() throws {
        for seed in 0..<200 as Range<UInt64> {
            var random = Numbers(state: seed)
            let value = random.document(depth: 4)
            #expect(try parse(value.text) == value, "seed \(seed)")
        }
        var random = Numbers(state: 7)
        for _ in 0..<5000 {
            let number = Double(bitPattern: random.next())
            guard number.isFinite else { continue }
            #expect(try parse(number.description).doubleValue?.bitPattern == number.bitPattern)
            let digits = "\(random.next() % 1_000_000_000).\(random.next() % 1_000_000)e\(Int(random.next() % 60) - 30)"
            #expect(try parse(digits).doubleValue == Double(digits), "\(digits)")
        }
    }

    /// Every truncation, and every flip of a bit, of a document either parses or throws inside its bounds.
    @Test func survivesDamage() throws {
        let bytes = Array(#"{"k":[-1.5e-3,"\ud83d\ude00é",{"t":true,"n":null}],"i":NaN}"#.utf8)
        for end in 0..<bytes.count {
            #expect(throws: FormatError.self) { try JSONValue(parsing: Array(bytes[..<end])) }
        }
        for bit in 0..<(bytes.count * 8) {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << (bit % 8)
            do throws(FormatError) {
                let value = try JSONValue(parsing: damaged)
                #expect(!value.text.isEmpty)
            } catch {
                #expect((0...bytes.count).contains(error.offset))
            }
        }
    }

    /// Random soups of the characters that matter to the grammar.
    @Test func survivesSoup() {
        let alphabet = Array(#"{}[]",:\u0123456789eE+-.truefalsnNI "#.utf8) + [0xC3, 0xFF, 0]
        var accepted = 0
        for seed in 0..<3000 as Range<UInt64> {
            var random = Numbers(state: seed)
            let soup = (0..<Int(random.next() % 12)).map { _ in alphabet[Int(random.next() % UInt64(alphabet.count))] }
            if let value = try? JSONValue(parsing: soup) {
                accepted += 1
                if value.doubleValue?.isNaN != true { #expect((try? parse(value.text)) != nil, "seed \(seed)") }
            }
        }
        #expect(accepted > 20)
    }
}

/// Repeatable random numbers (SplitMix64) and documents.
private struct Numbers {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }

    mutating func document(depth: Int) -> JSONValue {
        switch next() % (depth > 0 ? 7 : 5) {
        case 0: return .null
        case 1: return .bool(next() % 2 == 0)
        case 2: return .int(Int64(bitPattern: next() >> (next() % 64)))
        case 3:
            let number = Double(bitPattern: next())
            return .double(number.isFinite ? number : 0.5)
        case 4: return .string(text())
        case 5: return .array((0..<next() % 5).map { _ in document(depth: depth - 1) })
        default:
            var object = JSONObject()
            for _ in 0..<next() % 12 { object[text()] = document(depth: depth - 1) }
            return .object(object)
        }
    }

    private mutating func text() -> String {
        String(String.UnicodeScalarView((0..<next() % 6).map { _ in Unicode.Scalar(UInt32(next() % 0x2FF)) ?? "x" }))
    }
}
