import ArgumentParser
import Varve
import VarveBenchmarks
import VarveFormat

/// Varve as one of the peers of `Benchmarks/peers`: each verb is one process, and prints one JSON object.
struct PeerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "peer", abstract: "Measure by the protocol of Benchmarks/peers.", shouldDisplay: false)

    enum Verb: String, ExpressibleByArgument { case log, kill, count, load, extract }

    @Argument var verb: Verb
    @Option(help: "A workload that gen.py wrote.") var data: String
    @Option(help: "The repository.") var store: String
    @Option(help: "log: how many steps.") var steps = 100_000
    @Option(help: "log, kill: one call a point, or one a step.") var style = PeerStyle.point
    @Flag(help: "log: time each call.") var latency = false
    @Option(help: "kill: a file of 8 bytes that counts acknowledged points.") var counter = ""
    @Option(help: "kill: seconds to sleep after each step.") var pace = 0.0
    @Option(help: "extract: one series, one metric of all runs, or all.") var what = PeerQuestion.metric
    @Option(help: "extract: seconds for which the question is repeated.") var budget = 2.0

    func run() throws {
        let workload = try PeerWorkload(data)
        var row = JSONObject()
        let report: JSONObject
        switch verb {
        case .log:
            let logging = try PeerLogging(workload, style)
            report = latency ? try logging.latency(store, steps: steps) : try logging.log(store, steps: steps)
        case .kill:
            try PeerLogging(workload, style).logForEver(store, counter: counter, pace: pace)
        case .count:
            report = try PeerReading.count(store)
        case .load:
            row["workload"] = .string(workload.name)
            row["points"] = .int(Int64(workload.points))
            report = try PeerLoading.load(workload, into: store)
        case .extract:
            row["workload"] = .string(workload.name)
            report = try PeerReading.extract(workload, from: store, what, budget: budget)
        }
        for member in report.members { row[member.key] = member.value }
        print(JSONValue.object(row))
    }
}

extension PeerStyle: ExpressibleByArgument {}
extension PeerQuestion: ExpressibleByArgument {}
