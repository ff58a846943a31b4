/// The formats that are known, in the order in which they look at a tree: who takes directories whole comes before those who
/// would take single files out of them.
package enum FormatRegistry {
    package static let all: [any ForeignFormat] = [
        WandBFormat(),
        SwanLabFormat(),
        SwanLabFoldersFormat(),
        AimFormat(),
        NeptuneFormat(),
        MLflowFormat(),
        TrackioFormat(),
        TcbenchFormat(),
        SacredFormat(),
        ClearMLFormat(),
        GuildFormat(),
        DVCLiveFormat(),
        TrainerStateFormat(),
        TensorBoardFormat(),
        MonitorFormat(),
        CSVFormat(),
        JSONLinesFormat(),
        JSONDocumentFormat(),
        TextLogFormat(),
    ]
}
