import CSQLite
import Testing

/// A SQLite database that a test writes, as the tool would whose store it plays.
final class TestDatabase {
    private var handle: OpaquePointer?

    /// Opens the database at `path`, and makes it if it isn't there.
    init(_ path: String) throws {
        try #require(sqlite3_open(path, &handle) == SQLITE_OK)
    }

    deinit { close() }

    func close() {
        sqlite3_close(handle)
        handle = nil
    }

    /// Runs statements.
    func run(_ sql: String) throws {
        var message: UnsafeMutablePointer<CChar>?
        let code = sqlite3_exec(handle, sql, nil, nil, &message)
        let text = message.map { String(cString: $0) } ?? ""
        sqlite3_free(message)
        try #require(code == SQLITE_OK, "\(text): \(sql)")
    }
}

/// MLflow's tables, as far as they matter.
enum MLflowTables {
    static let experiments = "CREATE TABLE experiments (experiment_id INTEGER PRIMARY KEY, name VARCHAR(256) NOT NULL);"
    static let runs = """
        CREATE TABLE runs (run_uuid VARCHAR(32) NOT NULL, name VARCHAR(250), user_id VARCHAR(256), status VARCHAR(9),
            start_time BIGINT, end_time BIGINT, lifecycle_stage VARCHAR(20), artifact_uri VARCHAR(200),
            experiment_id INTEGER, CONSTRAINT run_pk PRIMARY KEY (run_uuid));
        """
    static let metrics = """
        CREATE TABLE metrics ("key" VARCHAR(250) NOT NULL, value FLOAT NOT NULL, timestamp BIGINT NOT NULL,
            run_uuid VARCHAR(32) NOT NULL, step BIGINT DEFAULT '0' NOT NULL, is_nan BOOLEAN DEFAULT '0' NOT NULL,
            CONSTRAINT metric_pk PRIMARY KEY ("key", timestamp, step, run_uuid, value, is_nan));
        CREATE INDEX index_metrics_run_uuid ON metrics (run_uuid);
        """
    static let pairs = ["params", "tags"].map {
        "CREATE TABLE \($0) (\"key\" VARCHAR(250) NOT NULL, value VARCHAR(8000), run_uuid VARCHAR(32) NOT NULL, PRIMARY KEY (\"key\", run_uuid));"
    }.joined()
    static let all = experiments + runs + metrics + pairs

    /// A run of three points, two params and three tags.
    static let sample = """
        INSERT INTO experiments VALUES (1, 'exp');
        INSERT INTO runs VALUES ('u1', 'first', 'me', 'FINISHED', 1700000000000, 1700000009000, 'active', '', 1);
        INSERT INTO metrics VALUES ('val/loss', 0.5, 1700000001000, 'u1', 1, 0), ('val/loss', 0, 1700000002000, 'u1', 2, 1),
            ('val/loss', 1.7976931348623157e308, 1700000003000, 'u1', 3, 0), ('val/loss', -1.7976931348623157e308, 1700000004000, 'u1', 2, 0);
        INSERT INTO params VALUES ('lr', '0.1', 'u1'), ('opt', 'adam', 'u1');
        INSERT INTO tags VALUES ('team', 'a', 'u1'), ('mlflow.note.content', 'hello', 'u1'), ('mlflow.source.name', 'x.py', 'u1');
        """
}
