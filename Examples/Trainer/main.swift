// A training that logs into Varve: gradient descent on a line, y = 2x + 1 with noise.
//
//     swift run example-trainer [REPOSITORY] [STEPS]
//
// Then look at it: varve runs --repo REPOSITORY, varve plot loss --repo REPOSITORY.

import Varve

let path = CommandLine.arguments.dropFirst().first ?? "runs.varve"
let steps = CommandLine.arguments.dropFirst(2).first.flatMap { Int($0) } ?? 500

let repository = try Repository.openOrCreate(at: path)
let run = try repository.startRun(name: "line", params: ["optimizer": "sgd", "lr": 0.05, "seed": 7])

// A handle for each curve, made once: logging through it takes some nanoseconds.
let loss = try run.series("loss", context: ["subset": "train"])
let validation = try run.series("loss", context: ["subset": "val"])
let slope = try run.series("weights/slope")
let bias = try run.series("weights/bias")

/// Points near the line, the same ones everywhere.
struct Samples {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> (x: Double, y: Double) {
        let x = noise()
        return (x, 2 * x + 1 + 0.1 * noise())
    }

    /// A number between −1 and 1.
    private mutating func noise() -> Double {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Double(Int64(bitPattern: state) >> 11) / 0x1p52
    }
}

var samples = Samples(seed: 7)
let held = (0..<100).map { _ in samples.next() }

var (a, b) = (0.0, 0.0)
for step in 0..<steps {
    var (gradientA, gradientB, squares) = (0.0, 0.0, 0.0)
    for _ in 0..<16 {
        let (x, y) = samples.next()
        let error = a * x + b - y
        gradientA += 2 * error * x / 16
        gradientB += 2 * error / 16
        squares += error * error / 16
    }
    a -= 0.05 * gradientA
    b -= 0.05 * gradientB
    // One step's values with one call.
    run.log(step: step, [(loss, squares), (slope, a), (bias, b)])
    if step % 50 == 49 {
        let error = held.reduce(0) { sum, point in
            let error = a * point.x + b - point.y
            return sum + error * error / Double(held.count)
        }
        validation.log(error, step: step)
    }
}

try run.set("values.slope", .double(a))
try run.finish()

// Reading needs no compactor, and no other process.
let snapshot = try repository.snapshot()
let reader = try snapshot.series(Query(metric: "loss", context: ["subset": "val"], runs: [run.id]))
while let chunk = try reader.next() {
    for i in 0..<chunk.count { print("step \(chunk.steps[i]): validation loss \(chunk.values[i])") }
}
