public import Logging
public import Varve
import VarveFormat

/// Writes what a program tells through swift-log into a run, as text on a channel.
///
/// ```swift
/// LoggingSystem.bootstrap { RunLogHandler(label: $0, run: run) }
/// ```
///
/// A message is one text: its level, the logger's label, the message, then metadata as `key=value`, by key. Each is in the run
/// when `log` returns. `MultiplexLogHandler` shows messages elsewhere, too.
///
/// What Varve itself tells (labels `varve` and `varve.…`), and what the run doesn't take, goes to standard error.
public struct RunLogHandler: LogHandler {
    /// What every message has.
    public var metadata: Logger.Metadata = [:]
    /// What is added when a message is logged.
    public var metadataProvider: Logger.MetadataProvider?
    /// Messages below it are left out.
    public var logLevel = Logger.Level.info
    private let label: String
    private let run: Run
    private let channel: String
    /// To whom a message goes that can't be stored: to tell of it in the run would lead to the next one.
    private var fallback: StreamLogHandler
    private let isOwn: Bool

    /// - Parameters:
    ///   - label: the logger's.
    ///   - channel: the channel of the texts.
    public init(label: String, run: Run, channel: String = "log") {
        self.label = label
        self.run = run
        self.channel = channel
        fallback = StreamLogHandler.standardError(label: label)
        isOwn = label == "varve" || label.hasPrefix("varve.")
    }

    /// One of the metadata that every message has.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Stores a message.
    public func log(event: LogEvent) {
        guard !isOwn else { return pass(event) }
        do throws(VarveError) { try run.text(text(of: event), channel: channel) } catch { pass(event) }
    }

    private func pass(_ event: LogEvent) {
        var fallback = fallback
        fallback.logLevel = logLevel
        fallback.metadata = metadata
        fallback.metadataProvider = metadataProvider
        fallback.log(event: event)
    }

    /// As it is stored.
    func text(of event: LogEvent) -> String {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { $1 } }
        if let own = event.metadata { all.merge(own) { $1 } }
        if let error = event.error { all["error"] = all["error"] ?? "\(error)" }
        var text = "\(event.level) \(label): \(event.message)"
        for (key, value) in all.sorted(by: { $0.key < $1.key }) { text += " \(key)=\(Self.quoted("\(value)"))" }
        return text.clipped(toBytes: Self.maxBytes)
    }

    /// A text of a run may have 1 MiB.
    private static let maxBytes = FormatConstants.maxTextBytes

    /// In quotes where it could be taken for more than one value.
    private static func quoted(_ value: String) -> String {
        guard value.isEmpty || value.contains(where: { $0.isWhitespace || $0 == "\"" || $0 == "=" }) else {
            return value
        }
        return "\"" + value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
}
