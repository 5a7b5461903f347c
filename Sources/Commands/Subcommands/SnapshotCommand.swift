import ArgumentParser

/// `whc snapshot`
struct SnapshotCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "snapshot", abstract: "Take snapshots")

  @OptionGroup var selection: SelectionOptions
  @OptionGroup var execution: ExecutionOptions
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    try await Execution(
      command: "snapshot", types: [.snapshot], global: global, selection: selection, gates: false,
      configure: execution.apply
    ).run()
  }
}
