import Varve

/// The targets with what was measured beside them, as Markdown.
package struct TargetTable {
    private let measurements: [Measurement]

    package init(_ measurements: [Measurement]) { self.measurements = measurements }

    package var lines: [String] {
        var lines = [
            "| name | what | target | measured | floor | case | met |", "|---|---|---|---|---|---|---|",
        ]
        for target in Target.all {
            let goal = "\(target.bound) \(target.unit)"
            guard let found = target.worst(of: measurements) else {
                let missing =
                    switch target.source {
                    case .bench: "not measured"
                    case .peers: "run `Benchmarks/peers/run`"
                    }
                lines.append("| \(target.name) | \(target.what) | \(goal) | | | \(missing) | |")
                continue
            }
            let floor = found.floor.map(ReportTable.text) ?? ""
            let verdict = target.isMet(by: found.value) ? "yes" : "**no**"
            lines.append(
                "| \(target.name) | \(target.what) | \(goal) | \(ReportTable.text(found.value)) | \(floor) "
                    + "| \(found.what) | \(verdict) |")
        }
        return lines
    }

    /// How many targets were measured, and how many of those are met.
    package var counts: (measured: Int, met: Int) {
        let found = Target.all.compactMap { target in target.worst(of: measurements).map { (target, $0) } }
        return (found.count, found.count { $0.isMet(by: $1.value) })
    }
}
