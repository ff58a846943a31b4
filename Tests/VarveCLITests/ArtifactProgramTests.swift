import Foundation
import Testing

/// Shows what `varve artifact` does at a shell: files in and out, versions, directories, damage; and that no name leads out of the
/// folder that it is copied to.
struct ArtifactProgramTests {
    private func world() throws -> Shell {
        let shell = try Shell()
        try shell.succeed("varve log --run one", input: "{\"loss\":1}\n")
        return shell
    }

    @Test func filesComeBack() throws {
        let shell = try world()
        try shell.succeed("head -c 2500000 /dev/urandom > model.pt; cp model.pt first.pt")
        #expect(try shell.succeed("varve artifact add one model.pt --step 10").output == "model.pt:v1  2.38 MiB\n")
        #expect(try shell.succeed("varve artifact add one model.pt").output == "model.pt:v1  2.38 MiB  unchanged\n")
        try shell.succeed("echo two > model.pt; varve artifact add one model.pt --context subset=val")
        let listed = try shell.succeed("varve artifact ls one | cut -f 4-8,10").lines
        #expect(
            listed[1...] == [
                "model.pt\tv1\t10\t\t2500000\tapplication/x-pytorch",
                "model.pt\tv2\t\tsubset=val\t4\tapplication/x-pytorch",
            ])
        #expect(try shell.run("varve artifact get one model.pt:v1 -o old.pt && cmp old.pt first.pt").code == 0)
        #expect(try shell.succeed("varve artifact get one model.pt:v1 -o - | cmp - first.pt").output == "")
        #expect(try shell.succeed("varve artifact get one model.pt -o -").output == "two\n")
        // Again: what is there is left; something else is not replaced.
        #expect(try shell.run("varve artifact get one model.pt:v1 -o old.pt").errors.contains("there already"))
        let taken = try shell.run("varve artifact get one model.pt -o old.pt")
        #expect(taken.code == 1 && taken.errors.contains("--force"))
        #expect(try shell.run("varve artifact get one model.pt -o old.pt --force && cmp old.pt model.pt").code == 0)
        let wrong = try shell.run("varve artifact get one modl.pt")
        #expect(wrong.code == 1 && wrong.errors.contains("did you mean 'model.pt'?"))
    }

    @Test func directoriesAreManyNames() throws {
        let shell = try world()
        try shell.succeed("mkdir -p fig/sub; echo a > fig/a.png; echo b > fig/sub/b.txt; ln -s a.png fig/link")
        let added = try shell.run("varve artifact add one fig/ other=fig/a.png")
        #expect(added.code == 0 && added.errors.contains("fig/link"))
        #expect(
            added.output == "fig/a.png:v1  2 B\nfig/sub/b.txt:v1  2 B\nother:v1  2 B\n", "\(added.output)")
        #expect(try shell.run("varve artifact get one fig -o out && diff fig/sub/b.txt out/fig/sub/b.txt").code == 0)
        #expect(try shell.run("varve artifact get one --all -o everything").code == 0)
        #expect(try shell.succeed("find everything -type f | sort").lines.count == 3)
        #expect(try shell.succeed("varve artifact rm one fig/ --dry-run").lines.count == 2)
        try shell.succeed("varve artifact rm one fig/")
        #expect(try shell.succeed("varve artifact ls | cut -f 4").lines == ["artifact", "other"])
        #expect(try shell.run("varve artifact rm one fig/").code == 1)
    }

    @Test func damageIsSaid() throws {
        let shell = try world()
        try shell.succeed("seq 100000 > data.txt; varve artifact add one data.txt")
        #expect(try shell.succeed("varve artifact verify one").output.contains("all as added"))
        try shell.succeed(
            "f=$(find .varve/artifacts -type f); printf x | dd of=$f bs=1 seek=9 conv=notrunc 2> /dev/null")
        let verified = try shell.run("varve artifact verify")
        #expect(verified.code == 1 && verified.output.contains("one: data.txt: "))
        let got = try shell.run("varve artifact get one data.txt -o new.txt")
        #expect(got.code == 1 && got.errors.contains("not what its name says"))
        let printed = try shell.run("varve artifact get one data.txt -o -")
        #expect(printed.code == 1 && printed.output == "")
        #expect(try shell.succeed("ls -A").lines.sorted() == [".varve", "data.txt"])
        try shell.succeed("rm $(find .varve/artifacts -type f)")
        #expect(try shell.succeed("varve artifact ls one | cut -f 12").lines == ["present", "false"])
        #expect(try shell.run("varve artifact verify one").code == 1)
    }

    /// Names that the program itself would never make: through the library anything can be a name.
    @Test(arguments: ["../out", "/tmp/varve-out", "a/../../out", "a//b", "./b", "..", "a/.."])
    func namesLeadNowhere(_ name: String) throws {
        let shell = try world()
        try shell.succeed("echo x > f; mkdir in; varve artifact add one '\(name)=f'")
        let got = try shell.run("cd in && varve --repo ../.varve artifact get one --all -o .")
        #expect(got.code == 2 && got.errors.contains("can't be a file's name"), "\(got.errors)")
        #expect(try shell.run("cd in && varve --repo ../.varve artifact get one '\(name)'").code == 0)
        #expect(try shell.succeed("ls -A in").lines.count == 1)
        #expect(try shell.succeed("ls -A").lines.sorted() == [".varve", "f", "in"])
        #expect(try shell.succeed("cat in/*").output == "x\n")
    }

    /// Killed in the middle: nothing under a final name, in the repository or beside it.
    @Test func interruptionLeavesNothing() throws {
        let shell = try world()
        try shell.succeed("head -c 30000000 /dev/zero > large")
        for signal in ["TERM", "KILL"] {
            let killed = try shell.run(
                "varve artifact add one large & p=$!; while [ -z \"$(find .varve/artifacts -name '.*' -size +1M)\" ] "
                    + "&& kill -0 $p 2> /dev/null; do :; done; kill -\(signal) $p; wait $p")
            // On a quick machine it may have been done already.
            guard killed.code != 0 else { continue }
            #expect(try shell.succeed("find .varve/artifacts -type f -not -name '.*'").output == "")
            #expect(try shell.succeed("varve artifact ls | wc -l").output == "1\n")
            if signal == "TERM" { #expect(try shell.succeed("find .varve/artifacts -type f").output == "") }
        }
        #expect(try shell.succeed("varve artifact add one large").output == "large:v1  28.6 MiB\n")
    }
}
