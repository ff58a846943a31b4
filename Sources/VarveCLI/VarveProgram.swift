import ArgumentParser

@main
struct VarveProgram: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "varve")
}
