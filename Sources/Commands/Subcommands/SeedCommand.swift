import ArgumentParser

/// `whc seed`
struct SeedCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "seed", abstract: "Load seeds")

  @OptionGroup var selection: SelectionOptions
  @OptionGroup var execution: ExecutionOptions
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    try await Execution(
      command: "seed", types: [.seed], global: global, selection: selection, gates: false,
      configure: execution.apply
    ).run()
  }
}
