import Foundation
import Testing
import Varve

/// The verbs that change, remove, move and keep runs, as a person uses them.
struct LifecycleVerbsTests {
    private func campaign() throws -> Shell {
        let shell = try Shell()
        for (name, lr) in [("a", "0.1"), ("b", "0.2"), ("c", "0.3")] {
            try shell.succeed("varve log --run \(name) --param lr=\(lr)", input: "step,loss\n0,0.5\n1,0.25\n")
        }
        return shell
    }

    private func names(_ shell: Shell, _ options: String = "") throws -> [String] {
        Array(try shell.succeed("varve runs \(options) --format tsv | cut -f 2").lines.dropFirst())
    }

    @Test func edits() throws {
        let shell = try campaign()
        let tagged = try shell.succeed("varve tag --where 'params.lr > 0.1' --add big --add late")
        #expect(tagged.output == "changed 2 runs\n")
        try shell.succeed("varve tag c --remove late")
        #expect(try names(shell, "--where '\"late\" in tags'") == ["b"])
        try shell.succeed("varve rename a first")
        try shell.succeed("varve rename b ''")
        let renamed = try shell.succeed("varve rename $(varve runs | sed -n 3p | cut -f 1) b")
        #expect(renamed.output.hasSuffix(" is b now\n"))
        try shell.succeed("varve note first -m 'not converged'")
        try shell.succeed("varve set first --param optimizer=adam --value best=0.25 --status failed --unset params.lr")
        let run = try JSONValue(parsing: shell.succeed("varve runs --where 'name == \"first\"' --format jsonl").output)
        #expect(run["params.optimizer"] == "adam" && run["values.best"] == .double(0.25) && run["status"] == "failed")
        #expect(run["note"] == "not converged" && run["params.lr"]?.doubleValue == nil)
        try shell.succeed("varve set first --status none")
        #expect(try names(shell, "--where 'status == \"finished\"'").count == 3)
        #expect(try shell.run("varve tag first").code == 2)
        #expect(try shell.run("varve tag frist --add x").errors.contains("did you mean 'first'?"))
    }

    /// A directory that has a repository as `.varve` stands for it wherever one is named.
    @Test func namesDirectories() throws {
        let shell = try campaign()
        try shell.succeed("mkdir other && cd other && varve init && cd .. && varve cp a --to other")
        #expect(try names(shell, "--repo other") == ["a"])
        try shell.succeed("cd other && varve merge .. && varve mv b --to ..")
        #expect(try names(shell, "--repo other/") == ["a", "c"] && names(shell, "--repo .") == ["a", "b", "c"])
    }

    /// Where nothing would go, a rehearsal says what the removal would.
    @Test func rehearsesNothing() throws {
        let shell = try campaign()
        for option in ["", "--dry-run"] {
            let result = try shell.run("varve rm --where 'params.lr > 7' \(option)")
            #expect(result.code == 1 && result.errors == "no run matches\n" && result.output.isEmpty, "\(result)")
        }
        #expect(try shell.run("varve rm --where 'params.lr > 0.1' --dry-run").code == 0)
        #expect(try names(shell).count == 3)
    }

    @Test func archives() throws {
        let shell = try campaign()
        try shell.succeed("varve archive b")
        #expect(try names(shell) == ["a", "c"])
        #expect(try names(shell, "--archived") == ["b"])
        // Those that aren't shown don't count against a limit; who asks for them by name gets them.
        #expect(try names(shell, "--where 'order by name limit 2'") == ["a", "c"])
        #expect(try names(shell, "--archived --where 'params.lr > 0 order by name limit 2'") == ["b"])
        #expect(try names(shell, "--where 'archived or name == \"a\"'") == ["a", "b"])
        // A param that only runs have that aren't listed is a column all the same.
        try shell.succeed("varve set b --param width=3")
        for filter in ["", "--where 'points < 0'"] {
            #expect(
                try shell.succeed("varve runs --columns name,width --format tsv \(filter)").lines.first
                    == "name\tparams.width")
        }
        #expect(try shell.run("varve runs --columns name,heigth").code == 2)
        #expect(try shell.succeed("varve series loss --run b").lines.count == 3)
        try shell.succeed("varve archive b --undo")
        #expect(try names(shell) == ["a", "b", "c"])
    }

    @Test func removesAndRestores() throws {
        let shell = try campaign()
        #expect(try shell.succeed("varve rm --where 'params.lr < 0.3' --dry-run").lines.count == 2)
        #expect(try names(shell).count == 3)
        try shell.succeed("varve rm --where 'params.lr < 0.3'")
        #expect(try names(shell) == ["c"])
        #expect(try shell.succeed("varve restore --format tsv | cut -f 2").lines.sorted() == ["a", "b", "name"])
        try shell.succeed("varve restore a")
        #expect(try names(shell) == ["a", "c"])
        #expect(try shell.succeed("varve gc").output.hasPrefix("freed 0 B"))
        #expect(try shell.succeed("varve gc --older-than 0").output.contains("1 run"))
        #expect(try shell.run("varve restore b").code == 1)
        #expect(try names(shell) == ["a", "c"])
    }

    @Test func packsMovesAndBundles() throws {
        let shell = try campaign()
        let points = try shell.succeed("varve series loss --format csv").output
        try shell.succeed("varve tag --where 'params.lr > 0' --add all")
        let alone = try shell.succeed("varve du --runs --format tsv").lines
        #expect(alone.count == 4 && alone.allSatisfy { !$0.hasSuffix("\t0") }, "\(alone)")
        #expect(try shell.run("varve du --metrics").errors.contains("nothing is in the index yet"))
        #expect(try shell.succeed("varve pack").output.contains("3 files in 1 pack"))
        #expect(Set(try shell.succeed("varve du --runs --format tsv").lines) == Set(alone))
        #expect(try shell.succeed("varve series loss --format csv").output == points)
        #expect(try shell.succeed("varve pack").output == "nothing to pack\n")
        try shell.succeed("varve bundle --where 'params.lr > 0' -o all.vlog")
        #expect(try shell.succeed("varve series loss --format csv --repo all.vlog").output == points)
        #expect(try shell.succeed("ln -s all.vlog link; varve series loss --format csv --repo link").output == points)
        let refused = try shell.run("varve rm a --repo all.vlog")
        #expect(refused.code == 1 && refused.errors.contains("can only be read"))
        try shell.succeed("varve mv a --to other")
        #expect(try names(shell) == ["b", "c"])
        try shell.succeed("varve cp b --to other")
        #expect(try shell.succeed("varve cp b --to other").output.contains("there already"))
        try shell.succeed("varve merge .varve other --repo merged")
        #expect(try shell.succeed("varve series loss --format csv --repo merged").output == points)
        #expect(try names(shell, "--repo merged --where '\"all\" in tags'").count == 3)
        #expect(try shell.succeed("varve verify --deep --repo merged").code == 0)
        try shell.succeed("varve compact --repo merged")
        let use = try shell.succeed("varve du --metrics --repo merged --format tsv").lines
        #expect(use.contains { $0.hasPrefix("loss\t") } && use.contains { $0.hasPrefix("(steps and times)\t") })
    }
}
