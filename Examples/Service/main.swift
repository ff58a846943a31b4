// A service that measures with swift-metrics, tells with swift-log, and knows nothing of Varve but in these few lines: everything
// it measures and tells is a run.
//
//     swift run example-service [REPOSITORY]
//
// It ends with Ctrl-C, or with SIGTERM, and the run with it.

import Logging
import Metrics
import ServiceLifecycle
import Varve
import VarveServiceLifecycle
import VarveSwiftLog
import VarveSwiftMetrics

/// Answers requests that it makes up itself. Here is no word of Varve.
struct Answering: Service {
    private let requests = Counter(label: "requests", dimensions: [("code", "200")])
    private let latency = Metrics.Timer(label: "latency")
    private let waiting = Meter(label: "waiting")
    private let logger = Logger(label: "answering")

    func run() async throws {
        logger.info("begins", metadata: ["port": "none"])
        var answered = 0
        while !Task.isShuttingDownGracefully {
            let start = ContinuousClock.now
            waiting.increment()
            try await Task.sleep(for: .milliseconds(2))
            waiting.decrement()
            latency.record(duration: ContinuousClock.now - start)
            requests.increment()
            answered += 1
        }
        logger.info("ends", metadata: ["answered": "\(answered)"])
    }
}

let repository = try Repository.openOrCreate(at: CommandLine.arguments.dropFirst().first ?? "runs.varve")
let run = try repository.startRun(name: "service")
let metrics = RunMetricsFactory(run)
MetricsSystem.bootstrap(metrics)
LoggingSystem.bootstrap { label in
    MultiplexLogHandler([RunLogHandler(label: label, run: run), StreamLogHandler.standardError(label: label)])
}

// The run stands first: the group ends it last.
let services = ServiceGroup(
    services: [RunService(run) { metrics.close() }, Answering()], gracefulShutdownSignals: [.sigterm, .sigint],
    logger: Logger(label: "services"))
try await services.run()
