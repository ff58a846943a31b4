extension SimulatedFileSystem {
    package func open(_ path: String, _ mode: OpenMode) throws(FileError) -> any OpenFile {
        try call(mode == .createNew ? .create : .open, path) { disk, _ throws(FileError) in
            let inode: SimulatedInode
            if mode == .createNew {
                guard let (directory, name) = try disk.place(path, "open") else {
                    throw FileError("open", path, .exists)
                }
                guard directory.entries[name] == nil else { throw FileError("open", path, .exists) }
                inode = disk.make(.file)
                disk.change([.init(slot: .init(directory: directory.number, name: name), target: inode.number)])
            } else {
                guard let found = try disk.find(path, "open") else { throw FileError("open", path, .notFound) }
                guard found.kind == .file else { throw FileError("open", path, .isDirectory) }
                inode = found
            }
            disk.hold(inode.number, users: 1)
            return SimulatedFile(self, inode, path, isWritable: mode == .update || mode == .createNew)
        }
    }

    package func list(_ directory: String) throws(FileError) -> [String] {
        try call(.list, directory) { disk, _ throws(FileError) in
            let inode = try disk.directory(directory, "list")
            // Nobody may rely on an order.
            return inode.entries.keys.sorted().shuffled(using: &disk.random)
        }
    }

    package func makeDirectory(_ path: String) throws(FileError) {
        try call(.makeDirectory, path) { disk, _ throws(FileError) in
            guard let (parent, name) = try disk.place(path, "mkdir") else { return }
            if let existing = try disk.find(path, "mkdir") {
                if existing.kind == .directory { return }
                throw FileError("mkdir", path, .exists)
            }
            let inode = disk.make(.directory)
            disk.change([.init(slot: .init(directory: parent.number, name: name), target: inode.number)])
        }
    }

    package func status(_ path: String) throws(FileError) -> FileStatus? {
        try call(.status, path) { disk, _ throws(FileError) in
            do throws(FileError) {
                return try disk.find(path, "stat").map(FileStatus.init)
            } catch  where error.code == .notFound {
                return nil
            }
        }
    }

    package func link(_ existing: String, _ new: String) throws(FileError) {
        try call(.link, new) { disk, _ throws(FileError) in
            guard let inode = try disk.find(existing, "link") else { throw FileError("link", new, .notFound) }
            guard let (directory, name) = try disk.place(new, "link"), directory.entries[name] == nil else {
                throw FileError("link", new, .exists)
            }
            guard inode.kind == .file else { throw FileError("link", new, .notPermitted) }
            disk.change([.init(slot: .init(directory: directory.number, name: name), target: inode.number)])
        }
    }

    package func unlink(_ path: String) throws(FileError) {
        try call(.unlink, path) { disk, _ throws(FileError) in
            do throws(FileError) {
                guard let (directory, name) = try disk.place(path, "unlink") else {
                    throw FileError("unlink", path, .isDirectory)
                }
                guard let inode = try disk.find(path, "unlink") else { return }
                guard inode.kind == .file else { throw FileError("unlink", path, .isDirectory) }
                disk.change([.init(slot: .init(directory: directory.number, name: name), target: nil)])
            } catch  where error.code == .notFound {
                return
            }
        }
    }

    package func rename(_ old: String, _ new: String) throws(FileError) {
        try call(.rename, new) { disk, _ throws(FileError) in
            guard let (source, oldName) = try disk.place(old, "rename"),
                let (target, newName) = try disk.place(new, "rename")
            else { throw FileError("rename", old, .busy) }
            guard let inode = try disk.find(old, "rename") else { throw FileError("rename", old, .notFound) }
            if let replaced = try disk.find(new, "rename") {
                // Two names of one file: POSIX lets both stand.
                if replaced === inode { return }
                switch (inode.kind, replaced.kind) {
                case (.directory, .file): throw FileError("rename", old, .notDirectory)
                case (.file, .directory): throw FileError("rename", old, .isDirectory)
                case (.directory, .directory) where !replaced.entries.isEmpty:
                    throw FileError("rename", old, .notEmpty)
                default: break
                }
            }
            if inode.kind == .directory, disk.contains(inode, target) { throw FileError("rename", old, .invalid) }
            // The new name first, so that the file is never without one.
            disk.change([
                .init(slot: .init(directory: target.number, name: newName), target: inode.number),
                .init(slot: .init(directory: source.number, name: oldName), target: nil),
            ])
        }
    }

    package func removeDirectory(_ path: String) throws(FileError) {
        try call(.removeDirectory, path) { disk, _ throws(FileError) in
            guard let (parent, name) = try disk.place(path, "rmdir") else { throw FileError("rmdir", path, .busy) }
            let inode = try disk.directory(path, "rmdir")
            guard inode.entries.isEmpty else { throw FileError("rmdir", path, .notEmpty) }
            disk.change([.init(slot: .init(directory: parent.number, name: name), target: nil)])
        }
    }

    package func syncDirectory(_ path: String) throws(FileError) {
        try call(.syncDirectory, path) { disk, _ throws(FileError) in
            disk.syncNames(of: try disk.directory(path, "open"))
        }
    }

    package func volume(_ path: String) throws(FileError) -> Volume {
        try call(.volume, path) { disk, settings throws(FileError) in
            guard try disk.find(path, "statfs") != nil else { throw FileError("statfs", path, .notFound) }
            let free = settings.capacity.map { PagedBytes.pages($0) - disk.usedPages }
            let available = free.map { max(0, $0) * PagedBytes.pageSize } ?? 1 << 50
            return Volume(
                kind: "simulated", mapsSafely: settings.mapsSafely, isRemote: settings.isRemote, available: available)
        }
    }
}

extension SimulatedDisk {
    /// The directory at `path`, which must be one.
    func directory(_ path: String, _ call: String) throws(FileError) -> SimulatedInode {
        guard let inode = try find(path, call) else { throw FileError(call, path, .notFound) }
        guard inode.kind == .directory else { throw FileError(call, path, .notDirectory) }
        return inode
    }

    /// Whether `other` is `directory` or lies in it.
    func contains(_ directory: SimulatedInode, _ other: SimulatedInode) -> Bool {
        if directory === other { return true }
        return directory.entries.values.contains { number in
            guard let child = inodes[number], child.kind == .directory else { return false }
            return contains(child, other)
        }
    }

    func paths() -> [String] {
        var found: [String] = []
        func walk(_ directory: SimulatedInode, _ path: String) {
            for (name, number) in directory.entries {
                found.append(path + "/" + name)
                if let child = inodes[number], child.kind == .directory { walk(child, path + "/" + name) }
            }
        }
        if let root = inodes[Self.root] { walk(root, "") }
        return found.sorted()
    }
}

extension FileStatus {
    init(_ inode: SimulatedInode) {
        self.init(
            kind: inode.kind, size: inode.cached.count, inode: inode.number, device: 1,
            links: inode.kind == .file ? inode.links : 2, modified: inode.modified)
    }
}
