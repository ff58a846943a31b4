import Varve

/// A box of names and numbers, as loggers of reinforcement learning print one for each of their steps (Baselines,
/// Stable-Baselines3, Spinning Up):
///
///     ----------------------------
///     | rollout/      |          |
///     |    ep_len     | 22.5     |
///     | time/         |          |
///     |    timesteps  | 2048     |
///     ----------------------------
struct LogBox {
    struct Row: Equatable {
        var name: String
        var value: Double
    }

    /// What a box said.
    struct Content {
        var rows: [Row] = []
        /// Its own step: the first of ``StepChoice/stepNames`` among its names.
        var step: Int64?
        /// Rows whose value is no number.
        var otherRows = 0
    }

    private var content: Content?
    private var group = ""
    /// Where the box began that isn't whole yet.
    private(set) var start: Int?
    private static let minRule = 5
    private static let maxRows = 4_096
    private static let indent = 2

    /// Takes a line. `finished`: the box that ended by it; `isPart`: the line belongs to a box, and says nothing else.
    mutating func take(_ line: [UInt8], at offset: Int = 0) -> (finished: Content?, isPart: Bool) {
        let text = line.drop { $0 == 0x20 }
        if text.count >= Self.minRule, text.allSatisfy({ $0 == UInt8(ascii: "-") || $0 == 0x20 }) {
            let finished = finish()
            content = Content()
            return (finished, true)
        }
        guard content != nil else { return (nil, false) }
        guard let (name, value) = Self.cells(text), (content?.rows.count ?? 0) < Self.maxRows else {
            let finished = finish()
            return (finished, false)
        }
        if start == nil { start = offset }
        add(name, value)
        return (nil, true)
    }

    /// Forgets the rows of a box that isn't whole: they are read again.
    mutating func restart() { (content, group, start) = (Content(), "", nil) }

    private mutating func finish() -> Content? {
        guard var found = content else { return nil }
        (content, group, start) = (nil, "", nil)
        guard !found.rows.isEmpty else { return nil }
        for name in StepChoice.stepNames {
            let place = found.rows.firstIndex {
                $0.name.lowercased().hasSameBytes(as: name)
                    || $0.name.split(separator: "/").last.map { String($0).lowercased().hasSameBytes(as: name) }
                        ?? false
            }
            if let place, let step = CellValue.wholeNumber(found.rows[place].value) {
                found.step = step
                found.rows.remove(at: place)
                break
            }
        }
        return found
    }

    private mutating func add(_ name: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>) {
        let indent = name.prefix { $0 == 0x20 }.count
        let label = Self.text(name)
        let shown = Self.text(value)
        if shown.isEmpty {
            group = label
            return
        }
        guard let number = MeasuredNumber(Array(shown.utf8).span.bytes)?.number.value ?? Self.word(shown) else {
            content?.otherRows += 1
            return
        }
        content?.rows.append(Row(name: indent >= Self.indent ? group + label : label, value: number))
    }

    private static func word(_ text: String) -> Double? {
        if case .number(let number, _) = CellValue(text) { number } else { nil }
    }

    private static func text(_ cell: ArraySlice<UInt8>) -> String {
        let trimmed = cell.drop { $0 == 0x20 }
        let end = trimmed.lastIndex { $0 != 0x20 }.map { $0 + 1 } ?? trimmed.startIndex
        return String(decoding: trimmed[..<end], as: UTF8.self)
    }

    /// The two cells of a row; nil if a line is none.
    private static func cells(_ line: ArraySlice<UInt8>) -> (ArraySlice<UInt8>, ArraySlice<UInt8>)? {
        let bar = UInt8(ascii: "|")
        guard line.first == bar else { return nil }
        let parts = line.split(separator: bar, omittingEmptySubsequences: false)
        guard parts.count == 4, parts[3].allSatisfy({ $0 == 0x20 }) else { return nil }
        return text(parts[1]).isEmpty ? nil : (parts[1].dropFirst(), parts[2])
    }
}
