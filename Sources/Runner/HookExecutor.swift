import Compiler
import Diagnostics
import Materializations
import ProjectModel
import Warehouse

/// Runs the hooks of a run, `on-run-start` or `on-run-end`, one after the other; each has a result of its own.
struct HookExecutor {
  let environment: RunEnvironment
  let session: any Session
  let phase: NodeCompiler.HookPhase
  /// The nodes of the run, for `selected_resources`.
  let selected: [NodeID]
  /// For on-run-end: what became of the nodes, and the schemas that were written to.
  var results: [NodeResult] = []
  var schemas: [(database: String?, schema: String)] = []

  /// A hook that cannot be rendered ends the run, as in dbt: neither it nor those after it have results.
  struct Failure: Error {
    var results: [NodeResult]
    var diagnostics: [Diagnostic]
  }

  /// - Returns: one result for each hook; those after one that failed are skipped.
  /// - Throws: ``Failure`` when a hook cannot be rendered.
  func run(_ hooks: [RunRequest.RunHook]) throws(Failure) -> [NodeResult] {
    let report = environment.report
    let runtime = TemplateRuntime(session: session, cache: environment.cache) {
      report(.message(level: RunEvent.Level($0.level), text: $0.text, node: nil))
    }
    runtime.selected = selected
    var done: [NodeResult] = []
    for (position, hook) in hooks.enumerated() {
      let name = "\(hook.package).\(phase.rawValue).\(position)"
      let place = RunEvent.HookPlace(name: name, position: position + 1, total: hooks.count)
      var result = NodeResult(node: id(of: hook), status: .success, threadName: "main")
      if done.contains(where: { $0.status == .error }) {
        result.status = .skipped
        result.message = "\(name) skipped"
        result.failures = 1
      } else {
        do throws(DiagnosticsError) { try run(hook, place, runtime, &result) } catch {
          if session.isInTransaction { _ = try? session.run("rollback") }
          throw Failure(results: done, diagnostics: error.diagnostics)
        }
      }
      done.append(result)
      report(.hookFinished(result, place))
    }
    return done
  }

  private func id(of hook: RunRequest.RunHook) -> NodeID {
    NodeID(.operation, package: hook.package, name: "\(hook.package)-\(phase.rawValue)-\(hook.index)")
  }

  private func run(
    _ hook: RunRequest.RunHook, _ place: RunEvent.HookPlace, _ runtime: TemplateRuntime,
    _ result: inout NodeResult
  ) throws(DiagnosticsError) {
    let start = environment.now()
    let rendered = try environment.compiler.runHook(
      hook.text, index: hook.index, phase, packageName: hook.package, span: hook.span, results: results,
      schemas: schemas, runtime: runtime)
    let compiledAt = environment.now()
    environment.report(.hookStarted(result.node, place))
    result.compiledCode = rendered.sql
    result.failures = 0
    result.message = "\(place.name) passed"
    do throws(WarehouseError) {
      if !rendered.sql.allSatisfy(\.isWhitespace) { _ = try session.run(rendered.sql) }
    } catch {
      if session.isInTransaction { _ = try? session.run("rollback") }
      var diagnostic = DatabaseDiagnostic.unattached(error, statement: rendered.sql)
      diagnostic.notes.append("in the \(phase.rawValue) hook of \(hook.package): \(hook.text)")
      result.status = .error
      result.failures = 1
      result.message = "\(place.name) failed, error:\n \(diagnostic.summary)"
      result.diagnostics = [diagnostic]
    }
    let end = environment.now()
    result.timing = [
      .init(name: "compile", startedAt: start, completedAt: compiledAt),
      .init(name: "execute", startedAt: compiledAt, completedAt: end),
    ]
    result.executionTime = end - start
  }
}
