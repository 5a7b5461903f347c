import ArgumentParser

/// `whc test`
struct TestCommand: AsyncParsableCommand, NodeCommand {
  static let configuration = CommandConfiguration(
    commandName: "test", abstract: "Run tests")

  @OptionGroup var selection: SelectionOptions
  @OptionGroup var types: ResourceTypeOptions
  @OptionGroup var failures: StoreFailuresOption
  @OptionGroup var checks: CheckOption
  @OptionGroup var global: GlobalOptions

  var job: Execution {
    Execution(
      command: "test", types: [.test, .unitTest], global: global, gates: false,
      configure: { flags in
        selection.apply(&flags)
        checks.apply(&flags)
        types.apply(&flags)
        failures.apply(&flags)
      }
    )
  }

  func run() async throws { try await job.run() }
}
