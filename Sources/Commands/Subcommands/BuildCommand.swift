import ArgumentParser

/// `whc build`
struct BuildCommand: AsyncParsableCommand, NodeCommand {
  static let configuration = CommandConfiguration(
    commandName: "build",
    abstract: "Build seeds, models and snapshots, and test each before what depends on it is built")

  @OptionGroup var selection: SelectionOptions
  @OptionGroup var execution: ExecutionOptions
  @OptionGroup var global: GlobalOptions

  var job: Execution {
    Execution(
      command: "build",
      types: [.model, .seed, .snapshot, .test, .unitTest, .savedQuery, .exposure, .function],
      global: global, selection: selection, gates: true,
      configure: execution.apply
    )
  }

  func run() async throws { try await job.run() }
}
