import Glibc
import Varve

/// A command that runs, and the run that it belongs to.
final class CellWorker {
    let cell: CampaignPlan.Cell
    let retries: Int
    private let run: Run
    private var process: CellProcess
    private var captures = [ConsoleCapture(channel: "stdout"), ConsoleCapture(channel: "stderr")]
    private let began = CampaignRunner.now()

    init(
        _ cell: CampaignPlan.Cell, _ retries: Int, _ plan: CampaignPlan, _ repository: Repository, _ command: [String]
    ) throws(VarveError) {
        self.cell = cell
        self.retries = retries
        let params = plan.params(of: cell)
        var options = RunOptions()
        options.attempt = 0
        options.journalBytes = 64 << 10
        let name = zip(plan.axes, cell.values).map { "\($0.name)=\($1.plainText)" }.joined(separator: " ")
        let run = try repository.startRun(name: String(name.prefix(200)), params: params, options: options)
        self.run = run
        var object = JSONObject()
        for key in params.keys.sorted() { object[key] = params[key]?.planned }
        do throws(VarveError) {
            process = try CellProcess(
                command,
                environment: [
                    "VARVE_REPO": Self.absolute(repository.path), "VARVE_RUN_ID": run.id.description,
                    "VARVE_ATTEMPT": "0", "VARVE_CAMPAIGN_ID": plan.id, "VARVE_CELL": String(cell.number),
                    "VARVE_PARAMS": JSONValue.object(object).text,
                ])
        } catch {
            try? run.fail(error.message)
            throw error
        }
        try run.set(["process.command": .string(String(command.joined(separator: " ").prefix(10_000)))])
    }

    private static func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/"), let full = realpath(path, nil) else { return path }
        defer { free(full) }
        return String(cString: full)
    }

    var runID: RunID { run.id }
    var descriptors: [Int32] { process.outputs.filter { $0 >= 0 } }
    /// It has closed both outputs, but may go on.
    var isSilent: Bool { descriptors.isEmpty }
    var seconds: Double { Double(CampaignRunner.now() - began) / 1e9 }

    func signal(_ number: Int32) { process.signal(number) }

    /// Takes what was printed; returns how the command ended, if it did.
    func advance(_ buffer: inout [UInt8]) throws(VarveError) -> CellExit? {
        // Asked first: what was printed before the end is there then.
        let exit = process.ended()
        for index in captures.indices {
            // One command that prints without a pause must not keep the others waiting.
            for _ in 0..<(exit == nil ? 16 : 1024) {
                guard let new = process.read(index, into: &buffer), !new.isEmpty else { break }
                captures[index].take(new)
            }
            if let text = captures[index].due(now: CampaignRunner.now()) { try log(text, captures[index].channel) }
        }
        return exit
    }

    func finish(_ exit: CellExit, why: String? = nil) throws(VarveError) {
        for index in captures.indices {
            if let text = captures[index].rest() { try log(text, captures[index].channel) }
        }
        switch exit {
        case .status(let status): try run.set("process.exit_status", .int(Int64(status)))
        case .signal(let number): try run.set("process.signal", .int(Int64(number)))
        }
        if exit.isSuccess { try run.finish() } else { try run.fail(why ?? exit.description) }
    }

    private func log(_ text: String, _ channel: String) throws(VarveError) {
        for part in ConsoleCapture.parts(text) { try run.text(part, channel: channel) }
    }
}
