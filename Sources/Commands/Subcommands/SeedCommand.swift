import ArgumentParser

/// `whc seed`
struct SeedCommand: AsyncParsableCommand, NodeCommand {
  static let configuration = CommandConfiguration(
    commandName: "seed", abstract: "Load seeds")

  @OptionGroup var selection: SelectionOptions
  @OptionGroup var execution: ExecutionOptions
  @OptionGroup var global: GlobalOptions

  var job: Execution {
    Execution(
      command: "seed", types: [.seed], global: global, selection: selection, gates: false,
      configure: execution.apply, showsSamples: execution.show
    )
  }

  func run() async throws { try await job.run() }
}
