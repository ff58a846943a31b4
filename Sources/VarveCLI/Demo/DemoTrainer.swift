import Varve

/// One training of the demo's campaign: logs loss and accuracy on both parts of the data, epoch by epoch.
struct DemoTrainer {
    var rate: Double
    var seed: UInt64
    var epochs: Int

    var name: String { "moons-lr\(rate)-s\(seed)" }

    var params: [String: PropertyValue] {
        ["lr": .double(rate), "seed": .int(Int64(seed)), "epochs": .int(Int64(epochs)), "model": "mlp-12"]
    }

    /// Trains, and logs into `run`.
    /// - Parameter logged: Called with the number of points so far, once they are logged.
    /// - Returns: The last score on the data that isn't trained on.
    func train(_ run: Run, logged: (Int) throws -> Void = { _ in }) throws -> Perceptron.Score {
        var generator = SeededGenerator(seed: seed)
        let train = TwoMoons(count: 300, noise: 0.25, generator: &generator).samples
        let held = TwoMoons(count: 200, noise: 0.25, generator: &generator).samples
        var network = Perceptron(generator: &generator)

        let trainLoss = try run.series("loss", context: ["subset": "train"])
        let trainAccuracy = try run.series("accuracy", context: ["subset": "train"])
        let valLoss = try run.series("loss", context: ["subset": "val"])
        let valAccuracy = try run.series("accuracy", context: ["subset": "val"])
        var score = Perceptron.Score()
        for epoch in 0..<epochs {
            let trained = network.train(train, rate: rate, generator: &generator)
            score = network.score(held)
            run.log(
                step: epoch,
                [
                    (trainLoss, trained.loss), (trainAccuracy, trained.accuracy), (valLoss, score.loss),
                    (valAccuracy, score.accuracy),
                ])
            try logged(4 * (epoch + 1))
        }
        return score
    }
}
