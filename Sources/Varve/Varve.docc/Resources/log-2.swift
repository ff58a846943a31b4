import Varve

let repository = try Repository.openOrCreate(at: "runs.varve")
let run = try repository.startRun(name: "baseline", params: ["lr": 0.1, "seed": 1])
