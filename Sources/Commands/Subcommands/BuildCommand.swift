import ArgumentParser

/// `whc build`
struct BuildCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "build",
    abstract: "Build seeds, models and snapshots, and test each before what depends on it is built")

  @OptionGroup var selection: SelectionOptions
  @OptionGroup var execution: ExecutionOptions
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    try await Execution(
      command: "build",
      types: [.model, .seed, .snapshot, .test, .unitTest, .savedQuery, .exposure, .function],
      global: global, selection: selection, gates: true,
      configure: execution.apply
    ).run()
  }
}
