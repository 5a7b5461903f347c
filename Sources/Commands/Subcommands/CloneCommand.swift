import ArgumentParser

/// `whc clone`
struct CloneCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "clone",
    abstract: "Make views on the relations that another environment has of the same nodes (--state)")

  @OptionGroup var selection: SelectionOptions
  @OptionGroup var types: ResourceTypeOptions
  @OptionGroup var refresh: FullRefreshOption
  @OptionGroup var global: GlobalOptions

  func run() async throws { try await run(only: nil) }

  private func configure(_ flags: inout Flags) {
    selection.apply(&flags)
    types.apply(&flags)
    refresh.apply(&flags)
  }

  /// - Parameter only: for `retry`: the nodes to clone, whatever the selection says.
  func run(only: [String]?) async throws {
    try await Command.run("clone", global, configure: configure) { workspace, console in
      try await CloneRun(workspace: workspace, console: console).run(only: only)
    }
  }
}
