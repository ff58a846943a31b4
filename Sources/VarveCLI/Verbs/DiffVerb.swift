import ArgumentParser
import Varve
import VarveCampaign

struct DiffVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Show in what two runs differ: params, values, tags, and the figures of their metrics.",
        discussion: """
            Example:
              varve diff baseline 01a2-… --all
            """)

    @Argument(help: ArgumentHelp("An ID, the beginning of one, or a name.", valueName: "run"))
    var first: String

    @Argument(help: ArgumentHelp("The other one.", valueName: "run"))
    var second: String

    @Flag(help: "Also what is the same.")
    var all = false

    @OptionGroup var list: ListOptions
    @OptionGroup var common: CommonOptions

    func run() throws {
        let snapshot = try common.open().snapshot()
        common.warn(snapshot)
        let (a, b) = (try snapshot.run(first), try snapshot.run(second))
        let difference = try RunDifference(a, b, in: snapshot)
        let output = OutputStream()
        let ids = ShortIDs(snapshot.runIDs)
        let titles = a.name == b.name ? [ids[a.id], ids[b.id]] : [a.name, b.name]
        let writer = try ListWriter(
            output, format: list.format,
            columns: [
                Column("kind", machines: true), Column("key"), Column("figure"),
                Column("first", title: titles[0]), Column("second", title: titles[1]),
                Column("difference", title: "DIFFERENCE", numeric: true),
            ])
        for property in difference.properties where all || !property.isSame {
            try writer.row(Self.cells(of: property))
        }
        for metric in difference.metrics where all || !metric.isSame {
            for figure in Self.figures {
                let (x, y) = (metric.first.flatMap(figure.value), metric.second.flatMap(figure.value))
                guard all || x?.bitPattern != y?.bitPattern else { continue }
                try writer.row([
                    .text("metric"), .text("\(metric.metric)"), .text(figure.name),
                    x.map { .number($0) } ?? .missing, y.map { .number($0) } ?? .missing, Self.difference(x, y),
                ])
            }
        }
        try writer.end()
    }

    // Apart from the loop: inlined there, the optimiser of Swift 6.3.1 loses track of the property's lifetime, and crashes.
    @inline(never)
    private static func cells(of property: RunDifference.Property) -> [Cell] {
        let difference = difference(number(property.first), number(property.second))
        return [
            .text("property"), .text(property.key), .missing, .property(property.first), .property(property.second),
            difference,
        ]
    }

    private static let figures: [(name: String, value: @Sendable (SeriesStatistics) -> Double?)] = [
        ("points", { Double($0.count) }), ("last step", { $0.steps.map { Double($0.upperBound) } }),
        ("last", { $0.last?.value }), ("min", { $0.min?.value }), ("max", { $0.max?.value }),
        ("nan", { Double($0.nan) }),
    ]

    private static func number(_ value: PropertyValue) -> Double? {
        switch value {
        case .int(let number): Double(number)
        case .double(let number): number
        default: nil
        }
    }

    /// The second less the first.
    private static func difference(_ a: Double?, _ b: Double?) -> Cell {
        guard let a, let b, (b - a).isFinite else { return .missing }
        return .number(b - a)
    }
}
