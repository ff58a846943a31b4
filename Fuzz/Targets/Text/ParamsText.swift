import Varve
import VarveImport

/// Files of params in YAML: any text gives params or an error.
struct ParamsText: FuzzTarget {
    static var words: [String] { [": ", "'", "\"", "- ", "  ", "!!python/object", "null", ".inf", "---", "#"] }

    static func seeds() -> [[UInt8]] {
        [
            "lr: 0.1\nlayers:\n- 1\n- 2\nname: 'it''s'\n", "a: \"x\\n\"\nb: !!python/tuple\n  - 1\nc:\n",
            "---\n# no\n{}\n",
        ].map {
            Array($0.utf8)
        }
    }

    init() {}

    func feed(_ input: [UInt8]) throws {
        let params: Properties
        do { params = try ParamsFile.yaml(String(decoding: input, as: UTF8.self)) } catch {
            _ = "\(error)"
            return
        }
        for (key, _) in params { try demand(key.utf8.starts(with: "params.".utf8), "a param called \(key)") }
    }
}
