/// Whether low or high values of a metric are the good ones.
public enum MetricDirection: String, Hashable, Sendable, CaseIterable {
    /// The lowest value is the best.
    case minimise = "min"
    /// The highest value is the best.
    case maximise = "max"

    /// What the name of a metric says: names with a word such as `acc`, `accuracy`, `f1`, `auc`, `precision`, `reward` or
    /// `score` are maximised, everything else, such as losses and errors, is minimised. A word that says the opposite,
    /// such as `loss`, counts more: `f1_loss` is minimised.
    public init(of name: String) {
        let words = Self.words(of: name)
        if words.contains(where: Self.lowWords.contains) {
            self = .minimise
        } else {
            self = words.contains(where: Self.highWords.contains) ? .maximise : .minimise
        }
    }

    private static let lowWords: Set<String> = [
        "loss", "losses", "error", "err", "mse", "mae", "rmse", "perplexity", "ppl", "nll", "wer", "cer", "fid",
        "regret", "divergence", "kl",
    ]

    private static let highWords: Set<String> = [
        "acc", "accuracy", "top1", "top5", "f1", "fscore", "fbeta", "auc", "auroc", "roc", "auprc", "ap", "map",
        "precision", "recall", "sensitivity", "specificity", "iou", "miou", "dice", "bleu", "rouge", "meteor", "psnr",
        "ssim", "r2", "score", "reward", "return", "returns", "success", "hits", "ndcg", "mrr", "correct",
        "likelihood", "throughput", "elo", "winrate",
    ]

    /// The parts of a name between signs and before capitals, in lower case.
    private static func words(of name: String) -> [String] {
        var words: [String] = []
        var word = ""
        var wasLower = false
        for scalar in name.unicodeScalars {
            let isCapital = ("A"..."Z").contains(scalar)
            let belongs = isCapital || ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar)
            if !belongs || (isCapital && wasLower) {
                words.append(word)
                word = ""
            }
            if belongs { word.unicodeScalars.append(scalar) }
            wasLower = ("a"..."z").contains(scalar)
        }
        return (words + [word]).filter { !$0.isEmpty }.map { $0.lowercased() }
    }
}
