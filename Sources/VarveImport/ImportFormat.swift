import Varve

/// A format that is read.
public struct ImportFormat: Sendable {
    let type: any ForeignFormat

    init(_ type: any ForeignFormat) { self.type = type }

    /// The word for it: `tensorboard`.
    public var name: String { type.name }
    /// What its sources are called, in the plural.
    public var title: String { type.title }
    /// What it is recognised by.
    public var signs: String { type.signs }

    /// Its rows have a column, or key, for the step: ``ImportOptions/step`` and the like are for it.
    public var isTable: Bool { type.isTable }

    /// All that are known.
    public static let all = FormatRegistry.all.map { ImportFormat($0) }

    /// The format with this name.
    public init?(_ name: String) {
        guard let found = FormatRegistry.all.first(where: { $0.name == name }) else { return nil }
        type = found
    }

    /// W&B run files.
    public static let wandb = ImportFormat(WandBFormat())
    /// SwanLab logs.
    public static let swanlab = ImportFormat(SwanLabFormat())
    /// Aim repositories.
    public static let aim = ImportFormat(AimFormat())
    /// Neptune runs exported to Parquet.
    public static let neptune = ImportFormat(NeptuneFormat())
    /// Folders of tcbench.
    public static let tcbench = ImportFormat(TcbenchFormat())
    /// TensorBoard event files.
    public static let tensorboard = ImportFormat(TensorBoardFormat())
    /// Tables with a header: CSV, or with tabs.
    public static let csv = ImportFormat(CSVFormat())
    /// JSON Lines: an object a line.
    public static let jsonl = ImportFormat(JSONLinesFormat())
}

extension ImportFormat: Hashable {
    /// Formats go by their names.
    public static func == (a: ImportFormat, b: ImportFormat) -> Bool { a.name == b.name }
    /// Formats go by their names.
    public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

extension ImportFormat: CustomStringConvertible {
    /// Its name.
    public var description: String { name }
}
