import Testing

@testable import Varve

/// A few runs with known properties, and the names of those a filter finds.
private enum Campaign {
    static let runs: [RunInfo] = [
        run("a", ["params.lr": 0.1, "params.depth": 3, "params.opt": "adam", "tags.baseline": true]),
        run("b", ["params.lr": 0.01, "params.depth": 3.0, "params.opt": "sgd", "values.best": .double(.nan)], .failed),
        run(
            "c", ["params.lr": 1, "params.depth": "3", "params.amp": true, "values.best": 0.5, "note": "a good one"],
            .killed),
        run("d", ["params.lr": .null, "params.batch-size": 64, "params.amp": false, "params.depth": 4], .running),
    ]

    static func run(
        _ name: String, _ properties: [String: PropertyValue], _ status: RunStatus = .finished,
        hosts: [String] = []
    ) -> RunInfo {
        let number = UInt64(name.utf8.first ?? 0)
        let hour: Int64 = 3_600_000_000_000
        let created = Int64(number - 97) * 24 * hour
        return RunInfo(
            id: RunID(UniqueID(high: number, low: 0)),
            properties: Properties(properties.merging(["name": .string(name)]) { $1 }),
            status: status, created: created, ended: status == .running ? nil : created + hour, attempt: 0, files: 1,
            points: 10, lostPoints: 0, hosts: hosts, durability: .mapped, forkedFrom: nil, historyIsMissing: false)
    }

    static func names(_ text: String) throws -> String {
        let matches = try Filter(parsing: text).matches(RunColumns(runs))
        return zip(runs, matches).filter(\.1).map(\.0.name).joined()
    }

    static func message(_ text: String) -> String {
        do {
            _ = try Filter(parsing: text)
            return "no error"
        } catch {
            return error.message
        }
    }
}

/// Shows what each form of a filter means, on four runs with properties of every type.
struct FilterTests {
    @Test(arguments: [
        ("params.lr == 0.1", "a"), ("params.lr != 0.1", "bcd"), ("params.lr < 0.1", "b"),
        ("0.01 <= params.lr < 1", "ab"),
        ("params.lr >= 0.1", "ac"), ("params.lr > -inf", "abc"), ("params.lr == 1.0", "c"),
        ("params.depth == 3", "ab"), ("params.depth == \"3\"", "c"), ("params.depth != 3", "d"),
        ("run.params.depth == 3", "ab"), ("run.hparams.depth == 3", "ab"), ("hparams.depth == 3", "ab"),
        ("values.best != 0.5", ""), ("values.best == values.best", "c"), ("not values.best == 0.5", "abd"),
        ("params.lr == none", "d"), ("params.lr != none", "abc"), ("params.gone == 1", ""), ("params.gone != 1", ""),
        ("not params.gone == 1", "abcd"), ("params.gone == none", ""),
        ("params.amp", "c"), ("not params.amp", "abd"), ("params.amp == false", "d"), ("params.amp == True", "c"),
        ("\"baseline\" in tags", "a"), ("\"baseline\" not in tags", "bcd"), ("tags.baseline", "a"),
        ("tags[\"baseline\"]", "a"), ("\"other\" in tags", ""),
        ("run.tags contains \"baseline\"", "a"), ("not tags contains \"baseline\"", "bcd"),
        ("params.opt in [\"adam\", 'sgd']", "ab"), ("params.opt not in [\"adam\"]", "bcd"),
        ("params.lr in [1, 0.01,]", "bc"), ("params.lr in (0.1)", "a"), ("params.lr in []", ""),
        ("params[\"batch-size\"] == 64", "d"), ("properties.note startswith \"a g\"", "c"),
        ("name == \"a\" or name == \"d\"", "ad"), ("name > \"b\"", "cd"), ("name in ['a', 'c']", "ac"),
        ("status == \"failed\"", "b"), ("not status == \"failed\" and params.lr > 0.01", "ac"),
        ("status != 'finished' and (params.lr == 1 or params.amp == false)", "cd"),
        ("note contains \"good\"", "c"), ("note.contains(\"good\")", "c"), ("\"good\" in note", "c"),
        ("note endswith 'one'", "c"), ("params.opt.startswith(\"s\")", "b"), ("params.opt contains ''", "ab"),
        ("created >= \"1970-01-03\"", "cd"), ("created < \"1970-01-02T00:00:00Z\"", "a"), ("ended < '1970-01-02'", "a"),
        ("duration == 3600", "abc"), ("duration > \"30m\"", "abc"), ("duration < \"1h\"", ""),
        ("duration > 30m and duration < 1.5h", "abc"), ("created < now", "abcd"), ("created > now - 30d", ""),
        ("now-2w > created and ended <= now + 1h", "abc"), ("created > now - 99999999w", "abcd"),
        ("attempt == 0 and points == 10 and lost < 1", "abcd"), ("params.depth > params.lr", "ab"),
        ("true", "abcd"), ("false or name == \"a\"", "a"), ("not not tags.baseline", "a"),
        ("id startswith \"00000000-0000-0061\"", "a"), ("  params.lr\n==\t0.1  ", "a"), ("params.lr==1e-1", "a"),
        ("name matches \"^[ab]$\"", "ab"), ("name.matches('a|d')", "ad"), ("params.opt matches r\"^\\w{4}$\"", "a"),
        ("params.lr matches 'x'", ""), ("not name matches 'a'", "bcd"),
        ("run.created_at >= datetime(1970, 1, 3)", "cd"),
        ("run.hash startswith \"00000000-0000-0061\"", "a"), ("active", "d"), ("run.archived", ""),
        ("not archived", "abcd"), ("not run.active", "abc"),
        ("run[\"hparams\", \"depth\"] == 3", "ab"), ("run['params']['depth'] == 3", "ab"),
        ("'baseline' in run.tags", "a"),
        ("metric.last > 0", ""), ("not metric.name == 'loss'", "abcd"),
        ("params.lr == +.1", "a"), ("\"\\\"\\\\\\n\\t\" == '\"\\\\\n\t'", "abcd"),
    ])
    func finds(_ text: String, _ expected: String) throws {
        #expect(try Campaign.names(text) == expected, "\(text)")
    }

    /// Integers and doubles compare without rounding either, up to the ends of both.
    @Test func numbersCompareExactly() {
        let big: PropertyValue = .int(9_007_199_254_740_993)  // 2⁵³ + 1, which no double is
        #expect(!FilterComparison.equal.holds(big, .double(0x1p53)))
        #expect(FilterComparison.greater.holds(big, .double(0x1p53)))
        #expect(FilterComparison.less.holds(.double(0x1p53), big))
        #expect(FilterComparison.less.holds(.int(.max), .double(0x1p63)))
        #expect(FilterComparison.equal.holds(.int(.min), .double(-0x1p63)))
        #expect(FilterComparison.greater.holds(.int(.min), .double(-.infinity)))
        #expect(FilterComparison.less.holds(.int(0), .double(.leastNonzeroMagnitude)))
        #expect(FilterComparison.greater.holds(.int(0), .double(-.leastNonzeroMagnitude)))
        #expect(FilterComparison.equal.holds(.int(0), .double(-0.0)))
        for comparison in FilterComparison.allCases {
            #expect(!comparison.holds(.int(0), .double(.nan)))
            #expect(!comparison.holds(.double(.nan), .double(.nan)))
        }
    }

    @Test func namesWhatNoRunHas() throws {
        let filter = try Filter(
            parsing: "params.lrr > 0.1 and params.depth == 3 and \"basline\" in tags and params.q == 1")
        let unknown = filter.unknownKeys(in: Campaign.runs)
        #expect(unknown.map(\.key) == ["params.lrr", "params.q", "tags.basline"])
        #expect(unknown.map(\.nearest) == ["params.lr", "params.lr", "tags.baseline"])
        #expect(filter.keys == ["params.depth", "params.lrr", "params.q", "tags.basline"])
    }
}

/// Shows that what can't be parsed is refused with a message that points at the place and suggests what was meant, and
/// that
/// no input does worse than that.
struct FilterErrorTests {
    @Test(arguments: [
        ("param.lr > 1", "unknown name 'param'; did you mean 'params'?\n    param.lr > 1\n    ^^^^^"),
        ("params.lr = 1", "unknown operator '='; did you mean '=='?\n    params.lr = 1\n              ^"),
        (
            "params.lr > 1 && tags.x",
            "unknown operator '&&'; did you mean 'and'?\n    params.lr > 1 && tags.x\n                  ^^"
        ),
        (
            "status == \"finishd\"",
            "no run has the status \"finishd\"; did you mean \"finished\"?\n    status == \"finishd\"\n              ^^^^^^^^^"
        ),
        (
            "status == failed",
            "unknown name 'failed'; text stands in quotes: \"failed\"\n    status == failed\n              ^^^^^^"
        ),
        (
            "name startwith 'a'",
            "unknown operator 'startwith'; did you mean 'startswith'?\n    name startwith 'a'\n         ^^^^^^^^^"
        ),
        (
            "params.lr > 1 an tags.x",
            "unknown operator 'an'; did you mean 'and'?\n    params.lr > 1 an tags.x\n                  ^^"
        ),
        (
            "params.batch-size > 1",
            "a name with '-' stands in brackets: params[\"…\"]\n    params.batch-size > 1\n    ^^^^^^^^^^^^^"
        ),
        (
            "params.layers.0 > 1",
            "a part that begins with a digit stands in brackets: [\"0\"]\n    params.layers.0 > 1\n                 ^^"
        ),
        ("params > 1", "a name must follow 'params', as in params.lr\n    params > 1\n    ^^^^^^"),
        ("(params.lr > 1", "expected ')' here\n    (params.lr > 1\n                  ^"),
        ("params.lr > 1)", "there is no '(' for this\n    params.lr > 1)\n                 ^"),
        ("name == 'a", "this string has no end\n    name == 'a\n            ^"),
        (
            "created > now - 3",
            "expected a time such as 12h, 30d or 2w after the sign\n    created > now - 3\n                    ^"
        ),
        (
            "wd > 3",
            "unknown name 'wd'; a param is written params.wd, and there are params, hparams, tags, values, properties, name, note, status, id, created, ended, duration, attempt, points, lost, active, archived, host, metric, metrics, rank\n    wd > 3\n    ^^"
        ),
        ("params.lr > 1x", "not a number\n    params.lr > 1x\n                ^^"),
        ("params.lr >", "expected a name, a number or text in quotes here\n    params.lr >\n               ^"),
        ("name", "expected a comparison (==, !=, <, <=, >, >=, in, contains) after this\n    name\n    ^^^^"),
        (
            "metric.lst > 1",
            "a metric has no 'lst'; did you mean 'metric.last'?\n    metric.lst > 1\n    ^^^^^^^^^^"
        ),
        (
            "metric > 1",
            "a name must follow 'metric', as in metric.name, metric.context.subset or metric.last\n    metric > 1\n    ^^^^^^"
        ),
        (
            "metrics['a', {'b' 1}].last > 1",
            "expected ':' here\n    metrics['a', {'b' 1}].last > 1\n                      ^"
        ),
        ("name matches 'a(b'", "this group has no ')'\n    name matches 'a(b'\n                   ^"),
        (
            "name matches name",
            "after 'matches' stands a pattern in quotes\n    name matches name\n                 ^^^^"
        ),
        (
            "name == 'a' limit 3",
            "'limit' has no meaning here, where only a condition is asked for\n    name == 'a' limit 3\n                ^^^^^"
        ),
        (
            "created > 'yesterday'",
            "'created' compares with a date, such as \"2026-11-23\", \"2026-11-23T10:00:00Z\" or now - 30d\n    created > 'yesterday'\n              ^^^^^^^^^^^"
        ),
        (
            "duration > '5 min'",
            "'duration' compares with seconds, or with a time such as 90s, 5m, 2h, 1d\n    duration > '5 min'\n               ^^^^^^^"
        ),
        ("'é' in names", "unknown name 'names'; did you mean 'name'?\n    'é' in names\n           ^^^^^"),
        ("tags == 'x'", "tags are asked for by: \"baseline\" in tags, or tags.baseline\n    tags == 'x'\n    ^^^^"),
        ("name contains 3", "'contains' takes text in quotes\n    name contains 3\n                  ^"),
        ("params.lr # 1", "unexpected character\n    params.lr # 1\n              ^"),
        ("", "there is no condition; an example: params.lr > 0.01 and not status == \"failed\"\n    \n    ^"),
    ])
    func points(_ text: String, _ message: String) {
        #expect(Campaign.message(text) == message)
    }

    @Test func longExpressionsAreShownInPart() {
        let text =
            String(repeating: "params.lr > 1 and ", count: 50) + "parms.x > 1 and "
            + String(repeating: "tags.x and ", count: 20)
        let lines = Campaign.message(text).split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines[1].hasPrefix("    …") && lines[1].hasSuffix("…"))
        let caret = lines[2].distance(
            from: lines[2].startIndex, to: lines[2].firstIndex(of: "^") ?? lines[2].startIndex)
        #expect(lines[1].dropFirst(caret).hasPrefix("parms"))
    }

    @Test func capsHold() throws {
        let deep = String(repeating: "(", count: 100_000)
        #expect(Campaign.message(deep).hasPrefix("the expression is too long"))
        #expect(Campaign.message(String(repeating: "(", count: 60_000)).hasPrefix("nested too deeply"))
        #expect(Campaign.message(String(repeating: "not ", count: 10_000)).hasPrefix("nested too deeply"))
        let wide = Array(repeating: "params.lr == 0.1", count: 2000).joined(separator: " or ")
        #expect(try Campaign.names(wide) == "a")
        let list = (0..<8000).map { "\($0)" }.joined(separator: ",")
        #expect(try Campaign.names("params.depth in [\(list)]") == "abd")
    }

    /// Whatever words and signs follow each other, the parser answers with a filter or an error.
    @Test func anythingIsAnswered() {
        let parts = [
            "params", ".", "lr", "[", "]", "(", ")", "\"x\"", "'", "\"", "1", "-", "2.5e", "==", "!=", "<", "=", "and",
            "or", "not",
            "in", "tags", "name", "created", "duration", "status", "contains", "startswith", "\\", "é", "\u{0}", ",",
            "true", "none",
            "run", " ", "\n", ".0", "inf", "~", "metric", "metrics", "last", "context", "{", "}", ":", "matches",
            "order", "by",
            "limit", "group", "desc", "datetime",
        ]
        let seed = UInt64.random(in: 0 ... .max)
        var state = seed
        func next() -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33)
        }
        var parsed = 0
        for _ in 0..<5000 {
            let text = (0..<next() % 12).map { _ in parts[next() % parts.count] }.joined(
                separator: next() % 2 == 0 ? " " : "")
            do {
                _ = try Campaign.names(text)
                parsed += 1
            } catch let error as VarveError {
                #expect(error.code == .invalid || error.code == .limit, "seed \(seed): \(text)")
                #expect(error.message.contains("^"), "seed \(seed): \(text)")
            } catch {
                Issue.record("seed \(seed): \(text): \(error)")
            }
        }
        #expect(parsed < 5000)
    }
}
