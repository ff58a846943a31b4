import Varve
import VarveFiles

extension SoakWorld {
    /// What a training does.
    func write(_ step: SoakStep) throws {
        switch step.kind {
        case .start, .join, .resume, .rewind: try open(step)
        case .text: try text(step)
        case .record: try record(step)
        case .property: try property(step)
        case .tick: for writer in writers { tick(writer) }
        case .flush:
            guard let writer = writer(step.a) else { return }
            try writer.run.flush()
            settleBuffered(writer)
        case .finish:
            guard !writers.isEmpty else { return }
            let index = step.a % writers.count
            let writer = writers[index]
            closeWriter(at: index)
            try writer.run.finish()
            settleBuffered(writer)
        default: try log(step)
        }
    }

    private func writer(_ number: Int) -> Writer? { writers.isEmpty ? nil : writers[number % writers.count] }

    private func open(_ step: SoakStep) throws {
        guard writers.count < 6 else { return }
        var options = RunOptions()
        options.journalBytes = 64 << 10
        options.compaction = .never
        options.clock = .system
        options.sync = step.b % 4 == 0 ? .everyDrain : .interval(seconds: 1)
        options.useJournal = step.c % 8 != 0
        let process = try process(step.a)
        let run: Run
        switch step.kind {
        case .join where !runs.isEmpty:
            options.id = runs[step.b % runs.count]
            run = try process.repository.startRun(options: options)
        case .resume where !runs.isEmpty:
            run = try process.repository.resumeRun(runs[step.b % runs.count], options: options)
        case .rewind where !runs.isEmpty:
            let id = runs[step.b % runs.count]
            let from = step.c % 40
            // Until it returns nobody knows whether it will have happened.
            oracle.rewinds.append(
                SoakOracle.Rewind(run: id, attempt: .max, step: from, writer: writerNumber, state: .open))
            run = try process.repository.resumeRun(id, from: from, options: options)
            let last = oracle.rewinds.count - 1
            oracle.rewinds[last].attempt = run.attempt
            if !fileSystem.isKilled { oracle.rewinds[last].state = .safe }
        default: run = try process.repository.startRun(name: "r\(runs.count)", options: options)
        }
        noteRun(run.id)
        newWriter(process.number, run.id, run, isBuffered: run.durability != .mapped)
    }

    /// The points that nobody knows to be safe yet.
    private func note(
        _ writer: Writer, _ metric: String?, _ step: Int, _ time: Int64, form: SoakOracle.Form = .point
    ) -> Int {
        oracle.append(
            SoakOracle.Entry(
                run: writer.id, form: form, metric: metric, step: step, time: time, writer: writer.number,
                attempt: writer.attempt,
                state: .open))
    }

    /// A call has returned: unless the process died in it, its points are safe, or were dropped and counted.
    private func settle(_ numbers: [Int], _ writer: Writer, droppedBefore: Int) {
        guard !fileSystem.isKilled else { return }
        let dropped = writer.run.health.dropped - droppedBefore
        for number in numbers {
            if dropped == 0 {
                if !writer.isBuffered { oracle.settle(number, .safe) }
            } else if dropped == numbers.count {
                oracle.settle(number, .dropped)
            }
        }
    }

    /// What a writer without a journal had in memory is in its log now, or was before.
    private func settleBuffered(_ writer: Writer) {
        guard writer.isBuffered, isCalm, !fileSystem.isKilled else { return }
        for (number, entry) in oracle.entries.enumerated()
        where entry.writer == writer.number && entry.state == .open && entry.form == .point {
            // Of a batch of which a part was dropped nobody knows which.
            if !partlyDropped.contains(number) { oracle.settle(number, .safe) }
        }
    }

    private func log(_ step: SoakStep) throws {
        guard let writer = writer(step.a) else { return }
        let metric = Self.metrics[step.b % Self.metrics.count]
        let time = Int64(step.c)
        switch step.kind {
        case .logMany:
            let series = try writer.run.series(metric)
            let count = 1 + step.c % 1_800
            let before = writer.run.health.dropped
            let numbers = (0..<count).map { note(writer, metric, $0, time) }
            let values = numbers.map(Double.init)
            let times = [Int64](repeating: time, count: count)
            series.log(contentsOf: values.span, steps: Array(0..<count).span, times: times.span)
            settle(numbers, writer, droppedBefore: before)
            noteParts(numbers, writer, before)
        case .logRow:
            let before = writer.run.health.dropped
            let row = try Self.metrics.map { ($0, try writer.run.series($0)) }
            let numbers = row.map { note(writer, $0.0, step.c, time) }
            writer.run.log(step: step.c, time: time, zip(row, numbers).map { ($0.1, Double($1)) })
            settle(numbers, writer, droppedBefore: before)
            noteParts(numbers, writer, before)
        default:
            let series = try writer.run.series(metric)
            for i in 0..<1 + step.c % 30 {
                let before = writer.run.health.dropped
                let number = note(writer, metric, i, time)
                series.log(Double(number), step: i, time: time)
                settle([number], writer, droppedBefore: before)
                if fileSystem.isKilled { return }
            }
        }
    }

    private func noteParts(_ numbers: [Int], _ writer: Writer, _ before: Int) {
        if writer.run.health.dropped != before { partlyDropped.formUnion(numbers) }
    }

    private func text(_ step: SoakStep) throws {
        guard let writer = writer(step.a) else { return }
        let number = note(writer, nil, 0, 0, form: .line)
        try writer.run.text("\(number)")
        if !fileSystem.isKilled { oracle.settle(number, .safe) }
    }

    private func record(_ step: SoakStep) throws {
        guard let writer = writer(step.a) else { return }
        let at: Int? = step.b % 3 == 0 ? nil : step.b % 40
        let number = note(writer, nil, at ?? .min, Int64(step.c), form: .record)
        guard let content = SoakRecord.content(number) else { return }
        try writer.run.log(content, name: SoakRecord.name, step: at, time: Int64(step.c))
        if !fileSystem.isKilled { oracle.settle(number, .safe) }
    }

    private func property(_ step: SoakStep) throws {
        guard let writer = writer(step.a) else { return }
        // Writers of one run don't know of one another's revisions: each has a key of its own.
        let key = "writer.\(writer.number)"
        let value = oracle.properties.begin(writer.id, key, writer: writer.number)
        try writer.run.set(key, .int(Int64(value)))
        if !fileSystem.isKilled { oracle.properties.settle(writer.id, key, value) }
    }

    /// Twice: the first may find that it has to move to another file, and the second makes that durable.
    private func tick(_ writer: Writer) {
        writer.run.tick()
        writer.run.tick()
        guard isCalm, !fileSystem.isKilled else { return }
        settleBuffered(writer)
        oracle.makeDurable(writer: writer.number)
    }
}
