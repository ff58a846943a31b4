import Testing
import Varve
import VarveTestSupport

@testable import VarveImport

/// Proves that logs come in whose layout is their tool's own: each is laid out as that tool prints it, with numbers of our own.
struct PeculiarLogsTests {
    private func imported(_ text: String, as name: String = "a/train.log", skipped: [String: Int] = [:]) throws
        -> [String]
    {
        try Place.with { place in
            try place.write(name, text)
            let report = try place.load(nil) { $0.audits = true }
            #expect(report.problems.isEmpty, "\(report.problems)")
            #expect(report.audit?.isEqual == true)
            #expect(report.skipped == skipped, "\(report.skipped)")
            #expect(try place.load(nil).pointsStored == 0)
            return try place.shown()
        }
    }

    private let none = "lines without metrics"
    private let nameless = "numbers without a name in lines of metrics"

    @Test func darknet() throws {
        let text = """
            Resizing, random_coef = 1.40
             1: 500.5, 490.5 avg loss, 0.000000 rate, 5.5 seconds, 64 images, -1.0 hours left
             2: 400.5, 480.5 avg loss, 0.001000 rate, 4.5 seconds, 128 images, 10.5 hours left

            """
        #expect(
            try imported(text, skipped: [none: 1]) == [
                "a avg loss: 1=490.5 2=480.5", "a images: 1=64.0 2=128.0", "a loss: 1=500.5 2=400.5",
                "a rate: 1=0.0 2=0.001", "a seconds: 1=5.5 2=4.5",
            ])
    }

    /// Batches of an epoch have no total: the next epoch goes on from the last.
    @Test func espnet() throws {
        let text = """
            [h:0/1] 2024-01-01 10:00:00,123 (trainer:756) INFO: 1epoch:train:1-100batch: loss_ctc=50.5, acc=0.5
            [h:0/1] 2024-01-01 10:01:00,123 (trainer:756) INFO: 1epoch:train:101-200batch: loss_ctc=40.5, acc=0.5
            [h:0/1] 2024-01-01 10:02:00,123 (trainer:357) INFO: 1epoch results: [train] acc=0.5, [valid] loss_ctc=30.5, acc=0.75
            [h:0/1] 2024-01-01 10:03:00,123 (trainer:756) INFO: 2epoch:train:1-100batch: loss_ctc=20.5, acc=0.25

            """
        #expect(
            try imported(text) == [
                "a acc {subset=train}: 100=0.5 200=0.5 200=0.5 300=0.25", "a acc {subset=val}: 200=0.75",
                "a batch: 300=100.0", "a epoch: 100=1.0 200=1.0 200=1.0 200=1.0 300=2.0",
                "a loss_ctc {subset=train}: 100=50.5 200=40.5 300=20.5", "a loss_ctc {subset=val}: 200=30.5",
            ])
    }

    @Test func spaCy() throws {
        let text = """
            ✔ Initialized pipeline
            E    #       LOSS TOK2VEC  LOSS NER  ENTS_F  SCORE\u{20}
            ---  ------  ------------  --------  ------  ------
              0       0          0.00     50.00    0.00    0.00
              0     200         20.00   1000.00   50.00    0.50
            ✔ Saved pipeline
            1 2 3 4 5 6

            """
        #expect(
            try imported(text, skipped: [none: 4]) == [
                "a ENTS_F: 0=0.0 200=50.0", "a LOSS NER: 0=50.0 200=1000.0", "a LOSS TOK2VEC: 0=0.0 200=20.0",
                "a SCORE: 0=0.0 200=0.5", "a epoch: 0=0.0 200=0.0",
            ])
    }

    @Test func marianAndThousands() throws {
        let text = """
            [2021-01-01 10:00:00] Ep. 1 : Up. 500 : Sen. 50,000 : Cost 8.5 : Time 50.5s : 5000.5 words/s
            [2021-01-01 10:01:00] Ep. 1 : Up. 1000 : Sen. 1,100,000 : Cost 7.5 : Time 40.5s : 5000.5 words/s

            """
        #expect(
            try imported(text, skipped: [nameless: 2]) == [
                "a Cost: 500=8.5 1000=7.5", "a Sen: 500=50000.0 1000=1100000.0", "a Time: 500=50.5 1000=40.5",
                "a ep: 500=1.0 1000=1.0",
            ])
        // A list, decimals behind a comma, a number that only begins like one.
        let odd = "step 1, loss 0,125, x: [1,200], y: 1,2345, z: 12,345\nstep 2, loss 0.5, z: 2\n"
        let shown = try Place.with { place in
            try place.write("a/out.txt", odd)
            #expect(try place.load(nil) { $0.audits = true }.audit?.isEqual == true)
            return try place.shown()
        }
        #expect(shown.contains("a z: 1=12345.0 2=2.0") && shown.contains("a y: 1=1.0"))
    }

    @Test func llmCAndStyleGAN() throws {
        #expect(
            try imported("s:0 tel:11.0\ns:0 trl:10.5 lr:0.5\ns:10 trl:9.5 lr:0.25\n") == [
                "a lr: 0=0.5 10=0.25", "a tel: 0=11.0", "a trl: 0=10.5 10=9.5",
            ])
        #expect(
            try imported("tick 0     kimg 0.0      sec/tick 5.5\ntick 1     kimg 4.5      sec/tick 110.5\n") == [
                "a kimg: 0=0.0 1=4.5", "a sec/tick: 0=5.5 1=110.5",
            ])
        let stats = (0..<2).map {
            "{\"Loss/G/loss\": {\"mean\": 0.\($0 + 1)}, \"Progress/tick\": {\"mean\": \($0)}, \"timestamp\": 1600000000.5}\n"
        }.joined()
        #expect(try imported(stats, as: "a/stats.jsonl") == ["a Loss/G/loss.mean: 0=0.1 1=0.2"])
    }

    /// What stands in brackets behind a number is its mean only in its unit.
    @Test func unitsInBrackets() throws {
        let text =
            "INFO:tensorflow:global step 100: loss = 0.5 (1.2 sec/step)\nINFO:tensorflow:global step 200: loss = 0.25 (1.2 sec/step)\n"
        #expect(try imported(text, skipped: [nameless: 2]) == ["a loss: 100=0.5 200=0.25"])
    }

    /// Of prints the steps are made to go on; in tables and JSON Lines they are data, and stay.
    @Test func countsThatBeginAnew() throws {
        let rows = [
            "train,1,50,1.5", "train,1,100,1.25", "val,1,25,2", "train,2,50,1", "train,2,100,0.75", "val,2,25,1.5",
            "train,1,100,8", "train,3,50,0.5",
        ].map { $0.split(separator: ",") }
        let lines = rows.map {
            "{\"mode\":\"\($0[0])\",\"epoch\":\($0[1]),\"iter\":\($0[2]),\"loss\":\($0[3])}\n"
        }.joined()
        let expected = [
            "a epoch {subset=train}: 50=1.0 100=1.0 50=2.0 100=2.0 100=1.0 50=3.0",
            "a epoch {subset=val}: 25=1.0 25=2.0",
            "a loss {subset=train}: 50=1.5 100=1.25 50=1.0 100=0.75 100=8.0 50=0.5",
            "a loss {subset=val}: 25=2.0 25=1.5",
        ]
        #expect(try imported(lines, as: "a/x.log.json") == expected)
        let table = "mode,epoch,iter,loss\n" + rows.map { $0.joined(separator: ",") + "\n" }.joined()
        #expect(try imported(table, as: "a/x.csv") == expected)
        var counts = EpochCounts()
        let steps = rows.map { counts.step(Int64($0[2]) ?? 0, in: Int64($0[1]) ?? 0, isTraining: $0[0] == "train") }
        #expect(steps == [50, 100, 100, 150, 200, 200, 100, 150])
        #expect(counts.step(.max, in: 4, isTraining: true) == .max && counts.step(1, in: 5, isTraining: true) == 1)
        #expect(counts.step(5, in: .min, isTraining: true) == 5 && counts.step(.min, in: .max, isTraining: false) < 0)
    }

    @Test func tablesWithoutSteps() throws {
        let classic = "Learning Rate\tTrain Loss\tValid Acc.\t\n0.1\t2.5\t20.5\t\n0.1\t2.0\t40.5\t\n"
        #expect(
            try imported(classic, as: "a/log.txt") == [
                "a Learning Rate: 0=0.1 1=0.1", "a Train Loss: 0=2.5 1=2.0", "a Valid Acc.: 0=20.5 1=40.5",
            ])
        let history = ",loss,val_loss\n1,0.5,2\n2,0.25,1\n4,0.125,1\n"
        #expect(
            try imported(history, as: "a/history.csv") == [
                "a loss {subset=val}: 1=2.0 2=1.0 4=1.0", "a loss: 1=0.5 2=0.25 4=0.125",
            ])
    }
}
