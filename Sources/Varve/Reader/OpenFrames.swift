import VarveFiles
import VarveFormat

/// The log file that was read last, and the frame that was opened last: a series' neighbours are mostly in the same
/// ones.
///
/// One descriptor at a time, however many files a query reads. Not thread-safe.
final class OpenFrames {
    private let fileSystem: any FileSystem
    private let zstd: Zstd
    private let codec: ColumnCodec
    private var path = ""
    private var file: LogFileReader?
    private var frame: PointsFrame?
    private var place: (identity: LogIdentity, offset: Int)?

    init(_ fileSystem: any FileSystem, zstd: Zstd, codec: ColumnCodec) {
        self.fileSystem = fileSystem
        self.zstd = zstd
        self.codec = codec
    }

    deinit { file?.file.close() }

    /// A points frame of a file, opened.
    func frame(_ ref: FrameRef, of section: LogSection, _ path: String) throws(VarveError) -> PointsFrame {
        if let frame, let place, place == (section.begin.identity, ref.offset), path == self.path { return frame }
        if path != self.path || file == nil {
            file?.file.close()
            file = nil
            do throws(FileError) { file = LogFileReader(try fileSystem.open(path, .read), zstd: zstd) } catch {
                throw VarveError(error)
            }
            self.path = path
        }
        guard let file else { throw VarveError(.notFound, "the log is gone", file: path) }
        let opened = try LogTail.open(ref, section, file, codec)
        frame = opened
        place = (section.begin.identity, ref.offset)
        return opened
    }
}
