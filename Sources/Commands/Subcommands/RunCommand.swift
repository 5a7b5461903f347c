import ArgumentParser

/// `whc run`
struct RunCommand: AsyncParsableCommand, NodeCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Build models")

  @OptionGroup var selection: SelectionOptions
  @OptionGroup var execution: ExecutionOptions
  @OptionGroup var global: GlobalOptions

  var job: Execution {
    Execution(
      command: "run", types: [.model], global: global, selection: selection, gates: false,
      configure: execution.apply
    )
  }

  func run() async throws { try await job.run() }
}
