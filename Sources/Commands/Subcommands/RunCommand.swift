import ArgumentParser

/// `whc run`
struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Build models")

  @OptionGroup var selection: SelectionOptions
  @OptionGroup var execution: ExecutionOptions
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    try await Execution(
      command: "run", types: [.model], global: global, selection: selection, gates: false,
      configure: execution.apply
    ).run()
  }
}
