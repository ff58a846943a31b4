import Foundation
import Testing
import Varve

/// A training that crashes three times and goes on from its last checkpoint each time shows one clean curve; what was taken back is
/// there for those who ask.
struct RestartTests {
    @Test func threeCrashes() throws {
        let shell = try Shell()
        // Each attempt gets ten steps beyond its checkpoint, which is five steps before it crashes.
        func steps(_ range: Range<Int>, _ attempt: Int) -> String {
            range.map { "{\"step\": \($0), \"loss\": \(Double(100 * attempt + $0))}\n" }.joined()
        }
        try shell.succeed("varve log --run training", input: steps(0..<10, 0))
        for attempt in 1...3 {
            let checkpoint = 5 * attempt
            try shell.succeed(
                "varve log --resume training --from \(checkpoint)",
                input: steps(checkpoint..<(checkpoint + 10), attempt))
        }
        for look in 0..<2 {
            let clean = try shell.succeed("varve series loss --format tsv | cut -f 4,6").lines.dropFirst()
            let expected = (0..<25).map { "\($0)\t\(Double(100 * min($0 / 5, 3) + $0))" }
            #expect(Array(clean) == expected, "look \(look)")
            #expect(try shell.succeed("varve series loss --all").lines.count == 41, "look \(look)")
            #expect(try shell.succeed("varve runs --format tsv | wc -l").output == "2\n")
            let picture = try shell.succeed("varve plot loss --colour never --width 60 --height 15").output
            #expect(picture.contains("loss") && picture.contains("step"))
            try shell.succeed("varve compact")
        }
        #expect(try shell.run("varve plot loss --all -o all.svg").code == 0)
        #expect(try shell.succeed("grep -c '<svg' all.svg").output == "1\n")
    }
}
