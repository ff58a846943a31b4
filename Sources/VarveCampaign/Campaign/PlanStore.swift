import Glibc
import Varve

/// The plans of a repository: `campaigns/<id>.json`.
public struct PlanStore: Sendable {
    private let directory: String
    private static let maxBytes = 64 << 20

    /// The plans of `repository`.
    public init(_ repository: Repository) { directory = "\(repository.path)/campaigns" }

    /// The IDs of the campaigns that have a plan, sorted.
    public var ids: [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var ids: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasSuffix(".json"), !name.hasPrefix("."), let plan = try? load(file: "\(directory)/\(name)") {
                ids.append(plan.id)
            }
        }
        return ids.sorted()
    }

    /// Keeps a plan.
    /// - Parameter replaces: whether it may take the place of another one with its ID.
    /// - Throws: `exists` if there is one that says something else.
    public func save(_ plan: CampaignPlan, replaces: Bool = false) throws(VarveError) {
        let path = path(plan.id)
        if !replaces, access(path, F_OK) == 0 {
            if let known = try? load(file: path), known == plan { return }
            throw VarveError(
                .exists, "there is another plan of campaign '\(plan.id)'", file: path,
                remedy: "another --campaign-id, or --replace")
        }
        if mkdir(directory, 0o777) != 0, errno != EEXIST {
            throw PlanFile.failure("can't make the directory", directory)
        }
        try PlanFile.write(plan.json.text + "\n", to: path)
    }

    /// The plan of a campaign; without an ID the only one.
    public func plan(_ id: String?) throws(VarveError) -> CampaignPlan {
        if let id {
            do throws(VarveError) { return try load(file: path(id)) } catch  where error.code == .notFound {}
        }
        let known = ids
        if id == nil, known.count == 1 { return try load(file: path(known[0])) }
        guard let id else {
            throw VarveError(
                known.isEmpty ? .notFound : .invalid,
                known.isEmpty ? "this repository has no plan" : "this repository has \(known.count) plans",
                remedy: known.isEmpty
                    ? "varve campaign plan --axis seed=1,2,3"
                    : "--campaign-id with one of \(known.prefix(10).joined(separator: ", "))")
        }
        let nearest = nearestName(to: id, among: known)
        throw VarveError(
            .notFound, "there is no plan of campaign '\(id)'",
            remedy: nearest.map { "did you mean '\($0)'?" } ?? "varve campaign plan makes one")
    }

    private func load(file: String) throws(VarveError) -> CampaignPlan {
        let text = try PlanFile.read(file, cap: Self.maxBytes)
        guard let json = try? JSONValue(parsing: text) else {
            throw VarveError(.damaged, "no plan", file: file, expected: "a JSON object")
        }
        return try CampaignPlan(json: json, id: "")
    }

    /// A file name that two IDs never share: what isn't a plain character is written as the number of its byte.
    private func path(_ id: String) -> String {
        var name = ""
        for byte in id.utf8 {
            let isPlain =
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "-_".utf8.contains(byte)
            name += isPlain ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
        return "\(directory)/\(name).json"
    }
}

/// Small text files, read whole and written whole or not at all.
enum PlanFile {
    static func read(_ path: String, cap: Int) throws(VarveError) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw failure("can't read", path) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure("can't read", path) }
            if count == 0 { return String(decoding: bytes, as: UTF8.self) }
            bytes += buffer[..<count]
            guard bytes.count <= cap else { throw VarveError(.limit, "the file is too long", file: path) }
        }
    }

    static func write(_ text: String, to path: String) throws(VarveError) {
        let temporary = "\(path).\(getpid()).tmp"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw failure("can't write", path) }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if count == 0 || errno != EINTR {
                let error = failure("can't write", path)
                close(descriptor)
                unlink(temporary)
                throw error
            }
        }
        let isSafe = fsync(descriptor) == 0
        guard close(descriptor) == 0, isSafe, rename(temporary, path) == 0 else {
            let error = failure("can't write", path)
            unlink(temporary)
            throw error
        }
    }

    static func failure(_ what: String, _ path: String) -> VarveError {
        let code = errno
        return VarveError(
            code == ENOENT ? .notFound : code == ENOSPC ? .noRoom : .system,
            "\(what) \(path): \(String(cString: strerror(code)))", file: path)
    }
}
