import Foundation
import Testing
import Varve

/// Shows a campaign as a user sees it: planned, run by several workers, failing, killed, and gone on with until all is done.
struct CampaignVerbTests {
    /// A shell with a training that logs three points, says something, and fails as long as `broken` names its seed.
    private func shell() throws -> Shell {
        let shell = try Shell()
        try shell.succeed(
            "cat > train && chmod +x train",
            input: """
                #!/bin/bash
                echo "seed $1 rate $2"
                if [ "$(cat broken 2> /dev/null)" = "$1" ]; then echo out of memory >&2; exit 3; fi
                for i in 0 1 2; do echo "{\\"step\\": $i, \\"loss\\": $i}"; ${PAUSE:-:}; done | varve log > /dev/null

                """)
        return shell
    }

    private func states(_ shell: Shell) throws -> [String: String] {
        let lines = try shell.succeed("varve campaign status").lines.dropFirst()
        return Dictionary(
            uniqueKeysWithValues: lines.map { line in
                let fields = line.split(separator: "\t").map(String.init)
                return (fields[0], fields[1])
            })
    }

    @Test func failsAndGoesOn() throws {
        let shell = try shell()
        let plan = try shell.succeed(
            "varve campaign plan --axis seed=1..3 --axis lr=0.1,0.01 --campaign-id c -- ./train '{seed}' '{lr}'"
        ).lines
        #expect(plan == ["campaign_id: c", "seed (3): [1, 2, 3]", "lr (2): [0.1, 0.01]", "cells: 6"])
        try shell.succeed("echo 2 > broken")
        let first = try shell.run("varve campaign run --workers 2")
        #expect(first.code == 1 && first.errors.contains("run 6/6") && first.errors.contains("2 cells failed"))
        #expect(try states(shell)["done"] == "4" && states(shell)["failed"] == "2")
        #expect(
            try shell.succeed("varve campaign missing --format './train {seed} {lr}'").output
                == "./train 2 0.1\n./train 2 0.01\n")
        let page = try JSONValue(parsing: shell.succeed("varve show 'seed=2 lr=0.1' --format json").output)
        #expect(page["properties"]?["process.exit_status"] == 3 && page["said"] == "exit status 3")
        #expect(page["text"]?.arrayValue?.map { $0["text"] } == ["seed 2 rate 0.1", "out of memory"])
        #expect(page["params"]?["campaign_id"] == "c" && page["params"]?["campaign_exp_idx"] == 3)
        try shell.succeed("rm broken")
        let second = try shell.run("varve campaign run --workers 3")
        #expect(second.code == 0 && second.errors.contains("run 2/2 done"))
        #expect(try states(shell)["done"] == "6")
        // The run that was made and what the training logged are one.
        #expect(try shell.succeed("varve runs --where 'status == \"finished\" and points == 3'").lines.count == 7)
        #expect(try shell.run("varve campaign run").errors == "note: no cell is to be run\n")
    }

    /// The program dies, and so do its commands or not; whoever runs it again ends with every cell done once.
    @Test(arguments: ["KILL", "TERM"])
    func isKilledAndGoesOn(_ signal: String) throws {
        let shell = try shell()
        try shell.succeed("varve campaign plan --axis seed=0..7 --campaign-id c -- ./train '{seed}' 1")
        // Killed once the first cells are over.
        let script = """
            PAUSE="sleep 0.2" varve campaign run --workers 2 2> log & runner=$!
            for i in $(seq 200); do grep -q 'run 2/8' log && break; sleep 0.05; done
            kill -\(signal) $runner; wait $runner
            """
        _ = try shell.run("bash -c '\(script.replacingOccurrences(of: "'", with: "'\\''"))'")
        let done = Int(try states(shell)["done"] ?? "") ?? 0
        #expect(done >= 2 && done < 8)
        // Commands that outlived the program end by themselves.
        for _ in 0..<100 {
            if try states(shell)["running"] == "0" { break }
            usleep(100_000)
        }
        let before = Int(try states(shell)["done"] ?? "") ?? 0
        let rest = try shell.run("varve campaign run --workers 4")
        #expect(rest.code == 0 && rest.errors.contains("run \(8 - before)/\(8 - before) done"), "\(rest.errors)")
        #expect(try states(shell)["done"] == "8" && states(shell)["duplicated"] == "0")
    }

    /// Three that run a plan at once share it: each cell is begun once. So do those who come when it is done.
    @Test func severalShareAPlan() throws {
        let shell = try shell()
        try shell.succeed("varve campaign plan --axis seed=1..16 --campaign-id c -- ./train '{seed}' 1")
        try shell.succeed(
            """
            for i in 1 2 3; do varve campaign run --workers 2 2> log$i & pids="$pids $!"; done
            for pid in $pids; do wait $pid || exit 1; done
            """)
        #expect(try states(shell)["done"] == "16" && states(shell)["duplicated"] == "0")
        #expect(try shell.succeed("varve runs").lines.count == 17)
        #expect(try shell.succeed("cat log1 log2 log3 | grep -c ' done: '").output == "16\n")
        #expect(try shell.succeed("ls .varve/claims").output == "")
        // What only counts runs keeps none of them apart.
        let plot = try shell.succeed("varve plot loss --over seed --colour never --width 60 --height 15").output
        #expect(plot.contains("mean of 16 series over seed"), "\(plot)")
        #expect(try shell.run("varve campaign run").errors == "note: no cell is to be run\n")
    }

    /// One leaves another what that has begun, and takes it over when the other is killed.
    @Test func takesOverFromTheDead() throws {
        let shell = try shell()
        try shell.succeed(
            "cat > train",
            input: """
                #!/bin/bash
                touch begun$1
                for i in $(seq 1200); do [ -e go$1 ] && exit; sleep 0.05; done
                exit 9

                """)
        try shell.succeed("varve campaign plan --axis seed=1..4 --campaign-id c -- ./train '{seed}'")
        let script = """
            until_it() { for i in $(seq 1200); do "$@" && return; sleep 0.05; done; exit 9; }
            varve campaign run 2> log1 & first=$!
            until_it [ -e begun1 ]
            varve campaign run --workers 2 2> log2 & second=$!
            until_it [ -e begun2 ]; until_it [ -e begun3 ]
            touch go1
            until_it [ -e begun4 ]
            touch go2
            until_it grep -q seed=2 log2
            kill -KILL $first; wait $first
            touch go3 go4
            wait $second
            """
        let result = try shell.run(script)
        #expect(result.code == 0, "\(result.errors)")
        #expect(try states(shell)["done"] == "4" && states(shell)["duplicated"] == "0")
        #expect(try shell.succeed("varve runs --where 'status == \"killed\"'").lines.count == 2)
        #expect(try shell.succeed("grep -c ' done: ' log2").output == "3\n")
        #expect(try shell.succeed("varve top --once").output.contains("no run is running"))
    }

    /// What ran already when one came, and whose runner dies then: it takes it over once its own cells are over; with `--wait` also
    /// if it had none. What failed elsewhere it leaves.
    @Test(arguments: [false, true])
    func takesOverWhatRanBefore(_ waits: Bool) throws {
        let shell = try shell()
        try shell.succeed(
            "cat > train",
            input: """
                #!/bin/bash
                touch begun$1
                for i in $(seq 1200); do [ -e go$1 ] && exit $(cat status$1 2> /dev/null || echo 0); sleep 0.05; done
                exit 9

                """)
        try shell.succeed("varve campaign plan --axis seed=1..\(waits ? 3 : 4) --campaign-id c -- ./train '{seed}'")
        let script = """
            until_it() { for i in $(seq 1200); do "$@" && return; sleep 0.05; done; exit 9; }
            echo 7 > status3
            varve campaign run --workers 3 2> log1 & first=$!
            until_it [ -e begun1 ]; until_it [ -e begun2 ]; until_it [ -e begun3 ]
            varve campaign run \(waits ? "--wait" : "") 2> log2 & second=$!
            \(waits ? "until_it grep -q '^waiting for 3 cells that others run' log2" : "until_it [ -e begun4 ]")
            touch go3
            until_it grep -q 'exit status 7: seed=3' log1
            kill -KILL $first; wait $first
            touch go1 go2 go4
            wait $second
            """
        let result = try shell.run(script)
        #expect(result.code == 0, "\(result.errors)")
        #expect(try states(shell)["done"] == (waits ? "2" : "3") && states(shell)["failed"] == "1")
        #expect(try states(shell)["duplicated"] == "0" && states(shell)["running"] == "0")
        #expect(try shell.succeed("varve runs --where 'status == \"killed\"'").lines.count == 3)
        #expect(try shell.succeed("grep -c ' done: ' log2").output == (waits ? "2\n" : "3\n"))
        #expect(
            try shell.succeed("grep -o '^run [0-9/]*' log2 | tail -1").output == (waits ? "run 2/2\n" : "run 3/3\n"))
    }

    /// `varve top` shows how far campaigns are that aren't done.
    @Test func topShowsCampaigns() throws {
        let shell = try shell()
        try shell.succeed(
            "varve campaign plan --axis seed=1..4 --campaign-id first -- ./train '{seed}' 1; echo 3 > broken")
        try shell.run("varve campaign run --share 1/2; varve campaign plan --axis x=1 --campaign-id other")
        let lines = try shell.succeed("varve top --once").lines
        #expect(lines[1].hasPrefix("first  ██░░░░░░░░  1 of 4 cells done · 1 failed · 2 missing · about "), "\(lines)")
        #expect(lines[2] == "other  ░░░░░░░░░░  0 of 1 cell done · 1 missing", "\(lines)")
    }

    @Test func plansFromFilesAndSharesThem() throws {
        let shell = try shell()
        try shell.succeed(
            "varve campaign plan - --axis seed=1,2",
            input: "campaign_id: y\naxes: {lr: [1e-3, 2]}\ncommand: ./train {seed} {lr}\n")
        try shell.run("varve campaign run --share 1/2")
        #expect(try states(shell)["done"] == "2")
        #expect(
            try shell.succeed("varve campaign missing --format tsv | cut -f 1-4").lines == [
                "cell\tlr\tseed\tstate", "2\t0.001\t2\tmissing", "4\t2\t2\tmissing",
            ])
        #expect(try shell.succeed("varve campaign status --cells --format csv").lines.count == 5)
        #expect(
            try shell.run("varve campaign plan --axis seed=1 --campaign-id y").errors.contains("there is another plan"))
        try shell.succeed("varve campaign plan --axis seed=1 --campaign-id z --dry-run")
        #expect(try shell.succeed("ls .varve/campaigns").output == "y.json\n")
    }

    /// What stands in the place of a plan is told, whatever it is; none of it is waited for, or taken for no plan.
    @Test(arguments: [
        ("mkfifo $plan", "a pipe, a socket or a device"),
        ("ln -s /dev/zero $plan", "symbolic link"),
        ("mkdir $plan", "directory"),
        ("printf '{\"axes\": {\"seed\": [1' > $plan", "not a plan, for it isn't JSON"),
        ("printf '[1]' > $plan", "not a plan: "),
        ("printf '{\"axes\": {\"seed\": 1}}' > $plan", "not a plan: "),
        ("rm -r .varve/campaigns; mkfifo .varve/campaigns", "not a directory"),
    ])
    func tellsWhatStandsInPlaceOfAPlan(_ made: String, _ message: String) throws {
        let shell = try shell()
        try shell.succeed("varve campaign plan --axis seed=1,2 --campaign-id c")
        try shell.succeed("plan=.varve/campaigns/c.json; rm $plan; \(made)")
        for verb in ["status", "status --campaign-id c", "missing", "run -- true"] {
            let result = try shell.run("timeout 30 varve campaign \(verb)")
            #expect(result.code == 1 && result.errors.contains(message), "\(verb): \(result)")
            #expect(result.errors.contains(".varve/campaigns") && !result.errors.contains("no plan"), "\(result)")
        }
        #expect(try shell.run("timeout 30 varve top --once").code == 0)
        #expect(try shell.run("timeout 30 varve runs").code == 0)
    }

    /// One of two plans is damaged: it isn't left out, and the other one is named, and can be asked for.
    @Test func aDamagedPlanHidesNoOther() throws {
        let shell = try shell()
        for id in ["c", "d"] { try shell.succeed("varve campaign plan --axis seed=1,2 --campaign-id \(id)") }
        try shell.succeed("echo '{' > .varve/campaigns/c.json")
        let result = try shell.run("varve campaign status")
        #expect(result.code == 1 && result.errors.contains("--campaign-id d"), "\(result.errors)")
        #expect(result.errors.contains("c.json"))
        try shell.succeed("varve campaign status --campaign-id d")
        #expect(try shell.run("varve campaign status --campaign-id e").errors.contains("no plan of campaign 'e'"))
    }

    @Test(arguments: [
        ("varve campaign status --campaign-id d", 1, "there is no plan of campaign 'd'"),
        ("varve campaign missing --format '{sed}'", 2, "the plan has no 'sed'\n  try       did you mean '{seed}'?"),
        ("varve campaign run", 2, "there is no command to run"),
        ("varve campaign run -- nosuchprogram", 1, "can't start nosuchprogram"),
        ("varve campaign run --share 3/2", 2, "The value '3/2' is invalid"),
        ("varve campaign plan --axis seed=1,1", 2, "the values of 'seed' must be at least one, and all different"),
        ("varve campaign plan", 2, "a plan has 1 to 64 axes"),
        ("varve campaign missing --states mising", 2, "there is no state 'mising'"),
    ])
    func explainsWhatIsWrong(_ command: String, _ code: Int32, _ message: String) throws {
        let shell = try shell()
        try shell.succeed("varve campaign plan --axis seed=1,2 --campaign-id c")
        let result = try shell.run(command)
        #expect(result.code == code && result.errors.contains(message), "\(result.errors)")
    }
}
