import Varve
import VarveFiles

/// A Python script that reads what only a Python package can read, in a process of its own: the other tool's package needn't
/// be written anew, nor fit into this program.
///
/// The script is part of this program. The interpreter is the one that the caller names, else the one that VARVE_PYTHON
/// names, else `python3`. Each question is a line with a JSON object; the answer is told by ``BridgeMessage``s.
final class PythonHelper {
    private let process: HelperProcess
    private let source: Answers
    private var reader: BridgeReader

    /// Starts the script and awaits its greeting.
    init(_ script: [UInt8], python: String?, what: String) throws(VarveError) {
        let named = python ?? RealHost().environment("VARVE_PYTHON")
        let interpreter = named.map { $0.isEmpty ? "python3" : $0 } ?? "python3"
        do throws(FileError) {
            process = try HelperProcess([interpreter, "-c", String(decoding: script, as: UTF8.self)])
        } catch {
            throw VarveError(
                .notFound, "\(what) are read by Python, and '\(interpreter)' can't be started",
                remedy: "install Python, or name one by --python PATH or VARVE_PYTHON")
        }
        source = Answers(process, name: "the helper (\(interpreter))")
        reader = BridgeReader(source)
        do throws(VarveError) { try reader.greet() } catch {
            throw error.code == .damaged ? explained(error) : error
        }
    }

    /// Asks a question, and hands the answer to a sink.
    func ask(_ question: JSONValue, about file: String, into sink: any RunSink) throws(VarveError) {
        do throws(FileError) { try process.send(Array("\(question)\n".utf8)) } catch {
            throw explained(VarveError(error))
        }
        do throws(VarveError) { try reader.read(file, into: sink) } catch {
            throw error.code == .damaged ? explained(error) : error
        }
    }

    /// The error, with how the helper ended if it did.
    private func explained(_ error: VarveError) -> VarveError {
        guard source.isOver else { return error }
        var error = error
        error.found = "its end (\(process.wait()))"
        return error
    }

    /// What the helper writes, as a source that is read once, from its beginning to its end.
    private final class Answers: ByteSource {
        let name: String
        private let process: HelperProcess
        private var offset = 0
        private(set) var isOver = false

        init(_ process: HelperProcess, name: String) {
            self.process = process
            self.name = name
        }

        func size() -> Int { Int.max }

        func read(into buffer: UnsafeMutableRawBufferPointer, at place: Int) throws(VarveError) -> Int {
            precondition(place == offset, "what a process writes is read in order")
            do throws(FileError) {
                let count = isOver ? 0 : try process.read(into: buffer)
                offset += count
                if count == 0 { isOver = true }
                return count
            } catch { throw VarveError(error) }
        }
    }
}
