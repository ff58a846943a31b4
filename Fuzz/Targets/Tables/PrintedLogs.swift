import Varve
import VarveImport

/// What trainings print, and anything else that has lines.
struct PrintedLogs: FuzzTarget {
    static var words: [String] {
        [
            "Epoch", "epoch ", "step ", "iter", "Train", "val", "loss", ": ", "=", "[", "]", "(", ")", "3/100", " / ",
            "0.5", "1e-4",
            "nan", "-inf", "%", "ms", "it/s", "2026-01-31 10:00:00,123", "I0131 10:00:00.1 1 a.cc:1] ", "\u{1B}[1m",
            "\r", "\u{8}",
            "'s ", "-rmse:", "+", "±", "day", "tensor(",
        ]
    }

    static func seeds() -> [[UInt8]] {
        [
            "Epoch 1/100 loss=0.5 acc=91.2%\nval loss: 0.25\n",
            "Epoch: [0][ 10/50]\tTime  0.5 ( 1.0)\tLoss 6e+00 (6.5e+00)\n",
            "[0]\ttrain-rmse:0.5+0.1\ttest-rmse:0.75\n[1]\tvalid_0's l2: 0.5\n", "{'loss': 1.5, 'epoch': 0.5}\n",
            "2021-01-25 19:25:44,459 - x - INFO - Epoch [1][50/100]\tlr: 5e-04, eta: 1 day, 8:02:25, loss: 1.5\n",
            "Epoch 0:  50%|███  | 1/2 [00:01<00:01,  1.0it/s, loss=0.5]\rEpoch 0: 100%|██████| 2/2 [00:02<00:00, loss=0.25]\n",
            "-----------\n| time/ | |\n|    steps | 2048 |\n| a | 0.5 |\n-----------\n",
        ].map { Array($0.utf8) }
    }

    init() {}

    func feed(_ input: [UInt8]) throws {
        let sink = CountingSink(size: input.count)
        var log = try TextLogImport(file: "train.log") { _ in sink }
        try log.read(MemorySource(input))
        try sink.finish(end: log.end)
    }
}
