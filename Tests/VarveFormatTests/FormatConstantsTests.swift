import Foundation
import Testing

@testable import VarveFormat

/// `Format.md` and `FormatConstants` say the same: the document's boxes and tables are read here, and each number that they
/// state is compared with its constant.
@Suite struct FormatConstantsTests {
    private static let document: String = {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return (try? String(contentsOf: root.appending(path: "Format.md"), encoding: .utf8)) ?? ""
    }()

    /// What the first match of a pattern captures.
    private func capture(_ pattern: String) throws -> [String] {
        let regex = try NSRegularExpression(pattern: pattern)
        let text = Self.document
        let match = try #require(
            regex.firstMatch(in: text, range: NSRange(text.startIndex..., in: text)), "Format.md has no \(pattern)")
        return (1..<match.numberOfRanges).compactMap { Range(match.range(at: $0), in: text).map { String(text[$0]) } }
    }

    private func number(_ text: String) throws -> Int {
        if text == "2⁶³−1" { return .max }
        let parts = text.replacingOccurrences(of: ",", with: "").split(separator: " ")
        let unit = ["MiB": 1 << 20, "KiB": 1 << 10]
        let value = try #require(Int(parts[0]), "\(text) is no number")
        return value * (parts.count > 1 ? unit[String(parts[1])] ?? 1 : 1)
    }

    /// The numbers of a row of the table of caps, in order.
    private func caps(_ what: String) throws -> [Int] {
        let row = try capture("(?m)^\\| \(NSRegularExpression.escapedPattern(for: what)) \\| (.+) \\|$")[0]
        return try row.split(separator: ";").map { try number($0.trimmingCharacters(in: .whitespaces)) }
    }

    @Test func capsAreThoseOfTheTable() throws {
        typealias C = FormatConstants
        #expect(try caps("plain bytes of a frame, of a chunk or of a section's compressed block") == [C.maxPlainBytes])
        #expect(try caps("window of a zstd frame") == [1 << Int(C.maxZstdWindowLog)])
        #expect(try caps("points or entries a frame; any sequence") == [C.maxFramePoints, Int(Int64.max)])
        #expect(try caps("points a page; slices a page") == [C.maxPagePoints, C.maxPageSlices])
        #expect(try caps("series a file") == [C.maxSeries])
        #expect(
            try caps("metric name; context key or value; text channel; name, version, media type of an artifact") == [
                C.maxNameBytes
            ])
        #expect(try caps("pairs of a context") == [C.maxContextPairs])
        #expect(try caps("property key; property value") == [C.maxPropertyKeyBytes, C.maxPropertyBytes])
        #expect(try caps("text entry; message of an end; detail of a loss") == [C.maxTextBytes])
        #expect(
            try caps("classes, cells of a confusion matrix; bins of a histogram")
                == [C.maxClasses, C.maxMatrixCells, C.maxHistogramBins])
        #expect(try caps("class of a record") == [C.maxNameBytes])
        #expect(try caps("segments a manifest") == [C.maxSegments])
        #expect(C.maxSegmentRuns == C.maxSegmentFiles && C.maxSegmentRuns == C.maxSegmentMetrics)
        #expect(try caps("runs, files, metrics a segment") == [C.maxSegmentRuns])
        #expect(
            try caps("pages; property rows; axes a segment")
                == [C.maxSegmentPages, C.maxSegmentProperties, C.maxSegmentAxes])
    }

    @Test func everyCapOfTheTableHasAConstant() throws {
        let table = try capture("(?s)### Caps\n.*?\\|---\\|---\\|\n(.*?)\n\n")[0]
        // One line more here than above is a cap that no test compares.
        #expect(table.split(separator: "\n").count == 14)
    }

    @Test func magicsAreThoseOfTheBoxes() throws {
        typealias C = FormatConstants
        let bytes = try capture("magic \"VFrm\" \\(([0-9A-F ]+)\\)")[0].split(separator: " ").map {
            UInt8($0, radix: 16)
        }
        #expect(bytes == withUnsafeBytes(of: C.frameMagic.littleEndian) { $0.map { $0 } })
        #expect(Array("VFrm".utf8) == bytes)
        for (section, magic) in [
            ("## 5", C.journalMagic), ("## 6", C.segmentMagic), ("Trailer, the last", C.trailerMagic),
            ("## 7", C.manifestMagic),
        ] {
            let text = try capture("(?s)\(section).*?magic \"(.{8})\" +8\\b")[0]
            #expect(Array(text.utf8) == withUnsafeBytes(of: magic.littleEndian) { $0.map { $0 } }, "\(section)")
        }
    }

    @Test func sizesAreThoseOfTheBoxes() throws {
        typealias C = FormatConstants
        let sizes: [(String, Int)] = [
            ("Frame header, ([0-9,]+) bytes", C.frameHeaderBytes),
            ("each at a multiple of ([0-9]+) bytes", C.frameAlignment),
            ("### 3.1 begin \\(kind 0\\): ([0-9,]+) bytes", C.beginBytes),
            ("128  host name, UTF-8, zeros behind +([0-9]+)", C.hostBytes),
            ("(?s)## 5.*?Header, ([0-9,]+) bytes", C.journalHeaderBytes),
            ("record size u16 \\(([0-9]+)\\)", C.journalRecordBytes),
            ("Record, ([0-9]+) bytes", C.journalRecordBytes), ("at ([0-9]+) \\+ 32 · \\(s mod", C.journalHeaderBytes),
            ("([0-9]+)  XXH64 of bytes 0 ..< 176", C.journalChecksummedBytes),
            ("([0-9]+) claimed u64", C.journalClaimedOffset),
            ("([0-9]+) drained u64, synced u64, heartbeat u64", C.journalDrainedOffset),
            ("(?s)## 6.*?Header, ([0-9]+) bytes", C.segmentHeaderBytes),
            ("Trailer, the last ([0-9]+) bytes", C.trailerBytes),
            ("\\*\\*pages\\*\\*: ([0-9]+) bytes a page", C.pageEntryBytes),
            ("of the slices of ≥ ([0-9]+) points", C.summaryThreshold),
            ("each of ([0-9,]+) points, its last", C.summaryBlock),
            ("an axis has at most ([0-9,]+) points", C.axisPoints),
            ("(?s)## 7.*?Header, ([0-9]+) bytes", C.manifestHeaderBytes),
            ("Then for each segment, ([0-9]+) bytes", C.manifestEntryBytes),
        ]
        for (pattern, constant) in sizes { #expect(try number(capture(pattern)[0]) == constant, "\(pattern)") }
        // Three words one after the other, in one line of the box.
        #expect(C.journalSyncedOffset == C.journalDrainedOffset + 8)
        #expect(C.journalHeartbeatOffset == C.journalDrainedOffset + 16)
    }

    @Test func keysAndVersionAreThoseOfTheText() throws {
        typealias C = FormatConstants
        let keys = try capture("step XOR ([0-9A-F]+), value XOR ([0-9A-F]+)") + capture("series\\) XOR ([0-9A-F]+)")
        #expect(keys.map { UInt64($0, radix: 16) } == [C.checkKey0, C.checkKey1, C.checkKey2])
        #expect(try number(capture("version u16 \\(([0-9]+)\\), durability")[0]) == Int(C.version))
        #expect(try number(capture("# The format of a Varve repository, version ([0-9]+)")[0]) == Int(C.version))
        #expect(Self.document.contains("Version 1 defines no feature bits"))
        #expect(C.knownFeatures == 0)
        #expect(Self.document.contains("the smallest `i64` means \"no time\""))
        #expect(C.noTime == .min)
        #expect(Self.document.contains("2³²−1: none"))
        #expect(C.noRank == .max)
    }

    /// The numbers of transforms and bodies, and the highest order.
    @Test func columnCodesAreThoseOfTheTables() throws {
        let transforms = [
            "bits", "ordered", "float", "whole", "quotient", "quotient, float", "scaled", "near", "printed",
            "rounded",
        ]
        let bodies = ["constant", "packed", "dictionary", "split", "planes", "raw", "trimmed", "bins"]
        for (names, heading) in [(transforms, "\\| # \\| transform \\|"), (bodies, "\\| # \\| body \\|")] {
            let rows = try capture("(?s)\(heading).*?\n\\|[-|]+\n(.*?)\n\n")[0].split(separator: "\n")
            #expect(rows.count == names.count)
            for (number, (row, name)) in zip(rows, names).enumerated() {
                #expect(row.hasPrefix("| \(number) | \(name) |"), "\(row)")
            }
        }
        #expect(TransformCode.allCases.map { Int($0.rawValue) } == Array(transforms.indices))
        #expect(BodyCode.allCases.map { Int($0.rawValue) } == Array(bodies.indices))
        #expect(BodyCode.allCases.map { "\($0)" } == bodies)
        #expect(try number(capture("order of differences 0 … ([0-9]+)")[0]) == ColumnEncoding.maxOrder)
    }
}
