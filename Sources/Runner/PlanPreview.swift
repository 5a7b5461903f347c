import Compiler
import Diagnostics
public import Materializations
public import ProjectModel
public import Warehouse

/// Makes the plans that a run would carry out, and carries out none.
public struct PlanPreview {
  private let executor: NodeExecutor

  /// - Parameter session: asked for columns and for what depends on a relation, never told to change anything.
  public init(environment: RunEnvironment, request: RunRequest, session: any Session) {
    executor = NodeExecutor(
      environment: environment, request: request, session: session, threadName: "MainThread", precompiled: nil
    )
  }

  /// What the node's plan would be made from.
  ///
  /// - Throws: `DiagnosticsError` when the node does not compile, or the server refuses a question.
  public func input(of node: Node) throws -> PlanInput {
    try telling(node) {
      let runtime = executor.runtime(for: node)
      return try executor.input(node, try executor.compile(node, runtime), runtime)
    }
  }

  /// - Throws: `DiagnosticsError` when the node does not compile, cannot be planned, or the server refuses a question.
  public func plan(_ node: Node) throws -> Plan {
    try telling(node) {
      if let template = try executor.environment.compiler.materialization(
        of: node, planned: NodeExecutor.planned)
      {
        throw DiagnosticsError(
          Diagnostic(
            "no-plan", "\(node.name) is made by \(template.name), whose statements are known when it runs",
            at: node.config.origins["materialized"]))
      }
      let runtime = executor.runtime(for: node)
      return try executor.plan(node, try executor.compile(node, runtime), runtime)
    }
  }

  private func telling<Result>(_ node: Node, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let failure as PlanFailure {
      throw DiagnosticsError(failure.diagnostic)
    } catch let error as WarehouseError {
      throw DiagnosticsError(DatabaseDiagnostic(node: node, compiled: nil).diagnostic(for: error, in: nil))
    }
  }
}
