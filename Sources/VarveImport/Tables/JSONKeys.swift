import Varve

extension StepChoice.Column {
    /// Adds what a row of JSON holds under the name.
    mutating func add(_ value: JSONValue) {
        add(
            isWholeNumber: JSONKeys.step(value) != nil, isTime: JSONKeys.time(value) != nil,
            isSubset: value.stringValue.flatMap { ContextRule.subset($0) } != nil)
    }
}

/// What the keys of a JSON Lines file mean, told from its first lines.
struct JSONKeys {
    /// Which keys hold the step and the time.
    private(set) var choice: StepChoice
    /// The file is one that Varve exported.
    private(set) var isPoints = false
    /// How many of the lines looked at are objects.
    private(set) var objects = 0
    /// How many aren't, blank ones aside.
    private(set) var others = 0
    /// Keys that hold a number in some object, step and time included.
    private(set) var numbers = 0

    init(of source: any ByteSource, _ options: TableOptions) throws(VarveError) {
        var lines = LineReader(source)
        var columns: [String: StepChoice.Column] = [:]
        var numeric: Set<String> = []
        choice = StepChoice([:], rows: 0)
        while objects < StepChoice.sample {
            let item = try lines.next()
            if item == .end { break }
            guard case .line(_, let isWhole) = item else { continue }
            guard let object = (try? JSONValue(parsing: lines.span))?.objectValue else {
                if isWhole, CellValue.trimmed(lines.span).byteCount > 0 { others += 1 }
                continue
            }
            if objects == 0, Self.isPoints(object), options.agreesWithPoints {
                isPoints = true
                objects = 1
                return
            }
            objects += 1
            for (name, value) in Self.flattened(object) where value != .null {
                if Self.isNumber(value) { numeric.insert(name) }
                columns[name, default: StepChoice.Column()].add(value)
            }
        }
        numbers = numeric.count
        choice = StepChoice(columns, rows: objects)
        choice.override(options)
    }

    /// Whether a file that begins with this object is one that Varve exported: a point, or what is known of a run.
    private static func isPoints(_ object: JSONObject) -> Bool {
        let keys = object.members.map(\.key)
        return PointColumns.are(keys) || keys == RunLine.keys
    }

    /// Everything in `object` that isn't an object itself, under dotted names.
    static func flattened(_ object: JSONObject) -> [(name: String, value: JSONValue)] {
        var found: [(name: String, value: JSONValue)] = []
        func walk(_ object: JSONObject, _ prefix: String) {
            for member in object.members {
                let name = prefix + member.key
                if case .object(let nested) = member.value {
                    walk(nested, name + ".")
                } else {
                    found.append((name, member.value))
                }
            }
        }
        walk(object, "")
        return found
    }

    /// Whether a value is a number, also one that is spelt as a text.
    static func isNumber(_ value: JSONValue) -> Bool {
        if case .string(let text) = value, case .number = CellValue(text) { return true }
        return value.doubleValue != nil
    }

    static func step(_ value: JSONValue) -> Int64? {
        switch value {
        case .int(let number): number
        case .double(let number): CellValue.wholeNumber(number)
        case .string(let text): CellValue(text).step
        default: nil
        }
    }

    static func time(_ value: JSONValue) -> Int64? {
        switch value {
        case .int(let number): ForeignTime.nanoseconds(String(number))
        case .double(let number): ForeignTime.nanoseconds(number)
        case .string(let text): ForeignTime.nanoseconds(text)
        default: nil
        }
    }
}
