import Varve
import VarveFiles

/// Encodes batches on all cores and hands the results out in the order in which the batches came. Bounded: who submits has to
/// wait, or to encode, while enough is under way.
///
/// The caller's own thread is one of the team. Not for several callers at once, nor in a fork child.
package final class OrderedPipeline<Input: Sendable, Output: Sendable> {
    /// What turns a batch into bytes; it may keep state, since only one thread at a time has it.
    package typealias Encode = (Input) throws(VarveError) -> Output

    private let queue = BatchQueue<Input, Output>()
    private let makeEncoder: () -> Encode
    private let own: Encode
    private let mostHelpers: Int
    private var helpers: [BackgroundThread] = []
    private var underWay: [BatchJob<Input, Output>] = []

    /// - Parameters:
    ///   - threads: how many encode, the caller's own among them.
    ///   - makeEncoder: called once for each of them.
    package init(threads: Int, _ makeEncoder: @escaping () -> Encode) {
        self.makeEncoder = makeEncoder
        own = makeEncoder()
        mostHelpers = max(0, threads - 1)
    }

    deinit {
        queue.clear()
        for helper in helpers { helper.stop() }
    }

    /// How many threads are worth it here: more than a few only wait for the reader.
    package static func threads(_ wanted: Int?) -> Int { max(1, min(wanted ?? RealHost().processors, 8)) }

    /// Takes a batch, and hands out what is ready of those before it.
    package func submit(_ input: Input, _ take: (Output) throws(VarveError) -> Void) throws(VarveError) {
        guard mostHelpers > 0 else { return try take(own(input)) }
        let job = BatchJob<Input, Output>(input)
        underWay.append(job)
        queue.add(job)
        if helpers.isEmpty, underWay.count > 1 { start() }
        for helper in helpers { helper.wake() }
        while underWay.count > mostHelpers + 1 || underWay.first.map(queue.isDone) == true { try takeFirst(take) }
    }

    /// Hands out what is left.
    package func finish(_ take: (Output) throws(VarveError) -> Void) throws(VarveError) {
        while !underWay.isEmpty { try takeFirst(take) }
    }

    private func takeFirst(_ take: (Output) throws(VarveError) -> Void) throws(VarveError) {
        try take(queue.finish(underWay.removeFirst(), own))
    }

    private func start() {
        for _ in 0..<mostHelpers {
            let worker = BatchWorker(queue, makeEncoder())
            // Where the system has no room for a thread, the caller does it alone.
            guard
                let helper = try? BackgroundThread(
                    name: "varve-export", yields: false, elsewhere: true,
                    tick: {
                        worker.run()
                        return nil
                    })
            else { break }
            helpers.append(helper)
        }
    }
}

/// An encoder on its way to its thread.
private final class BatchWorker<Input: Sendable, Output: Sendable>: @unchecked Sendable {
    private let queue: BatchQueue<Input, Output>
    // Of the worker's thread alone.
    private let encode: OrderedPipeline<Input, Output>.Encode

    init(_ queue: BatchQueue<Input, Output>, _ encode: @escaping OrderedPipeline<Input, Output>.Encode) {
        self.queue = queue
        self.encode = encode
    }

    func run() { queue.work(encode) }
}

/// A batch on its way.
private final class BatchJob<Input: Sendable, Output: Sendable>: @unchecked Sendable {
    // Guarded by the queue's gate.
    fileprivate var input: Input?
    fileprivate var result: Result<Output, VarveError>?

    init(_ input: Input) { self.input = input }
}

/// The batches that wait for somebody to encode them. Shared by the threads of a pipeline.
private final class BatchQueue<Input: Sendable, Output: Sendable>: @unchecked Sendable {
    typealias Job = BatchJob<Input, Output>
    typealias Encode = OrderedPipeline<Input, Output>.Encode

    private let gate = ConditionGate()
    // Guarded by the gate.
    private var waiting: [Job] = []
    private var isOwnerWaiting = false

    func add(_ job: Job) { gate.locked { waiting.append(job) } }

    func isDone(_ job: Job) -> Bool { gate.locked { job.result != nil } }

    /// Nobody will ask for what waits.
    func clear() { gate.locked { waiting.removeAll() } }

    /// Encodes until nothing waits.
    func work(_ encode: Encode) {
        while let (job, input) = gate.locked({ take() }) { run(job, input, encode) }
    }

    /// With the gate held.
    private func take() -> (Job, Input)? {
        while !waiting.isEmpty {
            let job = waiting.removeFirst()
            if let input = job.input {
                job.input = nil
                return (job, input)
            }
        }
        return nil
    }

    private func run(_ job: Job, _ input: Input, _ encode: Encode) {
        let result: Result<Output, VarveError>
        do throws(VarveError) { result = .success(try encode(input)) } catch { result = .failure(error) }
        gate.locked {
            job.result = result
            if isOwnerWaiting { gate.signal() }
        }
    }

    /// Waits for a job, and encodes others, or that one, meanwhile.
    func finish(_ job: Job, _ encode: Encode) throws(VarveError) -> Output {
        while true {
            let step: (result: Result<Output, VarveError>?, next: (Job, Input)?) = gate.locked {
                while true {
                    if let result = job.result { return (result, nil) }
                    if let next = take() { return (nil, next) }
                    isOwnerWaiting = true
                    gate.wait()
                    isOwnerWaiting = false
                }
            }
            if let result = step.result { return try result.get() }
            if let (job, input) = step.next { run(job, input, encode) }
        }
    }
}
