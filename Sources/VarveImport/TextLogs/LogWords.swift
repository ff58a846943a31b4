/// The words by which printed lines are told: counters, parts of the data, and what makes a number part of a sentence.
enum LogWords {
    static let epochs: Set<String> = ["epoch", "epochs", "ep"]
    /// These count only what has a total, or what a line begins with: a setting is called so, too.
    static let plurals: Set<String> = ["steps", "iterations", "updates", "timesteps", "episodes"]
    /// Counters of steps, the one that counts first: of several the one for the whole training is among the first.
    static let steps: [String] = [
        "global_step", "num_updates", "step", "steps", "iteration", "iterations", "iter", "iters", "itr", "it",
        "update",
        "updates", "timestep", "timesteps", "total_timesteps", "round", "batch", "minibatch", "episode", "episodes",
        "tick",
    ]
    /// Of these a count that has a total may begin anew with each epoch; and so does one without a name.
    static let restarting: Set<String> = [
        "step", "steps", "iteration", "iterations", "iter", "iters", "itr", "it", "batch", "minibatch", "",
    ]
    /// A counter behind one of these isn't where the training is.
    static let elsewhere: Set<String> = [
        "best", "from", "resume", "resuming", "resumed", "restart", "early", "stopping", "stopped", "save", "saved",
        "saving", "load", "loaded", "loading", "checkpoint", "until", "every", "after", "before", "max", "num", "per",
        "total", "last", "warmup", "since", "patience", "tokens", "samples",
    ]
    /// A number behind one of these belongs to a sentence.
    static let joining: Set<String> = [
        "in", "to", "from", "at", "for", "of", "after", "with", "than", "and", "or", "by", "took", "until", "on", "the",
        "a", "be", "are", "every", "within", "over", "under", "about", "using", "saved", "loaded", "file", "version",
        "add", "next",
    ]
    /// A number behind one of these is a place, whatever stands between.
    static let places: Set<String> = ["line", "cuda", "gpu", "rank", "worker", "node", "pid", "port", "http", "https"]
    /// In brackets behind a number these say how it was made from others.
    static let statistics: Set<String> = [
        "best", "avg", "average", "mean", "std", "min", "max", "median", "global_avg", "ema", "total", "sum",
    ]
    /// What wraps a number in Python.
    static let wrappers: Set<String> = ["tensor", "array", "np.float32", "np.float64", "np.int64", "float", "int"]
    /// What loggers put in front of a line.
    static let levels: Set<String> = ["INFO", "DEBUG", "WARNING", "WARN", "ERROR", "CRITICAL", "NOTICE"]

    private static let sources: Set<Substring> = [
        "py", "cc", "cpp", "cu", "h", "hpp", "c", "rs", "go", "js", "ts", "swift", "lua", "java", "r", "jl",
    ]

    /// Whether a word is a file of a program, whose number is a line's.
    static func isSource(_ word: String) -> Bool {
        word.lastIndex(of: ".").map { sources.contains(word[word.index(after: $0)...]) } ?? false
    }

    /// The part of the data that a word stands for, if it does.
    static func subset(_ word: some StringProtocol) -> String? {
        switch word.lowercased() {
        case "training": "train"
        case "validating", "dev": "val"
        case "testing": "test"
        default: ContextRule.subset(word)
        }
    }
}
