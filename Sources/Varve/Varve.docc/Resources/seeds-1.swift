import Varve

let repository = try Repository.openOrCreate(at: "runs.varve")
for seed in 1...3 {
    let run = try repository.startRun(name: "seed \(seed)", params: ["lr": 0.1, "seed": .int(Int64(seed))])
    let loss = try run.series("loss")
    for step in 0..<100 { loss.log(1 / Double(seed * step + 1), step: step) }
    try run.finish()
}
