import Glibc
import VarveFiles

/// Threads of the system that run one body: for tests whose bodies block, which Swift's own few threads must not.
package final class Threads {
    private final class Start {
        let number: Int
        let body: @Sendable (Int) -> Void

        init(_ number: Int, _ body: @escaping @Sendable (Int) -> Void) {
            self.number = number
            self.body = body
        }
    }

    private var threads: [pthread_t] = []

    /// Starts `count` threads; each calls `body` with its number.
    package init(count: Int, _ body: @escaping @Sendable (Int) -> Void) throws(FileError) {
        for number in 0..<count {
            var thread = pthread_t()
            let context = Unmanaged.passRetained(Start(number, body))
            let code = pthread_create(
                &thread, nil,
                { context in
                    guard let context else { return nil }
                    let start = Unmanaged<Start>.fromOpaque(context).takeRetainedValue()
                    start.body(start.number)
                    return nil
                }, context.toOpaque())
            guard code == 0 else {
                context.release()
                throw FileError("pthread_create", "\(number)", .init(rawValue: code))
            }
            threads.append(thread)
        }
    }

    /// Waits for all of them; once.
    package func join() {
        for thread in threads { pthread_join(thread, nil) }
        threads = []
    }
}
