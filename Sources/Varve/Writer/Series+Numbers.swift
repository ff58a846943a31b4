extension Series {
    /// Logs a float, which a double holds exactly.
    @_effects(releasenone)
    public func log(_ value: Float) { log(Double(value)) }
    /// Logs a float at `step`, now.
    @_effects(releasenone)
    public func log(_ value: Float, step: Int) { log(Double(value), step: step) }
    /// Logs a float at `step` and `time`, nanoseconds since 1970.
    @_effects(releasenone)
    public func log(_ value: Float, step: Int, time: Int64) { log(Double(value), step: step, time: time) }

    /// Logs a whole number; beyond 2⁵³ it is rounded, and counted in ``Run/health``.
    public func log(_ value: some BinaryInteger) { log(double(value)) }
    /// Logs a whole number at `step`, now.
    public func log(_ value: some BinaryInteger, step: Int) { log(double(value), step: step) }
    /// Logs a whole number at `step` and `time`, nanoseconds since 1970.
    public func log(_ value: some BinaryInteger, step: Int, time: Int64) { log(double(value), step: step, time: time) }

    private func double(_ value: some BinaryInteger) -> Double {
        if let exact = Double(exactly: value) { return exact }
        core.countRounded()
        return Double(value)
    }
}
