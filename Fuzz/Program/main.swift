import CLibFuzzer
import Glibc
import VarveFuzz

// `fuzz list` names the targets, `fuzz seeds TARGET DIRECTORY` writes what its fuzzing starts from, and its dictionary as
// `TARGET.words` beside the directory; `fuzz TARGET ARGUMENTS…` hands the rest to libFuzzer. Scripts/fuzz calls all three.

// One thread calls libFuzzer, and libFuzzer calls the target: a C function can't carry either.
nonisolated(unsafe) private var target: (any FuzzTarget)?
nonisolated(unsafe) private var name = ""

private func say(_ message: String) {
    let bytes = Array("\(message)\n".utf8)
    _ = write(2, bytes, bytes.count)
}

private func stop(_ message: String, _ code: CInt) -> Never {
    say(message)
    exit(code)
}

private func store(_ bytes: [UInt8], at path: String) {
    guard let file = fopen(path, "w") else { stop("\(path) can't be written", 1) }
    fwrite(bytes, 1, bytes.count, file)
    fclose(file)
}

let arguments = CommandLine.arguments
guard arguments.count > 1, arguments[1] != "list" else {
    for target in FuzzTargets.all { print(target.name) }
    exit(0)
}
name = arguments[1] == "seeds" && arguments.count == 4 ? arguments[2] : arguments[1]
guard let type = FuzzTargets.all.first(where: { $0.name == name }) else {
    stop("there is no target '\(name)'; `fuzz list` names them", 2)
}
if arguments[1] == "seeds" {
    for (number, seed) in try type.seeds().enumerated() { store(seed, at: "\(arguments[3])/made-\(number)") }
    store(Array(FuzzTargets.dictionary(of: type).utf8), at: "\(arguments[3]).words")
    exit(0)
}
target = try type.init()

var count = CInt(arguments.count - 1)
var pointers: [UnsafeMutablePointer<CChar>?] = ([arguments[0]] + arguments[2...]).map { strdup($0) } + [nil]
let result = pointers.withUnsafeMutableBufferPointer { buffer in
    var start = buffer.baseAddress
    return LLVMFuzzerRunDriver(&count, &start) { bytes, count in
        let input = Array(UnsafeBufferPointer(start: bytes, count: bytes == nil ? 0 : count))
        do {
            try target?.feed(input)
        } catch {
            say("\(name): \(error)")
            abort()
        }
        return 0
    }
}
exit(result)
