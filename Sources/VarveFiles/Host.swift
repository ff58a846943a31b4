import VarveFormat

/// The machine and the process: clocks, names, randomness, and who is alive. Real and simulated, as ``FileSystem``.
package protocol Host: Sendable {
    /// Wall time, nanoseconds since 1970. May go back.
    func wallTime() -> Int64
    /// Nanoseconds that never go back, with no fixed origin.
    func monotonicTime() -> Int64
    func random() -> UInt64
    /// A fresh version 7 UUID. On a real host each is greater than those this process made before.
    func newID() -> UniqueID
    /// Which process this is; what a journal's header says of its writer.
    func identity() -> ProcessIdentity
    /// Whether the process that `identity` names lives; nil if this host can't tell (another boot, another PID namespace).
    func isAlive(_ identity: ProcessIdentity) -> Bool?
    /// A variable of the process's environment.
    func environment(_ name: String) -> String?
    /// Processors that this process may run on, at least 1.
    var processors: Int { get }
}

extension Host {
    /// One, unless a host knows better: what a simulation does is then the same each time.
    package var processors: Int { 1 }

    /// One whose order within a millisecond is chance.
    package func newID() -> UniqueID {
        UniqueID(milliseconds: UInt64(max(0, wallTime()) / 1_000_000), random: (random(), random()))
    }
}

/// Names one process for ever: a PID alone is soon given to another.
package struct ProcessIdentity: Hashable, Sendable {
    /// The kernel's boot ID: changes with each start of the machine.
    package var boot: UniqueID
    /// The PID namespace's inode: two containers share the boot ID and not this.
    package var namespace: UInt64
    package var pid: UInt32
    /// When the process started, in clock ticks since boot.
    package var started: UInt64
    /// The host's name, for people.
    package var hostName: String

    package init(boot: UniqueID, namespace: UInt64, pid: UInt32, started: UInt64, hostName: String) {
        self.boot = boot
        self.namespace = namespace
        self.pid = pid
        self.started = started
        self.hostName = hostName
    }
}
