import Varve
import VarveFiles

/// What the columns of a table without a header are, as far as its rows and its file's name tell.
///
/// | rows | taken for |
/// |---|---|
/// | `0.5` | the metric that the file is called after, counted by rows |
/// | `10 0.5`, where the first goes up | step, and the metric that the file is called after |
/// | `10 loss 0.5` | step, name and value |
/// | `0/299 4.76G 0.1 …`, 15 cells | what YOLOv5 and YOLOv7 write to `results.txt` |
///
/// Others are known only to whoever wrote them.
struct UnnamedColumns {
    /// What the columns are called; nil: nobody can tell.
    private(set) var names: [String]?
    /// It is sure that this is a log: of a file that is called after no metric that isn't.
    private(set) var isSure = false
    /// The rows are of one length, hold numbers only, and are more than one.
    private(set) var isTable = false
    /// How many there are.
    private(set) var count = 0

    private static let sample = 100
    /// Names of metrics, or parts of them.
    private static let metricWords: Set<String> = [
        "loss", "losses", "acc", "accuracy", "err", "error", "reward", "rewards", "return", "returns", "score",
        "scores",
        "ppl", "perplexity", "bleu", "f1", "auc", "map", "iou", "miou", "dice", "psnr", "ssim", "fid", "mse", "rmse",
        "mae", "lr", "nll", "elbo", "wer", "cer", "precision", "recall", "regret",
    ]
    /// The names that YOLOv5 gave these columns once it wrote a header.
    private static let yolo = [
        "epoch", "gpu_mem", "train/box_loss", "train/obj_loss", "train/cls_loss", "train/total_loss", "labels",
        "img_size", "metrics/precision", "metrics/recall", "metrics/mAP_0.5", "metrics/mAP_0.5:0.95", "val/box_loss",
        "val/obj_loss", "val/cls_loss",
    ]

    /// Whether a name is of what only a training has.
    static func namesLoss(_ name: String) -> Bool { words(name).contains { $0 == "loss" || $0 == "losses" } }

    private static func words(_ name: String) -> [String] {
        name.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
    }

    /// Looks at a table's first rows; nil if the first one is a header, or there are none.
    init?(_ source: any ByteSource, separator: UInt8, file: String, _ options: TableOptions) throws(VarveError) {
        var reader = CSVReader(source, separator: separator)
        var rows: [[Cell]] = []
        var remark: CSVHeader?
        while rows.count < Self.sample {
            let item = try reader.next()
            if item == .end { break }
            guard case .row(_, _, let isWhole) = item, isWhole || rows.isEmpty else { continue }
            if rows.isEmpty, reader.beginsWithRemark {
                remark = CSVHeader(remark: reader)
                continue
            }
            let row = (0..<reader.count).map { Cell(reader.cell($0)) }
            if rows.isEmpty {
                let isHeader =
                    options.columns == nil ? Self.isHeader(row) : row.allSatisfy { $0 == .text || $0 == .blank }
                if isHeader || remark?.names.count == row.count { return nil }
            }
            rows.append(row)
        }
        guard let first = rows.first else { return nil }
        count = first.count
        if let given = options.columns {
            names = given
            return
        }
        guard rows.allSatisfy({ $0.count == first.count }) else { return }
        isTable = rows.count > 1 && rows.allSatisfy { row in !row.contains(.text) }
        choose(rows, Paths.lastComponent(file))
    }

    private mutating func choose(_ rows: [[Cell]], _ file: String) {
        let stem = TablePlan.stem(file)
        let isCalledSo = Self.words(stem).contains { Self.metricWords.contains($0) }
        let isCounted =
            rows.allSatisfy { $0[0].step != nil }
            && zip(rows, rows.dropFirst()).allSatisfy { a, b in
                (a[0].step ?? 0) < (b[0].step ?? 0)
            }
        func all(_ column: Int, _ fits: (Cell) -> Bool) -> Bool { rows.allSatisfy { fits($0[column]) } }
        switch count {
        case 1 where all(0, \.isNumber):
            (names, isSure) = ([stem], isCalledSo && rows.count > 1)
        case 2 where isCounted && all(1, \.isNumber) && rows.count > 1:
            (names, isSure) = (["step", stem], isCalledSo)
        case 3 where all(0) { $0.step != nil } && all(1) { $0 == .text } && all(2, \.isNumber) && rows.count > 1:
            (names, isSure) = (["step", "metric", "value"], true)
        case Self.yolo.count where Self.isYOLO(rows):
            (names, isSure) = (Self.yolo, true)
        default: break
        }
    }

    private static func isYOLO(_ rows: [[Cell]]) -> Bool {
        rows.allSatisfy { row in
            guard case .count = row[0], row[1] == .measured("G") else { return false }
            return row[2...].allSatisfy(\.isNumber)
        }
    }

    /// Whether a first row names the columns below. Numbers name none, unless they count: pandas calls columns `0`, `1`, `2`, and
    /// the one of its index nothing.
    private static func isHeader(_ row: [Cell]) -> Bool {
        if row.first == .blank { return true }
        if row.count > 2, row.enumerated().allSatisfy({ $1 == .number(step: Int64($0)) }) { return true }
        if row.count == 3, row[0].step != nil, row[1] == .text, row[2].isNumber { return false }
        return row.contains(.text)
    }

    /// What a cell is.
    private enum Cell: Equatable {
        case blank, text
        case number(step: Int64?)
        /// A number with a unit.
        case measured(String)
        /// `3/100`.
        case count(Int64)

        init(_ cell: RawSpan) {
            let numbers = CellNumbers()
            let (value, unit) = numbers.read(cell)
            self =
                switch value {
                case .blank: .blank
                case .number where unit.isEmpty: .number(step: value.step)
                case .number: .measured(unit)
                case .text: numbers.step(cell).map { .count($0) } ?? .text
                }
        }

        var isNumber: Bool { if case .number = self { true } else { false } }
        var step: Int64? { if case .number(let step) = self { step } else { nil } }
    }
}
