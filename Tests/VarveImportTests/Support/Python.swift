import Testing
import Varve
import VarveFiles

@testable import VarveImport

/// Pythons that have other tools' packages: the one that VARVE_TEST_PYTHON names, else the usual one. Tests that need a package
/// which isn't there are skipped, and say so.
enum Python {
    static let path: String = {
        let named = RealHost().environment("VARVE_TEST_PYTHON") ?? ""
        return named.isEmpty ? "python3" : named
    }()

    static let hasAim = has("aim.storage.rockscontainer")
    static let hasPyarrow = has("pyarrow")
    static let hasWandB = has("wandb")
    static let hasSwanLab = has("swanlab")

    /// Whether a package can be imported.
    private static func has(_ package: String) -> Bool { (try? run("import \(package)")) != nil }

    static func message(_ package: String) -> Comment {
        "\(path) has no \(package): pip install it, and name that Python by VARVE_TEST_PYTHON"
    }

    /// Runs a script; returns what it printed.
    @discardableResult static func run(_ script: String, _ arguments: [String] = []) throws -> String {
        let helper = try HelperProcess([path, "-c", script] + arguments)
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = try buffer.withUnsafeMutableBytes { try helper.read(into: $0) }
            if count == 0 { break }
            text += buffer[..<count]
        }
        guard helper.wait() == .status(0) else { throw Failed(ending: "\(helper.wait())") }
        return String(decoding: text, as: UTF8.self)
    }

    struct Failed: Error { var ending: String }
}
