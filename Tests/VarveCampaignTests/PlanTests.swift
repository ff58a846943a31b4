import Testing
import Varve
import VarveFiles
import VarveTestSupport

@testable import VarveCampaign

/// Shows what plans say, how they are read, and that no text does worse than be refused.
@Suite struct PlanTests {
    private let text = """
        # a comment
        campaign_id: first
        axes:
          lr: [1e-3, .5, "0.1"]
          model: [resnet, vit b, no]
          layers: [[64], [64, 64]]
        params: {epochs: 50, amp: true, note: ~}
        exclude:
          - {model: no, lr: 1e-3}
        command: [python, train.py, --lr, "{lr}"]
        """

    @Test func readsYAMLAsPeopleMeanIt() throws {
        let plan = try CampaignPlan(parsing: text, id: "other")
        #expect(plan.id == "first" && plan.axes.map(\.name) == ["lr", "model", "layers"])
        #expect(plan.axes[0].values == [0.001, 0.5, "0.1"] && plan.axes[1].values == ["resnet", "vit b", "no"])
        #expect(plan.axes[2].values == [.json("[64]"), .json("[64,64]")])
        #expect(plan.params == ["epochs": 50, "amp": true, "note": .null])
        #expect(plan.command == ["python", "train.py", "--lr", "{lr}"])
        #expect(plan.cells.count == 16 && plan.cells.map(\.number) == Array(1...16))
        // The last axis changes fastest; what is excluded has no number.
        #expect(plan.cells[1].values == [0.001, "resnet", .json("[64,64]")])
        #expect(plan.cells[4].values == [0.5, "resnet", .json("[64]")])
        #expect(plan.params(of: plan.cells[4])["campaign_exp_idx"] == 5)
        #expect(plan.params(of: plan.cells[4])["campaign_id"] == "first")
    }

    @Test func jsonReadsBack() throws {
        for command in [[], ["a", "{lr}"]] {
            var plan = try CampaignPlan(parsing: text, id: "x")
            plan.command = command
            #expect(try CampaignPlan(parsing: plan.json.text, id: "y") == plan)
        }
        let json = try CampaignPlan(parsing: #"{"axes": {"seed": [1, 2]}, "command": "echo {seed}"}"#, id: "z")
        #expect(json.id == "z" && json.command == ["/bin/sh", "-c", "echo {seed}"])
    }

    private static let noPlans = [
        "", "axes", "axes: 3", "axes: {}", "axes: {a: 1}", "axes: {a: []}", "axes: {a: [1, 1.0]}",
        "axes: {a: [1]}\nb: 2",
        "axes: {campaign_id: [1]}", "axes: {a: [1]}\nparams: {a: 2}", "axes: {a: [1]}\nexclude: [{b: 1}]",
        "axes: {a: [1]}\ncommand: {x: 1}", "axes: {a: [1]}\ncommand: ['']", "axes: *x", "axes: {? [a] : [1]}",
        "{\"axes\": ",
        "axes: {a: [1]", "a: &a [1]\nb: &b [*a, *a]\naxes: {x: *b}", "\u{0}",
        "axes: {a: [1]}\n\u{1}",
    ]

    @Test(arguments: noPlans) func refuses(_ text: String) {
        #expect(throws: VarveError.self) { try CampaignPlan(parsing: text, id: "x") }
    }

    // Not as arguments: a test prints those.
    @Test func refusesWhatIsNestedDeeply() {
        for (part, count) in [("[", 100_000), ("- ", 100_000), ("{a: ", 1_000)] {
            let text = String(repeating: part, count: count)
            #expect(throws: VarveError.self) { try CampaignPlan(parsing: text, id: "x") }
        }
    }

    /// An alias of aliases of aliases … is small on disk and large in memory.
    @Test func aliasesDontExplode() {
        var text = "a0: &a0 [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]\n"
        for level in 1...9 {
            let names = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(names)]\n"
        }
        #expect(throws: VarveError.self) { try CampaignPlan(parsing: text + "axes: {x: *a9}", id: "x") }
    }

    @Test func capsHold() {
        let long = CampaignPlan.Axis("a", (0..<1001).map { .int($0) })
        let other = CampaignPlan.Axis("b", (0..<1000).map { .int($0) })
        #expect(throws: VarveError.self) { try CampaignPlan(id: "x", axes: [long, other]) }
        #expect(throws: VarveError.self) {
            try CampaignPlan(id: "x", axes: (0..<65).map { CampaignPlan.Axis("a\($0)", [1]) })
        }
    }

    @Test func templates() throws {
        let plan = try CampaignPlan(parsing: text, id: "x")
        let cell = plan.cells[2]
        func fill(_ text: String, quoted: Bool = true) throws -> String {
            try CellTemplate(text, of: plan).text(cell, of: plan, isQuoted: quoted)
        }
        #expect(
            try fill("t --m {model} {lr} {epochs} {{x}} {cell} {campaign_id}") == "t --m 'vit b' 0.001 50 {x} 3 first")
        #expect(try fill("{model}", quoted: false) == "vit b")
        let quote = try CampaignPlan(id: "it's", axes: [CampaignPlan.Axis("a", ["", "$(rm)"])])
        let template = try CellTemplate("{a} {campaign_id}", of: quote)
        #expect(
            quote.cells.map { template.text($0, of: quote, isQuoted: true) } == ["'' 'it'\\''s'", "'$(rm)' 'it'\\''s'"])
        for wrong in ["{modle}", "{model", "{}"] {
            #expect(throws: VarveError.self) { try CellTemplate(wrong, of: plan) }
        }
    }

    @Test func storeKeepsPlansApart() throws {
        try withTemporaryDirectory { directory in
            let repository = try Repository.create(at: directory + "/r")
            let store = PlanStore(repository)
            #expect(throws: VarveError.self) { try store.plan(nil) }
            let axes = [CampaignPlan.Axis("seed", [1, 2])]
            for id in ["a", "A/../b", "A_..%b"] { try store.save(CampaignPlan(id: id, axes: axes)) }
            #expect(try store.list().ids == ["A/../b", "A_..%b", "a"])
            #expect(try store.plan("A/../b").id == "A/../b")
            #expect(throws: VarveError.self) { try store.plan(nil) }
            let other = try CampaignPlan(id: "a", axes: [CampaignPlan.Axis("seed", [1, 2, 3])])
            try store.save(CampaignPlan(id: "a", axes: axes))
            #expect(throws: VarveError.self) { try store.save(other) }
            try store.save(other, replaces: true)
            #expect(try store.plan("a") == other)
            _ = try repository.backup(to: directory + "/copy")
            #expect(try PlanStore(Repository.open(directory + "/copy")).plan("a") == other)
        }
    }
}
