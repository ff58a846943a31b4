/// A text as a key, told apart by its bytes.
///
/// Swift takes two strings for equal that look the same; two names of which one spells its accents as letters of their own are
/// two names here, and what stands under them must not become one.
package struct ExactText: Sendable {
    package let text: String

    package init(_ text: String) { self.text = text }
}

extension ExactText: Hashable {
    package static func == (a: ExactText, b: ExactText) -> Bool { a.text.hasSameBytes(as: b.text) }
    package func hash(into hasher: inout Hasher) { text.hashBytes(into: &hasher) }
}

extension ExactText: Comparable {
    /// Orders by bytes.
    package static func < (a: ExactText, b: ExactText) -> Bool { a.text.precedesByBytes(b.text) }
}

extension String {
    /// Whether both are the same bytes; Swift's `==` asks whether they look the same.
    package func hasSameBytes(as other: String) -> Bool {
        guard utf8.count == other.utf8.count else { return false }
        // A native string has its bytes in one piece; through iterators comparing them costs ten times as much.
        let isSame = utf8.withContiguousStorageIfAvailable { a in
            other.utf8.withContiguousStorageIfAvailable { b in a.indices.allSatisfy { a[$0] == b[$0] } }
        }
        return (isSame ?? nil) ?? utf8.elementsEqual(other.utf8)
    }

    package func precedesByBytes(_ other: String) -> Bool { utf8.lexicographicallyPrecedes(other.utf8) }

    /// Whether the bytes begin with those of `prefix`; Swift's `hasPrefix` takes a letter with the accent that follows it for one.
    package func beginsWithBytes(of prefix: String) -> Bool {
        guard utf8.count >= prefix.utf8.count else { return false }
        let begins = utf8.withContiguousStorageIfAvailable { text in
            prefix.utf8.withContiguousStorageIfAvailable { prefix in
                prefix.indices.allSatisfy { text[$0] == prefix[$0] }
            }
        }
        return (begins ?? nil) ?? utf8.starts(with: prefix.utf8)
    }

    /// What follows the bytes of `prefix`; nil where the text begins otherwise.
    package func afterBytes(of prefix: String) -> String? {
        beginsWithBytes(of: prefix) ? droppingBytes(prefix.utf8.count) : nil
    }

    /// What follows so many bytes, which end at the border of a character of Unicode.
    package func droppingBytes(_ count: Int) -> String { String(decoding: utf8.dropFirst(count), as: UTF8.self) }

    /// As much from the beginning as has at most so many bytes and ends at the border of a character of Unicode.
    package func clipped(toBytes cap: Int) -> String {
        guard utf8.count > cap else { return self }
        var end = utf8.index(utf8.startIndex, offsetBy: cap)
        while end > utf8.startIndex, end.samePosition(in: unicodeScalars) == nil { utf8.formIndex(before: &end) }
        return String(self[..<end])
    }

    func hashBytes(into hasher: inout Hasher) {
        // A native string, as all are that were decoded here, has its bytes in one piece.
        let isDone: Void? = utf8.withContiguousStorageIfAvailable { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        if isDone == nil { for byte in utf8 { hasher.combine(byte) } }
        hasher.combine(utf8.count)
    }
}
