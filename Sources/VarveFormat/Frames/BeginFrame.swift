/// Who wrote a log file, and what it is a part of (Format.md, section 3.1).
package struct BeginFrame: Hashable, Sendable {
    package var repository = UniqueID.zero
    /// Zero: the file is of several runs.
    package var run = UniqueID.zero
    package var salt: UInt64 = 0
    package var n: UInt32 = 0
    package var attempt: UInt32 = 0
    package var rank: UInt32?
    package var durability = Durability.logOnly
    package var rewind: Rewind?
    package var sealOf: SealSource?
    package var fork: ForkSource?
    /// Nanoseconds since 1970.
    package var created = FormatConstants.noTime
    package var host = ""

    package init() {}

    /// The file that a seal completes.
    package struct SealSource: Hashable, Sendable {
        package var n: UInt32
        package var salt: UInt64
        /// The file's bytes when it was sealed.
        package var size: UInt64

        package init(n: UInt32, salt: UInt64, size: UInt64) {
            self.n = n
            self.salt = salt
            self.size = size
        }
    }

    /// The run whose history this one inherits.
    package struct ForkSource: Hashable, Sendable {
        package var run: UniqueID
        package var attempt: UInt32
        /// Steps below this one are inherited.
        package var step: Int64

        package init(run: UniqueID, attempt: UInt32, step: Int64) {
            self.run = run
            self.attempt = attempt
            self.step = step
        }
    }

    /// What a later attempt takes back of earlier ones.
    package enum Rewind: Hashable, Sendable {
        /// Everything with a step of at least this.
        case step(Int64)
    }

    package var identity: LogIdentity { LogIdentity(run: run, n: n, salt: salt) }
    /// Of a seal: the file that it completes.
    package var source: LogIdentity? { sealOf.map { LogIdentity(run: run, n: $0.n, salt: $0.salt) } }
}

/// What a log file is, whatever its name.
package struct LogIdentity: Hashable, Sendable {
    package var run: UniqueID
    package var n: UInt32
    package var salt: UInt64

    package init(run: UniqueID, n: UInt32, salt: UInt64) {
        self.run = run
        self.n = n
        self.salt = salt
    }
}

/// What survives when the writing process dies.
public enum Durability: UInt8, Hashable, Sendable {
    /// What was appended to the log; there is no journal.
    case logOnly = 0
    /// Every point that `log` returned from: the page cache owns it.
    case mapped = 1
    /// What was appended; at most the flush interval is lost. The file system can't be mapped safely.
    case buffered = 2
}

extension BeginFrame {
    package func payload() -> [UInt8] {
        var writer = ByteWriter(capacity: FormatConstants.beginBytes)
        writer.fixed(FormatConstants.version)
        writer.u8(durability.rawValue)
        var rewindValue: Int64 = 0
        if case .step(let step) = rewind {
            writer.u8(1)
            rewindValue = step
        } else {
            writer.u8(0)
        }
        writer.fixed(UInt32(0))
        writer.id(repository)
        writer.id(run)
        writer.fixed(salt)
        writer.fixed(n)
        writer.fixed(attempt)
        writer.fixed(rank ?? FormatConstants.noRank)
        writer.fixed(sealOf?.n ?? 0)
        writer.fixed(sealOf?.salt ?? 0)
        writer.fixed(sealOf?.size ?? 0)
        writer.fixed(rewindValue)
        writer.id(fork?.run ?? .zero)
        writer.fixed(fork?.step ?? 0)
        writer.fixed(fork?.attempt ?? 0)
        writer.fixed(UInt32(0))
        writer.fixed(created)
        writer.hostName(host)
        writer.zeros(32)
        return writer.bytes
    }

    package init(parsing payload: RawSpan) throws(FormatError) {
        var reader = ByteReader(payload)
        let version = try reader.fixed(UInt16.self, "the version of a log file")
        let durabilityCode = try reader.u8()
        let rewindMode = try reader.u8()
        let features = try reader.fixed(UInt32.self, "the features of a log file")
        try checkVersion(version, features: features, at: 0)
        repository = try reader.id()
        run = try reader.id()
        salt = try reader.fixed(UInt64.self)
        n = try reader.fixed(UInt32.self)
        attempt = try reader.fixed(UInt32.self)
        let rankCode = try reader.fixed(UInt32.self)
        let sealN = try reader.fixed(UInt32.self)
        let sealSalt = try reader.fixed(UInt64.self)
        let sealSize = try reader.fixed(UInt64.self)
        let rewindValue = try reader.fixed(Int64.self)
        let forkRun = try reader.id()
        let forkStep = try reader.fixed(Int64.self)
        let forkAttempt = try reader.fixed(UInt32.self)
        try reader.skip(4)
        created = try reader.fixed(Int64.self)
        host = try reader.hostName()
        guard let durability = Durability(rawValue: durabilityCode) else {
            throw FormatError(.corrupt, at: 2, expected: "a durability from 0 to 2", found: "\(durabilityCode)")
        }
        self.durability = durability
        switch rewindMode {
        case 0: rewind = nil
        case 1: rewind = .step(rewindValue)
        default: throw FormatError(.unsupported, at: 3, expected: "rewind mode 0 or 1", found: "\(rewindMode)")
        }
        rank = rankCode == FormatConstants.noRank ? nil : rankCode
        sealOf = sealN == 0 ? nil : SealSource(n: sealN, salt: sealSalt, size: sealSize)
        fork = forkRun == .zero ? nil : ForkSource(run: forkRun, attempt: forkAttempt, step: forkStep)
    }
}

/// Refuses a file that a newer version made, or that needs a feature which this version lacks.
package func checkVersion(_ version: UInt16, features: UInt32, at offset: Int) throws(FormatError) {
    guard version >= 1, version <= FormatConstants.version else {
        throw FormatError(
            .unsupported, at: offset, expected: "version 1 to \(FormatConstants.version)", found: "\(version)")
    }
    let unknown = features & ~FormatConstants.knownFeatures
    guard unknown == 0 else {
        throw FormatError(
            .unsupported, at: offset, expected: "no feature that this version lacks",
            found: "feature bits 0x\(String(unknown, radix: 16))")
    }
}

extension ByteWriter {
    /// Appends a host's name in its fixed field, cut to fit.
    package mutating func hostName(_ name: String) {
        let bytes = name.utf8.prefix(FormatConstants.hostBytes)
        raw(Array(bytes))
        zeros(FormatConstants.hostBytes - bytes.count)
    }
}

extension ByteReader {
    @_lifetime(self: copy self)
    package mutating func hostName() throws(FormatError) -> String {
        let field = try take(FormatConstants.hostBytes, "a host's name")
        return field.withUnsafeBytes { bytes in
            // A name that was cut in the middle of a character is shown with a replacement character.
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}
