import Glibc
import Varve
import VarveExport

/// Where an export of one stream goes: standard output, a device or a pipe, or a file that gets its name once it is whole.
final class ExportSink {
    private let staged: StagedOutput?
    private let stream: OutputStream
    private let descriptor: Int32?
    /// What went wrong while the library's writer called us, in our own words.
    private var failure: (any Error)?

    init(_ path: String?) throws {
        guard let path else {
            (staged, stream, descriptor) = (nil, OutputStream(), nil)
            return
        }
        if let descriptor = try OutputFile.openSpecial(path) {
            (staged, stream, self.descriptor) = (nil, OutputStream(descriptor: descriptor), descriptor)
            return
        }
        let staged = try StagedOutput(path, isDirectory: false)
        let descriptor = open(staged.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else {
            throw VarveError(.system, "can't write \(path): \(String(cString: strerror(errno)))")
        }
        self.staged = staged
        self.descriptor = descriptor
        stream = OutputStream(descriptor: descriptor)
    }

    deinit { if let descriptor { close(descriptor) } }

    func append(_ bytes: [UInt8]) throws(VarveError) {
        do {
            try stream.append(bytes)
        } catch {
            failure = error
            throw VarveError(.system, "\(error)")
        }
    }

    /// Runs an export that calls ``append(_:)``. An interruption ends it as one, if there is a file to be taken back.
    func guarding<Result>(_ body: (Interruption) throws -> Result) throws -> Result {
        do {
            return try Interruption.guarding(staged != nil, body)
        } catch {
            throw failure ?? error
        }
    }

    /// Writes what is buffered, and gives a file its name.
    func publish() throws {
        try stream.flush()
        guard let descriptor, let staged else { return }
        guard fdatasync(descriptor) == 0 else { throw OutputFailed(reason: String(cString: strerror(errno))) }
        try staged.publish()
    }
}
