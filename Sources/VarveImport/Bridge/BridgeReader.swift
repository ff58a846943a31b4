import Varve

/// Hands what a helper tells of one source on to a sink; see ``BridgeMessage``.
///
/// Memory is bounded by a line, which is bounded itself. A helper is believed as little as any file.
package struct BridgeReader {
    /// The protocol that is spoken here.
    static let version: Int64 = 1

    private var lines: LineReader
    private let name: String
    private var metric: MetricKey?

    /// - Parameter name: of the source, for messages.
    package init(_ source: any ByteSource) {
        lines = LineReader(source)
        name = source.name
    }

    /// Reads the greeting.
    /// - Throws: `.invalid` with the helper's own words if it can't read anything here.
    package mutating func greet() throws(VarveError) {
        let first = try next()
        if case .failed(let text, let remedy)? = first { throw VarveError(.invalid, text, remedy: remedy) }
        guard case .hello(let version)? = first else { throw misfit("its greeting, which didn't come") }
        guard version == Self.version else {
            throw VarveError(.unsupported, "\(name) speaks version \(version), not \(Self.version)")
        }
    }

    /// Reads all that it tells of a source.
    package mutating func read(_ file: String, into sink: any RunSink) throws(VarveError) {
        metric = nil
        // Sinks count one by one: what a helper claims must not take for ever.
        var skips: Int64 = 1 << 20
        while true {
            guard let message = try next() else { throw misfit("the rest of \(file)") }
            switch message {
            case .hello: throw misfit("no second greeting")
            case .property(let key, let value): sink.property(key, value)
            case .series(let metric): self.metric = metric
            case .points(let points):
                guard let metric else { throw misfit("a series before points") }
                try points.store(in: metric, sink)
            case .text(let channel, let step, let time, let text):
                try sink.text(text, name: channel, step: step, time: time)
            case .histogram(let step, let time, let edges, let counts):
                guard let metric else { throw misfit("a series before histograms") }
                if let histogram = try? Histogram(edges: edges, counts: counts) {
                    try sink.record(.histogram(histogram), of: metric, step: step, time: time)
                } else {
                    sink.skipped("histograms that are none")
                }
            case .artifact(let path, let name, let step): try sink.artifact(path, name: name, step: step)
            case .skipped(let kind, let count):
                let told = min(count, skips)
                skips -= told
                for _ in 0..<told { sink.skipped(kind) }
            case .problem(let text): sink.problem(ImportProblem(file: file, offset: 0, message: text))
            case .ended(let end): sink.ended(end)
            case .lasted(let start, let end): sink.lasted(from: start, to: end)
            case .broken(let text):
                return sink.problem(ImportProblem(file: file, offset: 0, message: text))
            case .failed(let text, let remedy): throw VarveError(.invalid, text, file: file, remedy: remedy)
            case .done: return
            }
        }
    }

    /// The next message; nil when no more will come.
    private mutating func next() throws(VarveError) -> BridgeMessage? {
        while true {
            switch try lines.next() {
            case .end: return nil
            case .tooLong: throw misfit("lines of at most \(LineReader.maxBytes) bytes")
            case .line(_, let isWhole):
                if lines.span.byteCount == 0 { continue }
                guard isWhole else { return nil }
                let message = (try? JSONValue(parsing: lines.span)).flatMap { BridgeMessage($0) }
                guard let message else { throw misfit("a message") }
                return message
            }
        }
    }

    private func misfit(_ expected: String) -> VarveError {
        VarveError(.damaged, "\(name) doesn't speak as expected", expected: expected)
    }
}
