/// The formats that are known, in the order in which they look at a tree: who takes directories whole comes before those who
/// would take single files out of them.
package enum FormatRegistry {
    package static let all: [any ForeignFormat] = [
        WandBFormat(),
        SwanLabFormat(),
        AimFormat(),
        NeptuneFormat(),
        MLflowFormat(),
        TrackioFormat(),
        TcbenchFormat(),
        TrainerStateFormat(),
        TensorBoardFormat(),
        MonitorFormat(),
        CSVFormat(),
        JSONLinesFormat(),
    ]
}
