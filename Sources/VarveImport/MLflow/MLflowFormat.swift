import Varve
import VarveFiles

/// MLflow's two stores on disk: folders (`mlruns`) and SQLite (`mlflow.db`). A run goes by its ID, so one that stands in both,
/// or was moved from one to the other, is imported once.
///
/// A run whose stage is `deleted` is left out; one that was imported before it was deleted stays.
package struct MLflowFormat: StoreFormat {
    package let name = "mlflow"
    package let title = "MLflow runs"
    package let signs =
        "directories with a meta.yaml that names a run (mlruns), and SQLite databases with MLflow's tables (mlflow.db)"

    package init() {}

    package func plan(_ tree: SourceTree, _ place: ImportPlace) -> ImportPlan {
        var plan = ImportPlan()
        var deleted = MLflowFolders.plan(tree, place, into: &plan)
        deleted += MLflowDatabase.plan(tree, place, into: &plan)
        if deleted > 0 {
            plan.notes.append("\(deleted == 1 ? "1 run is" : "\(deleted) runs are") deleted in MLflow and left out")
        }
        return plan
    }

    package func open(_ place: ImportPlace) -> any StoreReader { MLflowReader(place) }
}

/// Reads runs of both stores.
private final class MLflowReader: StoreReader {
    private let folders: MLflowFolderReader
    private let databases: MLflowDatabaseReader

    init(_ place: ImportPlace) {
        folders = MLflowFolderReader(place)
        databases = MLflowDatabaseReader(place)
    }

    func version(of source: ImportSource) -> UInt64? {
        source.key == nil ? folders.version(of: source) : databases.version(of: source)
    }

    func read(_ source: ImportSource, into sink: any RunSink) throws(VarveError) {
        if source.key == nil { try folders.read(source, into: sink) } else { try databases.read(source, into: sink) }
    }
}
