import ArgumentParser

/// `whc seed`
struct SeedCommand: AsyncParsableCommand, NodeCommand {
  static let configuration = CommandConfiguration(
    commandName: "seed", abstract: "Load seeds")

  @OptionGroup var selection: SelectionOptions
  @OptionGroup var refresh: FullRefreshOption
  @Flag(help: "Show some rows of each seed") var show = false
  @OptionGroup var lineage: OpenLineageOption
  @OptionGroup var global: GlobalOptions

  var job: Execution {
    Execution(
      command: "seed", types: [.seed], global: global, gates: false,
      configure: { flags in
        selection.apply(&flags)
        lineage.apply(&flags)
        refresh.apply(&flags)
        flags.ownArguments = ["show": .bool(show)]
      }, showsSamples: show
    )
  }

  func run() async throws { try await job.run() }
}
