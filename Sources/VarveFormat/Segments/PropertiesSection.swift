/// The properties of a segment's runs, a column a key, so that runs are chosen without opening a log (Format.md,
/// section 6).
package enum PropertiesSection {
    /// About the plain bytes that the columns take: a section has a cap.
    package static func weight(_ columns: [StoredPropertyColumn]) -> Int {
        columns.reduce(0) { $0 + $1.key.utf8.count + $1.text.count + 40 * $1.count + 64 }
    }

    package static func bytes(_ columns: [StoredPropertyColumn], codec: ColumnCodec) -> [UInt8] {
        var plain = ByteWriter()
        plain.varint(columns.count)
        for column in columns {
            plain.string(column.key)
            plain.varint(column.count)
            codec.encode(column.runs.map(UInt64.init), .integers, effort: .index, into: &plain)
            codec.encode(column.revisions, .integers, effort: .index, into: &plain)
            codec.encode(column.times, effort: .index, into: &plain)
            codec.encode(column.files.map(UInt64.init), .integers, effort: .index, into: &plain)
            codec.encode(column.types.map(UInt64.init), .integers, effort: .index, into: &plain)
            codec.encode(column.words, .integers, effort: .index, into: &plain)
            plain.varint(column.text.count)
            plain.raw(column.text)
        }
        var writer = ByteWriter()
        PlainBlock.append(plain.bytes, to: &writer, zstd: codec.zstd)
        return writer.bytes
    }

    /// Parses the section; `runs` and `files` are the numbers of the segment's runs and coverage rows.
    package static func parse(
        _ bytes: RawSpan, runs: Int, files: Int, codec: ColumnCodec
    ) throws(FormatError) -> [StoredPropertyColumn] {
        var outer = ByteReader(bytes)
        let plain = try PlainBlock.take(&outer, zstd: codec.zstd)
        try outer.finish("the properties of a segment")
        var reader = ByteReader(plain.span.bytes)
        let keys = try reader.count("the property keys of a segment", cap: reader.remaining)
        var left = FormatConstants.maxSegmentProperties
        var columns: [StoredPropertyColumn] = []
        for _ in 0..<keys {
            let start = reader.offset
            let column = try StoredPropertyColumn(
                &reader, rowCap: min(runs, left), runs: runs, files: files, codec: codec)
            if let last = columns.last, !last.key.utf8.lexicographicallyPrecedes(column.key.utf8) {
                throw FormatError(.corrupt, at: start, expected: "a key after \(last.key)", found: column.key)
            }
            left -= column.count
            columns.append(column)
        }
        try reader.finish("the properties of a segment")
        return columns
    }
}

extension StoredPropertyColumn {
    fileprivate init(
        _ reader: inout ByteReader, rowCap: Int, runs runCount: Int, files fileCount: Int, codec: ColumnCodec
    ) throws(FormatError) {
        let start = reader.offset
        func fail(_ expected: String, _ found: some Any) -> FormatError {
            FormatError(.corrupt, at: start, expected: "properties with \(expected)", found: "\(found)")
        }
        self.init(key: try reader.string("the key of a property", cap: FormatConstants.maxPropertyKeyBytes))
        let count = try reader.count("the rows of a property", cap: rowCap)
        let runWords = try codec.decode(&reader, count: count)
        revisions = try codec.decode(&reader, count: count)
        times = try codec.decodeIntegers(&reader, count: count)
        let fileWords = try codec.decode(&reader, count: count)
        let typeWords = try codec.decode(&reader, count: count)
        words = try codec.decode(&reader, count: count)
        let textBytes = try reader.count("the text of a property", cap: FormatConstants.maxPlainBytes)
        text = try reader.take(textBytes, "the text of a property").withUnsafeBytes { [UInt8]($0) }
        guard text.withUnsafeBytes({ String(validating: $0, as: UTF8.self) }) != nil else {
            throw fail("texts in UTF-8", "other bytes")
        }
        runs.reserveCapacity(count)
        files.reserveCapacity(count)
        types.reserveCapacity(count)
        textOffsets.reserveCapacity(count)
        var used = 0
        for i in 0..<count {
            guard runWords[i] < UInt64(runCount), i == 0 || runWords[i] > runWords[i - 1] else {
                throw fail("runs below \(runCount), ascending", runWords[i])
            }
            guard fileWords[i] < UInt64(fileCount) else { throw fail("files below \(fileCount)", fileWords[i]) }
            guard typeWords[i] <= UInt64(PropertyValue.jsonCode) else {
                throw fail("types from 0 to \(PropertyValue.jsonCode)", typeWords[i])
            }
            let type = UInt8(typeWords[i])
            runs.append(UInt32(runWords[i]))
            files.append(UInt32(fileWords[i]))
            types.append(type)
            textOffsets.append(used)
            switch type {
            case PropertyValue.stringCode, PropertyValue.jsonCode:
                guard words[i] <= UInt64(FormatConstants.maxPropertyBytes), Int(words[i]) <= textBytes - used else {
                    throw fail("texts that fit into \(textBytes) bytes", words[i])
                }
                let end = used + Int(words[i])
                // All of the text is UTF-8: then so is a part that begins where a character does, and the last part's end.
                guard used == textBytes || !UTF8.isContinuation(text[used]) else {
                    throw fail("texts in UTF-8", "a part of a character")
                }
                used = end
            case PropertyValue.boolCode:
                guard words[i] <= 1 else { throw fail("booleans of 0 or 1", words[i]) }
            default: break
            }
        }
        guard used == textBytes else { throw fail("\(used) bytes of text", textBytes) }
    }
}
