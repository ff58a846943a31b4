/// Something that reads or writes bytes, and what must hold for it whatever it is fed.
///
/// Any input may be refused by a typed error, which a target catches; none may trap, hang, touch memory that isn't its
/// own, or use much of it. What else must hold, a target demands with ``demand(_:_:)``.
package protocol FuzzTarget: SendableMetatype {
    /// What an input is likely to contain: words, keywords, magics.
    static var words: [String] { get }
    /// Good inputs, small ones, from which fuzzing starts; what was found and mended stands in Fuzz/Seeds beside them.
    static func seeds() throws -> [[UInt8]]
    /// What is kept from input to input.
    init() throws
    /// Feeds it one input. One thread calls this.
    /// - Throws: what was demanded and doesn't hold.
    func feed(_ input: [UInt8]) throws
}

extension FuzzTarget {
    package static var words: [String] { [] }
    /// The target's name on the command line.
    package static var name: String { "\(Self.self)" }
}

/// Something that must hold doesn't.
package struct Broken: Error, CustomStringConvertible {
    package let description: String
}

/// Throws ``Broken`` unless the condition holds.
func demand(_ condition: Bool, _ message: @autoclosure () -> String) throws(Broken) {
    if !condition { throw Broken(description: message()) }
}

/// All targets.
package enum FuzzTargets {
    package static let all: [any FuzzTarget.Type] = [
        ColumnDecode.self, ColumnRoundTrip.self,
        FrameHeaders.self, FramePayloads.self, PointsPayload.self, PointsRoundTrip.self,
        LogFile.self, HostileLog.self, HostileJournal.self, HostileSegment.self, HostileManifest.self,
        SegmentSections.self, FileNames.self,
        Expressions.self, JSONText.self, TimeWords.self, Decimals.self, ParamsText.self, Plans.self,
        EventFiles.self, CSVTables.self, JSONLines.self, PrintedLogs.self, MonitorFiles.self, MLflowLines.self,
        TrainerStates.self,
        TrackioTexts.self, RunLogs.self, BridgeAnswers.self,
    ]

    package static var names: [String] { all.map { $0.name } }

    /// The words of a target in the form that libFuzzer reads.
    package static func dictionary(of target: any FuzzTarget.Type) -> String {
        target.words.enumerated().map { number, word in
            let escaped = word.utf8.map { byte in
                switch byte {
                case UInt8(ascii: "\\"), UInt8(ascii: "\""): "\\\(Character(UnicodeScalar(byte)))"
                case 0x20..<0x7F: "\(Character(UnicodeScalar(byte)))"
                default: "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
                }
            }
            return "w\(number)=\"\(escaped.joined())\"\n"
        }.joined()
    }
}
