import Varve
import VarveImport

/// An event file of TensorBoard: records with masked CRC-32C sums (TFRecord), an `Event` each
/// (tensorboard/compat/proto: event.proto, summary.proto, tensor.proto, plugins/hparams/plugin_data.proto).
final class EventFile {
    private let file: GrowingFile
    /// The record at hand.
    private var scratch: [UInt8] = []
    /// The tags that are taken.
    var tags: Set<ExactText> = []

    var path: String { file.path }
    var count: Int { file.count }

    /// - Parameter created: seconds since 1970.
    init(_ path: String, created: Double) throws(VarveError) {
        file = GrowingFile(path, limit: 1 << 14)
        var event = ProtobufWriter()
        event.double(1, created)
        event.string(3, "brain.Event:2")
        try record(event.bytes)
    }

    func flush() throws(VarveError) { try file.flush() }

    /// How a value is stored.
    enum Number { case float, double }

    /// What all scalars of a tag have in common: the bytes between the step and the value of each.
    struct Scalars {
        let number: Number
        fileprivate let head: [UInt8]
        /// The same, and what stands behind the value, of the first: it says what the tag is.
        fileprivate let first: (head: [UInt8], tail: [UInt8])

        init(_ tag: String, as number: Number) {
            self.number = number
            let (head, _) = Self.parts(tag, number, isFirst: false)
            self.head = head
            first = Self.parts(tag, number, isFirst: true)
        }

        private static func parts(_ tag: String, _ number: Number, isFirst: Bool) -> (head: [UInt8], tail: [UInt8]) {
            // The value's place is found by where zeros of its size stand.
            let size = number == .float ? 4 : 8
            var tail = ProtobufWriter()
            if isFirst, number == .double {
                tail.message(9) { metadata in
                    metadata.message(1) { $0.string(1, "scalars") }
                    // DATA_CLASS_SCALAR.
                    metadata.varint(4, 1)
                }
            }
            var summary = ProtobufWriter()
            summary.message(5) { summary in
                summary.message(1) { entry in
                    entry.string(1, tag)
                    switch number {
                    case .float: entry.float(2, 0)
                    case .double:
                        // A tensor without dimensions, of DT_DOUBLE.
                        entry.message(8) { tensor in
                            tensor.varint(1, 2)
                            tensor.message(2) { _ in }
                            tensor.message(6) { $0.raw(Double(0)) }
                        }
                    }
                    tail.bytes.withUnsafeBytes { entry.append($0) }
                }
            }
            return (Array(summary.bytes.dropLast(size + tail.bytes.count)), tail.bytes)
        }
    }

    /// A scalar.
    /// - Parameter isFirst: whether the tag has none before in this file.
    func append(
        _ scalars: Scalars, step: Int64, seconds: Double, _ value: Double, isFirst: Bool
    ) throws(VarveError) {
        scratch.removeAll(keepingCapacity: true)
        // Room for the length and its sum.
        scratch += repeatElement(0, count: 12)
        scratch.append(0x09)
        scratch.append(littleEndian: seconds.bitPattern)
        scratch.append(0x10)
        scratch.appendVarint(UInt64(bitPattern: step))
        scratch += isFirst ? scalars.first.head : scalars.head
        switch scalars.number {
        case .float: scratch.append(littleEndian: Float(value).bitPattern)
        case .double: scratch.append(littleEndian: value.bitPattern)
        }
        if isFirst { scratch += scalars.first.tail }
        try finishRecord()
    }

    /// Completes the record whose content stands behind room for its head, and writes it.
    private func finishRecord() throws(VarveError) {
        let count = scratch.count - 12
        var length = UInt64(count)
        for i in 0..<8 {
            scratch[i] = UInt8(truncatingIfNeeded: length)
            length &>>= 8
        }
        let sums = (
            CRC32C.masked(scratch.span.bytes.extracting(0..<8)),
            CRC32C.masked(scratch.span.bytes.extracting(12..<scratch.count))
        )
        for i in 0..<4 { scratch[8 + i] = UInt8(truncatingIfNeeded: sums.0 &>> UInt32(8 * i)) }
        scratch.append(littleEndian: sums.1)
        try file.append(scratch)
    }

    /// The params, for the hparams plugin.
    func sessionStart(_ params: [(key: String, value: PropertyValue)], seconds: Double) throws(VarveError) {
        try session("_hparams_/session_start_info", seconds) { data in
            data.message(3) { start in
                for (key, value) in params {
                    start.message(1) { entry in
                        entry.string(1, key)
                        entry.message(2) { Self.write(value, to: &$0) }
                    }
                }
                start.double(5, seconds)
            }
        }
    }

    /// How the run ended, for the same.
    func sessionEnd(_ status: RunStatus, seconds: Double) throws(VarveError) {
        try session("_hparams_/session_end_info", seconds) { data in
            data.message(4) { end in
                end.varint(1, status == .finished ? 1 : status == .running ? 3 : 2)
                end.double(2, seconds)
            }
        }
    }

    private func session(_ tag: String, _ seconds: Double, _ body: (inout ProtobufWriter) -> Void) throws(VarveError) {
        var data = ProtobufWriter()
        body(&data)
        var event = ProtobufWriter()
        event.double(1, seconds)
        event.message(5) { summary in
            summary.message(1) { entry in
                entry.string(1, tag)
                entry.message(8) { tensor in
                    tensor.varint(1, 1)
                    tensor.message(2) { _ in }
                    tensor.message(5) { $0.raw(Float(0)) }
                }
                entry.message(9) { metadata in
                    metadata.message(1) { plugin in
                        plugin.string(1, "hparams")
                        plugin.content(2, data.bytes)
                    }
                    // DATA_CLASS_TENSOR.
                    metadata.varint(4, 2)
                }
            }
        }
        try record(event.bytes)
    }

    /// `google.protobuf.Value`: numbers are doubles, lists and objects their JSON text.
    private static func write(_ value: PropertyValue, to message: inout ProtobufWriter) {
        switch value {
        case .absent, .null: message.varint(1, 0)
        case .bool(let flag): message.bool(4, flag)
        case .int(let number): message.double(2, Double(number))
        case .double(let number): message.double(2, number)
        case .string(let text), .json(let text): message.string(3, text)
        }
    }

    func record(_ content: [UInt8]) throws(VarveError) {
        scratch.removeAll(keepingCapacity: true)
        scratch += repeatElement(0, count: 12)
        scratch += content
        try finishRecord()
    }
}

extension ProtobufWriter {
    /// A number of a packed list.
    fileprivate mutating func raw<Number: BitwiseCopyable>(_ number: Number) {
        withUnsafeBytes(of: number) { append($0) }
    }
}
