import Testing
import Varve
import VarveFiles
import VarveTestSupport

@testable import VarveImport

/// Proves that following brings what grows, once, whatever appears, and that it may be stopped and begun again anywhere.
@Suite struct FollowTests {
    @Test(arguments: [1, 2, 100]) func bringsWhatGrows(_ passesEach: Int) throws {
        try Place.with { place in
            var follower = ImportFollower(place.repository, place.logs) { 0 }
            var rows = ""
            for step in 0..<12 {
                rows += "\(step),\(Double(step) / 4)\n"
                // The last row may be cut anywhere.
                let cut = String(rows.dropLast(step % 4))
                try place.write("a/m.csv", "step,loss\n" + cut)
                if step > 5 {
                    try place.write("b/m.jsonl", (6...step).map { "{\"step\":\($0),\"x\":1}\n" }.joined())
                }
                _ = try follower.pass()
                if step % passesEach == 0 { follower = ImportFollower(place.repository, place.logs) { 0 } }
            }
            try place.write("a/m.csv", "step,loss\n" + rows)
            _ = try follower.pass()
            let expected = (0..<12).map { " \($0)=\(Double($0) / 4)" }.joined()
            let later = (6..<12).map { " \($0)=1.0" }.joined()
            #expect(try place.shown() == ["a loss:" + expected, "b x:" + later])
        }
    }

    /// The pause grows while nothing happens, to less than a second, and is short again when something did.
    @Test func pausesLonger() throws {
        try Place.with { place in
            let follower = ImportFollower(place.repository, Paths.join(place.logs, "later")) { 0 }
            #expect(try follower.pass().files == 0)
            for _ in 0..<9 { _ = try follower.pass() }
            #expect(follower.pause == 0.8)
            try place.write("later/m.csv", "step,loss\n1,2\n")
            #expect(try follower.pass().newRuns == 1 && follower.pause == 0.2)
        }
    }
}
