import Foundation
import Testing

/// Shows that a program which uses the library doesn't link Foundation for it: no object file of the engine, nor of what it
/// depends on, asks the linker for it.
struct LinkTests {
    /// The folder of the built products: where the tests themselves were started from.
    private static let products: URL? = {
        let places = (["/proc/self/exe"] + CommandLine.arguments).map {
            URL(fileURLWithPath: $0).resolvingSymlinksInPath().deletingLastPathComponent()
        }
        return places.first { FileManager.default.fileExists(atPath: $0.appendingPathComponent("Varve.build").path) }
    }()

    /// The importers are none of the engine: protobuf's library stands on Foundation.
    @Test func engineLinksNoFoundation() throws {
        let products = try #require(Self.products)
        // The tests' own objects do: so the search would find it.
        #expect(try Self.libraries(in: "VarveTests.build", of: products).contains("-lFoundation"))
        for module in ["VarveFormat", "VarveFiles", "Varve", "Logging"] {
            let libraries = try Self.libraries(in: "\(module).build", of: products)
            #expect(libraries.contains("-lswiftCore"), "\(module)")
            #expect(!libraries.contains { $0.hasPrefix("-lFoundation") }, "\(module)")
        }
    }

    /// What the objects of a module tell the linker to link (section `.swift1_autolink_entries`, texts that end in zeros).
    private static func libraries(in folder: String, of products: URL) throws -> Set<String> {
        let directory = products.appendingPathComponent(folder)
        var found: Set<String> = []
        for file in try FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: nil)
        where file.pathExtension == "o" {
            let data = try Data(contentsOf: file)
            var start = data.startIndex
            while let range = data.range(of: Data("-l".utf8), in: start..<data.endIndex) {
                let end = data[range.upperBound...].firstIndex(of: 0) ?? data.endIndex
                found.insert(String(decoding: data[range.lowerBound..<end], as: UTF8.self))
                start = range.upperBound
            }
        }
        return found
    }
}
