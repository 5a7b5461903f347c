import ArgumentParser

/// `whc test`
struct TestCommand: AsyncParsableCommand, NodeCommand {
  static let configuration = CommandConfiguration(
    commandName: "test", abstract: "Run tests")

  @OptionGroup var selection: SelectionOptions
  @OptionGroup var execution: ExecutionOptions
  @OptionGroup var global: GlobalOptions

  var job: Execution {
    Execution(
      command: "test", types: [.test, .unitTest], global: global, selection: selection, gates: false,
      configure: execution.apply
    )
  }

  func run() async throws { try await job.run() }
}
