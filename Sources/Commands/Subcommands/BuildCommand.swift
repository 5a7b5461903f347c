import ArgumentParser

/// `whc build`
struct BuildCommand: AsyncParsableCommand, NodeCommand {
  static let configuration = CommandConfiguration(
    commandName: "build",
    abstract: "Build seeds, models and snapshots, and test each before what depends on it is built")

  @OptionGroup var selection: SelectionOptions
  @OptionGroup var types: ResourceTypeOptions
  @OptionGroup var refresh: FullRefreshOption
  @OptionGroup var emptiness: EmptyOption
  @OptionGroup var failures: StoreFailuresOption
  @OptionGroup var eventTimes: EventTimeOptions
  // Flags of dbt that change nothing here.
  @Flag(help: .hidden) var show = false
  @Flag(
    name: .customLong("export-saved-queries"), inversion: .prefixedNo, exclusivity: .chooseLast, help: .hidden
  )
  var exportSavedQueries = false
  @Flag(
    name: .customLong("include-saved-query"), inversion: .prefixedNo, exclusivity: .chooseLast, help: .hidden)
  var includeSavedQuery = false

  @OptionGroup var checks: CheckOption
  @OptionGroup var lineage: OpenLineageOption
  @OptionGroup var global: GlobalOptions

  var job: Execution {
    Execution(
      command: "build",
      types: [.model, .seed, .snapshot, .test, .unitTest, .savedQuery, .exposure, .function],
      global: global, gates: true,
      configure: { flags in
        selection.apply(&flags)
        lineage.apply(&flags)
        checks.apply(&flags)
        types.apply(&flags)
        refresh.apply(&flags)
        emptiness.apply(&flags)
        failures.apply(&flags)
        eventTimes.apply(&flags)
        flags.ownArguments = [
          "show": .bool(show), "export_saved_queries": .bool(exportSavedQueries),
          "include_saved_query": .bool(includeSavedQuery),
        ]
      }
    )
  }

  func run() async throws { try await job.run() }
}
