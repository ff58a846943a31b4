import ArgumentParser
import Varve
import VarvePlot

struct ConfusionVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "confusion", abstract: "Show confusion matrices, and the class reports that follow from them.",
        discussion: """
            Of each run the matrix that was logged last, or that of --step. Those of several runs are added up, class by class, \
            by name and context; with --mean they are averaged, and so are the runs' reports. On a terminal a heat map and \
            precision, recall, F1 and support of each class; in a pipe the matrix, with --report the report.

            --format csv and --output-folder write what pandas and tcbench write: CONTEXT_conf_mtx.csv and CONTEXT_class_rep.csv.

            Examples:
              varve confusion baseline --context subset=test
              varve confusion --where 'params.aug == "rotate"' --mean --normalise truth -o confusion.svg
              varve confusion baseline --report --format csv
            """)

    @OptionGroup var records: RecordOptions

    @Flag(help: "The mean of the runs' matrices and reports, in place of their sum.")
    var mean = false

    @Option(help: "Shares in place of counts: of the true class (rows), of the predicted one (columns), or of all.")
    var normalise: ConfusionMatrix.Normalisation?

    @Flag(help: "The class report in place of the matrix.")
    var report = false

    @Option(
        help: ArgumentHelp(
            "Write the matrix and the report of each context into this folder, as CSV.", valueName: "dir")
    )
    var outputFolder: String?

    @OptionGroup var picture: PictureOptions
    @OptionGroup var list: ListOptions
    @OptionGroup var common: CommonOptions

    func run() throws {
        let snapshot = try common.open().snapshot()
        let runs = try records.runs(in: snapshot)
        let groups = try snapshot.matrixGroups(of: runs.map(\.id), records.choice(.confusionMatrix))
        common.warn(snapshot)
        guard !groups.isEmpty else { throw try records.nothing(.confusionMatrix, of: runs, in: snapshot) }
        let pages = try groups.map { group in
            try MatrixPage(group, isMean: mean, normalisation: normalise, runs: runs)
        }
        if let outputFolder { return try save(pages, in: outputFolder) }
        if picture.path != nil {
            let page = try only(pages)
            let side = min(page.matrix.labels.count, MatrixPage.mostClasses)
            _ = try picture.draw(page.plot, width: max(640, 260 + 44 * side), height: max(420, 160 + 24 * side))
            return
        }
        let output = OutputStream()
        switch list.format ?? .standard(for: output.terminal) {
        case .table:
            for (i, page) in pages.enumerated() {
                if i > 0 { try output.line() }
                if report { try page.writeReport(to: output, .table) } else { try page.write(to: output) }
            }
        case .json: try output.line(JSONValue.array(pages.map(\.json)).text)
        case .jsonl: for page in pages { try output.line(page.json.text) }
        case .csv: try only(pages).writeCSV(report ? .report : .matrix, to: output)
        case let format:
            let page = try only(pages)
            if report { try page.writeReport(to: output, format) } else { try page.writeMatrix(to: output, format) }
        }
        try output.flush()
    }

    /// A list or a picture has room for one.
    private func only(_ pages: [MatrixPage]) throws -> MatrixPage {
        guard pages.count == 1 else {
            let names = pages.prefix(10).map { "\($0.group.metric)" }.joined(separator: ", ")
            throw VarveError(
                .invalid, "there are \(pages.count) matrices, and room for one", found: names,
                remedy: "--name and --context choose; --format jsonl and --output-folder take all")
        }
        return pages[0]
    }

    /// Two files for each matrix, under the names that tcbench gives them.
    private func save(_ pages: [MatrixPage], in folder: String) throws {
        let names = Set(pages.map(\.group.metric.name))
        var written: Set<String> = []
        for page in pages {
            let metric = page.group.metric
            var words = metric.context.map { $0.key == "subset" ? $0.value : "\($0.key)-\($0.value)" }
            if names.count > 1 || words.isEmpty { words.insert(metric.name, at: 0) }
            var base = OutputFile.component(words.joined(separator: "_"))
            // Contexts may differ in what no file's name keeps.
            var number = 2
            while !written.insert(base).inserted {
                base = OutputFile.component(words.joined(separator: "_")) + "-\(number)"
                number += 1
            }
            for part in MatrixPage.Part.allCases {
                let path = "\(folder)/\(base)_\(part.rawValue).csv"
                try OutputFile.write(path) { try page.writeCSV(part, to: $0) }
                printNote("saving: \(path)")
            }
        }
    }
}

extension ConfusionMatrix.Normalisation: ExpressibleByArgument {}
