import ArgumentParser

/// How a listing is written.
enum ListFormat: String, CaseIterable, ExpressibleByArgument, Sendable {
    case table, tsv, csv, json, jsonl, markdown, latex

    /// A table for people, TSV for pipes.
    static func standard(for terminal: Terminal) -> ListFormat { terminal.isInteractive ? .table : .tsv }
}
