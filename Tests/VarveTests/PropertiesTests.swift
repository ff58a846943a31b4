import Testing
import VarveFiles
import VarveFormat

@testable import Varve

/// Properties behave as a dictionary that tells its keys apart by their bytes, be they few or many.
struct PropertiesTests {
    /// Keys of which some look the same: more than are kept in a list.
    private static let keys = ["caf\u{E9}", "cafe\u{301}", "", "K", "\u{212A}"] + (0..<30).map { "params.\($0)" }

    @Test(arguments: [3, 12, 35]) func areADictionaryByBytes(_ distinct: Int) {
        var random = SplitMix64(seed: UInt64(distinct))
        var model: [[UInt8]: PropertyValue] = [:]
        var properties = Properties()
        for step in 0..<400 {
            let key = Self.keys[Int.random(in: 0..<distinct, using: &random)]
            let value: PropertyValue? = Int.random(in: 0..<3, using: &random) == 0 ? nil : .int(Int64(step))
            model[Array(key.utf8)] = value
            properties[key] = value
            #expect(properties.count == model.count && properties.isEmpty == model.isEmpty)
            for key in Self.keys { #expect(properties[key] == model[Array(key.utf8)]) }
            #expect(properties.keys.map { Array($0.utf8) } == model.keys.sorted { $0.lexicographicallyPrecedes($1) })
            let pairs = properties.map { (Array($0.key.utf8), $0.value) }
            #expect(Dictionary(uniqueKeysWithValues: pairs) == model)
        }
    }

    @Test func equalOnesHashAlikeHoweverTheyWereMade() {
        for count in [0, 1, 5, 16, 17, 35] {
            let pairs = Self.keys.prefix(count).enumerated().map { ($1, PropertyValue.int(Int64($0))) }
            let forwards = Properties(pairs)
            var shrunk = Properties(Self.keys.map { ($0, true) })
            for key in Self.keys { shrunk[key] = nil }
            for (key, value) in pairs.reversed() { shrunk[key] = value }
            #expect(forwards == shrunk && forwards.hashValue == shrunk.hashValue)
            guard let (key, value) = pairs.last else { continue }
            var other = forwards
            other[key] = .double(0.5)
            #expect(other != forwards)
            other[key] = nil
            #expect(other != forwards)
            other[key + "x"] = value
            #expect(other != forwards && other.count == forwards.count)
        }
    }

    @Test func groupsAndFiltersKeepBytes() {
        let properties = Properties(Self.keys.map { ("tags.\($0)", true) } + [("tag", false), ("tags", false)])
        #expect(properties.group("tags.") == Properties(Self.keys.map { ($0, true) }))
        #expect(properties.filter { $0.value == .bool(false) } == ["tag": false, "tags": false])
    }
}
