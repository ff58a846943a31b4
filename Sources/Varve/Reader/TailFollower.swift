import VarveFiles
import VarveFormat

/// Follows one log file and its journal from a moment on: every point once, in the order of its series.
struct TailFollower {
    private let path: String
    private let journalPath: String
    private let journalName: LogName
    private let fileSystem: any FileSystem
    private let file: any OpenFile
    private var journal: JournalReader?
    private var section: LogSection
    /// The sequence after the last point that was handed out.
    private var next: UInt64
    /// How many points of each series were handed out from the ring that no frame held then.
    private var ahead: [UInt32: Int] = [:]
    private let zstd: Zstd
    private let codec: ColumnCodec

    /// From where on points are handed out.
    enum Start {
        case beginning
        /// What is there already isn't.
        case now
        /// From what the log held when it had so many bytes.
        case bytes(Int)
    }

    init?(
        run: UniqueID, n: UInt32, _ environment: Environment, _ paths: RepositoryPaths, from start: Start, zstd: Zstd,
        codec: ColumnCodec
    ) throws(VarveError) {
        let name = LogName.log(run: run, n: n)
        path = paths.log(name)
        journalName = .journal(run: run, n: n)
        journalPath = paths.log(journalName)
        fileSystem = environment.fileSystem
        self.zstd = zstd
        self.codec = codec
        journal = try JournalReader(journalPath, name: journalName, fileSystem)
        do throws(FileError) { file = try fileSystem.open(path, .read) } catch
            where error.code == .notFound || error.code.isNoFile
        {
            return nil
        } catch {
            throw VarveError(error)
        }
        guard let first = try LogScanner.scan(file, name: name, zstd: zstd).first else {
            file.close()
            return nil
        }
        section = first
        if journal?.header.salt != section.begin.salt { journal = nil }
        next = 0
        switch start {
        case .beginning: goBack(to: 0)
        case .now: break
        case .bytes(let bytes): goBack(to: bytes)
        }
        next = section.endSequence
        if case .now = start { try skipRing() }
    }

    /// Forgets the frames that weren't whole when the file had so many bytes: they are read anew.
    private mutating func goBack(to bytes: Int) {
        let base = section.baseOffset
        func isKept(_ frame: FrameRef) -> Bool { base + frame.offset + frame.header.frameBytes <= bytes }
        guard let first = section.frames.first(where: { !isKept($0) }) else { return }
        section.endOffset = bytes == 0 ? 0 : first.offset
        section.endSequence = section.frames.prefix(while: isKept).reduce(0) {
            $1.kind == .points ? $1.sequences.upperBound : $0
        }
        section.frames = []
    }

    /// Which attempt of its run the file belongs to.
    var attempt: UInt32 { section.begin.attempt }

    /// Nothing more will come: its `end` was read.
    var isOver: Bool { section.end != nil && ahead.isEmpty }

    func close() {
        journal?.close()
        file.close()
    }

    private mutating func skipRing() throws(VarveError) {
        guard let journal else { return }
        for (sequence, record) in try journal.stretch(from: next) {
            next = sequence + 1
            ahead[record.series, default: 0] += 1
        }
    }

    /// Hands out what came since the last call.
    mutating func poll(_ body: (SeriesDefinition, PointBuffer) -> Void) throws(VarveError) {
        var fresh: [UInt32: PointBuffer] = [:]
        func flush() {
            for (id, points) in fresh.sorted(by: { $0.key < $1.key }) {
                if let definition = section.definitions[id] { body(definition, points) }
            }
            fresh = [:]
        }
        try readFrames(into: &fresh)
        if let journal {
            for (sequence, record) in try journal.stretch(from: next) {
                // The definition was appended before the point was logged; the frames were read a moment earlier.
                if section.definitions[record.series] == nil { try readFrames(into: &fresh) }
                guard sequence >= next else { continue }
                next = sequence + 1
                ahead[record.series, default: 0] += 1
                fresh[record.series, default: PointBuffer()].append(record)
            }
        }
        flush()
    }

    private mutating func readFrames(into fresh: inout [UInt32: PointBuffer]) throws(VarveError) {
        let size: Int
        do throws(FileError) { size = try file.size() } catch { throw VarveError(error) }
        guard size > section.baseOffset + section.endOffset else { return }
        section = try LogScanner.resume(section, file, zstd: zstd)
        let reader = LogFileReader(file, zstd: zstd)
        for frame in section.frames where frame.kind == .points {
            let payload = try reader.payload(of: frame, in: section)
            do throws(FormatError) {
                let opened = try PointsFrame(
                    payload, count: frame.header.count, hasOrder: frame.header.flags.contains(.ordered), codec: codec)
                for (row, slice) in opened.slices.enumerated() {
                    // What came from the ring was the beginning of what the frame holds of this series.
                    let known = min(ahead[slice.series] ?? 0, slice.count)
                    ahead[slice.series] = (ahead[slice.series] ?? 0) == known ? nil : (ahead[slice.series] ?? 0) - known
                    guard known < slice.count else { continue }
                    let points = try opened.points(ofSlice: row)
                    fresh[slice.series, default: PointBuffer()].append(points, from: known)
                }
            } catch {
                throw VarveError(error.located(in: path, at: section.baseOffset + frame.offset))
            }
            next = max(next, frame.sequences.upperBound)
        }
    }
}

extension PointBuffer {
    mutating func append(_ record: JournalRecord) {
        steps.append(record.step)
        times.append(record.time)
        values.append(record.value)
    }

    mutating func append(_ points: SeriesPoints, from first: Int) {
        steps += points.steps[first...]
        times += points.times[first...]
        values += points.values[first...]
    }
}
