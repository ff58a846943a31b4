import Testing
import Varve
import VarveFiles
import VarveTestSupport

@testable import VarveImport

/// Proves that tables come in whatever program, country or editor they come from: encodings, decimal commas, blanks between
/// cells, units, percent signs, words for nothing, and counts such as `3/100`. What a table says is counted by hand.
@Suite struct TableSpellingTests {
    private func imported(_ bytes: [UInt8], as name: String, skipped: [String: Int] = [:]) throws -> [String] {
        try Place.with { place in
            try place.write("a/" + name, bytes)
            let report = try place.load(nil) { $0.audits = true }
            #expect(report.problems.isEmpty, "\(report.problems)")
            #expect(report.audit?.isEqual == true)
            #expect(report.skipped == skipped, "\(report.skipped)")
            let again = try place.load(nil)
            #expect(again.pointsStored == 0 && again.newRuns == 0 && again.unchangedRuns == again.runs)
            return try place.shown()
        }
    }

    private func imported(_ text: String, as name: String = "m.csv", skipped: [String: Int] = [:]) throws -> [String] {
        try imported(Array(text.utf8), as: name, skipped: skipped)
    }

    private static func utf16(_ text: String, isBigEndian: Bool) -> [UInt8] {
        var bytes: [UInt8] = isBigEndian ? [0xFE, 0xFF] : [0xFF, 0xFE]
        for unit in text.utf16 {
            bytes += isBigEndian ? [UInt8(unit >> 8), UInt8(unit & 0xFF)] : [UInt8(unit & 0xFF), UInt8(unit >> 8)]
        }
        return bytes
    }

    @Test(arguments: [false, true], ["m.csv", "m.jsonl", "m.json"])
    func utf16InEveryTable(_ isBigEndian: Bool, _ name: String) throws {
        let text = [
            "m.csv": "step,loss Ω🙂\r\n1,0.5\r\n2,0.25\r\n",
            "m.jsonl": "{\"step\":1,\"loss Ω🙂\":0.5}\n{\"step\":2,\"loss Ω🙂\":0.25}\n",
            "m.json": "[{\"step\":1,\"loss Ω🙂\":0.5},{\"step\":2,\"loss Ω🙂\":0.25}]",
        ]
        let bytes = Self.utf16(text[name] ?? "", isBigEndian: isBigEndian)
        #expect(try imported(bytes, as: name) == ["a loss Ω🙂: 1=0.5 2=0.25"])
    }

    @Test(arguments: ["m.csv", "m.jsonl", "m.json"]) func aMarkBeforeUTF8(_ name: String) throws {
        let text = [
            "m.csv": "step,loss\n1,0.5\n2,0.25\n", "m.jsonl": "{\"step\":1,\"loss\":0.5}\n{\"step\":2,\"loss\":0.25}\n",
            "m.json": "[{\"step\":1,\"loss\":0.5},{\"step\":2,\"loss\":0.25}]",
        ]
        #expect(try imported("\u{FEFF}" + (text[name] ?? ""), as: name) == ["a loss: 1=0.5 2=0.25"])
    }

    /// Every way to cut a UTF-16 file in two gives what the whole file gives; surrogate pairs lie across the edges of blocks.
    @Test func utf16GrowsAndIsReadAnywhere() throws {
        let filler = String(repeating: "x🙂", count: 12_000)
        for shift in 0..<2 {
            let text = String(repeating: "y", count: shift) + filler
            let bytes = Self.utf16(text, isBigEndian: false)
            let expected = Array(text.utf8)
            try withTemporaryDirectory(in: DataSet.memory) { directory in
                let path = Paths.join(directory, "f")
                let file = try RealFileSystem().open(path, .createNew)
                let source = FileSource(path, name: "f", in: RealFileSystem())
                for end in [2, 3, 5, 7, 9, 32_767, 32_768, 32_769, 32_770, 32_772, 65_535, 65_540, bytes.count] {
                    try file.write(Array(bytes[..<end]), at: 0)
                    let size = try source.size()
                    if end < bytes.count { #expect(size <= (end - 2) * 2 && expected.count > size) }
                    var found = [UInt8](repeating: 0, count: size)
                    _ = try found.withUnsafeMutableBytes { try source.read(into: $0, at: 0) }
                    #expect(found.elementsEqual(expected[..<size]))
                }
                #expect(try source.size() == expected.count)
                for offset in stride(from: 0, to: expected.count, by: 4_999) {
                    var found = [UInt8](repeating: 0, count: 100)
                    let count = try found.withUnsafeMutableBytes { try source.read(into: $0, at: offset) }
                    #expect(found[..<count].elementsEqual(expected[offset..<min(offset + 100, expected.count)]))
                }
                file.close()
                source.close()
            }
        }
    }

    @Test func decimalCommas() throws {
        let text = "epoch;loss;lr;n\n1;0,5;1e-05;1.234,5\n2;-0,25;1,5E-4;12\n"
        #expect(
            try imported(text) == ["a loss: 1=0.5 2=-0.25", "a lr: 1=1e-05 2=0.00015", "a n: 1=1234.5 2=12.0"])
        #expect(try imported("epoch\tloss\n1\t0,5\n2\t1,125\n", as: "m.tsv") == ["a loss: 1=0.5 2=1.125"])
        #expect(try imported("epoch,loss\n1,\"0,5\"\n2,\"1,25\"\n") == ["a loss: 1=0.5 2=1.25"])
        // Three digits behind a comma, and no other sign: with semicolons it is a decimal comma.
        #expect(try imported("epoch;loss\n1;1,125\n") == ["a loss: 1=1.125"])
    }

    @Test func commasBetweenThousands() throws {
        let text = "step,tokens,loss\n1,\"1,024\",0.5\n2,\"1,048,576\",0.25\n3,\"1,234.5\",0.125\n"
        #expect(
            try imported(text) == ["a loss: 1=0.5 2=0.25 3=0.125", "a tokens: 1=1024.0 2=1048576.0 3=1234.5"])
        // Nothing tells what this is.
        let unclear = try imported("step,tokens,n\n1,\"1,024\",5\n", skipped: ["texts in the column tokens": 1])
        #expect(unclear == ["a n: 1=5.0"])
        let contradiction = try imported("step;a;b\n1;0,5;0.5\n", skipped: ["texts in the column a": 1])
        #expect(contradiction == ["a b: 1=0.5"])
    }

    @Test func blanksBetweenCells() throws {
        let text = "  epoch    loss   val_loss\n      1  0.5000        nan\n      2  0.2500     0.7500\n"
        let expected = ["a loss {subset=val}: 1=nan 2=0.75", "a loss: 1=0.5 2=0.25"]
        for name in ["m.txt", "m.log", "m.csv"] { #expect(try imported(text, as: name) == expected) }
        // What pandas' `to_string` prints: the index has no name.
        let index = "   epoch  loss\n0      1  0.50\n1      2  0.25\n"
        #expect(try imported(index, as: "m.txt") == ["a column 1: 1=0.0 2=1.0", "a loss: 1=0.5 2=0.25"])
        // One column whose name has a space.
        #expect(try imported("train loss,step\n0.5,1\n") == ["a train loss: 1=0.5"])
        let prose = "this is no table\nit has words of course\n"
        #expect(
            try Place.with { place in
                try place.write("a.txt", prose)
                return try place.load(nil).runs
            } == 0)
    }

    @Test func unitsAndPercentSigns() throws {
        let text =
            "epoch,acc,time,mem,speed\n1,91.2%,12.5s,1.5GB,100 it/s\n2,92 %,13s,2GB,0\n3,93%,1.5min,800MB,120.5 it/s\n"
        #expect(
            try imported(
                text,
                skipped: [
                    "numbers in another unit than the first of the column time": 1,
                    "numbers in another unit than the first of the column mem": 1,
                ]) == [
                    "a acc: 1=91.2 2=92.0 3=93.0", "a mem: 1=1.5 2=2.0", "a speed: 1=100.0 2=0.0 3=120.5",
                    "a time: 1=12.5 2=13.0",
                ])
        let words = try imported(
            "step,model,v\n1,3d,1\n2,50k-images,2\n3,7b3f,3\n", skipped: ["texts in the column model": 3])
        #expect(words == ["a v: 1=1.0 2=2.0 3=3.0"])
    }

    @Test func wordsForNothing() throws {
        let text = "step,a,b\n1,-,0.5\n2,N/A,0.25\n3,None,\n4,0.5,null\n5,--,inf\n6,,-Infinity\n"
        #expect(try imported(text) == ["a a: 4=0.5", "a b: 1=0.5 2=0.25 5=inf 6=-inf"])
    }

    @Test func countsOfATotal() throws {
        #expect(try imported("epoch,loss\n1/100,0.5\n 2 / 100 ,0.25\n") == ["a loss: 1=0.5 2=0.25"])
        let both = "Epoch,step,loss\n1/2,10,0.5\n2/2,20,0.25\n"
        #expect(try imported(both) == ["a Epoch: 10=1.0 20=2.0", "a loss: 10=0.5 20=0.25"])
    }

    /// fairseq writes numbers as texts; MMCV writes what it runs on in a line before the first step.
    @Test func numbersAsTextsAndALineOfParams() throws {
        let fairseq =
            "{\"epoch\": 1, \"loss\": \"8.5\", \"num_updates\": \"100\", \"gb\": \"x\"}\n{\"epoch\": 1, \"loss\": \"nan\", \"num_updates\": \"200\"}\n"
        #expect(
            try imported(fairseq, as: "log.jsonl", skipped: ["texts under the key gb": 1]) == [
                "a epoch: 100=1.0 200=1.0", "a loss: 100=8.5 200=nan",
            ])
        let mmcv =
            "{\"env_info\": \"linux\", \"seed\": 7}\n{\"mode\": \"train\", \"epoch\": 1, \"iter\": 50, \"loss\": 0.5}\n{\"mode\": \"val\", \"epoch\": 1, \"iter\": 50, \"mAP\": 0.25}\n"
        try Place.with { place in
            try place.write("a/x.log.json", mmcv)
            let report = try place.load(nil) { $0.audits = true }
            #expect(report.audit?.isEqual == true && report.skipped.isEmpty && report.problems.isEmpty)
            #expect(
                try place.shown() == [
                    "a epoch {subset=train}: 50=1.0", "a epoch {subset=val}: 50=1.0", "a loss {subset=train}: 50=0.5",
                    "a mAP {subset=val}: 50=0.25", "a seed: 0=7.0",
                ])
            #expect(try place.repository.snapshot().runs.map(\.params) == [["env_info": "linux", "seed": 7]])
        }
    }
}
