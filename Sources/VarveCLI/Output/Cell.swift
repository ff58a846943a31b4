import Varve
import VarveImport

/// One field of a listing: the exact value for machines, and what people see.
struct Cell: Hashable, Sendable {
    /// How a value is put into words for people.
    enum Wording: Hashable, Sendable {
        /// Numbers with six digits, everything else as it is.
        case plain
        /// Thousands are grouped.
        case count
        case bytes
        case seconds
        case text(String)
        /// As many of a text's first characters.
        case beginning(Int)
        /// How long a time lies back, seen from `now`.
        case ago(Int64, now: Int64)
        /// A context; TSV and CSV get `k=v;k=v`, as the exporters write it.
        case context([MetricKey.ContextPair])
    }

    /// The value; IDs and times as they are: a row that is only written makes no texts of them.
    private enum Content: Hashable, Sendable {
        case json(JSONValue)
        case id(RunID)
        case time(Int64)
    }

    private let content: Content
    private let wording: Wording
    var style: TextStyle

    init(value: JSONValue, wording: Wording = .plain, style: TextStyle = .plain) {
        self.init(.json(value), wording: wording, style: style)
    }

    private init(_ content: Content, wording: Wording, style: TextStyle = .plain) {
        self.content = content
        self.wording = wording
        self.style = style
    }

    /// What machines get.
    var value: JSONValue {
        switch content {
        case .json(let value): value
        case .id(let id): .string(id.description)
        case .time(let time): .string(TimeText.text(time))
        }
    }

    static let missing = Cell(value: .null)

    static func text(_ text: String, shown: String? = nil, style: TextStyle = .plain) -> Cell {
        Cell(value: .string(text), wording: shown.map { .text($0) } ?? .plain, style: style)
    }

    /// An ID; people see as much of it as names one thing.
    static func id(_ id: RunID, _ short: ShortIDs) -> Cell {
        Cell(.id(id), wording: .beginning(short.length))
    }

    static func count(_ number: Int) -> Cell { Cell(value: .int(Int64(number)), wording: .count) }

    /// A step: exact, and without grouping.
    static func step(_ number: Int) -> Cell { Cell(value: .int(Int64(number))) }

    static func number(_ value: Double) -> Cell { Cell(value: .double(value)) }

    static func bytes(_ number: Int) -> Cell { Cell(value: .int(Int64(number)), wording: .bytes) }

    /// A duration; machines get seconds.
    static func duration(seconds: Double) -> Cell { Cell(value: .double(seconds), wording: .seconds) }

    /// A time; `Int64.min` is none. People see how long ago it was, or with `now` nil the time itself.
    static func time(_ time: Int64, now: Int64? = nil) -> Cell {
        if time == .min { return .missing }
        return Cell(.time(time), wording: now.map { .ago(time, now: $0) } ?? .plain)
    }

    static func list(_ texts: [String]) -> Cell {
        let shown = texts.count > 1 ? texts.joined(separator: ", ") : texts.first ?? ""
        return Cell(value: .array(texts.map { .string($0) }), wording: .text(shown))
    }

    static func context(_ metric: MetricKey) -> Cell {
        var object = JSONObject()
        for pair in metric.context { object[pair.key] = .string(pair.value) }
        return Cell(value: .object(object), wording: .context(metric.context))
    }

    static func property(_ value: PropertyValue?) -> Cell {
        switch value {
        case nil, .absent: .missing
        case .null: Cell(value: .null, wording: .text("none"))
        case .bool(let flag): Cell(value: .bool(flag))
        case .int(let number): Cell(value: .int(number))
        case .double(let number): .number(number)
        case .string(let text): .text(text)
        case .json(let text): Cell(value: (try? JSONValue(parsing: text)) ?? .string(text), wording: .text(text))
        }
    }

    /// What people see.
    var shown: String {
        switch (wording, value) {
        case (.text(let text), _): text
        case (.beginning(let length), .string(let text)): String(text.prefix(length))
        case (.ago(let time, let now), _): HumanText.ago(time, now: now)
        case (.context(let pairs), _): pairs.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
        case (.count, .int(let number)): HumanText.count(Int(number))
        case (.bytes, .int(let number)): HumanText.bytes(Int(number))
        case (.seconds, .double(let seconds)): HumanText.duration(seconds: seconds)
        case (_, .double(let number)): HumanText.number(number)
        default: plainText
        }
    }

    /// The value as plain text, for TSV and CSV: nothing for null, no quotes around text.
    var plainText: String {
        if case .context(let pairs) = wording { return PointColumns.text(pairs) }
        return switch value {
        case .null: ""
        case .string(let text): text
        case .double(let number) where number.isNaN: "NaN"
        case .double(let number) where number.isInfinite: number > 0 ? "Infinity" : "-Infinity"
        default: value.text
        }
    }

    /// Appends ``plainText``: rows come by the ten thousand.
    func appendPlainText(to bytes: inout [UInt8]) {
        if case .context = wording { return bytes.append(contentsOf: plainText.utf8) }
        switch content {
        case .id(let id): id.id.append(to: &bytes)
        case .time(let time): TimeText.append(time, to: &bytes)
        case .json(.null): break
        case .json(.string(let text)): bytes.append(contentsOf: text.utf8)
        case .json(.double(let number)) where !number.isFinite: bytes.append(contentsOf: plainText.utf8)
        case .json(let value): value.write(to: &bytes)
        }
    }

    /// Whether ``plainText`` may hold any character, and not only those of numbers, times and IDs.
    var holdsText: Bool {
        switch content {
        case .json(.string), .json(.array), .json(.object): true
        case .json, .id, .time: false
        }
    }
}

/// A column of a listing.
struct Column: Hashable, Sendable {
    /// Its name for machines: a key of JSON, a header of CSV.
    var key: String
    /// Its title in a table.
    var title: String
    /// Numbers stand on the right.
    var isNumeric: Bool
    /// How many columns of a terminal it may take.
    var maxWidth: Int
    /// It may be left out where a terminal is too narrow; the last ones go first.
    var isOptional: Bool
    /// Others tell what it tells: it is left out before all that are optional.
    var isSpare: Bool
    /// It names what its row is about: as much of it as tells rows apart is kept.
    var isName: Bool
    /// Machines get it, tables don't show it.
    var isForMachines: Bool

    init(
        _ key: String, title: String? = nil, numeric: Bool = false, maxWidth: Int = 48, optional: Bool = false,
        spare: Bool = false, name: Bool = false, machines: Bool = false
    ) {
        self.key = key
        self.title = title ?? key.uppercased()
        isNumeric = numeric
        self.maxWidth = maxWidth
        isOptional = optional
        isSpare = spare
        isName = name
        isForMachines = machines
    }
}
