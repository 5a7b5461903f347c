import ArgumentParser

/// `whc snapshot`
struct SnapshotCommand: AsyncParsableCommand, NodeCommand {
  static let configuration = CommandConfiguration(
    commandName: "snapshot", abstract: "Take snapshots")

  @OptionGroup var selection: SelectionOptions
  @OptionGroup var execution: ExecutionOptions
  @OptionGroup var global: GlobalOptions

  var job: Execution {
    Execution(
      command: "snapshot", types: [.snapshot], global: global, selection: selection, gates: false,
      configure: execution.apply
    )
  }

  func run() async throws { try await job.run() }
}
