import Logging

/// Where the engine tells what no caller waits for: threads that could not be started, compactions in passing that
/// failed.
enum Diagnostics {
    static let logger = Logger(label: "varve")
}
