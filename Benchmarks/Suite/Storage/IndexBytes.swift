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
        let index = try IndexSnapshot.open(
            corpus.repository.environment.fileSystem, directory: corpus.repository.paths.index,
            repository: corpus.repository.id, codec: ColumnCodec())
        var axes = 0
        var slices = 0
        var summaries = 0
        var differences = 0
        var values = 0
        var all = 0
        for segment in index.segments {
            all += segment.size
            for (row, page) in segment.pages.enumerated() {
                if row < segment.metrics.axisPages {
                    axes += page.bytes
                } else {
                    slices += page.slicesBytes
                    summaries += page.summariesBytes
                    differences += page.timesBytes
                    values += page.valuesBytes
                }
            }
        }
        let points = Double(corpus.workload.points)
        func measurement(_ part: String, _ bytes: Int, floor: Double? = nil) -> Measurement {
            Measurement(
                "index-bytes", "\(name), logged as rows: \(part)", Double(bytes) / points, "B/point", floor: floor,
                hash: hash)
        }
        let pages = axes + slices + summaries + differences + values
        return [
            measurement("all", all, floor: floor), measurement("values", values), measurement("axes", axes),
            measurement("time differences", differences), measurement("slices", slices),
            measurement("summaries", summaries), measurement("directory, runs, properties", all - pages),
        ]
    }
}
