import ArgumentParser
import Diagnostics
import Foundation
import ProjectModel

/// `whc retry`: does again what failed or was skipped, with the flags that the run had.
struct RetryCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retry", abstract: "Do again what failed or was skipped in the last run")

  @OptionGroup var refresh: FullRefreshOption
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    var flags = Flags(global)
    flags.command = "retry"
    refresh.apply(&flags)
    let console = Console(flags)
    do {
      try await retry(flags)
    } catch let error as DiagnosticsError {
      console.begin()
      throw console.exit(error.diagnostics)
    }
  }

  private func retry(_ flags: Flags) async throws {
    let target = flags.targetPath ?? flags.project?.root["target-path"]?.string ?? "target"
    let folder = flags.state ?? target
    let path = folder.hasPrefix("/") ? folder : flags.projectDirectory + "/" + folder
    let run = try RetriedRun(folder: path, shown: folder)
    let open = run.openNodes(warningsToo: flags.warnError)
    let refreshed = flags.fullRefresh && run.takesFullRefresh ? ["--full-refresh"] : []
    let line = run.commandLine(flags) + refreshed
    switch run.command {
    case "build": try await again(BuildCommand.self, run, line, open)
    case "run": try await again(RunCommand.self, run, line, open)
    case "test": try await again(TestCommand.self, run, line, open)
    case "seed": try await again(SeedCommand.self, run, line, open)
    case "snapshot": try await again(SnapshotCommand.self, run, line, open)
    case "clone":
      try await parsed(CloneCommand.self, line + run.nodeFlags).run(only: open.map(\.rawValue))
    case "run-operation":
      guard let operation = run.operation else { throw Self.unknown(run.command) }
      guard !open.isEmpty else { return Console(flags).begin() }
      try await parsed(
        RunOperationCommand.self, line + ["--args", operation.arguments, "--", operation.macro]
      ).run()
    default: throw Self.unknown(run.command)
    }
  }

  private func again<Command: NodeCommand>(
    _ command: Command.Type, _ run: RetriedRun, _ words: [String], _ nodes: [NodeID]
  ) async throws {
    var job = try parsed(command, words + run.nodeFlags).job
    job.only = nodes
    job.earlierBatches = run.batches
    job.batchesEnd = run.startedAt
    try await job.run()
  }

  private func parsed<Command: ParsableCommand>(
    _ command: Command.Type, _ words: [String]
  ) throws(DiagnosticsError) -> Command {
    do { return try command.parse(words) } catch {
      throw DiagnosticsError(
        Diagnostic(
          "bad-flag", "a flag of the earlier run cannot be given again: \(command.message(for: error))"))
    }
  }

  private static func unknown(_ command: String) -> DiagnosticsError {
    DiagnosticsError(
      Diagnostic(
        "cannot-retry", "run_results.json is of '\(command)', which cannot be tried again",
        help: "run the command itself"))
  }
}
