import Varve
import VarveImport

/// The little of YAML that a file of params needs: any text gives params, none of them without a key from it.
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
        let lines = input.count { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") || $0 >= 0x80 || $0 < 0x20 } + 1
        let params = ParamsFile.yaml(String(decoding: input, as: UTF8.self))
        try demand(params.count <= lines, "\(params.count) params in \(lines) lines")
    }
}
