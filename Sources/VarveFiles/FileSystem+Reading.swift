extension FileSystem {
    /// The whole content of a file, at most `cap` bytes.
    ///
    /// Reads until the file ends rather than for as long as its size says, since files grow, and those of /proc have no size.
    /// - Throws: `beyondCap` if there are more than `cap` bytes.
    package func readAll(_ path: String, cap: Int, _ mode: OpenMode = .read) throws(FileError) -> [UInt8] {
        let file = try open(path, mode)
        defer { file.close() }
        return try file.readAll(cap: cap)
    }
}

extension OpenFile {
    package func firstData(from offset: Int) -> Int? { offset }

    /// The whole content, at most `cap` bytes; throws `beyondCap` if there are more.
    package func readAll(cap: Int) throws(FileError) -> [UInt8] {
        let cap = min(cap, Int.max - 1)
        let stated = try size()
        guard stated <= cap else { throw FileError("read", path, .beyondCap) }
        var bytes: [UInt8] = []
        // One byte more than the size says: so that the usual file is read by one call, which also sees its end.
        var step = stated &+ 1
        while true {
            let before = bytes.count
            let more = try read(upTo: min(step, cap - before + 1), at: before)
            if before == 0 { bytes = more } else { bytes.append(contentsOf: more) }
            guard bytes.count <= cap else { throw FileError("read", path, .beyondCap) }
            if more.count < min(step, cap - before + 1) { return bytes }
            step = 65_536
        }
    }

    /// The bytes from `offset` on: `count` of them, or fewer where the file ends.
    package func read(upTo count: Int, at offset: Int) throws(FileError) -> [UInt8] {
        var failure: FileError?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, used in
            do throws(FileError) {
                let space = UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: count)
                used = try read(into: space, at: offset)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// Writes all of `bytes` at `offset`.
    package func write(_ bytes: [UInt8], at offset: Int) throws(FileError) {
        var failure: FileError?
        bytes.withUnsafeBytes { buffer in
            do throws(FileError) { try write(buffer, at: offset) } catch { failure = error }
        }
        if let failure { throw failure }
    }
}
