/// The compaction that a writer makes after a close has returned.
enum AfterClose {
    static func consider(_ shared: RunShared) {}
}
