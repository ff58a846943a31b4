import Glibc

/// NVIDIA's cards, through the library that comes with their driver; where that isn't, there are none.
///
/// The only place that calls foreign functions by address: their names and signatures are those of NVML's header, which NVIDIA keeps
/// compatible.
final class NvidiaCards: @unchecked Sendable {
    private typealias Device = OpaquePointer
    private typealias Start = @convention(c) () -> Int32
    private typealias Count = @convention(c) (UnsafeMutablePointer<UInt32>) -> Int32
    private typealias Handle = @convention(c) (UInt32, UnsafeMutablePointer<Device?>) -> Int32
    private typealias Utilisation = @convention(c) (Device, UnsafeMutableRawPointer) -> Int32
    private typealias Temperature = @convention(c) (Device, Int32, UnsafeMutablePointer<UInt32>) -> Int32
    private typealias Power = @convention(c) (Device, UnsafeMutablePointer<UInt32>) -> Int32

    private let library: UnsafeMutableRawPointer
    private let utilisation: Utilisation?
    private let memory: Utilisation?
    private let temperature: Temperature?
    private let power: Power?
    private let stop: Start?
    /// By number.
    private let devices: [(number: Int, device: Device)]

    /// Nil: there is no such library, or no card.
    init?(library name: String = "libnvidia-ml.so.1") {
        guard let library = dlopen(name, RTLD_NOW | RTLD_LOCAL) else { return nil }
        func function<F>(_ name: String, as type: F.Type) -> F? {
            dlsym(library, name).map { unsafeBitCast($0, to: type) }
        }
        guard let start = function("nvmlInit_v2", as: Start.self),
            let count = function("nvmlDeviceGetCount_v2", as: Count.self),
            let handle = function("nvmlDeviceGetHandleByIndex_v2", as: Handle.self), start() == 0
        else {
            dlclose(library)
            return nil
        }
        self.library = library
        utilisation = function("nvmlDeviceGetUtilizationRates", as: Utilisation.self)
        memory = function("nvmlDeviceGetMemoryInfo", as: Utilisation.self)
        temperature = function("nvmlDeviceGetTemperature", as: Temperature.self)
        power = function("nvmlDeviceGetPowerUsage", as: Power.self)
        stop = function("nvmlShutdown", as: Start.self)
        var number: UInt32 = 0
        var devices: [(Int, Device)] = []
        if count(&number) == 0 {
            for i in 0..<min(number, 256) {
                var device: Device?
                if handle(i, &device) == 0, let device { devices.append((Int(i), device)) }
            }
        }
        self.devices = devices
        if devices.isEmpty { return nil }
    }

    deinit {
        _ = stop?()
        dlclose(library)
    }

    /// What each card says now; a figure that it hasn't, as consumers' cards lack some, is left out.
    func figures() -> [SystemFigure] {
        var found: [SystemFigure] = []
        for (number, device) in devices {
            func add(_ name: String, _ value: Double) { found.append(SystemFigure(of: "gpu\(number)", name, value)) }
            // Two numbers: of the processors and of the memory's bus.
            var rates: (UInt32, UInt32) = (0, 0)
            if let utilisation, withUnsafeMutableBytes(of: &rates, { call(utilisation, device, $0) }) {
                add("gpu_percent", Double(rates.0))
            }
            // Total, free, used.
            var bytes: (UInt64, UInt64, UInt64) = (0, 0, 0)
            if let memory, withUnsafeMutableBytes(of: &bytes, { call(memory, device, $0) }), bytes.0 > 0 {
                add("memory_used_bytes", Double(bytes.2))
                add("memory_percent", 100 * Double(bytes.2) / Double(bytes.0))
            }
            var word: UInt32 = 0
            if let temperature, temperature(device, 0, &word) == 0 { add("temperature_celsius", Double(word)) }
            if let power, power(device, &word) == 0 { add("power_watts", Double(word) / 1000) }
        }
        return found
    }

    private func call(_ function: Utilisation, _ device: Device, _ target: UnsafeMutableRawBufferPointer) -> Bool {
        target.baseAddress.map { function(device, $0) == 0 } ?? false
    }
}
