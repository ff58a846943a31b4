import Varve

/// Reads a W&B run file (`run-ID.wandb`), which holds all that a run logged, whether it was sent to a server or not.
///
/// | record | becomes |
/// |---|---|
/// | history: a row of values | points, texts; see ``WandBRow`` |
/// | config | `params.…`, nested dictionaries under dotted names |
/// | summary | `values.…` |
/// | run | `name`, `note`, `group`, `tags.…`, `wandb.…` |
/// | environment | `git.…`, `host`, `wandb.…` |
/// | stats (system metrics) | series with the context `system=host`, numbered in their order, with their times |
/// | console output | texts under `stdout` and `stderr`, a line each |
/// | alert | texts under `alerts` |
/// | exit | whether the run succeeded |
///
/// What the run saved beside its log becomes artifacts.
package struct WandBFileReader: StreamReader {
    static let header = BlockLogReader.Header(ident: ":W&B", magic: 0xBEE1, version: 0)

    private let sink: any RunSink
    private let file: String
    private var row: WandBRow
    private var config = WandBSettings()
    private var summary = WandBSettings()
    private var console = ConsoleLines()
    private var statsRows: Int64 = 0
    private var knowsMachine = false
    /// The offset behind the last whole record.
    package private(set) var end = 0
    /// Whether a record said how the run ended.
    package private(set) var hasEnded = false
    private let withoutExit: ForeignEnd
    private let beside: WandBFiles?

    /// - Parameters:
    ///   - step: the key that holds the step; nil: W&B's own `_step`, which counts rows.
    ///   - withoutExit: what became of a run that no record says the end of.
    ///   - beside: the files that W&B lays beside its log, for what the log doesn't say.
    package init(
        file: String, step: String? = nil, withoutExit: ForeignEnd = .killed, beside: WandBFiles? = nil,
        into sink: any RunSink
    ) {
        self.file = file
        self.sink = sink
        self.withoutExit = withoutExit
        self.beside = beside
        row = WandBRow(stepName: step, beside: beside)
    }

    /// Reads all records of `source` from ``end`` on; `progress` is told the offset after each.
    package mutating func read(
        _ source: any ByteSource, progress: (Int) -> Void = { _ in }
    ) throws(VarveError) {
        var records = try BlockLogReader(source, at: end)
        if end == 0 {
            guard let header = records.header else {
                let bytes = records.offset
                if bytes > 0 { problem("a file of \(bytes) bytes, too short for W&B's header,", at: 0) }
                return
            }
            if header != Self.header {
                problem("expected W&B's header (\(Self.header.text)), found \(header.text); read on", at: 0)
            }
            end = records.offset
        }
        try records.forEachRecord(of: file, telling: sink, progress: progress) {
            data, offset, next throws(VarveError) in
            try take(data, at: offset)
            end = next
        }
        if let beside {
            beside.fill(&config, &summary, knowsMachine: knowsMachine, sink)
            for (name, path) in beside.saved() { try sink.artifact(path, name: name) }
        }
        config.emit(as: "params.", to: sink)
        summary.emit(as: "values.", to: sink)
        if hasEnded {
            try console.finish(step: row.step, sink)
        } else {
            sink.ended(withoutExit)
            if !console.isEmpty { sink.skipped("console lines without an end") }
        }
    }

    private func problem(_ message: String, at offset: Int) {
        sink.problem(ImportProblem(file: file, offset: offset, message: message))
    }

    private mutating func take(_ data: [UInt8], at offset: Int) throws(VarveError) {
        guard let record: WandBRecord = BlockLogReader.message(data) else {
            return problem("a record whose content is damaged, skipped", at: offset)
        }
        let complain = { [sink, file] (message: String) in
            sink.problem(ImportProblem(file: file, offset: offset, message: message))
        }
        switch record.kind {
        case nil: break
        case .history(let history): try row.store(history, in: sink, complain)
        case .config(let change): config.apply(change, complain)
        case .summary(let change): summary.apply(change, complain)
        case .output(let output), .outputRaw(let output):
            try console.take(
                output.text, channel: output.channel == .stderr ? "stderr" : "stdout", step: row.step,
                time: output.time.nanoseconds, sink)
        case .stats(let stats): try store(stats, complain)
        case .alert(let alert):
            let text = [alert.level, alert.title, alert.text].filter { !$0.isEmpty }.joined(separator: ": ")
            try sink.text(text, name: "alerts", step: row.step, time: WallTime.none)
        case .run(let start):
            WandBFacts.take(start, sink)
            config.apply(start.config, complain)
            summary.apply(start.summary, complain)
        case .environment(let environment):
            knowsMachine = true
            WandBFacts.take(environment, sink)
        case .exit(let exit):
            hasEnded = true
            sink.ended(exit.code == 0 ? .finished : .failed)
        case .artifact, .useArtifact: sink.skipped("artifact records")
        case .tensorboard: sink.skipped("references to TensorBoard files")
        }
    }

    /// System metrics have a time and no step: they are counted.
    private mutating func store(_ stats: WandBStats, _ complain: (String) -> Void) throws(VarveError) {
        let step = statsRows
        statsRows += 1
        for item in stats.item {
            // Old versions tell of the network by a dictionary.
            var entries: [WandBValue.Entry] = []
            if let json = try? JSONValue(parsing: item.json) {
                WandBValue.flatten(json, [item.key], into: &entries)
            } else {
                complain("\(item.json) is no JSON: skipped a point of \(item.key)")
            }
            for (path, value) in entries {
                let name = path.joined(separator: ".")
                guard let number = value.doubleValue ?? value.boolValue.map({ $0 ? 1 : 0 }) else {
                    complain("\(value) is no number: skipped a point of \(name)")
                    continue
                }
                let metric = MetricKey(name, context: ["system": "host"])
                try sink.point(of: metric, step: step, time: stats.time.nanoseconds, value: number)
            }
        }
    }
}

extension BlockLogReader.Header {
    /// The header in words.
    var text: String { "\(ident), 0x\(String(magic, radix: 16)), version \(version)" }
}

extension WandBMoment {
    /// Nanoseconds since 1970, or ``WallTime/none``.
    var nanoseconds: Int64 { WallTime.nanoseconds(seconds: seconds, nanos: nanos) }
}
