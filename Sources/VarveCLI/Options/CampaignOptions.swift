import ArgumentParser
import Varve
import VarveCampaign

/// `NAME=VALUES`: values with commas between them, typed as they look; `A..B`: all whole numbers from A to B; or a JSON list.
struct AxisOption: ExpressibleByArgument, Sendable {
    var axis: CampaignPlan.Axis

    init?(argument: String) {
        guard let pair = KeyValue(argument: argument) else { return nil }
        if pair.value.hasPrefix("["), let list = (try? JSONValue(parsing: pair.value))?.arrayValue {
            axis = CampaignPlan.Axis(pair.key, list.map { PropertyValue(planned: $0) })
            return
        }
        if pair.value.contains(".."), let range = StepRange(argument: pair.value)?.range {
            guard range.count <= CampaignPlan.mostCells, range.lowerBound != .min, range.upperBound != .max else {
                return nil
            }
            axis = CampaignPlan.Axis(pair.key, range.map { .int(Int64($0)) })
            return
        }
        let values = pair.value.split(separator: ",", omittingEmptySubsequences: false).map {
            KeyValue(argument: "\(pair.key)=\($0)")?.typed ?? .string(String($0))
        }
        axis = CampaignPlan.Axis(pair.key, values)
    }
}

/// `NAME=VALUE,NAME=VALUE`: a combination, or a part of one.
struct CombinationOption: ExpressibleByArgument, Sendable {
    var values: [String: PropertyValue] = [:]

    init?(argument: String) {
        for part in argument.split(separator: ",") {
            guard let pair = KeyValue(argument: String(part)) else { return nil }
            values[pair.key] = pair.typed
        }
        if values.isEmpty { return nil }
    }
}

/// Seconds, or a number with `s`, `m`, `h` or `d`.
struct DurationOption: ExpressibleByArgument, Sendable {
    var seconds: Double

    init(seconds: Double) { self.seconds = seconds }

    var defaultValueDescription: String { "\(HumanText.number(seconds))s" }

    init?(argument: String) {
        let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        let unit = argument.last.flatMap { units[$0] }
        guard let number = Double(unit == nil ? argument : String(argument.dropLast())), number >= 0, number.isFinite
        else {
            return nil
        }
        seconds = number * (unit ?? 1)
    }
}

/// `I/N`: each N-th, from the I-th on.
struct ShareOption: ExpressibleByArgument, Sendable {
    var number: Int
    var of: Int

    init?(argument: String) {
        let parts = argument.split(separator: "/").map { Int($0) }
        guard parts.count == 2, let number = parts[0], let of = parts[1], of > 0, (1...of).contains(number) else {
            return nil
        }
        (self.number, self.of) = (number, of)
    }
}

/// Which campaign, and where.
struct CampaignChoice: ParsableArguments {
    @Option(help: ArgumentHelp("The campaign (default: the only one that has a plan).", valueName: "id"))
    var campaignId: String?

    @OptionGroup var common: CommonOptions

    /// The repository and the plan.
    func open() throws -> (repository: Repository, plan: CampaignPlan) {
        let repository = try common.open()
        return (repository, try PlanStore(repository).plan(campaignId))
    }

    /// How far the plan is.
    func status(stalledAfter: DurationOption?) throws -> CampaignStatus {
        let (repository, plan) = try open()
        let snapshot = try repository.snapshot()
        common.warn(snapshot)
        return try CampaignStatus(of: plan, snapshot, now: wallTime(), stalledAfter: stalledAfter?.seconds ?? 600)
    }
}
