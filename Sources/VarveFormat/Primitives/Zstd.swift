import CZstd

/// The package's only door to libzstd: contexts that are made when they are first needed, and reused.
///
/// Not thread-safe: one owner at a time.
package final class Zstd {
    private var knownCompressor: OpaquePointer?
    private var knownDecompressor: OpaquePointer?
    private var knownSymbolCompressor: OpaquePointer?

    /// Makes nothing yet: a reader of small frames may never need a context, and both take about 1 MB once they have
    /// been used.
    package init() {}

    private var compressor: OpaquePointer {
        if let known = knownCompressor { return known }
        guard let fresh = ZSTD_createCCtx() else {
            preconditionFailure("libzstd could not allocate a context: the process is out of memory")
        }
        knownCompressor = fresh
        return fresh
    }

    private var decompressor: OpaquePointer {
        if let known = knownDecompressor { return known }
        guard let fresh = ZSTD_createDCtx() else {
            preconditionFailure("libzstd could not allocate a context: the process is out of memory")
        }
        ZSTD_DCtx_setParameter(fresh, ZSTD_d_windowLogMax, FormatConstants.maxZstdWindowLog)
        knownDecompressor = fresh
        return fresh
    }

    /// A context that codes bytes by how often they come, and looks for nothing that came before.
    private var symbolCompressor: OpaquePointer {
        if let known = knownSymbolCompressor { return known }
        guard let fresh = ZSTD_createCCtx() else {
            preconditionFailure("libzstd could not allocate a context: the process is out of memory")
        }
        // The fastest search, which steps over everything, with a table as small as may be.
        ZSTD_CCtx_setParameter(fresh, ZSTD_c_strategy, Int32(bitPattern: ZSTD_fast.rawValue))
        ZSTD_CCtx_setParameter(fresh, ZSTD_c_targetLength, Self.longestStep)
        ZSTD_CCtx_setParameter(fresh, ZSTD_c_hashLog, 6)
        ZSTD_CCtx_setParameter(fresh, ZSTD_c_minMatch, 7)
        // ZSTD_c_literalCompressionMode, on: with such a search it would be off. A library that doesn't know it stores more.
        ZSTD_CCtx_setParameter(fresh, ZSTD_c_experimentalParam5, 1)
        knownSymbolCompressor = fresh
        return fresh
    }

    private static let longestStep: Int32 = 131_072

    deinit {
        ZSTD_freeCCtx(knownCompressor)
        ZSTD_freeCCtx(knownSymbolCompressor)
        ZSTD_freeDCtx(knownDecompressor)
    }

    /// The most bytes that `count` plain bytes can become.
    package static func bound(_ count: Int) -> Int { ZSTD_compressBound(count) }

    /// One zstd frame that holds `plain`; nil if it would not be smaller than `plain` itself.
    package func compress(_ plain: UnsafeRawBufferPointer, level: Int32) -> [UInt8]? {
        guard plain.count > 16 else { return nil }
        let room = plain.count - 1
        var failed = false
        let stored = [UInt8](unsafeUninitializedCapacity: room) { target, written in
            let result = ZSTD_compressCCtx(
                compressor, target.baseAddress, room, plain.baseAddress, plain.count, level)
            failed = ZSTD_isError(result) != 0
            written = failed ? 0 : result
        }
        return failed ? nil : stored
    }

    /// Puts one zstd frame that holds `plain` at the beginning of `target`.
    ///
    /// - Parameter run: the length of the parts of `plain`, in bytes. Each gets blocks of its own, and so a Huffman
    ///   code of
    ///   its own: for parts that have little in common.
    /// - Returns: its size in bytes; nil if `target` is too small for it.
    package func compress(
        _ plain: UnsafeRawBufferPointer, run: Int, into target: UnsafeMutableRawBufferPointer, level: Int32
    ) -> Int? {
        guard run < plain.count else { return compress(plain, into: target, level: level) }
        ZSTD_CCtx_reset(compressor, ZSTD_reset_session_and_parameters)
        ZSTD_CCtx_setParameter(compressor, ZSTD_c_compressionLevel, level)
        ZSTD_CCtx_setPledgedSrcSize(compressor, UInt64(plain.count))
        var input = ZSTD_inBuffer(src: plain.baseAddress, size: 0, pos: 0)
        var output = ZSTD_outBuffer(dst: target.baseAddress, size: target.count, pos: 0)
        while input.size < plain.count {
            input.size = Swift.min(input.size + run, plain.count)
            let isLast = input.size == plain.count
            while true {
                let left = ZSTD_compressStream2(compressor, &output, &input, isLast ? ZSTD_e_end : ZSTD_e_flush)
                if ZSTD_isError(left) != 0 { return nil }
                if left == 0 { break }
                if output.pos == output.size { return nil }
            }
        }
        return output.pos
    }

    /// Puts one zstd frame that holds `plain` at the beginning of `target`.
    /// - Returns: its size in bytes; nil if `target` is too small for it.
    package func compress(
        _ plain: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer, level: Int32
    ) -> Int? {
        let result = ZSTD_compressCCtx(
            compressor, target.baseAddress, target.count, plain.baseAddress, plain.count, level)
        return ZSTD_isError(result) != 0 ? nil : result
    }

    /// Puts one zstd frame that holds `plain`, bytes among which nothing comes again, at the beginning of `target`: Huffman
    /// codes and nothing else, in a fraction of the time.
    /// - Returns: its size in bytes; nil if `target` is too small for it.
    package func compressSymbols(_ plain: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) -> Int? {
        let result = ZSTD_compress2(
            symbolCompressor, target.baseAddress, target.count, plain.baseAddress, plain.count)
        return ZSTD_isError(result) != 0 ? nil : result
    }

    /// How many bytes a zstd frame says that it holds; nil: it doesn't say, or is none.
    package static func plainBytes(of stored: UnsafeRawBufferPointer) -> Int? {
        // The two largest numbers mean that it isn't known and that it is an error.
        Int(exactly: ZSTD_getFrameContentSize(stored.baseAddress, stored.count))
    }

    /// Fills `plain` with what the one zstd frame in `stored` holds.
    ///
    /// - Throws: `corrupt` if the frame is damaged or holds another number of bytes. Memory is bounded by `plain` and
    ///   by the format's cap on the window.
    package func decompress(_ stored: RawSpan, into plain: UnsafeMutableRawBufferPointer) throws(FormatError) {
        // Several frames, one after the other, would decompress as well.
        let frame = stored.withUnsafeBytes { ZSTD_findFrameCompressedSize($0.baseAddress, $0.count) }
        guard ZSTD_isError(frame) != 0 || frame == stored.byteCount else {
            throw FormatError(
                .corrupt, at: frame, expected: "the end of a zstd frame",
                found: "\(stored.byteCount - frame) more bytes")
        }
        let result: Int = stored.withUnsafeBytes { source in
            ZSTD_decompressDCtx(decompressor, plain.baseAddress, plain.count, source.baseAddress, source.count)
        }
        if ZSTD_isError(result) != 0 {
            let why = ZSTD_getErrorName(result).map { String(cString: $0) } ?? "unknown error"
            throw FormatError(.corrupt, at: 0, expected: "a zstd frame of \(plain.count) plain bytes", found: why)
        }
        guard result == plain.count else {
            throw FormatError(
                .corrupt, at: 0, expected: "a zstd frame of \(plain.count) plain bytes", found: "\(result) bytes")
        }
    }
}
