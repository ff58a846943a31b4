// swift-tools-version: 6.2
import PackageDescription

let house: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableExperimentalFeature("Lifetimes"),
]

// What ships sees members only of modules that the file itself imports. Otherwise the Foundation that dependencies import
// answers in place of the standard library, as in `text.contains("word")`, and is linked: 6 ms at each start.
let shipped = house + [.enableUpcomingFeature("MemberImportVisibility")]

let package = Package(
    name: "varve",
    products: [
        .library(name: "Varve", targets: ["Varve"]),
        .library(name: "VarveImport", targets: ["VarveImport"]),
        .library(name: "VarveExport", targets: ["VarveExport"]),
        .library(name: "VarveCampaign", targets: ["VarveCampaign"]),
        .library(name: "VarvePlot", targets: ["VarvePlot"]),
        .library(name: "VarveSwiftMetrics", targets: ["VarveSwiftMetrics"]),
        .library(name: "VarveSwiftLog", targets: ["VarveSwiftLog"]),
        .library(name: "VarveServiceLifecycle", targets: ["VarveServiceLifecycle"]),
        .library(name: "VarveSystem", targets: ["VarveSystem"]),
        .executable(name: "varve", targets: ["VarveCLI"]),
        .executable(name: "bench", targets: ["Benchmarks"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .target(name: "CVarveClock"),
        .target(name: "VarveFormat", dependencies: ["CZstd"], swiftSettings: shipped),
        .target(name: "VarveFiles", dependencies: ["VarveFormat", "CVarveClock"], swiftSettings: shipped),
        .target(
            name: "Varve",
            dependencies: [
                "VarveFormat", "VarveFiles", "VarveStatistics", .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: shipped),
        .target(name: "VarveYAML", dependencies: ["Varve", "CYAML"], swiftSettings: shipped),
        .target(
            name: "VarveImport",
            dependencies: [
                "Varve", "VarveFiles", "VarveYAML", "CSQLite",
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ],
            exclude: ["WandB/wandb.proto", "SwanLab/swanlab.proto"],
            resources: [
                .embedInCode("Bridge/bridge.py"), .embedInCode("Bridge/aim.py"), .embedInCode("Bridge/neptune.py"),
            ],
            swiftSettings: shipped),
        .target(
            name: "VarveExport", dependencies: ["Varve", "VarveFiles", "VarveImport", "CSQLite"], swiftSettings: shipped
        ),
        .target(name: "VarveStatistics", swiftSettings: shipped),
        .target(
            name: "VarveCampaign", dependencies: ["Varve", "VarveStatistics", "VarveYAML"],
            swiftSettings: shipped),
        .target(name: "VarvePlot", dependencies: ["Varve", "VarveStatistics"], swiftSettings: shipped),
        .target(name: "VarveSystem", dependencies: ["Varve", "VarveFiles"], swiftSettings: shipped),
        .target(
            name: "VarveSwiftMetrics",
            dependencies: [
                "Varve", "VarveFiles", .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: shipped),
        .target(
            name: "VarveSwiftLog",
            dependencies: ["Varve", "VarveFormat", .product(name: "Logging", package: "swift-log")],
            swiftSettings: shipped),
        .target(
            name: "VarveServiceLifecycle",
            dependencies: ["Varve", .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")],
            swiftSettings: shipped),
        .executableTarget(
            name: "VarveCLI",
            dependencies: [
                "Varve", "VarveImport", "VarveExport", "VarveCampaign", "VarvePlot", "VarveSystem",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            exclude: ["as-needed.cfg"],
            swiftSettings: shipped,
            // Of what dependencies name only what is used is loaded at each start. The linker wants to know that before it sees
            // the first library, where Swift's driver puts no other option.
            linkerSettings: [
                .unsafeFlags([
                    "-Xclang-linker", "--config=\(Context.packageDirectory)/Sources/VarveCLI/as-needed.cfg",
                ])
            ]),
        .target(
            name: "VarveBenchmarks", dependencies: ["Varve", "VarveFiles", "VarveImport", "VarveExport"],
            path: "Benchmarks/Suite", swiftSettings: house),
        .executableTarget(
            name: "Benchmarks",
            dependencies: ["VarveBenchmarks", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            path: "Benchmarks/Program", swiftSettings: house),
        .target(
            name: "VarveTestSupport", dependencies: ["Varve", "VarveFiles"], path: "Tests/VarveTestSupport",
            swiftSettings: house),
        .testTarget(
            name: "VarveFormatTests", dependencies: ["VarveFormat", "VarveTestSupport"], swiftSettings: house),
        .testTarget(
            name: "VarveFilesTests", dependencies: ["VarveFiles", "CVarveClock", "VarveTestSupport"],
            swiftSettings: house),
        .executableTarget(
            name: "KillWriter", dependencies: ["Varve", "CVarveClock"], path: "Tests/KillWriter", swiftSettings: house),
        .target(
            name: "VarveSoak", dependencies: ["Varve", "VarveFiles"], path: "Tests/VarveSoak", swiftSettings: house),
        .executableTarget(
            name: "soak", dependencies: ["VarveSoak"], path: "Tests/SoakProgram",
            swiftSettings: house),
        .testTarget(
            name: "VarveTests", dependencies: ["Varve", "VarveTestSupport", "VarveSoak", "KillWriter"],
            swiftSettings: house),
        .testTarget(name: "VarveYAMLTests", dependencies: ["VarveYAML", "VarveTestSupport"], swiftSettings: house),
        .testTarget(
            name: "VarveImportTests", dependencies: ["VarveImport", "VarveExport", "CSQLite", "VarveTestSupport"],
            swiftSettings: house),
        .testTarget(
            name: "VarveExportTests", dependencies: ["VarveExport", "VarveImport", "VarveTestSupport"],
            exclude: ["Readers"], swiftSettings: house),
        .testTarget(
            name: "VarveCampaignTests", dependencies: ["VarveCampaign", "VarveStatistics", "VarveTestSupport"],
            exclude: ["scipy.json", "scipy_table.py"], swiftSettings: house),
        .testTarget(
            name: "VarvePlotTests", dependencies: ["VarvePlot", "VarveStatistics", "VarveTestSupport"],
            exclude: ["Snapshots"],
            swiftSettings: house),
        .executableTarget(
            name: "example-trainer", dependencies: ["Varve"], path: "Examples/Trainer", swiftSettings: house),
        .executableTarget(
            name: "example-service",
            dependencies: [
                "Varve", "VarveSwiftMetrics", "VarveSwiftLog", "VarveServiceLifecycle",
                .product(name: "Logging", package: "swift-log"), .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            path: "Examples/Service", swiftSettings: house),
        .testTarget(
            name: "VarveSystemTests", dependencies: ["VarveSystem", "VarveFiles", "VarveTestSupport"],
            swiftSettings: house),
        .testTarget(
            name: "VarveIntegrationTests",
            dependencies: [
                "VarveSwiftMetrics", "VarveSwiftLog", "VarveServiceLifecycle", "VarveSoak", "VarveTestSupport",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "ServiceLifecycleTestKit", package: "swift-service-lifecycle"),
            ],
            swiftSettings: house),
        .testTarget(
            name: "VarveCLITests",
            dependencies: ["VarveCLI", "VarveTestSupport", "example-trainer", "example-service"],
            exclude: ["Snapshots"],
            swiftSettings: house),
        .target(
            name: "VarveFuzz", dependencies: ["Varve", "VarveFiles", "VarveFormat", "VarveImport", "VarveCampaign"],
            path: "Fuzz/Targets",
            swiftSettings: house),
        .testTarget(
            name: "VarveFuzzTests", dependencies: ["VarveFuzz", "VarveFiles", "VarveTestSupport"], swiftSettings: house),
        .testTarget(
            name: "BenchmarksTests", dependencies: ["VarveBenchmarks", "VarveTestSupport", "VarveCLI"],
            swiftSettings: house),
    ]
)

// Only libFuzzer's own compilation can link it: Scripts/fuzz asks for it.
if Context.environment["VARVE_FUZZ"] != nil {
    package.targets.append(.systemLibrary(name: "CLibFuzzer", path: "Fuzz/CLibFuzzer"))
    package.targets.append(
        .executableTarget(
            name: "Fuzz", dependencies: ["VarveFuzz", "CLibFuzzer"], path: "Fuzz/Program", swiftSettings: house))
    package.products.append(.executable(name: "fuzz", targets: ["Fuzz"]))
}
