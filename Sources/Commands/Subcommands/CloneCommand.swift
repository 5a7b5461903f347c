import ArgumentParser

/// `whc clone`
struct CloneCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "clone",
    abstract: "Make views on the relations that another environment has of the same nodes (--state)")

  @OptionGroup var selection: SelectionOptions
  @OptionGroup var execution: ExecutionOptions
  @OptionGroup var global: GlobalOptions

  func run() async throws { try await run(only: nil) }

  /// - Parameter only: for `retry`: the nodes to clone, whatever the selection says.
  func run(only: [String]?) async throws {
    try await Command.run("clone", global, configure: execution.apply) { workspace, console in
      try await CloneRun(workspace: workspace, console: console).run(selection, only: only)
    }
  }
}
