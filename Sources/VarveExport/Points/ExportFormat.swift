/// The formats of one file, or one stream, that points are written in. Docs/Export.md says what each holds, and what it can't.
public enum ExportFormat: String, Hashable, Sendable, CaseIterable {
    /// A row a point: `run,metric,context,step,time,value`.
    case csv
    /// An object a point, with the same keys, and the runs with their properties first.
    case jsonl
    /// Apache Arrow's stream format: record batches one after the other.
    case arrowStream = "arrows"
    /// Apache Arrow's file format (Feather, version 2): the same with a table of contents at its end.
    case arrow
    /// Apache Parquet.
    case parquet

    /// The formats that are lines of text, which ``Repository/importLogs(_:from:options:)`` reads back.
    public static let lines: [ExportFormat] = [.csv, .jsonl]

    /// Whether it is columns of numbers rather than lines of text.
    var isColumnar: Bool { self != .csv && self != .jsonl }
    /// Whether there is a wide form of it.
    public var hasWideForm: Bool { self != .jsonl }
}

/// How the columns of Arrow and Parquet are stored.
public enum ExportCompression: String, Hashable, Sendable, CaseIterable {
    /// As they are: Arrow files can then be mapped.
    case none
    /// Zstandard.
    case zstd
}
