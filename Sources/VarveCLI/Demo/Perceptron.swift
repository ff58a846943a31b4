import Glibc

/// A neural network with one hidden layer, trained by stochastic gradient descent: real, and small enough for a demo.
struct Perceptron {
    private static let hidden = 12
    private var weightsX: [Double]
    private var weightsY: [Double]
    private var biases: [Double]
    private var output: [Double]
    private var outputBias = 0.0

    init(generator: inout SeededGenerator) {
        weightsX = (0..<Self.hidden).map { _ in generator.normal() }
        weightsY = (0..<Self.hidden).map { _ in generator.normal() }
        biases = Array(repeating: 0, count: Self.hidden)
        output = (0..<Self.hidden).map { _ in generator.normal() / 4 }
    }

    /// Loss (cross-entropy) and accuracy over some samples.
    struct Score {
        var loss = 0.0
        var accuracy = 0.0
    }

    /// One pass over the samples in random order; the score is that of the samples as they were met.
    mutating func train(_ samples: [TwoMoons.Sample], rate: Double, generator: inout SeededGenerator) -> Score {
        var score = Score()
        var activations = Array(repeating: 0.0, count: Self.hidden)
        for index in samples.indices.shuffled(using: &generator) {
            let sample = samples[index]
            let probability = probability(sample, &activations)
            score.add(probability, sample.label)
            let error = probability - sample.label
            for unit in 0..<Self.hidden {
                let slope = error * output[unit] * (1 - activations[unit] * activations[unit])
                output[unit] -= rate * error * activations[unit]
                weightsX[unit] -= rate * slope * sample.x
                weightsY[unit] -= rate * slope * sample.y
                biases[unit] -= rate * slope
            }
            outputBias -= rate * error
        }
        return score.mean(samples.count)
    }

    func score(_ samples: [TwoMoons.Sample]) -> Score {
        var score = Score()
        var activations = Array(repeating: 0.0, count: Self.hidden)
        for sample in samples { score.add(probability(sample, &activations), sample.label) }
        return score.mean(samples.count)
    }

    private func probability(_ sample: TwoMoons.Sample, _ activations: inout [Double]) -> Double {
        var sum = outputBias
        for unit in 0..<Self.hidden {
            activations[unit] = tanh(weightsX[unit] * sample.x + weightsY[unit] * sample.y + biases[unit])
            sum += output[unit] * activations[unit]
        }
        return 1 / (1 + exp(-sum))
    }
}

extension Perceptron.Score {
    fileprivate mutating func add(_ probability: Double, _ label: Double) {
        loss -= log(max(1e-12, label == 1 ? probability : 1 - probability))
        if (probability > 0.5) == (label == 1) { accuracy += 1 }
    }

    fileprivate func mean(_ count: Int) -> Perceptron.Score {
        Perceptron.Score(loss: loss / Double(count), accuracy: accuracy / Double(count))
    }
}
