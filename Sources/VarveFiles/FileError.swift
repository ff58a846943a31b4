import Glibc

/// A system call that failed: which one, on what, and why. ``description`` puts it in words, with what may help.
package struct FileError: Error, Hashable, Sendable {
    /// The call, such as `open` or `fdatasync`.
    package var call: String
    package var path: String
    /// The number that the system gave; constants are static members, so that unknown ones survive.
    package var code: Code

    /// An errno value, or a negative number for what only Varve tells.
    package struct Code: RawRepresentable, Hashable, Sendable {
        package var rawValue: Int32
        package init(rawValue: Int32) { self.rawValue = rawValue }
    }

    package init(_ call: String, _ path: String, _ code: Code) {
        self.call = call
        self.path = path
        self.code = code
    }
}

extension FileError.Code {
    package static let exists = Self(rawValue: EEXIST)
    package static let notFound = Self(rawValue: ENOENT)
    package static let noSpace = Self(rawValue: ENOSPC)
    package static let quota = Self(rawValue: EDQUOT)
    package static let io = Self(rawValue: EIO)
    package static let interrupted = Self(rawValue: EINTR)
    package static let tooManyOpenFiles = Self(rawValue: EMFILE)
    package static let tooManyOpenFilesOnHost = Self(rawValue: ENFILE)
    package static let accessDenied = Self(rawValue: EACCES)
    package static let notPermitted = Self(rawValue: EPERM)
    package static let readOnly = Self(rawValue: EROFS)
    package static let notDirectory = Self(rawValue: ENOTDIR)
    package static let isDirectory = Self(rawValue: EISDIR)
    package static let notEmpty = Self(rawValue: ENOTEMPTY)
    package static let stale = Self(rawValue: ESTALE)
    package static let fileTooLarge = Self(rawValue: EFBIG)
    package static let otherDevice = Self(rawValue: EXDEV)
    package static let nameTooLong = Self(rawValue: ENAMETOOLONG)
    package static let linkLoop = Self(rawValue: ELOOP)
    package static let tooManyLinks = Self(rawValue: EMLINK)
    package static let outOfMemory = Self(rawValue: ENOMEM)
    package static let invalid = Self(rawValue: EINVAL)
    package static let notSupported = Self(rawValue: EOPNOTSUPP)
    package static let badDescriptor = Self(rawValue: EBADF)
    package static let busy = Self(rawValue: EBUSY)
    package static let timedOut = Self(rawValue: ETIMEDOUT)
    package static let noDevice = Self(rawValue: ENODEV)
    package static let noSuchProcess = Self(rawValue: ESRCH)
    package static let noSuchDeviceOrAddress = Self(rawValue: ENXIO)
    package static let notConnected = Self(rawValue: ENOTCONN)

    /// The simulated process is dead: this call, and every later one, had no effect.
    package static let killed = Self(rawValue: -1)
    /// The file is larger than the caller is ready to read.
    package static let beyondCap = Self(rawValue: -2)
    /// There is something of that name that is neither a file nor a directory: a pipe, a socket, a device.
    package static let notAFile = Self(rawValue: -3)
    /// It is a symbolic link where none is followed.
    package static let symbolicLink = Self(rawValue: -4)

    /// Whether the name stands for something that no Varve has put there: a link, a directory, a pipe, a device.
    package var isNoFile: Bool { self == .notAFile || self == .isDirectory || self == .symbolicLink }

    /// Whether room may come back: what a full disk or an exhausted quota says.
    package var isLackOfRoom: Bool { self == .noSpace || self == .quota }
}
