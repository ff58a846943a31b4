import Varve

/// The plans of a repository: `campaigns/<id>.json`.
public struct PlanStore: Sendable {
    private let documents: Documents

    /// The plans of `repository`.
    public init(_ repository: Repository) {
        documents = Documents(repository, folder: "campaigns", maxBytes: 64 << 20)
    }

    /// The IDs of the campaigns that have a plan, sorted, and what is wrong with plans that can't be read.
    ///
    /// - Throws: what stands in the place of their folder, if it is none.
    public func list() throws(VarveError) -> (ids: [String], problems: [VarveError]) {
        var ids: [String] = []
        var problems: [VarveError] = []
        for name in try documents.names() where name.hasSuffix(".json") {
            do throws(VarveError) {
                if let plan = try load(name) { ids.append(plan.id) }
            } catch {
                problems.append(error)
            }
        }
        return (ids.sorted(), problems)
    }

    /// Keeps a plan.
    /// - Parameter replaces: whether it may take the place of another one with its ID.
    /// - Throws: `exists` if there is one that says something else.
    public func save(_ plan: CampaignPlan, replaces: Bool = false) throws(VarveError) {
        let name = fileName(plan.id)
        guard try !documents.write(Array((plan.json.text + "\n").utf8), as: name, replaces: replaces) else { return }
        if let known = try? load(name), known == plan { return }
        throw VarveError(
            .exists, "there is another plan of campaign '\(plan.id)'", file: documents.path(name),
            remedy: "another --campaign-id, or --replace")
    }

    /// The plan of a campaign; without an ID the only one.
    public func plan(_ id: String?) throws(VarveError) -> CampaignPlan {
        if let id, let plan = try load(fileName(id)) { return plan }
        let (known, problems) = try list()
        // It might be the one that is meant.
        if id == nil, var problem = problems.first {
            if let other = known.first { problem.remedy = "move it away, or name another plan: --campaign-id \(other)" }
            throw problem
        }
        if id == nil, known.count == 1, let plan = try load(fileName(known[0])) { return plan }
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

    /// The plan in a file; nil if there is none.
    private func load(_ name: String) throws(VarveError) -> CampaignPlan? {
        guard let bytes = try documents.read(name) else { return nil }
        let path = documents.path(name)
        let json: JSONValue
        do throws(FormatError) { json = try JSONValue(parsing: bytes) } catch {
            throw VarveError(
                .damaged, "not a plan, for it isn't JSON", file: path, offset: error.offset, expected: error.expected,
                found: error.found)
        }
        do throws(VarveError) { return try CampaignPlan(json: json, id: "") } catch {
            throw VarveError(
                .damaged, "not a plan: \(error.message)", file: path, expected: error.expected, found: error.found,
                remedy: error.remedy)
        }
    }

    /// A file name that two IDs never share: what isn't a plain character is written as the number of its byte.
    private func fileName(_ id: String) -> String {
        var name = ""
        for byte in id.utf8 {
            let isPlain =
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "-_".utf8.contains(byte)
            name += isPlain ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
        return name + ".json"
    }
}
