import Varve

/// Reads SwanLab's local log (`run-ID.swanlab`, or `backup.swanlab` in its first versions), which is framed as W&B's files
/// are.
///
/// | record | becomes |
/// |---|---|
/// | scalar | a point at its step and time; of a system column with the context `system=host` |
/// | start | `name`, `note`, `group`, `tags.…`, `swanlab.…` |
/// | log | a text under `stdout`, errors under `stderr` |
/// | finish | whether the run succeeded |
///
/// Images, audio, texts and the like are files beside the log, and become artifacts. The config stands in `files/config.yaml`. Logs
/// of SwanLab before 0.8 (header versions 0 and 1) hold JSON of a form that changed with each version; they are refused.
package struct SwanLabFileReader: StreamReader {
    static let header = BlockLogReader.Header(ident: ":SWL", magic: 0xE1D6, version: 2)

    private let sink: any RunSink
    private let file: String
    private var systemKeys: Set<String> = []
    private var step: Int64 = 0
    /// The offset behind the last whole record.
    package private(set) var end = 0
    /// Whether a record said how the run ended.
    package private(set) var hasEnded = false
    private let withoutFinish: ForeignEnd
    private let config: JSONObject?
    private let media: (String) -> String?

    /// - Parameters:
    ///   - withoutFinish: what became of a run that no record says the end of.
    ///   - config: what the file with the config beside the log says.
    ///   - media: where a file of the folder `media` lies, if it is there.
    package init(
        file: String, withoutFinish: ForeignEnd = .killed, config: JSONObject? = nil,
        media: @escaping (String) -> String? = { _ in nil }, into sink: any RunSink
    ) {
        self.media = media
        self.file = file
        self.sink = sink
        self.withoutFinish = withoutFinish
        self.config = config
    }

    /// Reads all records of `source` from ``end`` on; `progress` is told the offset after each.
    package mutating func read(
        _ source: any ByteSource, progress: (Int) -> Void = { _ in }
    ) throws(VarveError) {
        var records = try BlockLogReader(source, at: end)
        if end == 0 {
            guard let header = records.header else {
                let bytes = records.offset
                if bytes > 0 { problem("a file of \(bytes) bytes, too short for SwanLab's header,", at: 0) }
                return
            }
            if header.ident == Self.header.ident, header.version < Self.header.version {
                let what =
                    "a backup of SwanLab before 0.8 (version \(header.version)), which can't be read, skipped: "
                    + "what was logged with mode=\"local\" stands in runs.swanlab and the folders beside it, which are read;"
                    + " of other runs `swanlab sync` of that version uploads the backup,"
                return problem(what, at: 0)
            }
            if header != Self.header {
                problem("expected SwanLab's header (\(Self.header.text)), found \(header.text); read on", at: 0)
            }
            end = records.offset
        }
        if let config { Self.emit(config, to: sink) }
        defer { if !hasEnded { sink.ended(withoutFinish) } }
        try records.forEachRecord(of: file, telling: sink, progress: progress) {
            data, offset, next throws(VarveError) in
            try take(data, at: offset)
            end = next
        }
    }

    private func problem(_ message: String, at offset: Int) {
        sink.problem(ImportProblem(file: file, offset: offset, message: message))
    }

    private mutating func take(_ data: [UInt8], at offset: Int) throws(VarveError) {
        guard let record: SwanLabRecord = BlockLogReader.message(data) else {
            return problem("a record whose content is damaged, skipped", at: offset)
        }
        switch record.kind {
        case nil: break
        case .start(let start): take(start)
        case .column(let column): if column.owner == .system { systemKeys.insert(column.key) }
        case .scalar(let scalar):
            let time = scalar.time.nanoseconds
            if systemKeys.contains(scalar.key) {
                let metric = MetricKey(scalar.key, context: ["system": "host"])
                return try sink.point(of: metric, step: scalar.step, time: time, value: scalar.value.number)
            }
            step = scalar.step
            try sink.point(scalar.key, step: step, time: time, value: scalar.value.number, type: .double)
        case .media(let found): try take(found)
        case .log(let line):
            let channel = line.level == .error ? "stderr" : "stdout"
            if !line.text.isEmpty { try sink.text(line.text, name: channel, step: step, time: line.time.nanoseconds) }
        case .save(let saved): if saved.type == .user { sink.skipped("saved files") }
        case .finish(let finish):
            hasEnded = finish.state != .running
            if hasEnded { sink.ended(finish.state == .finished ? .finished : .failed) }
            if !finish.error.isEmpty { sink.property("swanlab.error", .string(finish.error)) }
        }
    }

    /// Keeps the files that a medium names, which lie in a folder for each type.
    private func take(_ found: SwanLabMedia) throws(VarveError) {
        let kind = Self.kind(of: found.type)
        guard let folder = Self.folder(of: found.type), !found.value.items.isEmpty else { return sink.skipped(kind) }
        for item in found.value.items {
            let file = folder + "/" + item.filename
            if let path = media(file) {
                try sink.artifact(path, name: found.key + "/" + item.filename, step: found.step)
            } else {
                sink.skipped(kind)
            }
        }
    }

    private static func folder(of type: SwanLabMediaType) -> String? {
        switch type {
        case .image: "image"
        case .audio: "audio"
        case .text: "text"
        case .video: "video"
        case .echarts: "echarts"
        case .object3D: "object3d"
        case .molecule: "molecule"
        case .html: "html"
        case .unspecified, .scalar, .UNRECOGNIZED: nil
        }
    }

    private func take(_ start: SwanLabRunStart) {
        let facts = [
            ("name", start.name), ("note", start.description_p), ("group", start.group), ("swanlab.id", start.id),
            ("swanlab.project", start.project), ("swanlab.workspace", start.workspace),
            ("swanlab.job_type", start.jobType),
        ]
        for (key, text) in facts where !text.isEmpty { sink.property(key, .string(text)) }
        for tag in start.tags where !tag.isEmpty { sink.property("tags." + tag, true) }
    }

    /// The config, which SwanLab writes as `lr: {desc: "", sort: 0, value: 0.1}`.
    static func emit(_ config: JSONObject, to sink: any RunSink) {
        for member in config.members {
            let value = member.value["value"] ?? member.value
            let properties = PropertyValue.flatten(value, under: "params." + member.key)
            for (key, value) in properties { sink.property(key, value) }
        }
    }

    private static func kind(of type: SwanLabMediaType) -> String {
        switch type {
        case .image: "images"
        case .audio: "audio clips"
        case .text: "texts in files of their own"
        case .video: "videos"
        case .echarts: "figures"
        case .object3D: "3D objects"
        case .molecule: "molecules"
        case .html: "HTML pages"
        case .unspecified, .scalar, .UNRECOGNIZED: "media of an unknown type"
        }
    }
}

extension SwanLabMoment {
    /// Nanoseconds since 1970, or ``WallTime/none``.
    var nanoseconds: Int64 { WallTime.nanoseconds(seconds: seconds, nanos: nanos) }
}
