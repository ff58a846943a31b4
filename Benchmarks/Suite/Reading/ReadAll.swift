import Varve

/// `read-all`: every point there is, all columns, from the index and from the logs alone. The floor is the same words copied from
/// a mapped file; a second one is zstd alone, decompressing them.
enum ReadAll {
    static func run(_ context: BenchContext) throws -> [Measurement] {
        let logs = try context.corpus("S")
        try logs.removeIndex()
        var results = try measure(context, logs, "S, from the logs")
        for name in ["S", "M", "L", "W"] {
            let corpus = try context.corpus(name)
            try corpus.compact()
            results += try measure(context, corpus, "\(name), from the index")
        }
        return results
    }

    private static func measure(_ context: BenchContext, _ corpus: Corpus, _ what: String) throws -> [Measurement] {
        let snapshot = try corpus.repository.snapshot()
        let points = Double(corpus.workload.points)
        var rates = Samples()
        var costs = Samples()
        var floors = Samples()
        for round in 0...context.repeats {
            var words = WordSum()
            let elapsed = try Stopwatch.measure {
                try snapshot.series(Query()).forEach { words.add($0) }
            }
            guard words == corpus.words else {
                throw WrongResult(
                    description: "read-all of \(what): \(words) was read, but \(corpus.words) was logged")
            }
            let floor = BytesFloor.copy(corpus.raw.bytes)
            if round > 0 {
                rates.append(points * 1e3 / elapsed.wall)
                costs.append(elapsed.cpu / points)
                floors.append(floor / points)
            }
        }
        let hash = try corpus.check("read-all of \(what)")
        let zstd = try BytesFloor.zstd(corpus.raw.bytes)
        return [
            Measurement(
                "read-all", what, rates.median, "M points/s", runs: rates.count, floor: 1e3 / floors.median, hash: hash),
            Measurement(
                "read-all", what, costs.median, "ns CPU/point", runs: costs.count, floor: floors.median, hash: hash),
            Measurement(
                "read-all", "\(what): zstd alone instead", points * 1e3 / zstd.decompress, "M points/s",
                floor: 1e3 / floors.median),
        ]
    }
}
