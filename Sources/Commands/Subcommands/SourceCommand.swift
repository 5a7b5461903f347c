import ArgumentParser
import Diagnostics

/// `whc source freshness`
struct SourceCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "source", abstract: "How old the rows of sources are", subcommands: [Freshness.self])

  /// Without a subcommand, as in dbt: help, and the exit code of a usage error.
  func run() async throws { throw CommandWords.missing(Self.self) }

  struct Freshness: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "freshness", abstract: "Ask each source with 'freshness' for its newest row",
      aliases: ["snapshot-freshness"])

    @Option(name: .shortAndLong, help: "File for the results (default: sources.json in the target folder)")
    var output: String?

    @OptionGroup var selection: SelectionOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
      try await Command.run("freshness", global, configure: configure) { workspace, console in
        try await FreshnessRun(workspace: workspace, console: console, output: output).run()
      }
    }

    private func configure(_ flags: inout Flags) {
      selection.apply(&flags)
      guard let output else { return }
      flags.deprecations.append(
        Diagnostic(
          "custom-output-path-in-source-freshness", severity: .warning,
          "'--output' of source freshness is deprecated, and names '\(output)'",
          help: "give the folder of all artifacts with --target-path", facts: ["path": output]))
    }
  }
}
