import Varve

let repository = try Repository.openOrCreate(at: "runs.varve")
let run = try repository.startRun(name: "baseline", params: ["lr": 0.1, "seed": 1])

let loss = try run.series("loss", context: ["subset": "train"])
for step in 0..<1000 {
    loss.log(1 / Double(step + 1), step: step)
}
try run.finish()

let reader = try repository.snapshot().series(Query(metric: "loss", runs: [run.id], steps: 990...999))
while let chunk = try reader.next() {
    for index in 0..<chunk.count { print(chunk.steps[index], chunk.values[index]) }
}
