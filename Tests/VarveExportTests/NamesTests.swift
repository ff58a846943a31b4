import Testing
import Varve
import VarveTestSupport

@testable import VarveExport

/// Shows that names become paths that lead nowhere else, that no two become one, and that names which are fine stay.
struct NamesTests {
    @Test(
        arguments: [
            ("run 1", "run 1"), ("größe", "größe"), ("a/b/c", "a/b/c"), ("/abs", "abs"), ("../../etc", "__/__/etc"),
            ("..", "__"), (".", "_"), ("", "_"), ("//", "_"), (".hidden", "_hidden"), ("a\u{0}b\nc", "a_b_c"),
            ("con:x*?", "con_x__"), ("end.", "end_"), ("end ", "end_"), ("a\u{202E}b", "a_b"),
            ("1/2/3/4/5/6/7/8/9", "1_2_3_4_5_6_7_8_9"),
        ])
    func foldersAreSafe(_ name: String, _ expected: String) {
        #expect(SafeName.path(name) == expected)
        for part in SafeName.path(name).split(separator: "/") {
            #expect(part != "." && part != ".." && part.utf8.count <= 121)
        }
    }

    @Test func longNamesAreCut() {
        let long = String(repeating: "ü", count: 500)
        #expect(SafeName.component(long).utf8.count <= 120 && SafeName.component(long).allSatisfy { $0 == "ü" })
    }

    @Test func twinsAreToldApart() {
        var names = DistinctNames()
        #expect(names.take("Run", else: "1") == "Run")
        #expect(names.take("run", else: "2") == "run-2")
        #expect(names.take("RUN", else: "2") == "RUN-2-2")
        #expect(names.take("gr\u{F6}", else: "3") == "gr\u{F6}")
        #expect(names.take("gro\u{308}", else: "4") == "gro\u{308}-4")
    }

    @Test func mlflowTakesThem() {
        var names = MLflowNames()
        #expect(names.take("val/loss") == "val/loss")
        #expect(names.take("größe") == "größe")
        #expect(names.take("a=b:c") == "a_b_c")
        #expect(names.take("a_b_c") == "a_b_c_2" || names.take("a_b_c").hasPrefix("a_b_c_"))
        #expect(names.take("val") == "val_2")
        #expect(names.take("val/loss/x") == "val.loss.x")
        #expect(names.take("../x") == "_/x")
        #expect(names.take("/x//y/") == "_.x._.y._")
        #expect(names.take("") == "_2" || names.take("").hasPrefix("_"))
        #expect(names.take(String(repeating: "x/", count: 400)).utf8.count <= 210)
    }
}
