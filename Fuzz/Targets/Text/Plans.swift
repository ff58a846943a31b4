import Varve
import VarveCampaign

/// Plans of campaigns in YAML and JSON: each is understood or refused; one that is understood says the same when it was written
/// and read back, and its cells are all different.
struct Plans: FuzzTarget {
    static var words: [String] {
        [
            "axes:", "params:", "exclude:", "command:", "campaign_id:", "{seed}", "{{", "}}", "[", "]", "{", "}", "- ",
            ": ",
            "&a", "*a", "<<:", "!!str ", "|", ">", "'", "\"", "#", "---", "...", "? ", "~", ".inf", "1e-3", "\n  ",
        ]
    }

    static func seeds() -> [[UInt8]] {
        [
            "campaign_id: c\naxes:\n  lr: [1e-3, .5, \"0.1\"]\n  seed: [1, 2]\nexclude:\n  - {lr: .5}\ncommand: [t, '{seed}']\n",
            "{\"axes\": {\"a\": [1, null, [2]]}, \"params\": {\"b\": true}, \"command\": \"echo {a}\"}",
            "axes: {a: &x [1, 2], b: *x}\ncommand: |\n  echo {a}\n  echo {b}\n",
        ].map { Array($0.utf8) }
    }

    init() {}

    func feed(_ input: [UInt8]) throws {
        let plan: CampaignPlan
        do { plan = try CampaignPlan(parsing: String(decoding: input, as: UTF8.self), id: "c") } catch {
            _ = "\(error)"
            return
        }
        try demand(CampaignPlan(parsing: plan.json.text, id: "d") == plan, "a plan reads back as another: \(plan)")
        guard plan.axes.reduce(1, { $0 * $1.values.count }) <= 1000 else { return }
        let cells = plan.cells
        let identities = cells.map { $0.values.map { PropertyIdentity($0) } }
        try demand(Set(identities).count == cells.count, "cells are alike")
        for word in plan.command {
            guard let template = try? CellTemplate(word, of: plan), let cell = cells.first else { continue }
            _ = template.text(cell, of: plan, isQuoted: true)
        }
    }
}
