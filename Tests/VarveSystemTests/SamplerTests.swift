import Foundation
import Testing
import Varve
import VarveFiles
import VarveTestSupport

@testable import VarveSystem

/// The sampler on this very machine, and NVIDIA's library as a small stand-in, which is compiled here.
@Suite struct SamplerTests {
    @Test func figuresBecomeSeries() throws {
        try withTemporaryDirectory { directory in
            let repository = try Repository.create(at: Paths.join(directory, "r"))
            let run = try repository.startRun()
            let sampler = try run.sampleSystem(every: .milliseconds(100))
            let deadline = Date(timeIntervalSinceNow: 60)
            while sampler.samples < 3, Date() < deadline { usleep(20_000) }
            sampler.stop()
            let samples = sampler.samples
            #expect(samples >= 3 && sampler.failed == 0)
            try run.finish()
            let statistics = try repository.snapshot().statistics(Query(context: ["system": "process"]))
            let memory = try #require(statistics.first { $0.metric.name == "memory_resident_bytes" })
            #expect(memory.count == samples && (memory.min?.value ?? 0) > 1_000_000)
            #expect(memory.steps == 0...(samples - 1))
            let host = try repository.snapshot().statistics(Query(metric: "cpu_percent", context: ["system": "host"]))
            #expect(host.count == 1 && (host[0].max?.value ?? 101) <= 100)
        }
    }

    @Test func cardsAreReadThroughTheirLibrary() throws {
        try withTemporaryDirectory { directory in
            let places: [String] = ["/usr/bin/cc", "/usr/bin/clang", "/usr/bin/gcc"]
            let compiler = places.first { FileManager.default.isExecutableFile(atPath: $0) }
            guard let compiler else { return }
            let source = """
                typedef struct { unsigned gpu, memory; } utilisation;
                typedef struct { unsigned long long total, free, used; } memory;
                static int cards[2] = {0, 1};
                int nvmlInit_v2(void) { return 0; }
                int nvmlShutdown(void) { return 0; }
                int nvmlDeviceGetCount_v2(unsigned *count) { *count = 2; return 0; }
                int nvmlDeviceGetHandleByIndex_v2(unsigned i, void **card) { *card = &cards[i]; return 0; }
                int nvmlDeviceGetUtilizationRates(void *card, utilisation *u) { u->gpu = 40 + *(int *)card; return 0; }
                int nvmlDeviceGetMemoryInfo(void *card, memory *m) { m->total = 400; m->used = 100; return 0; }
                int nvmlDeviceGetTemperature(void *card, int sensor, unsigned *t) { *t = 65; return sensor; }
                int nvmlDeviceGetPowerUsage(void *card, unsigned *p) { *p = 1500; return *(int *)card ? 3 : 0; }
                """
            let (file, library) = (Paths.join(directory, "nvml.c"), Paths.join(directory, "libnvml.so"))
            try source.write(toFile: file, atomically: true, encoding: .utf8)
            let build = Process()
            build.executableURL = URL(fileURLWithPath: compiler)
            build.arguments = ["-shared", "-fPIC", "-o", library, file]
            try build.run()
            build.waitUntilExit()
            try #require(build.terminationStatus == 0)
            let cards = try #require(NvidiaCards(library: library))
            let figures = cards.figures()
            #expect(
                figures == [
                    SystemFigure(of: "gpu0", "gpu_percent", 40), SystemFigure(of: "gpu0", "memory_used_bytes", 100),
                    SystemFigure(of: "gpu0", "memory_percent", 25), SystemFigure(of: "gpu0", "temperature_celsius", 65),
                    SystemFigure(of: "gpu0", "power_watts", 1.5), SystemFigure(of: "gpu1", "gpu_percent", 41),
                    SystemFigure(of: "gpu1", "memory_used_bytes", 100), SystemFigure(of: "gpu1", "memory_percent", 25),
                    SystemFigure(of: "gpu1", "temperature_celsius", 65),
                ])
            #expect(NvidiaCards(library: "libno-such-thing.so.1") == nil)
        }
    }
}
