import VarveFormat

/// A repository whose log file is the input, under checksums that fit: read, verified, compacted, gone on with. What the
/// index says is what the logs said. What a repair salvages of it is put in its place, and read.
struct HostileLog: FuzzTarget {
    private let world: FuzzRepository

    static var words: [String] { LogFile.words }

    static func seeds() throws -> [[UInt8]] {
        let bytes = try FuzzRepository().logBytes
        let long = try FuzzRepository(points: 300).logBytes
        return [[1] + bytes, [0] + bytes, [3] + long]
    }

    init() throws { world = try FuzzRepository() }

    func feed(_ input: [UInt8]) throws {
        guard let first = input.first else { return }
        var bytes = Array(input.dropFirst())
        if first & 1 == 1 { Mending.log(&bytes) }
        let copy = try world.copy(with: [world.log: bytes])
        let salvaged = try world.salvaged(copy.snapshot())
        try world.use(copy, isTrue: true, goesOn: first & 2 == 2)
        if let salvaged { try world.use(salvaged, isTrue: true, goesOn: false) }
    }
}
