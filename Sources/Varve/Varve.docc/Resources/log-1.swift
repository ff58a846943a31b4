import Varve

let repository = try Repository.openOrCreate(at: "runs.varve")
