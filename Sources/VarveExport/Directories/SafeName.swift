import Varve

/// Names that may stand in a path on any system, whatever text they are made of.
enum SafeName {
    /// As many bytes as a component has at most; the systems' limit is 255.
    private static let longest = 120
    /// As many folders as a name may lead into.
    private static let deepest = 8

    /// One component of a path.
    ///
    /// Letters and digits of any script stay. Control characters, what some system gives a meaning (`/ \ : * ? " < > |`) and
    /// invisible marks become `_`, and so do a point at the beginning and a point or space at the end.
    static func component(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { scalars.append(isPlain(scalar) ? scalar : "_") }
        var name = String(scalars).clipped(toBytes: longest)
        if name.unicodeScalars.first == "." { name = "_" + name.droppingBytes(1) }
        if let last = name.unicodeScalars.last, last == "." || last == " " {
            name.unicodeScalars.removeLast()
            name += "_"
        }
        return name.isEmpty ? "_" : name
    }

    /// Components with slashes between them, as they stand in the text.
    static func path(_ text: String) -> String {
        let parts = text.unicodeScalars.split(separator: "/").map { component(String($0)) }
        if parts.count > deepest { return component(text) }
        return parts.isEmpty ? "_" : parts.joined(separator: "/")
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        if "/\\:*?\"<>|".unicodeScalars.contains(scalar) { return false }
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: return false
        default: return true
        }
    }
}

/// Paths of files of which none leads through another: beside `a` there can't be `a/b`.
struct DistinctPaths {
    private var files: Set<ExactText> = []
    private var folders: Set<ExactText> = []

    /// The path that stands for `wanted`, which nothing else got.
    mutating func take(_ wanted: String) -> String {
        var candidate = wanted
        var number = 1
        while !claim(candidate) {
            // First without the slashes that may be what is in the way.
            let flat = String(wanted.map { $0 == "/" ? "." : $0 })
            candidate = number == 1 ? flat : "\(flat)_\(number)"
            number += 1
        }
        return candidate
    }

    private mutating func claim(_ path: String) -> Bool {
        let parts = path.split(separator: "/")
        var folder = ""
        var passed: [ExactText] = []
        for part in parts.dropLast() {
            folder = folder.isEmpty ? String(part) : "\(folder)/\(part)"
            if files.contains(ExactText(folder)) { return false }
            passed.append(ExactText(folder))
        }
        if folders.contains(ExactText(path)) || !files.insert(ExactText(path)).inserted { return false }
        folders.formUnion(passed)
        return true
    }
}

/// Names that differ also where capitals and the spelling of accents don't count.
struct DistinctNames {
    private var taken: Set<String> = []

    /// The name, or the name with something behind that nobody has.
    ///
    /// - Parameters:
    ///   - suffix: what is tried first; then numbers.
    mutating func take(_ name: String, else suffix: String) -> String {
        var candidate = name
        var number = 1
        // Strings are the same to Swift if they look the same, however their accents are spelt.
        while !taken.insert(candidate.lowercased()).inserted {
            candidate = number == 1 ? "\(name)-\(suffix)" : "\(name)-\(suffix)-\(number)"
            number += 1
        }
        return candidate
    }
}
