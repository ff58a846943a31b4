import Varve
import VarveFiles
import VarveFormat

/// Where the bytes of a log file go. It walks through the payloads by Format.md, section 3.3, and so keeps an eye on the document.
struct FrameSizes {
    var file = 0
    var points = 0
    var frames = 0
    var steps = 0
    var times = 0
    var values = 0

    /// Headers of frames, padding, slices, definitions, properties, begin and end.
    var overhead: Int { file - steps - times - values }

    init(_ path: String) throws {
        let file = try RealFileSystem().open(path, .read)
        defer { file.close() }
        guard let name = LogName(Paths.lastComponent(path)) else {
            throw WrongResult(description: "\(path) isn't a log file")
        }
        self.file = try file.size()
        let codec = ColumnCodec()
        let reader = LogFileReader(file, zstd: codec.zstd)
        for section in try LogScanner.scan(file, name: name, zstd: codec.zstd) {
            for frame in section.frames where frame.kind == .points {
                try add(reader.payload(of: frame, in: section), points: frame.header.count, codec)
            }
        }
    }

    private mutating func add(_ payload: [UInt8], points: Int, _ codec: ColumnCodec) throws(FormatError) {
        var reader = ByteReader(payload.span.bytes)
        var start = 0
        func skip(_ reader: inout ByteReader, _ count: Int) throws(FormatError) -> Int {
            start = reader.offset
            try ColumnCodec.skip(&reader, count: count)
            return reader.offset - start
        }
        for _ in 0..<(try reader.count("the axes of a frame", cap: points)) {
            let rows = try reader.count("the rows of an axis", cap: points)
            steps += try skip(&reader, rows)
            times += try skip(&reader, rows)
        }
        let slices = try reader.count("the slices of a frame", cap: points)
        for _ in 0..<3 { _ = try skip(&reader, slices) }
        let counts = try codec.decodeIntegers(&reader, count: slices)
        let differs = try codec.decodeIntegers(&reader, count: slices)
        var next = 0
        for _ in 0..<(try reader.count("the groups of a frame", cap: slices)) {
            let members = try reader.count("the slices of a group", cap: slices - next)
            values += try skip(&reader, counts[next..<next + members].reduce(0) { $0 + Int($1) })
            next += members
        }
        let different = zip(counts, differs).reduce(0) { $0 + ($1.1 == 1 ? Int($1.0) : 0) }
        if different > 0 { times += try skip(&reader, different) }
        try reader.finish("a points frame")
        self.points += points
        frames += 1
    }
}
