import Varve

let repository = try Repository.openOrCreate(at: "runs.varve")
for seed in 1...3 {
    let run = try repository.startRun(name: "seed \(seed)", params: ["lr": 0.1, "seed": .int(Int64(seed))])
    let loss = try run.series("loss")
    for step in 0..<100 { loss.log(1 / Double(seed * step + 1), step: step) }
    try run.finish()
}

let snapshot = try repository.snapshot()
let runs = try snapshot.runs(where: Filter(parsing: "params.lr == 0.1 and status == \"finished\""))

let last = try snapshot.statistics(Query(metric: "loss", runs: runs.map(\.id))).compactMap { $0.last?.value }
print("mean of \(last.count) runs:", last.reduce(0, +) / Double(last.count))
