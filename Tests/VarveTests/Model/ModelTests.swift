import Testing
import VarveFiles
import VarveTestSupport

@testable import Varve

/// Random histories of a repository (log, batch, set, text, finish, kill, resume with rewind, seal, compact, remove,
/// delete the index,
/// copy, read) against plain arrays: at any moment every view of every run is exactly what was logged.
@Suite struct ModelTests {
    /// How many histories a run of the tests lives through; `VARVE_MODEL_SEEDS` asks for others, such as `1000..<2000`.
    static var seeds: Range<UInt64> {
        let text = RealHost().environment("VARVE_MODEL_SEEDS") ?? "0..<400"
        let bounds = text.split(separator: "..<").compactMap { UInt64($0) }
        return bounds.count == 2 && bounds[0] < bounds[1] ? bounds[0]..<bounds[1] : 0..<400
    }

    @Test func historiesAreReadBackAsTheyWereLogged() {
        withSeeds(Self.seeds) { seed, random in
            let world = try World(seed: seed, random: random)
            do {
                for _ in 0..<40 { try world.step() }
                try world.check()
            } catch {
                throw Unmet(description: "\(error)\n  after: \(world.story.joined(separator: ", "))")
            }
        }
    }
}
