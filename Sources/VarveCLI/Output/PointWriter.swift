import Varve
import VarveImport

/// Writes points in one of the formats, chunk by chunk. What comes by the million (JSONL, TSV, CSV) is written as bytes;
/// tables, JSON and Markdown go through ``ListWriter``.
final class PointWriter {
    private let output: OutputStream
    private let format: ListFormat
    private let list: ListWriter?
    private let names: [RunID: String]
    private let ids: ShortIDs

    /// - Parameter runs: All runs, for their names.
    init(_ output: OutputStream, format: ListFormat?, runs: [RunInfo]) throws {
        self.output = output
        self.format = format ?? .standard(for: output.terminal)
        ids = ShortIDs(runs.map(\.id))
        // A name that several runs have says nothing: then the ID is shown.
        let owners = Dictionary(grouping: runs, by: \.name)
        names = Dictionary(
            runs.filter { owners[$0.name]?.count == 1 }.map { ($0.id, $0.name) }, uniquingKeysWith: { a, _ in a })
        switch self.format {
        case .jsonl: list = nil
        case .tsv, .csv:
            list = nil
            let separator = self.format == .tsv ? "\t" : ","
            try output.line(PointColumns.names.joined(separator: separator))
        case .table, .json, .markdown:
            list = try ListWriter(
                output, format: self.format,
                columns: [
                    Column("run"), Column("metric"), Column("context"), Column("step", numeric: true),
                    Column("time", optional: true), Column("value", numeric: true),
                ])
        }
    }

    func write(_ chunk: SeriesChunk) throws {
        if let list { return try write(chunk, to: list) }
        let prefix = prefix(of: chunk)
        for index in 0..<chunk.count {
            try output.append { bytes in
                bytes.append(contentsOf: prefix)
                bytes.append(contentsOf: String(chunk.steps[index]).utf8)
                append(time: chunk.times[index], to: &bytes)
                append(value: chunk.values[index], to: &bytes)
            }
        }
    }

    /// Must be called after the last chunk.
    func end() throws {
        if let list { try list.end() }
        try output.flush()
    }

    private func write(_ chunk: SeriesChunk, to list: ListWriter) throws {
        let run = Cell.text(chunk.run.description, shown: names[chunk.run] ?? ids[chunk.run])
        let metric = Cell.text(chunk.metric.name)
        let context = Cell.context(chunk.metric)
        for index in 0..<chunk.count {
            try list.row([
                run, metric, context, .step(chunk.steps[index]), .time(chunk.times[index]),
                .number(chunk.values[index]),
            ])
        }
    }

    /// Everything before the step.
    private func prefix(of chunk: SeriesChunk) -> [UInt8] {
        let context = Cell.context(chunk.metric)
        var bytes: [UInt8] = []
        if format == .jsonl {
            bytes.append(contentsOf: "{\"run\": \"\(chunk.run)\", \"metric\": ".utf8)
            JSONValue.string(chunk.metric.name).write(to: &bytes)
            bytes.append(contentsOf: ", \"context\": ".utf8)
            context.value.write(to: &bytes)
            bytes.append(contentsOf: ", \"step\": ".utf8)
            return bytes
        }
        let fields = [chunk.run.description, chunk.metric.name, context.plainText]
        let isTSV = format == .tsv
        for field in fields {
            bytes.append(contentsOf: (isTSV ? ListWriter.tsv(field) : ListWriter.csv(field)).utf8)
            bytes.append(UInt8(ascii: isTSV ? "\t" : ","))
        }
        return bytes
    }

    private func append(time: Int64, to bytes: inout [UInt8]) {
        let text = time == .min ? nil : TimeText.text(time)
        switch format {
        case .jsonl: bytes.append(contentsOf: ", \"time\": \(text.map { "\"\($0)\"" } ?? "null"), \"value\": ".utf8)
        case .tsv: bytes.append(contentsOf: "\t\(text ?? "")\t".utf8)
        default: bytes.append(contentsOf: ",\(text ?? ""),".utf8)
        }
    }

    private func append(value: Double, to bytes: inout [UInt8]) {
        if format == .jsonl {
            JSONValue.double(value).write(to: &bytes)
            bytes.append(contentsOf: "}\n".utf8)
        } else {
            bytes.append(contentsOf: Cell.number(value).plainText.utf8)
            bytes.append(UInt8(ascii: "\n"))
        }
    }
}
