import Testing
import Varve
import VarveTestSupport

@testable import VarveImport

/// Proves that what trainings print comes in: each test is a log as one widely used script prints it, in its layout with numbers of
/// our own, and what it says counted by hand. Nothing else than what stands there may come in.
@Suite struct TextLogTests {
    private func imported(
        _ text: String, as name: String = "a/train_log.txt", skipped: [String: Int] = [:],
        _ change: (inout ImportOptions) -> Void = { _ in }
    ) throws -> [String] {
        try Place.with { place in
            try place.write(name, text)
            let report = try place.load(nil) { options in
                options.audits = true
                change(&options)
            }
            #expect(report.problems.isEmpty, "\(report.problems)")
            #expect(report.audit?.isEqual == true)
            #expect(report.skipped == skipped, "\(report.skipped)")
            let again = try place.load(nil)
            #expect(again.pointsStored == 0 && again.newRuns == 0)
            return try place.shown()
        }
    }

    private let none = "lines without metrics"

    @Test func epochsWithEqualsSigns() throws {
        let text = "Using cuda:0\nEpoch 1/100 loss=0.5 acc=0.25 time=1.5s\nEpoch 2/100 loss=nan acc=0.75 time=2s\n"
        #expect(
            try imported(text, skipped: [none: 1]) == [
                "a acc: 1=0.25 2=0.75", "a loss: 1=0.5 2=nan", "a time: 1=1.5 2=2.0",
            ])
    }

    /// PowerShell's `>` writes UTF-16, and Windows ends lines in its own way.
    @Test func otherEncodings() throws {
        let text = "step 1: loss Ω🙂 0.5\r\nstep 2: loss Ω🙂 0.25\r\n"
        let expected = ["a loss Ω🙂: 1=0.5 2=0.25"]
        #expect(try imported("\u{FEFF}" + text) == expected)
        try Place.with { place in
            let bytes = ([0xFEFF] + text.utf16).flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
            try place.write("a/nohup.out", bytes)
            #expect(try place.load(nil) { $0.audits = true }.audit?.isEqual == true)
            #expect(try place.shown() == expected)
        }
    }

    @Test func unitsOfAName() throws {
        let text = "step 1 mem: 0 time: 1s\nstep 2 mem: 1.5GB time: 2min\nstep 3 mem: 800MB time: 3s\n"
        let skipped = [
            "numbers in another unit than the first (mem: GB)": 1,
            "numbers in another unit than the first (time: s)": 1,
        ]
        #expect(try imported(text, skipped: skipped) == ["a mem: 1=0.0 2=1.5", "a time: 1=1.0 3=3.0"])
    }

    /// What is imported while it grows, byte by byte, is what is imported at once; a box is taken when it is whole.
    @Test func growsByteByByte() throws {
        let text =
            "start\nEpoch 1/2 loss=0.5\rEpoch 1/2 loss=0.25\n-----------\n| steps | 7 |\n| a/ | |\n|    b | 1.5 |\n-----------\nval loss: 0.125\nstep 9: loss 1e-3\n"
        let expected = try imported(text, skipped: [none: 1])
        #expect(expected == ["a a/b: 7=1.5", "a loss {subset=val}: 1=0.125", "a loss: 1=0.5 1=0.25 9=0.001"])
        try Place.with { place in
            try place.write("a/train_log.txt", "")
            let follower = ImportFollower(place.repository, place.logs, ImportFormat("log")) { 0 }
            var bytes: [UInt8] = []
            for byte in text.utf8 {
                bytes.append(byte)
                try place.append("a/train_log.txt", bytes)
                _ = try follower.pass()
            }
            try follower.end()
            #expect(try place.shown() == expected)
        }
        try Place.with { place in
            for end in 1...text.utf8.count {
                try place.append("a/train_log.txt", Array(text.utf8.prefix(end)))
                _ = try place.load(ImportFormat("log"))
            }
            #expect(try place.shown() == expected)
        }
    }

    @Test func barsWithoutColons() throws {
        let text = "step 100 | loss 0.5 | lr 1e-4\nstep 200 | loss 0.25 | lr 5e-5\n"
        #expect(try imported(text) == ["a loss: 100=0.5 200=0.25", "a lr: 100=0.0001 200=5e-05"])
    }

    @Test func nanoGPT() throws {
        let text = """
            tokens per iteration will be: 16,384
            number of parameters: 10.65M
            step 0: train loss 4.25, val loss 4.5
            iter 0: loss 4.125, time 28013.5ms, mfu -100.00%
            iter 10: loss 3.0, time 550ms, mfu 1.5%
            step 250: train loss 2.0, val loss 2.5
            saving checkpoint to out-shakespeare-char

            """
        #expect(
            try imported(text, skipped: [none: 3]) == [
                "a loss {subset=train}: 0=4.25 250=2.0", "a loss {subset=val}: 0=4.5 250=2.5", "a loss: 0=4.125 10=3.0",
                "a mfu: 0=-100.0 10=1.5", "a time: 0=28013.5 10=550.0",
            ])
    }

    /// The count within an epoch becomes one over all; in brackets stands the mean so far; the line behind a validation names no step.
    @Test func imageNet() throws {
        let text = """
            => creating model 'resnet18'
            Epoch: [0][  0/50]\tTime  3.5 ( 3.5)\tLoss 6.5e+00 (6.5e+00)\tAcc@1   0.00 (  0.00)
            Epoch: [0][ 10/50]\tTime  0.5 ( 1.0)\tLoss 6.0e+00 (6.25e+00)\tAcc@1   1.00 (  0.50)
            Test: [ 0/20]\tTime  0.25 ( 0.25)\tLoss 5.5e+00 (5.5e+00)\tAcc@1   2.00 (  2.00)
             *   Acc@1 1.500 Acc@5 4.250
            Epoch: [1][  0/50]\tTime  0.5 ( 0.5)\tLoss 5.0e+00 (5.0e+00)\tAcc@1   3.00 (  3.00)

            """
        #expect(
            try imported(text, skipped: [none: 1]) == [
                "a Acc@1 {subset=test}: 10=2.0", "a Acc@1: 0=0.0 10=1.0 10=1.5 50=3.0",
                "a Acc@1_mean {subset=test}: 10=2.0", "a Acc@1_mean: 0=0.0 10=0.5 50=3.0", "a Acc@5: 10=4.25",
                "a Loss {subset=test}: 10=5.5", "a Loss: 0=6.5 10=6.0 50=5.0", "a Loss_mean {subset=test}: 10=5.5",
                "a Loss_mean: 0=6.5 10=6.25 50=5.0", "a Time {subset=test}: 10=0.25", "a Time: 0=3.5 10=0.5 50=0.5",
                "a Time_mean {subset=test}: 10=0.25", "a Time_mean: 0=3.5 10=1.0 50=0.5",
                "a epoch: 0=0.0 10=0.0 50=1.0",
            ])
    }

    @Test func mnist() throws {
        let text = """
            Train Epoch: 1 [0/60000 (0%)]\tLoss: 2.25
            Train Epoch: 1 [640/60000 (1%)]\tLoss: 1.5

            Test set: Average loss: 0.125, Accuracy: 9845/10000 (98%)

            Train Epoch: 2 [0/60000 (0%)]\tLoss: 0.5

            """
        let skipped = ["numbers without a name in lines of metrics": 4, none: 0]
        #expect(
            try imported(text, skipped: skipped.filter { $0.value > 0 }) == [
                "a Accuracy {subset=test}: 640=9845.0", "a Accuracy_percent {subset=test}: 640=98.0",
                "a Average loss {subset=test}: 640=0.125", "a Loss {subset=train}: 0=2.25 640=1.5 60000=0.5",
                "a epoch: 0=1.0 640=1.0 60000=2.0",
            ])
    }

    @Test func mmdetection() throws {
        let text = """
            2021-01-25 19:25:22,220 - mmdet - INFO - workflow: [('train', 1)], max: 12 epochs
            2021-01-25 19:25:44,459 - mmdet - INFO - Epoch [1][50/100]\tlr: 5.0e-04, eta: 1 day, 8:02:25, time: 0.5, memory: 3654, loss: 1.5
            2021-01-25 19:26:04,422 - mmdet - INFO - Epoch [2][50/100]\tlr: 2.5e-04, eta: 7:38:30, time: 0.25, memory: 3654, loss: 1.25
            2021-01-25 19:26:05,422 - mmdet - INFO - Epoch(val) [2][20]\tbbox_mAP: 0.5

            """
        let shown = try imported(
            text, as: "a/20210125.log", skipped: ["dates and durations in lines of metrics": 3, none: 1])
        #expect(
            shown == [
                "a bbox_mAP {subset=val}: 150=0.5", "a epoch: 50=1.0 150=2.0 150=2.0", "a loss: 50=1.5 150=1.25",
                "a lr: 50=0.0005 150=0.00025", "a memory: 50=3654.0 150=3654.0", "a time: 50=0.5 150=0.25",
            ])
    }

    @Test func fairseq() throws {
        let text = """
            2020-10-15 11:33:32 | INFO | train_inner | epoch 001:    100 / 487 loss=4.5, ppl=24, wps=1000.5, num_updates=100, lr=1e-05
            2020-10-15 11:33:44 | INFO | valid | epoch 001 | valid on 'valid' subset | loss 2 | ppl 4.5 | num_updates 487
            2020-10-15 11:33:45 | INFO | train_inner | {"epoch": 2, "update": 1.25, "loss": "3.5", "num_updates": "600"}

            """
        #expect(
            try imported(text) == [
                "a epoch: 100=1.0 487=1.0 600=2.0", "a loss {subset=val}: 487=2.0", "a loss: 100=4.5 600=3.5",
                "a lr: 100=1e-05", "a ppl {subset=val}: 487=4.5", "a ppl: 100=24.0", "a update: 600=1.25",
                "a wps: 100=1000.5",
            ])
    }

    @Test func gradientBoosting() throws {
        let xgboost = "[0]\ttrain-rmse:0.5\ttest-rmse:0.75\n[1]\ttrain-rmse:0.25\ttest-rmse:0.5\n"
        let rmse = ["a rmse {subset=test}: 0=0.75 1=0.5", "a rmse {subset=train}: 0=0.5 1=0.25"]
        #expect(try imported(xgboost) == rmse)
        let sets =
            "[0]\tvalidation_0-auc:0.5\tvalidation_1-auc:0.75\n[1]\tvalidation_0-auc:0.25\tvalidation_1-auc:0.5\n"
        let auc = ["a auc {subset=validation_0}: 0=0.5 1=0.25", "a auc {subset=validation_1}: 0=0.75 1=0.5"]
        #expect(try imported(sets) == auc)
        let lightGBM = "[10]\ttraining's l2: 0.5\tvalid_1's l2: 0.75\n[20]\ttraining's l2: 0.25\tvalid_1's l2: 0.5\n"
        let l2 = ["a l2 {subset=train}: 10=0.5 20=0.25", "a l2 {subset=valid_1}: 10=0.75 20=0.5"]
        #expect(try imported(lightGBM) == l2)
        let crossValidation = "[0]\ttrain-rmse:0.5+0.125\n[1]\ttrain-rmse:0.25+0.0625\n"
        let spread = ["a rmse {subset=train}: 0=0.5 1=0.25", "a rmse_std {subset=train}: 0=0.125 1=0.0625"]
        #expect(try imported(crossValidation) == spread)
        let catBoost = "0:\tlearn: 0.5\ttotal: 55ms\tremaining: 55s\n10:\tlearn: 0.25\ttotal: 60ms\tremaining: 1m 5s\n"
        #expect(
            try imported(
                catBoost,
                skipped: [
                    "numbers without a name in lines of metrics": 1,
                    "numbers in another unit than the first (remaining: s)": 1,
                ]) == [
                    "a learn: 0=0.5 10=0.25", "a remaining: 0=55.0", "a total: 0=55.0 10=60.0",
                ])
    }

    @Test func megatron() throws {
        let text =
            " iteration      100/  500000 | consumed samples:        25600 | elapsed time per iteration (ms): 1234.5 | learning rate: 1.5E-05 | lm loss: 9.25E+00 | number of nan iterations:   0 |\n"
            + " iteration      200/  500000 | consumed samples:        51200 | elapsed time per iteration (ms): 1200.5 | learning rate: 3.0E-05 | lm loss: 8.5E+00 | number of nan iterations:   1 |\n"
        #expect(
            try imported(text) == [
                "a consumed samples: 100=25600.0 200=51200.0",
                "a elapsed time per iteration (ms): 100=1234.5 200=1200.5", "a learning rate: 100=1.5e-05 200=3e-05",
                "a lm loss: 100=9.25 200=8.5", "a number of nan iterations: 100=0.0 200=1.0",
            ])
    }

    @Test func trainerPrintsDictionaries() throws {
        let text = """
            ***** Running training *****
            {'loss': 1.5, 'learning_rate': 5e-05, 'epoch': 0.5}
            {'eval_loss': 1.25, 'epoch': 1.0}
            {'loss': 0.5, 'learning_rate': 2.5e-05, 'epoch': 1.5}

            """
        #expect(
            try imported(text, skipped: [none: 1]) == [
                "a epoch: 0=0.5 1=1.0 2=1.5", "a learning_rate: 0=5e-05 2=2.5e-05", "a loss {subset=val}: 1=1.25",
                "a loss: 0=1.5 2=0.5",
            ])
    }

    /// Progress bars write over what they wrote; each state counts that was there.
    @Test func progressBars() throws {
        let text =
            "Epoch 1/2\n1/2 [===>....] - ETA: 0s - loss: 1.5\u{8}\u{8}\u{8}2/2 [=====] - 1s 3ms/step - loss: 1.25 - val_loss: 1.75\nEpoch 2/2\n2/2 [=====] - 1s 3ms/step - loss: 1.0 - val_loss: 1.5\n"
        #expect(
            try imported(text, skipped: [none: 2, "numbers without a name in lines of metrics": 4]) == [
                "a ETA: 1=0.0", "a loss {subset=val}: 2=1.75 4=1.5", "a loss: 1=1.5 2=1.25 4=1.0",
            ])
        let tqdm =
            "Epoch 0:  50%|█████     | 1/2 [00:01<00:01,  1.0it/s, loss=0.5, v_num=0]\rEpoch 0: 100%|██████████| 2/2 [00:02<00:00,  1.0it/s, loss=0.25, v_num=0]\n"
        #expect(
            try imported(
                tqdm, as: "b/x.log",
                skipped: [
                    "numbers without a name in lines of metrics": 4, "dates and durations in lines of metrics": 4,
                ]
            ).filter { $0.contains("loss") } == ["b loss: 1=0.5 2=0.25"])
    }

    @Test func cifarTutorialAndCycleGAN() throws {
        let cifar = "[1,  2000] loss: 2.25\n[1,  4000] loss: 1.75\n[2,  2000] loss: 1.5\nFinished Training\n"
        #expect(
            try imported(cifar, skipped: [none: 1]) == [
                "a epoch: 2000=1.0 4000=1.0 6000=2.0", "a loss: 2000=2.25 4000=1.75 6000=1.5",
            ])
        let gan = """
            ================ Training Loss (Mon Jan  1 10:00:00 2024) ================
            (epoch: 1, iters: 100, time: 0.25, data: 0.125) D_A: 0.5 G_A: 0.75
            (epoch: 1, iters: 200, time: 0.25, data: 0.0) D_A: 0.25 G_A: 0.5

            """
        #expect(
            try imported(gan, skipped: [none: 1]) == [
                "a D_A: 100=0.5 200=0.25", "a G_A: 100=0.75 200=0.5", "a data: 100=0.125 200=0.0",
                "a epoch: 100=1.0 200=1.0", "a time: 100=0.25 200=0.25",
            ])
    }

    @Test func swinAndTimmAndDetr() throws {
        let swin =
            "[2021-04-20 10:00:00 swin_tiny](main.py 226): INFO Train: [0/300][10/1251]\teta 0:51:00 lr 0.000001\t time 2.5 (2.25)\tloss 6.9375 (6.5)\tmem 100MB\n[2021-04-20 10:00:10 swin_tiny](main.py 226): INFO Train: [1/300][0/1251]\teta 0:50:00 lr 0.000002\t time 2.0 (2.25)\tloss 6.5 (6.25)\tmem 100MB\n"
        let shown = try imported(
            swin,
            skipped: [
                "dates and durations in lines of metrics": 2, "numbers without a name in lines of metrics": 2,
            ])
        #expect(
            shown == [
                "a epoch: 10=0.0 1251=1.0", "a loss {subset=train}: 10=6.9375 1251=6.5",
                "a loss_mean {subset=train}: 10=6.5 1251=6.25", "a lr {subset=train}: 10=1e-06 1251=2e-06",
                "a mem {subset=train}: 10=100.0 1251=100.0", "a time {subset=train}: 10=2.5 1251=2.0",
                "a time_mean {subset=train}: 10=2.25 1251=2.25",
            ])
        let timm =
            "Train: 0 [   0/5004 (  0%)]  Loss: 6.5 (6.25)  LR: 1.0e-05\nTrain: 0 [  50/5004 (  1%)]  Loss: 6.0 (6.25)  LR: 1.0e-05\n"
        #expect(
            try imported(timm, skipped: ["numbers without a name in lines of metrics": 2]) == [
                "a LR {subset=train}: 0=1e-05 50=1e-05", "a Loss {subset=train}: 0=6.5 50=6.0",
                "a Loss_mean {subset=train}: 0=6.25 50=6.25", "a epoch: 0=0.0 50=0.0",
            ])
        let detr =
            "Epoch: [0]  [   0/1000]  eta: 0:10:00  lr: 0.0001  loss: 40.5 (41.5)  time: 0.5  max mem: 3000\nEpoch: [1]  [  10/1000]  eta: 0:09:00  lr: 0.0001  loss: 20.5 (21.5)  time: 0.25  max mem: 3000\n"
        #expect(
            try imported(detr, skipped: ["dates and durations in lines of metrics": 2]) == [
                "a epoch: 0=0.0 1010=1.0", "a loss: 0=40.5 1010=20.5", "a loss_mean: 0=41.5 1010=21.5",
                "a lr: 0=0.0001 1010=0.0001", "a max mem: 0=3000.0 1010=3000.0", "a time: 0=0.5 1010=0.25",
            ])
    }

    @Test func detectron2AndCaffeAndGlog() throws {
        let detectron =
            "[01/31 10:00:00 d2.utils.events]:  eta: 1:00:00  iter: 19  total_loss: 1.5  time: 0.5  lr: 1e-05  max_mem: 3000M\n[01/31 10:00:10 d2.utils.events]:  eta: 0:59:00  iter: 39  total_loss: 1.25  time: 0.5  lr: 2e-05  max_mem: 3000M\n"
        #expect(
            try imported(detectron, skipped: ["dates and durations in lines of metrics": 4]) == [
                "a lr: 19=1e-05 39=2e-05", "a max_mem: 19=3000.0 39=3000.0", "a time: 19=0.5 39=0.5",
                "a total_loss: 19=1.5 39=1.25",
            ])
        let caffe =
            "I0131 10:00:00.123456  1234 solver.cpp:239] Iteration 100, loss = 0.5\nI0131 10:00:01.123456  1234 solver.cpp:239] Iteration 200, loss = 0.25\nI0131 10:00:01.2  1234 sgd_solver.cpp:106] Iteration 200, lr = 0.01\n"
        #expect(try imported(caffe) == ["a loss: 100=0.5 200=0.25", "a lr: 200=0.01"])
    }

    @Test func subsetsAndPercent() throws {
        let text =
            "Epoch: 01 | Train Loss: 0.5 | Train Acc: 91.25% | Val. Loss: 0.75 | dev acc 90.5%\nEpoch: 02 | Train Loss: 0.25 | Train Acc: 95% | Val. Loss: 0.5 | dev acc 91%\nTest Loss: 0.625\n"
        #expect(
            try imported(text) == [
                "a Acc {subset=train}: 1=91.25 2=95.0", "a Loss {subset=test}: 2=0.625",
                "a Loss {subset=train}: 1=0.5 2=0.25",
                "a Loss {subset=val}: 1=0.75 2=0.5", "a acc {subset=val}: 1=90.5 2=91.0",
            ])
        let kept = try imported(text) { $0.keepNames = true }
        #expect(
            kept == [
                "a Test Loss: 2=0.625", "a Train Acc: 1=91.25 2=95.0", "a Train Loss: 1=0.5 2=0.25",
                "a Val Loss: 1=0.75 2=0.5", "a dev acc: 1=90.5 2=91.0",
            ])
    }

    /// Sentences, settings, errors, paths: no numbers come of them.
    @Test func whatIsNoMetric() throws {
        let text = """
            Namespace(lr=0.1, batch_size=32, epochs=10)
            lr: 0.1
            epoch 1 loss: 0.5
            Epoch 00001: val_loss improved from inf to 0.47, saving model to /tmp/epoch=3-step=100.ckpt
            saved /tmp/model-0.5.pt in 3.5 seconds
            Traceback (most recent call last):
              File "train.py", line 33, in <module>
            RuntimeError: CUDA out of memory. Tried to allocate 20.00 MiB (GPU 0; 10.76 GiB total capacity)
            epoch 2 loss: 0.25
            time: 2024-01-01

            """
        #expect(try imported(text, skipped: [none: 8]) == ["a loss: 1=0.5 2=0.25"])
    }

    /// Stable-Baselines3 prints boxes in groups, Baselines plain ones; the step stands somewhere within.
    @Test func boxes() throws {
        let text = """
            Using cpu device
            ----------------------------------
            | rollout/            |          |
            |    ep_len_mean      | 22.5     |
            | time/               |          |
            |    fps              | 1500     |
            |    total_timesteps  | 2048     |
            | device              | cpu      |
            ----------------------------------
            ----------------------------------
            | rollout/            |          |
            |    ep_len_mean      | 25       |
            | time/               |          |
            |    total_timesteps  | 4096     |
            | train/              |          |
            |    loss             | 1.5e-03  |
            ----------------------------------

            """
        #expect(
            try imported(text, skipped: [none: 1, "texts in boxes": 1]) == [
                "a loss {subset=train}: 4096=0.0015", "a rollout/ep_len_mean: 2048=22.5 4096=25.0",
                "a time/fps: 2048=1500.0",
            ])
        let plain =
            "-----------\n| Epoch | 0 |\n| EpRet | 1.5 |\n-----------\n-----------\n| Epoch | 1 |\n| EpRet | nan |\n-----------\n"
        #expect(try imported(plain) == ["a EpRet: 0=1.5 1=nan"])
    }

    @Test func aLogBesideABetterOneIsNamed() throws {
        try Place.with { place in
            try place.write("a/metrics.csv", "step,loss\n1,0.5\n")
            try place.write("b/train.log", "step 1 loss 0.5\nstep 2 loss 0.25\n")
            let report = try place.load(nil)
            #expect(report.newRuns == 1)
            #expect(
                report.notes.contains {
                    $0.contains("1 printed log is left, since better kept ones are there (b/train.log)")
                })
            #expect(try place.load(ImportFormat("log")).newRuns == 1)
        }
    }

    @Test func aLogOfAnotherKindIsNone() throws {
        try Place.with { place in
            try place.write("readme.txt", "Step 1: preheat to 350\nStep 2: add 2 cups\nStep 3 - wait 5 min\n")
            #expect(try place.load(nil).runs == 0)
        }
    }
}
