/// What decides which of several settings of one (run, key) counts (Format.md, section 3.4): for readers and for the compactor.
package struct PropertyRank: Hashable, Sendable {
    package var revision: UInt64
    /// Of the file that the setting stands in; compared bytewise.
    package var fileName: String

    package init(revision: UInt64, fileName: String) {
        self.revision = revision
        self.fileName = fileName
    }

    /// Whether a setting of this rank gives way to one of rank `other`, which stands behind it if both are in one file.
    package func givesWay(to other: PropertyRank) -> Bool {
        if revision != other.revision { return revision < other.revision }
        return !other.fileName.utf8.lexicographicallyPrecedes(fileName.utf8)
    }
}
