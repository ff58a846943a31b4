import VarveFormat

/// What a damaged definition of a series said, where its frame's header is whole: that has the length and the checksum of what
/// followed, and the metric is most often one that stands elsewhere, too: in another file, or in the index.
///
/// Nothing is guessed: of all metrics and numbers that may be meant, the one counts whose bytes have the checksum.
struct LostDefinition {
    /// The bytes of each metric that is known, by how many there are.
    private var metrics: [Int: [[UInt8]]] = [:]

    init(_ known: [MetricKey]) {
        for metric in known {
            var writer = ByteWriter()
            writer.metric(metric)
            metrics[writer.bytes.count, default: []].append(writer.bytes)
        }
    }

    /// The payload of a frame of definitions in which one byte is damaged; nil: more than one is, or it is too long to try.
    ///
    /// - Parameter damaged: the payload as it stands in the file.
    static func payload(of header: FrameHeader, withOneByteWrong damaged: [UInt8], salt: UInt64) -> [UInt8]? {
        guard FrameKind(rawValue: header.kind) == .define, damaged.count == header.storedBytes,
            damaged.count <= longestTried
        else { return nil }
        var bytes = damaged
        for position in bytes.indices {
            for value in UInt8.min...UInt8.max {
                bytes[position] = value
                if (try? header.prove(bytes.span.bytes, salt: salt)) != nil { return bytes }
            }
            bytes[position] = damaged[position]
        }
        return nil
    }

    /// Some hundredths of a second.
    private static let longestTried = 512

    /// The payload of a frame that defined one series; nil: it was none that is known.
    ///
    /// - Parameter ids: the numbers that it may have had.
    func payload(of header: FrameHeader, salt: UInt64, ids: some Sequence<UInt32>) -> [UInt8]? {
        guard FrameKind(rawValue: header.kind) == .define, header.count == 1, !header.flags.contains(.compressed) else {
            return nil
        }
        for id in ids {
            var number = ByteWriter()
            number.varint(UInt64(id))
            for metric in metrics[header.storedBytes - number.bytes.count - 2] ?? [] {
                for type in [ValueType.double, .float, .integer] {
                    for isAutomatic in [0, 1] as [UInt8] {
                        let bytes = number.bytes + [type.rawValue, isAutomatic] + metric
                        if (try? header.prove(bytes.span.bytes, salt: salt)) != nil { return bytes }
                    }
                }
            }
        }
        return nil
    }
}
