import Varve

/// What both of MLflow's stores say of a run, and what becomes of it.
///
/// | MLflow | Varve |
/// |---|---|
/// | params, all of them texts | `params.…`, with the type that they look like |
/// | tags | `tags.…` with their texts |
/// | `mlflow.runName`, `mlflow.note.content` | `name`, `note` |
/// | further tags of `mlflow.…` | properties of the same name |
/// | the experiment's name | `experiment` |
/// | start and end | created and ended |
/// | FINISHED, FAILED, KILLED | finished, failed, killed |
/// | RUNNING, SCHEDULED | silent: it goes on somewhere, or was killed without a word |
enum MLflowRun {
    /// Tells `sink` a param.
    static func param(_ key: String, _ text: String, _ sink: any RunSink) {
        sink.param(key, typed(text))
    }

    /// The value that a text looks like: an integer, a number, a truth value of Python, None; else the text.
    static func typed(_ text: String) -> PropertyValue {
        switch text {
        case "True", "true": return .bool(true)
        case "False", "false": return .bool(false)
        case "None": return .null
        default: break
        }
        switch CellValue(text) {
        case .number(let number, let integer):
            // White space around a number, or a sign that a number doesn't show, belong to a text.
            guard text.first != " ", text.last != " ", text.first != "+" else { return .string(text) }
            return integer.map { .int($0) } ?? .double(number)
        case .blank, .text: return .string(text)
        }
    }

    /// Tells `sink` a tag.
    static func tag(_ key: String, _ text: String, _ sink: any RunSink) {
        switch key {
        case "mlflow.runName": sink.property("name", .string(text))
        case "mlflow.note.content": sink.property("note", .string(text))
        case _ where key.beginsWithBytes(of: "mlflow."): sink.property(key, .string(text))
        default: sink.property("tags." + key, .string(text))
        }
    }

    /// How a run ended, by the name or the number of its status.
    static func end(_ status: String) -> ForeignEnd? {
        switch status {
        case "1", "2", "RUNNING", "SCHEDULED": .running
        case "3", "FINISHED": .finished
        case "4", "FAILED": .failed
        case "5", "KILLED": .killed
        default: nil
        }
    }

    /// A value as it was before MLflow stored it: its stores keep no infinities, but the largest numbers in their place.
    static func value(_ stored: Double) -> Double {
        switch stored {
        case .greatestFiniteMagnitude: .infinity
        case -.greatestFiniteMagnitude: -.infinity
        default: stored
        }
    }

    /// Where an artifact folder may be: what its URI says, if that is on this machine.
    static func localPath(ofURI uri: String) -> String? {
        if let path = uri.afterBytes(of: "file://") {
            return path.beginsWithBytes(of: "/") ? percentDecoded(path) : nil
        }
        if let path = uri.afterBytes(of: "file:") { return percentDecoded(path) }
        return uri.beginsWithBytes(of: "/") ? uri : nil
    }

    private static func percentDecoded(_ text: String) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
