import Glibc

/// Short waits of threads that can't go on.
enum Pause {
    /// Gives the processor to somebody else for about 20 µs.
    static func short() { usleep(20) }
}
