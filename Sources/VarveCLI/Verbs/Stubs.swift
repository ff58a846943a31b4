import ArgumentParser

struct ImportVerb: ParsableCommand { static let configuration = CommandConfiguration(commandName: "import") }
struct ExportVerb: ParsableCommand { static let configuration = CommandConfiguration(commandName: "export") }
struct DemoVerb: ParsableCommand { static let configuration = CommandConfiguration(commandName: "demo") }
struct DemoTraining: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "demo-training", shouldDisplay: false)
}
