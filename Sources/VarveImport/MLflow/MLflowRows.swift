import Varve

/// Finds the rows of one run in the tables of an MLflow database.
///
/// Stores from before MLflow 1.27 have no index of runs: each run would cost a pass over all points of all runs. For these a table
/// of the connection's own, beside the database and never in it, is made in one pass: the places of rows, by run.
final class MLflowRows {
    private weak var database: SQLiteDatabase?
    private var unindexed: Set<String> = []

    init(_ database: SQLiteDatabase, _ tables: [String: Set<String>]) throws(VarveError) {
        self.database = database
        for table in ["metrics", "params", "tags"] where tables[table]?.contains("run_uuid") == true {
            var isIndexed = false
            let sql = """
                SELECT 1 FROM pragma_index_list(?) AS list, pragma_index_info(list.name) AS part
                WHERE part.seqno = 0 AND part.name = 'run_uuid'
                """
            try database.rows(sql, [.text(table)]) { _ in isIndexed = true }
            if isIndexed { continue }
            // Where there is no room for it, each run costs its pass.
            guard
                (try? database.addOwn(
                    """
                    CREATE TEMP TABLE \(Self.own(table)) (run INTEGER, place INTEGER, PRIMARY KEY (run, place)) WITHOUT ROWID
                    """,
                    """
                    INSERT INTO \(Self.own(table)) SELECT runs.rowid, \(table).rowid FROM \(table)
                    JOIN runs ON runs.run_uuid = \(table).run_uuid
                    """)) != nil
            else { continue }
            unindexed.insert(table)
        }
    }

    /// The database that this was made for is still the one that is open.
    var isOpen: Bool { database != nil }

    private static func own(_ table: String) -> String { "varve_rows_of_\(table)" }

    /// What follows FROM for the rows of the run whose ID is the first argument.
    func of(_ table: String) -> String {
        guard unindexed.contains(table) else { return "\(table) WHERE \(table).run_uuid = ?1" }
        let own = Self.own(table)
        return """
            \(own) JOIN \(table) ON \(table).rowid = \(own).place \
            WHERE \(own).run = (SELECT rowid FROM runs WHERE run_uuid = ?1)
            """
    }
}
