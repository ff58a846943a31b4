extension FileError: CustomStringConvertible {
    /// One line: the path, the call, what happened, and what may help.
    package var description: String {
        "\(path): \(call): \(code)"
    }
}

extension FileError.Code: CustomStringConvertible {
    /// What happened, then what may help. The only place where error numbers are put into words.
    package var description: String {
        guard let (what, remedy) = words else { return "error \(rawValue) of the operating system" }
        return remedy.isEmpty ? what : "\(what); \(remedy)"
    }

    /// What happened, and what may help (empty: nothing that we know of); nil for numbers that we have no words for.
    package var words: (what: String, remedy: String)? {
        switch self {
        case .exists: ("the name is taken", "choose another, or remove what has it")
        case .notFound: ("there is no such file or directory", "check the path, and whether its volume is mounted")
        case .noSpace: ("the disk is full", "free some room on this volume; blocks or inodes may be what is used up")
        case .quota: ("the disk quota is used up", "remove files of this user, or ask for a larger quota")
        case .io: ("the device failed", "look into the kernel's log, and copy what can still be read to another disk")
        case .interrupted: ("a signal interrupted the call", "try again")
        case .tooManyOpenFiles: ("this process has too many open files", "raise the limit (ulimit -n), or close some")
        case .tooManyOpenFilesOnHost: ("this host has too many open files", "raise fs.file-max, or end some processes")
        case .accessDenied: ("access is denied", "check owner and mode of the file and of the directories above it")
        case .notPermitted:
            (
                "the operation isn't permitted",
                "the file may be immutable or another user's, or its file system may have no hard links"
            )
        case .readOnly: ("the volume is mounted read-only", "choose another directory, or mount it for writing")
        case .notDirectory: ("a part of the path is not a directory", "check the path")
        case .isDirectory: ("it is a directory", "name a file inside it")
        case .notEmpty: ("the directory isn't empty", "remove what is in it first")
        case .stale: ("the file is gone from its server", "open it anew; another host has replaced or removed it")
        case .fileTooLarge: ("the file would be larger than allowed", "check ulimit -f and the volume's limit")
        case .otherDevice: ("the two names are on different volumes", "keep a repository on one volume")
        case .nameTooLong: ("the name is too long", "use a shorter path")
        case .linkLoop: ("too many symbolic links follow one another", "look for a loop in the path")
        case .tooManyLinks: ("the file has too many names", "remove some of them")
        case .outOfMemory: ("the kernel has no memory for it", "end some processes, or raise vm.max_map_count")
        case .invalid: ("the system takes an argument for invalid", "the path may hold a zero byte")
        case .notSupported: ("the file system can't do this", "keep the repository on a local disk")
        case .badDescriptor: ("the file is closed, or not open for this", "this is an error of the program: report it")
        case .busy: ("it is in use", "try again later")
        case .timedOut: ("the file system didn't answer in time", "check the network and the server")
        case .noDevice: ("the device is gone, or can't do this", "check whether the volume is still there")
        case .noSuchProcess: ("the process is gone", "")
        case .notConnected: ("the volume's connection is broken", "mount it anew")
        case .killed: ("the simulated process is dead", "")
        case .beyondCap: ("the file is larger than a file of its kind can be", "check whether it is what its name says")
        case .symbolicLink:
            ("it is a symbolic link, and none is followed in a repository", "put in its place what it leads to")
        case .notAFile: ("it is a pipe, a socket or a device", "name a regular file")
        default: nil
        }
    }
}
