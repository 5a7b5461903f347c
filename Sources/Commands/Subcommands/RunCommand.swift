import ArgumentParser

/// `whc run`
struct RunCommand: AsyncParsableCommand, NodeCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Build models")

  @OptionGroup var selection: SelectionOptions
  @OptionGroup var refresh: FullRefreshOption
  @OptionGroup var emptiness: EmptyOption
  @OptionGroup var eventTimes: EventTimeOptions
  @OptionGroup var checks: CheckOption
  @OptionGroup var lineage: OpenLineageOption
  @OptionGroup var global: GlobalOptions

  var job: Execution {
    Execution(
      command: "run", types: [.model], global: global, gates: false,
      configure: { flags in
        selection.apply(&flags)
        lineage.apply(&flags)
        checks.apply(&flags)
        refresh.apply(&flags)
        emptiness.apply(&flags)
        eventTimes.apply(&flags)
      }
    )
  }

  func run() async throws { try await job.run() }
}
