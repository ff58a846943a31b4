import Varve
import VarveFormat

/// Where the bytes of an index go.
struct IndexParts {
    var points = 0
    /// Of the axes: which runs, files and counts they have, and their summaries.
    var axes = 0
    var steps = 0
    var times = 0
    /// Of the series whose times aren't those of their axes.
    var timeDifferences = 0
    var slices = 0
    var summaries = 0
    var values = 0
    var all = 0

    /// Directory, runs, coverage and properties.
    var rest: Int { all - axes - steps - times - timeDifferences - slices - summaries - values }

    init(of repository: Repository) throws {
        let index = try IndexSnapshot.open(
            repository.environment.fileSystem, directory: repository.paths.index, repository: repository.id,
            codec: ColumnCodec())
        for segment in index.segments {
            all += segment.size
            for (row, page) in segment.pages.enumerated() {
                if row < segment.metrics.axisPages {
                    axes += page.slicesBytes + page.summariesBytes
                    steps += page.valuesBytes
                    times += page.timesBytes
                } else {
                    points += page.points
                    slices += page.slicesBytes
                    summaries += page.summariesBytes
                    timeDifferences += page.timesBytes
                    values += page.valuesBytes
                }
            }
        }
    }
}
