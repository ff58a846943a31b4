import Varve

/// SIGINT and SIGTERM while something is written that has to be taken back: so that nothing half done stays behind.
struct Interruption {
    private let signals: SignalPipe?

    /// - Parameter catches: whether signals are caught at all.
    init(catches: Bool = true) { signals = catches ? SignalPipe() : nil }

    /// Runs a body that asks ``check()`` now and then.
    ///
    /// - Parameter catches: whether signals are caught at all.
    /// - Throws: a refusal with the exit code of the signal, if one came.
    static func guarding<Result>(_ catches: Bool, _ body: (Interruption) throws -> Result) throws -> Result {
        let interruption = Interruption(catches: catches)
        do {
            return try body(interruption)
        } catch {
            if let number = interruption.signals?.signalNumber { throw Refusal(code: 128 + number) }
            throw error
        }
    }

    /// Throws once a signal came.
    func check() throws(VarveError) {
        guard signals?.signalNumber != nil else { return }
        throw VarveError(.state, "interrupted; nothing of it was kept", remedy: "the same command begins anew")
    }
}
