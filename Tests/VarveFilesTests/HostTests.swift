import CVarveClock
import Glibc
import Testing
import VarveFormat
import VarveTestSupport

@testable import VarveFiles

/// Proves that a process is named for ever, and that the living are told from the dead, with real children and invented ones.
@Suite struct HostTests {
    private let host = RealHost()

    @Test func thisProcess() throws {
        let own = host.identity()
        #expect(own.pid == UInt32(getpid()))
        #expect(own.boot != .zero && own.namespace != 0 && own.started > 0 && !own.hostName.isEmpty)
        #expect(RealHost().identity() == own)
        #expect(host.isAlive(own) == true)
        #expect(host.random() != host.random())
        #expect(host.newID() != host.newID())
        let wall = host.wallTime()
        #expect(wall > 1_700_000_000_000_000_000)
        #expect(host.monotonicTime() <= host.monotonicTime())
        #expect(host.environment("VARVE_NO_SUCH_VARIABLE") == nil)
        #expect(host.environment("PATH") != nil)
    }

    /// Runs of one process are listed in the order in which they were started, be they as many as there may be in a millisecond.
    @Test func laterIDsAreGreater() {
        let ids = (0..<10_000).map { _ in host.newID() }
        #expect(zip(ids, ids.dropFirst()).allSatisfy { $0 < $1 })
        let now = UInt64(host.wallTime()) / 1_000_000
        #expect(ids.allSatisfy { $0.milliseconds < now + 1000 && now < $0.milliseconds + 60_000 })
        #expect(Set(ids.map(\.low)).count == ids.count)
    }

    @Test func idsFollowTheClock() {
        let ids = OrderedIDs()
        let (second, start): (Int64, Int64) = (1_000_000_000, 1_700_000_000_123_456_789)
        func next(_ time: Int64) -> UniqueID { ids.next(time: time, random: .max) }
        let first = next(start)
        // 456,789 of 1,000,000 ns are 1871 of 4096 units.
        #expect(first == UniqueID(milliseconds: 1_700_000_000_123, random: (1871, .max)))
        #expect(first.description.dropFirst(14).first == "7")
        #expect(next(start) == UniqueID(milliseconds: 1_700_000_000_123, random: (1872, .max)))
        // A clock set back by less than a second doesn't change the order, one set back by more is followed.
        let later = next(start + second)
        #expect(later.milliseconds == 1_700_000_001_123)
        #expect(next(start + 1_000_000) == UniqueID(milliseconds: 1_700_000_001_123, random: (1872, .max)))
        #expect(next(start - second) == UniqueID(milliseconds: 1_699_999_999_123, random: (1871, .max)))
        // The last unit of a millisecond is followed by the next millisecond.
        let end = next(1_800_000_000_999_999_999)
        #expect(end == UniqueID(milliseconds: 1_800_000_000_999, random: (4095, .max)))
        #expect(next(1_800_000_000_999_999_999) == UniqueID(milliseconds: 1_800_000_001_000, random: (0, .max)))
        #expect(next(-5).milliseconds == 0)
    }

    @Test func whoCannotBeJudged() {
        var other = host.identity()
        other.boot.low ^= 1
        #expect(host.isAlive(other) == nil)
        other = host.identity()
        other.namespace += 1
        #expect(host.isAlive(other) == nil)
        // To the system 0 is our own group and numbers beyond Int32 are negative, which name groups as well.
        for pid in [0, UInt32.max, 1 << 31] {
            other = host.identity()
            other.pid = pid
            #expect(host.isAlive(other) == nil)
        }
    }

    @Test func whoIsDead() {
        // This PID lives, but it isn't the same process if it started at another time.
        var other = host.identity()
        other.started += 1
        #expect(host.isAlive(other) == false)
        other.pid = 4_194_304  // the largest PID a kernel allows is one less
        #expect(host.isAlive(other) == false)
    }

    @Test func aChildLivesAndDies() throws {
        let child = varve_fork()
        if child == 0 { while true { pause() } }
        try #require(child > 0)
        guard case .found(let status) = ProcessStatus.read("/proc/\(child)/stat") else {
            Issue.record("no status of the child")
            return
        }
        var identity = host.identity()
        identity.pid = UInt32(child)
        identity.started = status.started
        #expect(host.isAlive(identity) == true)
        kill(child, SIGKILL)
        // Leaves it a zombie, which has written what it ever will.
        var info = siginfo_t()
        #expect(waitid(P_PID, id_t(child), &info, WEXITED | WNOWAIT) == 0)
        #expect(host.isAlive(identity) == false)
        var code: Int32 = 0
        #expect(waitpid(child, &code, 0) == child)
        #expect(host.isAlive(identity) == false)
    }

    @Test func statusLines() throws {
        func line(_ name: String, state: String = "S", threads: Int = 1, started: Int = 77) -> [UInt8] {
            Array("12 (\(name)) \(state) 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 \(threads) 18 \(started) 20 21\n".utf8)
        }
        #expect(ProcessStatus(line("sh"))?.started == 77)
        #expect(ProcessStatus(line("a) R 5 (b c"))?.started == 77)
        #expect(ProcessStatus(line(") ) )"))?.isRunning == true)
        #expect(ProcessStatus(line("z", state: "Z"))?.isRunning == false)
        #expect(ProcessStatus(line("z", state: "Z", threads: 3))?.isRunning == true)
        #expect(ProcessStatus(line("z", state: "X"))?.isRunning == false)
        #expect(ProcessStatus([]) == nil)
        let whole = line("sh")
        let started = try #require(ProcessStatus(whole))
        // Cut off anywhere, it is nothing or a number that a prefix of the digits gives; never a crash.
        for length in 0..<whole.count {
            let part = ProcessStatus(Array(whole[..<length]))
            #expect(part == nil || part == started || part?.started == 7)
        }
    }

    @Test func simulated() {
        let machine = SimulatedMachine(seed: 1)
        let (a, b) = (SimulatedHost(machine), SimulatedHost(machine, environment: ["X": "1"]))
        #expect(a.identity() != b.identity())
        #expect(a.isAlive(b.identity()) == true)
        b.die()
        #expect(a.isAlive(b.identity()) == false)
        #expect(b.environment("X") == "1" && a.environment("X") == nil)
        let before = a.wallTime()
        machine.advance(5)
        #expect(b.wallTime() == before + 5)
        #expect(SimulatedHost(seed: 9).random() == SimulatedHost(seed: 9).random())
        // Another container, another machine, another boot: nobody can tell.
        #expect(SimulatedHost(SimulatedMachine(seed: 1, namespace: 2)).isAlive(a.identity()) == nil)
        #expect(SimulatedHost(seed: 2).isAlive(a.identity()) == nil)
        machine.reboot()
        #expect(SimulatedHost(machine).isAlive(a.identity()) == nil)
    }
}
