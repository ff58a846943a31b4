import Glibc

/// Numbers that needn't be round, as people read them.
enum NumberText {
    /// So many significant digits: `0.123`, `1.23e-05`.
    static func short(_ value: Double, digits: Int32 = 3) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        var buffer = [CChar](repeating: 0, count: 64)
        let count = withVaList([digits, value]) { vsnprintf(&buffer, buffer.count, "%.*g", $0) }
        let text = String(decoding: buffer.prefix(Int(max(0, count))).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        // `1e-05` as the ticks write it: `1e-5`.
        guard let at = text.firstIndex(of: "e"), let exponent = Int(text[text.index(after: at)...]) else { return text }
        return "\(text[..<at])e\(exponent)"
    }
}
