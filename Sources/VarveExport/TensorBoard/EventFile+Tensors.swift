import Varve

/// What the plugins of TensorBoard beside scalars show. All of it is tensors, told apart by the name of a plugin.
extension EventFile {
    private enum Plugin: String {
        case histograms, text, images

        /// `DataClass` of tensorboard/compat/proto/summary.proto.
        var dataClass: Int64 { self == .images ? 3 : 2 }
    }

    /// A tag that none before had in this file: `tag`, or that with something behind. TensorBoard shows one plugin a tag.
    func take(_ tag: String, else suffix: String) -> String {
        var candidate = tag
        var number = 1
        while !tags.insert(ExactText(candidate)).inserted {
            candidate = number == 1 ? "\(tag)/\(suffix)" : "\(tag)/\(suffix)_\(number)"
            number += 1
        }
        return candidate
    }

    /// A histogram: for each bin its edges and its count, as doubles. An edge that is infinite becomes the other one of its bin.
    func append(_ histogram: Histogram, tag: String, step: Int64, seconds: Double) throws(VarveError) {
        var numbers: [Double] = []
        numbers.reserveCapacity(3 * histogram.counts.count)
        for (i, count) in histogram.counts.enumerated() {
            let (low, high) = (histogram.edges[i], histogram.edges[i + 1])
            let left = low.isFinite ? low : high.isFinite ? high : 0
            numbers += [left, high.isFinite ? high : left, count]
        }
        try append(.histograms, tag, step, seconds) { tensor in
            // DT_DOUBLE.
            tensor.varint(1, 2)
            Self.shape([histogram.counts.count, 3], in: &tensor)
            numbers.withUnsafeBytes { tensor.content(4, Array($0)) }
        }
    }

    /// A text, which is shown as Markdown.
    func append(_ text: String, tag: String, step: Int64, seconds: Double) throws(VarveError) {
        try append(.text, tag, step, seconds) { Self.strings([Array(text.utf8)], shape: [], in: &$0) }
    }

    /// Rows of as many cells each, which are shown as a table.
    func append(_ rows: [[String]], tag: String, step: Int64, seconds: Double) throws(VarveError) {
        try append(.text, tag, step, seconds) { tensor in
            Self.strings(
                rows.joined().map { Array($0.utf8) }, shape: [rows.count, rows.first?.count ?? 0], in: &tensor)
        }
    }

    /// A picture as PNG.
    func append(_ picture: PNGPicture, tag: String, step: Int64, seconds: Double) throws(VarveError) {
        try append(.images, tag, step, seconds) { tensor in
            let parts = [Array("\(picture.width)".utf8), Array("\(picture.height)".utf8), picture.bytes]
            Self.strings(parts, shape: [parts.count], in: &tensor)
        }
    }

    private func append(
        _ plugin: Plugin, _ tag: String, _ step: Int64, _ seconds: Double, _ tensor: (inout ProtobufWriter) -> Void
    ) throws(VarveError) {
        var event = ProtobufWriter()
        event.double(1, seconds)
        event.varint(2, step)
        event.message(5) { summary in
            summary.message(1) { entry in
                entry.string(1, tag)
                entry.message(8, tensor)
                entry.message(9) { metadata in
                    metadata.message(1) { $0.string(1, plugin.rawValue) }
                    metadata.varint(4, plugin.dataClass)
                }
            }
        }
        try record(event.bytes)
    }

    private static func shape(_ sizes: [Int], in tensor: inout ProtobufWriter) {
        tensor.message(2) { shape in for size in sizes { shape.message(2) { $0.varint(1, Int64(size)) } } }
    }

    private static func strings(_ strings: [[UInt8]], shape: [Int], in tensor: inout ProtobufWriter) {
        // DT_STRING.
        tensor.varint(1, 7)
        Self.shape(shape, in: &tensor)
        for string in strings { tensor.content(8, string) }
    }
}

/// A picture, and how large it says that it is (Portable Network Graphics, section 11.2.1: IHDR).
struct PNGPicture {
    let bytes: [UInt8]
    let width: UInt32
    let height: UInt32

    /// Nil if these bytes are no PNG.
    init?(_ bytes: [UInt8]) {
        let head: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52]
        guard bytes.count >= head.count + 8, bytes.starts(with: head) else { return nil }
        func number(at place: Int) -> UInt32 { bytes[place..<(place + 4)].reduce(0) { $0 << 8 | UInt32($1) } }
        (width, height) = (number(at: head.count), number(at: head.count + 4))
        self.bytes = bytes
    }
}
