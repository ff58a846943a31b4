import Varve
import VarveFiles

/// Points of a run that isn't open, because too many others are: the newest in memory, those before them in a file.
///
/// Each opening of a run makes a log file. So a table that names thousands of runs in any order must not go from one to the
/// other: whatever finds no open run waits until the table is read, and then the runs are written one after the other.
struct WaitingPoints {
    struct Point: BitwiseCopyable {
        /// Its series, by ``SeriesIntake/number``.
        var series: Int
        var step: Int64
        var time: Int64
        var value: Double
    }

    private var newest: [Point] = []
    private var written: [SpillFile.Part] = []

    var isEmpty: Bool { newest.isEmpty && written.isEmpty }

    mutating func append(_ point: Point) { newest.append(point) }

    /// Frees the memory.
    mutating func spill(to file: SpillFile) throws(VarveError) {
        guard !newest.isEmpty else { return }
        written.append(try file.append(newest))
        newest = []
    }

    /// Hands all of them out in the order in which they came, and has none then.
    mutating func takeAll(from file: SpillFile?, _ body: (Point) throws(VarveError) -> Void) throws(VarveError) {
        for part in written { for point in try file?.read(part) ?? [] { try body(point) } }
        for point in newest { try body(point) }
        (newest, written) = ([], [])
    }
}

/// Where points wait that memory is too small for: a file without a name, which is gone with whoever has it open.
///
/// It lies in the repository, on the disk that the points are on their way to; a directory for temporary files may be memory.
final class SpillFile {
    /// Points that stand together.
    struct Part {
        fileprivate var offset: Int
        fileprivate var count: Int
    }

    private let file: any OpenFile
    private var end = 0

    init(in directory: String, _ fileSystem: any FileSystem) throws(VarveError) {
        let path = Paths.join(directory, ".varve-import-\(RealHost().newID())")
        do throws(FileError) {
            file = try fileSystem.open(path, .createNew)
            try fileSystem.unlink(path)
        } catch { throw VarveError(error) }
    }

    deinit { file.close() }

    func append(_ points: [WaitingPoints.Point]) throws(VarveError) -> Part {
        let part = Part(offset: end, count: points.count)
        do throws(FileError) { try file.write(points.withUnsafeBytes { Array($0) }, at: end) } catch {
            throw VarveError(error)
        }
        end += points.count * MemoryLayout<WaitingPoints.Point>.stride
        return part
    }

    func read(_ part: Part) throws(VarveError) -> [WaitingPoints.Point] {
        let none = WaitingPoints.Point(series: 0, step: 0, time: 0, value: 0)
        var points = [WaitingPoints.Point](repeating: none, count: part.count)
        do throws(FileError) {
            let file = file
            let isWhole = try points.withUnsafeMutableBytes { bytes in
                Result { () throws(FileError) in try file.read(into: bytes, at: part.offset) == bytes.count }
            }.get()
            guard isWhole else { throw FileError("read", file.path, .io) }
        } catch { throw VarveError(error) }
        return points
    }
}
