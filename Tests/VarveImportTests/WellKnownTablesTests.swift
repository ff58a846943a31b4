import Testing
import Varve
import VarveFiles
import VarveTestSupport

@testable import VarveImport

/// Proves that tables of well-known tools come in with their steps and params, from a path of which nothing is said.
@Suite struct WellKnownTablesTests {
    private func imported(_ files: [String: String]) throws -> (
        shown: [String], params: [Properties], report: ImportReport
    ) {
        try Place.with { place in
            for (path, text) in files { try place.write(path, text) }
            let report = try place.load(nil) { $0.audits = true }
            #expect(report.audit?.isEqual == true)
            return (try place.shown(), try place.repository.snapshot().runs.map(\.params), report)
        }
    }

    /// Ultralytics pads its header with spaces, and writes its arguments beside.
    @Test func ultralytics() throws {
        let (shown, params, report) = try imported([
            "train/results.csv":
                "                  epoch,         train/box_loss,       metrics/mAP50(B)\n                      1,                 0.5,               0.25\n                      2,                 0.4,               0.5\n",
            "train/args.yaml": "task: detect\nepochs: 2\nlr0: 0.01\nclasses: null\n",
            "train/weights/best.pt": "x",
        ])
        #expect(
            shown == ["train box_loss {subset=train}: 1=0.5 2=0.4", "train metrics/mAP50(B): 1=0.25 2=0.5"])
        #expect(params == [["task": "detect", "epochs": 2, "lr0": 0.01, "classes": .null]] && report.problemCount == 0)
    }

    @Test func keras() throws {
        let (shown, _, report) = try imported([
            "a/training.log": "epoch,accuracy,loss,val_loss\n0,0.5,1.5,2.5\n1,0.75,nan,1.5\n"
        ])
        #expect(shown == ["a accuracy: 0=0.5 1=0.75", "a loss {subset=val}: 0=2.5 1=1.5", "a loss: 0=1.5 1=nan"])
        #expect(report.problemCount == 0)
    }

    @Test func stableBaselines() throws {
        let (shown, _, _) = try imported([
            "a/progress.csv":
                "rollout/ep_rew_mean,time/iterations,time/total_timesteps,train/loss\n1.5,1,2048,\n2.5,2,4096,0.5\n",
            "b/progress.json":
                "{\"time/iterations\": 1, \"time/total_timesteps\": 2048, \"rollout/ep_rew_mean\": 1.5}\n{\"time/iterations\": 2, \"time/total_timesteps\": 4096, \"rollout/ep_rew_mean\": NaN}\n",
        ])
        #expect(
            shown == [
                "a loss {subset=train}: 4096=0.5", "a rollout/ep_rew_mean: 2048=1.5 4096=2.5",
                "a time/iterations: 2048=1.0 4096=2.0", "b rollout/ep_rew_mean: 2048=1.5 4096=nan",
                "b time/iterations: 2048=1.0 4096=2.0",
            ])
    }

    @Test func lightning() throws {
        let (shown, params, _) = try imported([
            "version_0/metrics.csv": "epoch,step,train_loss,val_loss\n0,49,0.5,\n0,49,,0.25\n",
            "version_0/hparams.yaml": "lr: 0.001\nsizes:\n- 1\n- 2\nmodel: !!python/object:my.Model\n  depth: 3\n",
        ])
        #expect(
            shown == [
                "version_0 epoch: 49=0.0 49=0.0", "version_0 loss {subset=train}: 49=0.5",
                "version_0 loss {subset=val}: 49=0.25",
            ])
        #expect(params == [["lr": 0.001, "sizes": .json("[1,2]"), "model.depth": 3]])
    }
}
