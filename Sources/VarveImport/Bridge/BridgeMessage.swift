import Varve

/// What a helper tells of one source, a JSON object a line with one member:
///
/// | member | value |
/// |---|---|
/// | `hello` | the version of this protocol: 1; comes once, first |
/// | `property` | `[key, value]` |
/// | `series` | `[name, {context}]`: the points that follow are of this series |
/// | `points` | `{"steps": […], "seconds" or "nanoseconds": […], "values": […]}`, times since 1970 or null |
/// | `text` | `[channel, step, nanoseconds or null, text]` |
/// | `histogram` | `[step, nanoseconds or null, [edges], [counts]]`, of the series before it |
/// | `artifact` | `[path, name]`, or `[path, name, step]`; the file is there until the next question |
/// | `skipped` | `[kind in the plural, how many]` |
/// | `problem` | a sentence |
/// | `ended` | `finished`, `failed`, `killed` or `running` |
/// | `lasted` | `[nanoseconds or null, nanoseconds or null]` |
/// | `broken` | a sentence: this source can't be read, or not to its end; nothing follows |
/// | `failed` | `[sentence, remedy or null]`: no source can be read; nothing follows; may come instead of `hello` |
/// | `done` | true: nothing follows |
enum BridgeMessage {
    case hello(Int64)
    case property(String, PropertyValue)
    case series(MetricKey)
    case points(BridgePoints)
    case text(channel: String, step: Int64, time: Int64, String)
    case histogram(step: Int64, time: Int64, edges: [Double], counts: [Double])
    case artifact(path: String, name: String, step: Int64?)
    case skipped(String, count: Int64)
    case problem(String)
    case ended(ForeignEnd)
    case lasted(Int64?, Int64?)
    case broken(String)
    case failed(String, remedy: String?)
    case done

    /// Reads a line; nil if it is none of these.
    init?(_ json: JSONValue) {
        guard let members = json.objectValue?.members, members.count == 1, let member = members.first else {
            return nil
        }
        let value = member.value
        let list = value.arrayValue ?? []
        switch member.key {
        case "hello":
            guard let version = value.intValue else { return nil }
            self = .hello(version)
        case "property":
            guard list.count == 2, let key = list[0].stringValue else { return nil }
            self = .property(key, PropertyValue(list[1]))
        case "series":
            guard list.count == 2, let name = list[0].stringValue, let pairs = list[1].objectValue else { return nil }
            var context: [String: String] = [:]
            for pair in pairs.members { context[pair.key] = pair.value.stringValue ?? pair.value.text }
            self = .series(MetricKey(name, context: context))
        case "points":
            guard let points = BridgePoints(value) else { return nil }
            self = .points(points)
        case "text":
            guard list.count == 4, let channel = list[0].stringValue, let step = list[1].intValue,
                let text = list[3].stringValue
            else { return nil }
            self = .text(channel: channel, step: step, time: list[2].intValue ?? WallTime.none, text)
        case "histogram":
            guard list.count == 4, let step = list[0].intValue, let edges = list[2].arrayValue,
                let counts = list[3].arrayValue
            else { return nil }
            self = .histogram(
                step: step, time: list[1].intValue ?? WallTime.none, edges: edges.map { $0.doubleValue ?? .nan },
                counts: counts.map { $0.doubleValue ?? .nan })
        case "artifact":
            guard list.count == 2 || list.count == 3, let path = list[0].stringValue, let name = list[1].stringValue
            else { return nil }
            guard list.count == 3 else {
                self = .artifact(path: path, name: name, step: nil)
                return
            }
            guard let step = list[2].intValue else { return nil }
            self = .artifact(path: path, name: name, step: step)
        case "skipped":
            guard list.count == 2, let kind = list[0].stringValue, let count = list[1].intValue, count >= 0 else {
                return nil
            }
            self = .skipped(kind, count: count)
        case "problem":
            guard let text = value.stringValue else { return nil }
            self = .problem(text)
        case "ended":
            switch value.stringValue {
            case "finished": self = .ended(.finished)
            case "failed": self = .ended(.failed)
            case "killed": self = .ended(.killed)
            case "running": self = .ended(.running)
            default: return nil
            }
        case "lasted":
            guard list.count == 2 else { return nil }
            self = .lasted(list[0].intValue, list[1].intValue)
        case "broken":
            guard let text = value.stringValue else { return nil }
            self = .broken(text)
        case "failed":
            guard list.count == 2, let text = list[0].stringValue else { return nil }
            self = .failed(text, remedy: list[1].stringValue)
        case "done": self = .done
        default: return nil
        }
    }
}

/// Some points of one series, column by column.
struct BridgePoints {
    private let steps: [JSONValue]
    private let times: [JSONValue]
    private let values: [JSONValue]
    private let areSeconds: Bool

    init?(_ json: JSONValue) {
        guard let steps = json["steps"]?.arrayValue, let values = json["values"]?.arrayValue,
            let times = (json["seconds"] ?? json["nanoseconds"])?.arrayValue,
            steps.count == values.count, times.count == steps.count
        else { return nil }
        self.steps = steps
        self.times = times
        self.values = values
        areSeconds = json["seconds"] != nil
    }

    /// Stores the points; one that isn't one is counted.
    func store(in metric: MetricKey, _ sink: any RunSink) throws(VarveError) {
        for index in steps.indices {
            guard let step = steps[index].intValue, let value = values[index].doubleValue else {
                sink.skipped("points without a step or a number")
                continue
            }
            if case .int(let number) = values[index], Int64(exactly: Double(number)) != number { sink.rounded() }
            var time = WallTime.none
            if areSeconds {
                if let seconds = times[index].doubleValue { time = WallTime.nanoseconds(seconds) ?? WallTime.none }
            } else if let nanoseconds = times[index].intValue {
                time = nanoseconds
            }
            try sink.point(of: metric, step: step, time: time, value: value)
        }
    }
}
