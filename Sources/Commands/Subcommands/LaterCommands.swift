import ArgumentParser
import Diagnostics

/// `whc source freshness`
struct SourceCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "source", abstract: "How old the rows of sources are", subcommands: [Freshness.self])

  struct Freshness: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "freshness", abstract: "Not yet in this version", aliases: ["snapshot-freshness"])
    @Option(name: .shortAndLong, help: .hidden) var output: String?
    @OptionGroup var selection: SelectionOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws { try await LaterCommand.refuse("source freshness", global) }
  }
}

/// `whc retry`
struct RetryCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retry", abstract: "Not yet in this version: carry out again what failed",
    shouldDisplay: false)
  @OptionGroup var execution: ExecutionOptions
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    try await LaterCommand.refuse(
      "retry", global,
      help: "'whc build --select result:error+ result:fail+ --state <copy of target>' does the same")
  }
}

/// `whc clone`
struct CloneCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "clone", abstract: "Not yet in this version", shouldDisplay: false)
  @OptionGroup var selection: SelectionOptions
  @OptionGroup var execution: ExecutionOptions
  @OptionGroup var global: GlobalOptions

  func run() async throws { try await LaterCommand.refuse("clone", global) }
}

/// dbt's commands that this version knows by name only.
private enum LaterCommand {
  static func refuse(_ name: String, _ global: GlobalOptions, help: String? = nil) async throws {
    try await Command.plain(name, global) { _ in
      throw DiagnosticsError(
        Diagnostic(
          "comes-later", "'\(name)' is a command of dbt that whc \(Version.whc) does not have yet",
          help: help ?? "nothing was done; dbt \(Version.dbt) runs it on the same project"))
    }
  }
}
