import Varve
import VarveFormat

/// `index-bytes`: bytes a point in the index, by what they hold. zstd alone on the same words is the floor.
enum IndexBytes {
    static func run(_ context: BenchContext) throws -> [Measurement] {
        try measure(context, "M") + measure(context, "W")
    }

    private static func measure(_ context: BenchContext, _ name: String) throws -> [Measurement] {
        let corpus = try context.corpus(name)
        try corpus.compact()
        let hash = try corpus.check("index-bytes")
        let floor = try Double(BytesFloor.zstd(corpus.raw.bytes).storedBytes) / Double(corpus.workload.points)
        let parts = try IndexParts(of: corpus.repository)
        let points = Double(corpus.workload.points)
        func measurement(_ part: String, _ bytes: Int, floor: Double? = nil) -> Measurement {
            Measurement(
                "index-bytes", "\(name), logged as rows: \(part)", Double(bytes) / points, "B/point", floor: floor,
                hash: hash)
        }
        return [
            measurement("all", parts.all, floor: floor), measurement("values", parts.values),
            measurement("axes", parts.axes + parts.steps + parts.times),
            measurement("time differences", parts.timeDifferences), measurement("slices", parts.slices),
            measurement("summaries", parts.summaries), measurement("directory, runs, properties", parts.rest),
        ]
    }
}
