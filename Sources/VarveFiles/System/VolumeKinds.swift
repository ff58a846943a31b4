extension Volume {
    /// What `statfs` says in numbers (`f_type`), judged by a list of what is known to be safe.
    ///
    /// To map safely, a store must not fail for want of room once blocks are allocated, and other processes must see it
    /// at once. A copy-on-write file system needs new blocks for every store, so btrfs isn't on the list, although it is local.
    /// Overlays hand the mapping on to the file of their upper layer.
    init(magic: UInt32, available: Int) {
        let (kind, trait) = Self.known[magic] ?? ("0x" + String(magic, radix: 16), .remote)
        self.init(kind: kind, mapsSafely: trait == .mapped, isRemote: trait == .remote, available: available)
    }

    private enum Trait { case mapped, local, remote }

    /// What isn't listed is taken for remote: the careful answer costs some speed, the other one points.
    private static let known: [UInt32: (String, Trait)] = [
        0x0000_EF53: ("ext4", .mapped),
        0x5846_5342: ("xfs", .mapped),
        0x0102_1994: ("tmpfs", .mapped),
        0x794C_7630: ("overlay", .mapped),
        0x9123_683E: ("btrfs", .local),
        0x2FC1_2FC1: ("zfs", .local),
        0xCA45_1A4E: ("bcachefs", .local),
        0xF2F5_2010: ("f2fs", .local),
        0x8584_58F6: ("ramfs", .local),
        0x0000_4D44: ("vfat", .local),
        0x2011_BAB0: ("exfat", .local),
        0x7366_746E: ("ntfs", .local),
        0x7371_7368: ("squashfs", .local),
        0xE0F5_E1E2: ("erofs", .local),
        0x0000_6969: ("nfs", .remote),
        0x6573_5546: ("fuse", .remote),
        0x0102_1997: ("9p", .remote),
        0x0000_517B: ("smb", .remote),
        0xFF53_4D42: ("cifs", .remote),
        0xFE53_4D42: ("smb2", .remote),
        0x0BD0_0BD0: ("lustre", .remote),
        0x00C3_6400: ("ceph", .remote),
        0x4750_4653: ("gpfs", .remote),
        0x1983_0326: ("beegfs", .remote),
        0x5346_414F: ("afs", .remote),
        0x7461_636F: ("ocfs2", .remote),
        0x0116_1970: ("gfs2", .remote),
        0x2003_0528: ("orangefs", .remote),
        0x786F_4256: ("vboxsf", .remote),
    ]
}
