import Glibc
import Varve

/// Logs from four threads, each in its own way, for ever.
///
/// - Parameter slow: all of them pause now and then.
func logForEver(_ run: Run, slow: Bool, _ acknowledgements: Acknowledgements) throws -> Never {
    for thread in 1..<4 { start { try? log(run, thread: thread, slow: slow, acknowledgements) } }
    try log(run, thread: 0, slow: slow, acknowledgements)
}

private func log(_ run: Run, thread: Int, slow: Bool, _ acknowledgements: Acknowledgements) throws -> Never {
    let series = try run.series("t\(thread)")
    var step = 0
    while true {
        switch thread {
        case 0, 1:
            series.log(value(thread, step), step: step)
            step += 1
        case 2:
            run.log(step: step, [(series, value(thread, step))])
            step += 1
        default:
            let values = (0..<50).map { value(thread, step + $0) }
            series.log(contentsOf: values.span, firstStep: step)
            step += 50
        }
        acknowledgements.set(thread, step)
        // Some threads are slow, so that the ring isn't always being drained.
        if slow, step % 50 == 0 { usleep(1_000) } else if thread % 2 == 1, step % 500 == 0 { usleep(300) }
    }
}

/// Writes lines of JSON to standard output, all of one length, for ever.
func feed(_ acknowledgements: Acknowledgements) -> Never {
    var step = 0
    while true {
        let digits = String(step)
        let spaces = String(repeating: " ", count: 12 - digits.utf8.count)
        let line = "{\"step\":\(spaces)\(digits),\"t0\":\(step / 2).\(step % 2 * 5)"
        let bytes = Array(line.utf8) + [UInt8](repeating: 0x20, count: 46 - line.utf8.count) + Array("}\n".utf8)
        var done = 0
        while done < bytes.count {
            let count = bytes[done...].withUnsafeBytes { Glibc.write(1, $0.baseAddress, $0.count) }
            guard count > 0 else { exit(0) }
            done += count
        }
        step += 1
        acknowledgements.set(0, step)
        if step % 200 == 0 { usleep(200) }
    }
}

/// Builds and merges the index of a repository again and again, from many small segments.
func compactForEver(_ path: String, _ acknowledgements: Acknowledgements) throws -> Never {
    let repository = try Repository.open(path)
    var options = CompactionOptions()
    options.mergeWidth = 2
    options.buildPoints = 700
    var rounds = 0
    while true {
        _ = try repository.compact(options)
        rounds += 1
        acknowledgements.set(0, rounds)
        // Deleting the index is allowed at any time, and makes work for the next round.
        guard rounds % 2 == 0, let directory = opendir(path + "/index") else { continue }
        while let entry = readdir(directory) {
            withUnsafePointer(to: &entry.pointee.d_name) { name in
                name.withMemoryRebound(to: CChar.self, capacity: 256) { name in
                    if name.pointee != 0x2E { unlink(path + "/index/" + String(cString: name)) }
                }
            }
        }
        closedir(directory)
    }
}

private func start(_ body: @escaping @Sendable () -> Void) {
    final class Box {
        let body: @Sendable () -> Void; init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    pthread_create(
        &thread, nil,
        { box in
            if let box { Unmanaged<Box>.fromOpaque(box).takeRetainedValue().body() }
            return nil
        }, Unmanaged.passRetained(Box(body)).toOpaque())
}
