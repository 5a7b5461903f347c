import ArgumentParser
import Compiler
import Diagnostics
import ProjectModel
import Runner
import Warehouse

/// `whc run-operation`: calls a macro.
struct RunOperationCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run-operation", abstract: "Call a macro")

  @Argument(help: "The macro's name, its package before it where needed: dbt_utils.something")
  var macro: String

  @Option(help: "The macro's arguments as a YAML mapping: {name: value}")
  var args: String?

  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let arguments = try? YAMLArgument.mapping(args, of: "--args")
    try await Command.run(
      "run-operation", global,
      configure: { $0.ownArguments = ["macro": .string(macro), "args": .mapping(arguments ?? [:])] }
    ) { workspace, console in
      try workspace.writeManifest(compiled: [:])
      let arguments = try YAMLArgument.mapping(args, of: "--args")
      let root = workspace.settings.projectName
      guard let id = workspace.engine.macroID(named: macro, from: root) else {
        throw DiagnosticsError(unknown(in: workspace))
      }
      let begin = Clock.now()
      var problems: [Diagnostic] = []
      do {
        try await workspace.withSession { [macro, compiler = workspace.compiler] session, runtime in
          _ = try compiler.runOperation(macro, arguments: arguments, runtime: runtime)
        }
      } catch let error as DiagnosticsError {
        problems = error.diagnostics
      } catch let error as WarehouseError {
        problems = [DatabaseDiagnostic.unattached(error, statement: nil)]
      }
      try workspace.writeRunResults(
        outcome(of: id, from: begin, problems), command: "run-operation")
      if !problems.isEmpty {
        console.tell(
          LogEvent(
            "RunningOperationCaughtError", "Q001", .error,
            "Encountered an error while running operation: \(problems[0].summary)",
            data: ["exc": .string(problems[0].summary)]))
        console.report(problems)
        throw ExitCode(1)
      }
    }
  }

  private func outcome(of id: NodeID, from begin: Double, _ problems: [Diagnostic]) -> Runner.Outcome {
    var result = NodeResult(node: id, status: problems.isEmpty ? .success : .error, threadName: "MainThread")
    let end = Clock.now()
    result.executionTime = end - begin
    result.timing = [
      .init(name: "compile", startedAt: begin, completedAt: begin),
      .init(name: "execute", startedAt: begin, completedAt: end),
    ]
    result.failures = problems.isEmpty ? 0 : 1
    return Runner.Outcome(results: [result], diagnostics: [], wasCancelled: false, elapsed: end - begin)
  }

  private func unknown(in workspace: Workspace) -> Diagnostic {
    let root = workspace.settings.projectName
    let names = workspace.manifest.macros.values.map {
      $0.packageName == root || $0.packageName.hasPrefix("dbt") ? $0.name : "\($0.packageName).\($0.name)"
    }
    return Diagnostic(
      "unknown-macro",
      "there is no macro '\(macro)' in any package", meant: NearMiss(macro, among: names),
      help: "macros are defined by {% macro %} in the files below "
        + workspace.root.macroPaths.map { $0 + "/" }.joined(separator: ", "))
  }
}
