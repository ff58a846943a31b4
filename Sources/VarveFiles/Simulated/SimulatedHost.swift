import Synchronization
import VarveFormat

/// A machine and a process as a test wants them: clocks that stand still until they are moved, random numbers from a seed,
/// and a list of who lives.
///
/// Several hosts that share a ``SimulatedMachine`` are processes of one machine.
package final class SimulatedHost: Host {
    package let machine: SimulatedMachine
    private let own: ProcessIdentity
    private let variables: Mutex<[String: String]>

    /// A new process, alive, with the machine's next PID.
    package init(_ machine: SimulatedMachine, environment: [String: String] = [:]) {
        self.machine = machine
        own = machine.startProcess()
        variables = Mutex(environment)
    }

    /// A process on a machine of its own.
    package convenience init(seed: UInt64, environment: [String: String] = [:]) {
        self.init(SimulatedMachine(seed: seed), environment: environment)
    }

    package func wallTime() -> Int64 { machine.wallTime }
    package func monotonicTime() -> Int64 { machine.monotonicTime }
    package func random() -> UInt64 { machine.random() }
    package func identity() -> ProcessIdentity { own }
    package func environment(_ name: String) -> String? { variables.withLock { $0[name] } }

    package func setEnvironment(_ name: String, _ value: String?) { variables.withLock { $0[name] = value } }

    package func isAlive(_ identity: ProcessIdentity) -> Bool? {
        guard identity.boot == own.boot, identity.namespace == own.namespace else { return nil }
        return machine.lives(identity)
    }

    /// The process ends: the others see it dead from now on.
    package func die() { machine.end(own) }
}

/// What the processes of one simulated machine have in common.
package final class SimulatedMachine: Sendable {
    private struct State {
        var wall: Int64 = 1_700_000_000_000_000_000
        var monotonic: Int64 = 1_000_000_000
        var random: SplitMix64
        var alive: Set<ProcessIdentity> = []
        var boot: UniqueID
        var nextPID: UInt32 = 100
    }

    private let state: Mutex<State>
    private let name: String
    private let namespace: UInt64

    /// - Parameter namespace: of PIDs; machines with one seed and two of these are two containers of one machine.
    package init(seed: UInt64, name: String = "simulated", namespace: UInt64 = 1) {
        var random = SplitMix64(seed: seed)
        let boot = UniqueID(high: random.next() | 1, low: random.next())
        state = Mutex(State(random: random, boot: boot))
        self.name = name
        self.namespace = namespace
    }

    package var wallTime: Int64 { state.withLock { $0.wall } }
    package var monotonicTime: Int64 { state.withLock { $0.monotonic } }

    /// Time passes on both clocks.
    package func advance(_ nanoseconds: Int64) {
        state.withLock {
            $0.wall &+= nanoseconds
            $0.monotonic &+= max(0, nanoseconds)
        }
    }

    /// Somebody sets the clock.
    package func setWallTime(_ time: Int64) { state.withLock { $0.wall = time } }

    /// Every process ends, and a new boot begins.
    package func reboot() {
        state.withLock {
            $0.alive = []
            $0.boot = UniqueID(high: $0.random.next() | 1, low: $0.random.next())
            $0.monotonic = 1_000_000_000
            $0.nextPID = 100
        }
    }

    func random() -> UInt64 { state.withLock { $0.random.next() } }

    func startProcess() -> ProcessIdentity {
        state.withLock { state in
            let identity = ProcessIdentity(
                boot: state.boot, namespace: namespace, pid: state.nextPID,
                started: UInt64(state.monotonic / 10_000_000),
                hostName: name)
            state.nextPID += 1
            state.alive.insert(identity)
            return identity
        }
    }

    func lives(_ identity: ProcessIdentity) -> Bool {
        // A name is for people: what the others say decides.
        state.withLock { $0.alive.contains { $0.pid == identity.pid && $0.started == identity.started } }
    }

    func end(_ identity: ProcessIdentity) { _ = state.withLock { $0.alive.remove(identity) } }
}
