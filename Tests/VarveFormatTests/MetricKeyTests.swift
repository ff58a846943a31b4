import Testing

@testable import VarveFormat

/// Two spellings of the same letters are two metrics, as their bytes on disk are.
@Suite struct MetricKeyTests {
    @Test func namesAreComparedByBytes() {
        let composed = MetricKey("caf\u{E9}", context: ["k": "v"])
        let decomposed = MetricKey("cafe\u{301}", context: ["k": "v"])
        #expect(composed.name == decomposed.name)
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed]).count == 2)
        #expect(decomposed < composed)
        #expect(composed == MetricKey("caf\u{E9}", context: ["k": "v"]))
    }
}
