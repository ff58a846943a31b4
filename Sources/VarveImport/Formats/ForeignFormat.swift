import Varve
import VarveFiles

/// A format that other tools log in: how it is found below a path, and which of its sources make which run.
///
/// One is a ``StreamFormat``, whose sources are files that only grow at their end, or a ``StoreFormat``, whose sources are
/// anything else: rows of a database, a directory of small files, what a helper process tells. A new one is a type in a
/// file of its own and a line in ``FormatRegistry``.
package protocol ForeignFormat: Sendable {
    /// The word for it on the command line and in `import.format`: lower-case letters and digits.
    var name: String { get }
    /// What its sources are called, in the plural: "TensorBoard event files".
    var title: String { get }
    /// What gives it away, for those who wonder why nothing was found.
    var signs: String { get }

    /// Its rows have a column for the step, which a caller may name.
    var isTable: Bool { get }

    /// Finds what is of this format among the files of a tree that nobody claimed yet, and plans the runs it makes.
    ///
    /// Reads little of each file: its first kibibytes where names don't tell. Whatever is wrong with a single file is no
    /// error but a problem or a note of the plan.
    func plan(_ tree: SourceTree, _ place: ImportPlace) throws(VarveError) -> ImportPlan
}

extension ForeignFormat {
    package var isTable: Bool { false }
}

/// A format whose sources are files that grow at their end. How far each was taken stands in the run (``FileMark``).
package protocol StreamFormat: ForeignFormat {
    /// Makes the reader of one file, which finds the runs that the file speaks of by `sinks`.
    func reader(
        of source: ImportSource, _ place: ImportPlace, _ sinks: @escaping SinkFinder
    ) throws(VarveError) -> any StreamReader
}

/// Reads one file from its beginning.
package protocol StreamReader {
    /// Reads all that there is; asked again, it goes on behind ``end``. `progress` is told offsets.
    mutating func read(_ bytes: any ByteSource, progress: (Int) -> Void) throws(VarveError)
    /// The offset behind the last record that was taken.
    var end: Int { get }
    /// That record has no end of its own: if the file grows, it may turn out to be the beginning of a longer one.
    var endIsOpen: Bool { get }
}

extension StreamReader {
    package var endIsOpen: Bool { false }
}

/// A format whose sources are no streams of bytes. What of a source was taken is told by the run itself: of each series the
/// points that are stored must be the first ones of the source (``StoredSeries``), and the others are added.
package protocol StoreFormat: ForeignFormat {
    /// Opens what all sources of an import share, such as databases and helper processes.
    func open(_ place: ImportPlace) throws(VarveError) -> any StoreReader
}

/// Reads the sources of one import. One thread uses it; what it holds open it closes in `deinit`.
package protocol StoreReader: AnyObject {
    /// A number that is another one whenever anything of the source changed, as far as can be told without reading it: sizes and
    /// times of files, counts of rows. Nil: read it to know.
    func version(of source: ImportSource) throws(VarveError) -> UInt64?

    /// Starts what reading any source needs; called before each.
    /// - Throws: why none of them can be read here, and what helps.
    func prepare() throws(VarveError)

    /// Tells `sink` all that the source holds. Each series' points come in an order that stays when the source grows: new
    /// ones behind the old ones.
    func read(_ source: ImportSource, into sink: any RunSink) throws(VarveError)
}

extension StoreReader {
    package func prepare() {}
}

/// What every format may ask for while it plans and reads.
package struct ImportPlace: Sendable {
    /// The path that is imported, absolute.
    package var root: String
    package var options: ImportOptions
    package var fileSystem: any FileSystem
    /// The caller named the format: what isn't clear without is taken for it.
    package var isNamed: Bool

    package init(
        root: String = "", options: ImportOptions = ImportOptions(), fileSystem: any FileSystem = RealFileSystem(),
        isNamed: Bool = true
    ) {
        self.root = root
        self.options = options
        self.fileSystem = fileSystem
        self.isNamed = isNamed
    }

    /// The first bytes of a file, at most `count`; nil if it can't be read.
    package func beginning(of file: SourceTree.File, _ count: Int) -> [UInt8]? {
        guard file.size > 0 else { return [] }
        do throws(FileError) {
            let opened = try fileSystem.open(file.path, .readLinked)
            defer { opened.close() }
            return try opened.read(upTo: min(count, file.size), at: 0)
        } catch { return nil }
    }

    /// The same of a text, in UTF-8 whatever the file is in, and without a line that may go on behind them.
    package func firstLines(of file: SourceTree.File, _ count: Int) -> [UInt8]? {
        guard let found = beginning(of: file, count) else { return nil }
        let bytes = UTF16Text.decoded(found)
        guard found.count == count, let end = bytes.lastIndex(where: { $0 == 0x0A || $0 == 0x0D }) else { return bytes }
        return Array(bytes[...end])
    }
}
