/// Consecutive records of a ring where they lie, in two stretches, since a ring wraps around.
///
/// Unsafe: whoever makes it keeps the records as they are for as long as it is used.
package struct JournalRows {
    let head: UnsafeBufferPointer<JournalRecord>
    let tail: UnsafeBufferPointer<JournalRecord>

    package init(_ head: UnsafeBufferPointer<JournalRecord>, _ tail: UnsafeBufferPointer<JournalRecord>) {
        self.head = head
        self.tail = tail
    }

    var count: Int { head.count + tail.count }
}
