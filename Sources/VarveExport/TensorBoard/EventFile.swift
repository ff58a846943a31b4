import Varve
import VarveImport

/// An event file of TensorBoard: records with masked CRC-32C sums (TFRecord), an `Event` each
/// (tensorboard/compat/proto: event.proto, summary.proto, tensor.proto, plugins/hparams/plugin_data.proto).
final class EventFile {
    private let file: GrowingFile

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

    /// A scalar.
    /// - Parameter isFirst: whether the tag has none before in this file: then what it is has to be said.
    func scalar(
        _ tag: String, step: Int64, seconds: Double, _ value: Double, as number: Number, isFirst: Bool
    ) throws(VarveError) {
        var event = ProtobufWriter()
        event.double(1, seconds)
        event.varint(2, step)
        event.message(5) { summary in
            summary.message(1) { entry in
                entry.string(1, tag)
                switch number {
                case .float: entry.float(2, Float(value))
                case .double:
                    // A tensor without dimensions, of DT_DOUBLE.
                    entry.message(8) { tensor in
                        tensor.varint(1, 2)
                        tensor.message(2) { _ in }
                        tensor.message(6) { $0.raw(value) }
                    }
                }
                guard isFirst, number == .double else { return }
                entry.message(9) { metadata in
                    metadata.message(1) { $0.string(1, "scalars") }
                    // DATA_CLASS_SCALAR.
                    metadata.varint(4, 1)
                }
            }
        }
        try record(event.bytes)
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

    private func record(_ content: [UInt8]) throws(VarveError) {
        var writer = ByteWriter(capacity: content.count + 16)
        writer.fixed(UInt64(content.count))
        writer.fixed(CRC32C.masked(writer.bytes.span.bytes))
        writer.raw(content)
        writer.fixed(CRC32C.masked(content.span.bytes))
        try file.append(writer.bytes)
    }
}

extension ProtobufWriter {
    /// A number of a packed list.
    fileprivate mutating func raw<Number: BitwiseCopyable>(_ number: Number) {
        withUnsafeBytes(of: number) { append($0) }
    }
}
