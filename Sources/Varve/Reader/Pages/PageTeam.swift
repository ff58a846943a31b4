import VarveFiles
import VarveFormat

/// A page on its way: asked for, being decoded, or there.
final class PageJob: @unchecked Sendable {
    let request: PageRequest
    /// Of the one who decodes, then of the reader.
    let page: DecodedPage

    enum State { case waiting, taken, done }
    // Guarded by the queue's gate.
    fileprivate var state = State.waiting
    fileprivate var error: VarveError?

    init(_ request: PageRequest, _ page: DecodedPage) {
        self.request = request
        self.page = page
    }
}

/// Decodes the pages that a reader will want next, on all cores. The reader's own thread is one of the team: it decodes while it
/// would have to wait.
///
/// Threads are started once there is work for them, and end with the team.
final class PageTeam {
    private let queue = PageQueue()
    private let shelf: AxisShelf
    private let pool: PagePool
    private let own: PageDecoder
    private let token = ForkGuard.token
    /// How many threads may help.
    private let mostHelpers: Int
    private var helpers: [BackgroundThread] = []
    /// Pages to be filled anew.
    private var spare: [DecodedPage] = []
    /// Fewer pages than this aren't worth a thread.
    private static let pagesForHelp = 3

    /// - Parameter threads: how many decode, the caller's own among them.
    init(threads: Int, _ shelf: AxisShelf, _ pool: PagePool) {
        self.pool = pool
        self.shelf = shelf.isForked ? AxisShelf() : shelf
        own = PageDecoder(self.shelf)
        mostHelpers = max(0, threads - 1)
    }

    /// How many pages should be under way for everybody to have something to do.
    var depth: Int { mostHelpers == 0 ? 1 : 2 * mostHelpers + 3 }

    /// Asks for pages, which are decoded in this order.
    func submit(_ requests: [PageRequest]) -> [PageJob] {
        let jobs = requests.map { PageJob($0, spare.popLast() ?? DecodedPage(pool)) }
        guard mostHelpers > 0, !token.isForked else { return jobs }
        let waiting = queue.add(jobs)
        if helpers.isEmpty {
            guard waiting >= Self.pagesForHelp else { return jobs }
            let (queue, shelf) = (queue, shelf)
            for _ in 0..<mostHelpers {
                let decoder = PageDecoder(shelf)
                // Where the system has no room for a thread, the reader does it alone.
                guard
                    let helper = try? BackgroundThread(
                        name: "varve-read", yields: false,
                        tick: {
                            queue.work(decoder)
                            return nil
                        })
                else { break }
                helpers.append(helper)
            }
        } else {
            for helper in helpers { helper.wake() }
        }
        return jobs
    }

    /// The page of a job, decoded.
    func finish(_ job: PageJob) throws(VarveError) -> DecodedPage {
        if mostHelpers == 0 {
            try own.decode(job.request, into: job.page)
            return job.page
        }
        guard !token.isForked else {
            throw VarveError(
                .state, "a reader was begun before a fork and goes on in the child",
                remedy: "make a reader in the process that reads")
        }
        return try queue.finish(job, own)
    }

    /// Takes a page back whose points nobody looks at any more, unless somebody keeps it all the same.
    func reuse(_ page: inout DecodedPage?) {
        let isOurs = isKnownUniquelyReferenced(&page)
        if isOurs, spare.count < depth, let page { spare.append(page) }
        page = nil
    }

    deinit {
        queue.clear(isForked: token.isForked)
        for helper in helpers { helper.stop() }
    }
}

/// The pages that wait for somebody to decode them. Shared by the threads of a team.
private final class PageQueue: @unchecked Sendable {
    private let gate = ConditionGate()
    // Guarded by the gate.
    private var waiting: [PageJob] = []
    private var isReaderWaiting = false

    /// Returns how many wait.
    func add(_ jobs: [PageJob]) -> Int {
        gate.locked {
            waiting += jobs
            return waiting.count
        }
    }

    /// Decodes until nothing waits.
    func work(_ decoder: PageDecoder) {
        while let job = gate.locked({ take() }) { run(job, decoder) }
    }

    /// With the gate held.
    private func take() -> PageJob? {
        guard !waiting.isEmpty else { return nil }
        let job = waiting.removeFirst()
        job.state = .taken
        return job
    }

    private func run(_ job: PageJob, _ decoder: PageDecoder) {
        var failure: VarveError?
        do throws(VarveError) { try decoder.decode(job.request, into: job.page) } catch { failure = error }
        gate.locked {
            job.error = failure
            job.state = .done
            if isReaderWaiting { gate.signal() }
        }
    }

    /// Waits for a job, and decodes others, or that one, meanwhile.
    func finish(_ job: PageJob, _ decoder: PageDecoder) throws(VarveError) -> DecodedPage {
        while true {
            let next: PageJob? = gate.locked {
                while job.state != .done {
                    if let next = take() { return next }
                    isReaderWaiting = true
                    gate.wait()
                    isReaderWaiting = false
                }
                return nil
            }
            guard let next else { break }
            run(next, decoder)
        }
        if let error = job.error { throw error }
        return job.page
    }

    /// Nobody will ask for what waits. In a fork child the gate may be shut for ever: nobody else is there either.
    func clear(isForked: Bool) {
        if !isForked { gate.locked { waiting.removeAll() } }
    }
}
