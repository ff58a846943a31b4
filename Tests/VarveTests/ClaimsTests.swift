import Testing
import VarveFiles
import VarveFormat
import VarveTestSupport

@testable import Varve

/// A claim is held by one process at a time, whoever dies with one, and whatever the clock does.
struct ClaimsTests {
    private let files = SimulatedFileSystem(seed: 1)
    private let machine = SimulatedMachine(seed: 1)

    private func claims(_ host: SimulatedHost) throws -> Claims {
        let environment = Environment(fileSystem: files, host: host, hasThreads: false)
        return Claims(try Repository.openOrCreate(at: "/repo", name: "", environment))
    }

    @Test func oneAtATime() throws {
        let (first, second) = (try claims(SimulatedHost(machine)), try claims(SimulatedHost(machine)))
        let claim = try #require(try first.take("a"))
        #expect(try first.take("a") == nil && second.take("a") == nil)
        let other = try #require(try second.take("b"))
        first.release(claim)
        let next = try #require(try second.take("a"))
        #expect(try first.take("a") == nil)
        second.release(next)
        second.release(other)
        #expect(try files.list("/repo/claims") == [])
    }

    /// Of those who come after somebody who died with it one gets it, and all that was left behind goes with his release.
    @Test func theDeadHoldNothing() throws {
        for _ in 0..<3 {
            let host = SimulatedHost(machine)
            _ = try #require(try claims(host).take("a"))
            host.die()
        }
        let (first, second) = (try claims(SimulatedHost(machine)), try claims(SimulatedHost(machine)))
        let claim = try #require(try first.take("a"))
        #expect(try second.take("a") == nil && files.list("/repo/claims").count == 4)
        first.release(claim)
        #expect(try files.list("/repo/claims") == [])
        #expect(try second.take("a") != nil)
    }

    /// Of a process on another machine nobody knows whether it lives: its claim ends with its time, also after a reboot.
    @Test func timeEndsAClaim() throws {
        let here = try claims(SimulatedHost(machine))
        _ = try #require(try claims(SimulatedHost(SimulatedMachine(seed: 2))).take("a"))
        #expect(try here.take("a") == nil)
        machine.advance(299_000_000_000)
        #expect(try here.take("a") == nil)
        machine.advance(2_000_000_000)
        let claim = try #require(try here.take("a"))
        here.release(claim)
        // A clock that was set back makes no claim last.
        _ = try #require(try claims(SimulatedHost(SimulatedMachine(seed: 3))).take("b"))
        machine.setWallTime(1_000_000_000_000_000_000)
        #expect(try here.take("b") != nil)
    }

    /// What somebody else wrote there is nobody's claim.
    @Test func strangersHoldNothing() throws {
        let here = try claims(SimulatedHost(machine))
        let claim = try #require(try here.take("a"))
        let name = try #require(try files.list("/repo/claims").first)
        here.release(claim)
        for bytes in [[], Array("1 2 3".utf8), [UInt8](repeating: 0xFF, count: 99)] as [[UInt8]] {
            let file = try files.open("/repo/claims/\(name)", .createNew)
            try file.write(bytes, at: 0)
            file.close()
            let mine = try #require(try here.take("a"))
            here.release(mine)
            #expect(try files.list("/repo/claims") == [])
        }
    }
}
