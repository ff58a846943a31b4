/// The definition of one series within a log file (Format.md, section 3.2).
package struct SeriesDefinition: Hashable, Sendable {
    package var id: UInt32
    package var metric: MetricKey
    package var valueType: ValueType
    /// Steps are counted by the writer: a rewind never supersedes such a series.
    package var automaticSteps: Bool

    package init(id: UInt32, metric: MetricKey, valueType: ValueType = .double, automaticSteps: Bool = false) {
        self.id = id
        self.metric = metric
        self.valueType = valueType
        self.automaticSteps = automaticSteps
    }
}

/// What kind of number was logged. All are stored as binary64; this only says how to show them.
public enum ValueType: UInt8, Hashable, Sendable {
    case double = 0
    case float = 1
    case integer = 2
}

extension SeriesDefinition {
    package static func payload(_ definitions: [SeriesDefinition]) -> [UInt8] {
        var writer = ByteWriter()
        for definition in definitions {
            writer.varint(UInt64(definition.id))
            writer.u8(definition.valueType.rawValue)
            writer.u8(definition.automaticSteps ? 1 : 0)
            writer.metric(definition.metric)
        }
        return writer.bytes
    }

    package static func parse(_ payload: RawSpan, count: Int) throws(FormatError) -> [SeriesDefinition] {
        var reader = ByteReader(payload)
        var definitions: [SeriesDefinition] = []
        for _ in 0..<count { definitions.append(try SeriesDefinition(&reader)) }
        return definitions
    }

    /// Takes one definition.
    init(_ reader: inout ByteReader) throws(FormatError) {
        let start = reader.offset
        let id = try reader.count("the ID of a series", cap: FormatConstants.maxSeries - 1)
        let typeCode = try reader.u8("the value type of a series")
        guard let type = ValueType(rawValue: typeCode) else {
            throw FormatError(.corrupt, at: start, expected: "a value type from 0 to 2", found: "\(typeCode)")
        }
        let flags = try reader.u8("the flags of a series")
        let metric = try reader.metric()
        self.init(id: UInt32(id), metric: metric, valueType: type, automaticSteps: flags & 1 == 1)
    }
}
