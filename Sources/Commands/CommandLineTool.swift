public import ArgumentParser
import Diagnostics
import Dispatch
import Foundation

/// The `whc` command; each subcommand is a file of its own.
public struct CommandLineTool: AsyncParsableCommand {
  public static let configuration = CommandConfiguration(
    commandName: "whc", abstract: "A warehouse compiler: templated SQL in, a tested star schema out",
    subcommands: [
      BuildCommand.self, RunCommand.self, CompileCommand.self, TestCommand.self, SeedCommand.self,
      SnapshotCommand.self,
      ParseCommand.self, ListCommand.self, ShowCommand.self, PlanCommand.self, StarCommand.self,
      RebuildCommand.self,
      CheckCommand.self, LineageCommand.self, ImpactCommand.self, DiffCommand.self,
      DebugCommand.self,
      InitCommand.self,
      DepsCommand.self, CleanCommand.self, RunOperationCommand.self, RenderCommand.self, ServerCommand.self,
      DocsCommand.self, CompletionsCommand.self, ShimCommand.self, SourceCommand.self, RetryCommand.self,
      CloneCommand.self, ExplainCommand.self, EjectCommand.self, LanguageServerCommand.self,
    ])

  public init() {}

  /// Without a subcommand, as in dbt: help, and the exit code of a usage error.
  public func run() async throws { throw CommandWords.missing(Self.self) }

  /// Runs what the command line asks for and ends the process with dbt's exit codes: 0, 1 when something that ran
  /// failed, 2 when it could not be run.
  ///
  /// Not asynchronous: a thread keeps the heap it began with, so how memory is handed out must be settled before the
  /// first of them does anything.
  public static func start() -> Never {
    let arguments = Array(CommandLine.arguments.dropFirst())
    // Before anything else: this must cost nothing.
    if asksForVersion(arguments) {
      Terminal.standardOutput.write(Version.text)
      Foundation.exit(0)
    }
    Allocator.prepare()
    Task { Foundation.exit(await run(arguments)) }
    dispatchMain()
  }

  /// dbt takes the flag in front of a command and behind it.
  private static func asksForVersion(_ arguments: [String]) -> Bool {
    guard let place = arguments.firstIndex(where: { ["--version", "-v", "-V"].contains($0) }) else {
      return false
    }
    return place == 0
      || place == arguments.count - 1
        && !ArgumentOrder.takesValue.contains(arguments[place - 1])
  }

  /// - Returns: the exit code.
  static func run(_ arguments: [String]) async -> Int32 {
    let arguments = ArgumentOrder.normalized(arguments, of: configuration)
    // dbt takes flags without a command, and does nothing.
    if !arguments.isEmpty, arguments.allSatisfy({ $0.hasPrefix("-") }),
      (try? GlobalOptions.parse(arguments)) != nil
    {
      Terminal.standardOutput.write(helpMessage() + "\n")
      return 0
    }
    if let unknown = CommandWords.unknown(in: arguments, of: configuration) {
      Terminal.standardError.write(DiagnosticRenderer(colors: false) { _ in nil }.render(unknown))
      return 2
    }
    do {
      var command = try parseAsRoot(arguments)
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
      return 0
    } catch {
      return end(error)
    }
  }

  private static func end(_ error: any Error) -> Int32 {
    if let code = error as? ExitCode { return code.rawValue }
    let text = fullMessage(for: error)
    guard exitCode(for: error) != .success else {
      Terminal.standardOutput.write(text.isEmpty ? "" : text + "\n")
      return 0
    }
    Terminal.standardError.write(text + "\n")
    return 2
  }
}
