import Compiler
import Diagnostics
import ProjectModel
import Warehouse

/// Asks one source on one session how fresh it is.
struct FreshnessExecutor {
  let environment: RunEnvironment
  let session: any Session
  let threadName: String

  func execute(_ source: SourceDefinition) -> NodeResult {
    let start = environment.now()
    let report = environment.report
    let runtime = TemplateRuntime(session: session, cache: environment.cache) {
      report(.message(level: RunEvent.Level($0.level), text: $0.text, node: source.id))
    }
    runtime.threadName = threadName
    var result = NodeResult(node: source.id, status: .error, threadName: threadName)
    do throws(DiagnosticsError) {
      let answer = try environment.compiler.freshness(of: source, runtime: runtime)
      let verdict = FreshnessThreshold(source.freshness)?.verdict(age: answer.freshness.age) ?? .pass
      result.freshness = answer.freshness
      result.adapterMessage = answer.adapterResponse["_message"]?.string
      result.rowsAffected = answer.adapterResponse["rows_affected"]?.int
      result.status =
        switch verdict {
        case .pass: .pass
        case .warn: .warn
        case .error: .error
        }
    } catch {
      if session.isInTransaction { _ = try? session.run("rollback") }
      result.diagnostics = error.diagnostics
      result.message = error.diagnostics.first?.summary
    }
    let end = environment.now()
    result.timing = [
      .init(name: "compile", startedAt: start, completedAt: start),
      .init(name: "execute", startedAt: start, completedAt: end),
    ]
    result.executionTime = end - start
    return result
  }
}
