import ArgumentParser

/// `whc snapshot`
struct SnapshotCommand: AsyncParsableCommand, NodeCommand {
  static let configuration = CommandConfiguration(
    commandName: "snapshot", abstract: "Take snapshots")

  @OptionGroup var selection: SelectionOptions
  @OptionGroup var emptiness: EmptyOption
  @OptionGroup var checks: CheckOption
  @OptionGroup var lineage: OpenLineageOption
  @OptionGroup var global: GlobalOptions

  var job: Execution {
    Execution(
      command: "snapshot", types: [.snapshot], global: global, gates: false,
      configure: { flags in
        selection.apply(&flags)
        lineage.apply(&flags)
        checks.apply(&flags)
        emptiness.apply(&flags)
      }
    )
  }

  func run() async throws { try await job.run() }
}
