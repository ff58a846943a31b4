import Testing
import VarveFiles
import VarveTestSupport

@testable import Varve

/// Shows what patterns mean, beside the standard library's own engine, and that no pattern takes for ever.
@Suite struct TextPatternTests {
    @Test(arguments: [
        ("net", "resnet-18", true), ("^net", "resnet", false), ("^res", "resnet", true), ("18$", "resnet-18", true),
        ("^resnet-\\d+$", "resnet-18", true), ("^resnet-\\d+$", "resnet-x", false), ("a|b", "xb", true),
        ("^(a|b)$", "c", false), ("[^a-c]", "abc", false), ("[]x]", "]", true), ("[a\\-z]", "-", true),
        ("x{2,3}", "axxb", true), ("^x{2,3}$", "xxxx", false), ("^x{2,}$", "xxxxx", true), ("^x{3}$", "xx", false),
        ("x{a", "x{a", true), ("(?i)LOSS", "val/Loss", true), ("loss", "Loss", false), ("(?i)[^a]", "A", false),
        ("\\bval\\b", "val/loss", true), ("\\bval\\b", "interval", false), ("\\Bval", "interval", true),
        ("a.c", "a\nc", true), ("", "", true), ("", "x", true), ("^$", "x", false), ("\\.", "a.b", true),
        ("\\.", "ab", false), ("(?:ab)+c", "ababc", true), ("^(?:ab)*?$", "abab", true), ("é", "café", true),
        ("^.$", "é", true), ("[α-ω]+", "x λ", true), ("\\w\\s\\W", "a -", true), ("(?i)ÄB", "äb", true),
    ])
    func matches(_ pattern: String, _ text: String, _ expected: Bool) throws {
        #expect(try TextPattern(pattern).isFound(in: text) == expected, "\(pattern) in \(text)")
    }

    @Test(arguments: [
        ("a(b", 1), ("a)", 1), ("*a", 0), ("a**", 2), ("[a", 0), ("a\\", 1), ("(?=a)", 0), ("\\1", 0), ("x{3,2}", 1),
        ("[b-a]", 4), ("\\q", 0), ("é(", 2), ("(x{1000}){1000}", 0), ("x{1001}", 5), ("(?<n>x)", 0),
    ])
    func refuses(_ pattern: String, _ offset: Int) {
        do throws(PatternError) {
            _ = try TextPattern(pattern)
            Issue.record("\(pattern) is taken")
        } catch {
            #expect(error.offset == offset, "\(pattern): \(error)")
        }
    }

    /// Random patterns over few letters, against the standard library's.
    @Test func agreesWithAnotherEngine() throws {
        withSeeds(0..<600) { seed, random in
            func below(_ count: Int, _ random: inout SplitMix64) -> Int { Int(random.next() % UInt64(count)) }
            func node(_ depth: Int, _ random: inout SplitMix64) -> String {
                switch depth == 0 ? 0 : below(7, &random) {
                case 1: return "(\(node(depth - 1, &random))|\(node(depth - 1, &random)))"
                case 2, 3:
                    let sign = ["*", "+", "?", "{2}", "{1,2}", "{0,1}"][below(6, &random)]
                    return "(?:\(node(depth - 1, &random)))\(sign)"
                case 4, 5: return node(depth - 1, &random) + node(depth - 1, &random)
                case 6: return ["^", "$", "\\b"][below(3, &random)] + node(depth - 1, &random)
                default: return ["a", "b", ".", "[ab]", "[^a]", "c", "\\w"][below(7, &random)]
                }
            }
            let source = node(4, &random)
            let pattern = try TextPattern(source)
            let other = try Regex(source).dotMatchesNewlines().wordBoundaryKind(.simple)
            for _ in 0..<6 {
                let text = (0..<below(6, &random)).map { _ in ["a", "b", "c", "-"][below(4, &random)] }.joined()
                try require(
                    pattern.isFound(in: text) == (try other.firstMatch(in: text) != nil), "\(source) in '\(text)'")
            }
        }
    }

    /// Patterns that take engines which backtrack until the end of the universe. That this returns is the test.
    @Test func nothingTakesForEver() throws {
        let text = String(repeating: "a", count: 5_000) + "!"
        for source in ["^(a+)+$", "^(a|a)*$", "^(a*)*b$", "(x+x+)+y", "^(a?){100}a{100}$", "(((a*)*)*)*$b"] {
            #expect(try !TextPattern(source).isFound(in: text), "\(source)")
        }
    }
}
