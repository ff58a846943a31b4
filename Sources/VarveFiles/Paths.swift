/// Paths as text: components separated by `/`. Nothing here asks the file system.
package enum Paths {
    /// `directory/name`, with one separator; `name` alone if the directory is empty.
    package static func join(_ directory: String, _ name: String) -> String {
        if directory.isEmpty { return name }
        var path = ""
        path.reserveCapacity(directory.utf8.count + 1 + name.utf8.count)
        path += directory
        if directory.utf8.last != UInt8(ascii: "/") { path += "/" }
        path += name
        return path
    }

    /// What follows the last separator, separators at the end aside; `/` for the root.
    package static func lastComponent(_ path: String) -> String {
        let (directory, name) = split(path)
        return name.isEmpty ? directory : name
    }

    /// The directory that holds `path`: `.` for a bare name, `/` for what stands in the root and for the root itself.
    package static func parent(_ path: String) -> String {
        let directory = split(path).directory
        return directory.isEmpty ? "." : directory
    }

    /// A name beside `path` that readers ignore (it begins with a dot) and that `tag` keeps apart from other writers'.
    package static func temporary(for path: String, tag: UInt64) -> String {
        join(parent(path), "." + lastComponent(path) + "." + String(tag, radix: 16))
    }

    /// Directory and name; both empty for an empty path, the name empty for the root.
    private static func split(_ path: String) -> (directory: String, name: String) {
        let slash = UInt8(ascii: "/")
        let bytes = path.utf8
        guard let lastByte = bytes.lastIndex(where: { $0 != slash }) else { return (bytes.isEmpty ? "" : "/", "") }
        let trimmed = bytes[...lastByte]
        guard let separator = trimmed.lastIndex(of: slash) else { return ("", String(trimmed) ?? "") }
        let name = String(trimmed[trimmed.index(after: separator)...]) ?? ""
        guard let end = trimmed[..<separator].lastIndex(where: { $0 != slash }) else { return ("/", name) }
        return (String(trimmed[...end]) ?? "", name)
    }
}
