import Glibc
import Varve
import VarveImport

/// Standard input as it comes, up to its end, or to a signal: then what is there already is still taken.
final class StandardInput: ByteSource {
    let name = "standard input"
    private let descriptor: Int32
    private let signals: SignalPipe?
    private var taken = 0

    init(descriptor: Int32 = 0, signals: SignalPipe?) {
        self.descriptor = descriptor
        self.signals = signals
    }

    func size() throws(VarveError) -> Int { taken }

    /// Returns as soon as there are bytes at all; 0 at the end. Bytes come once, in order: `offset` is where the last read
    /// ended.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(VarveError) -> Int {
        while true {
            var waiting = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
            let wasInterrupted = signals?.signalNumber != nil
            if let signals, !wasInterrupted {
                waiting.append(pollfd(fd: signals.readEnd, events: Int16(POLLIN), revents: 0))
            }
            let ready = poll(&waiting, nfds_t(waiting.count), wasInterrupted ? 0 : -1)
            if ready < 0, errno != EINTR { throw failure() }
            if ready == 0 { return 0 }
            guard ready > 0, waiting[0].revents != 0 else { continue }
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            if count >= 0 {
                taken += count
                return count
            }
            if errno != EINTR, errno != EAGAIN { throw failure() }
        }
    }

    private func failure() -> VarveError {
        VarveError(.system, "can't read standard input: \(String(cString: strerror(errno)))")
    }
}
