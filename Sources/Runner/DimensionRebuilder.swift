import Compiler
import Diagnostics
import Materializations
public import ProjectModel
public import Warehouse

/// Rebuilds the history of a dimension beside its table and tells what differs; writes it only when told to.
public struct DimensionRebuilder {
  private let executor: NodeExecutor

  /// - Parameter request: with ``PlanFlags/rebuild`` and ``PlanFlags/fullRefresh``.
  public init(environment: RunEnvironment, request: RunRequest, session: any Session) {
    executor = NodeExecutor(
      environment: environment, request: request, session: session, threadName: "MainThread", precompiled: nil
    )
  }

  /// At the gate: what differs is known, and nothing shall be written.
  private struct Undone: Error {}

  /// - Parameter apply: whether the differences are written, in the transaction in which they were found.
  /// - Throws: `DiagnosticsError`; nothing was changed then.
  public func rebuild(_ node: Node, apply: Bool) throws -> DimensionDifference {
    let session = executor.session
    var found = DimensionDifference(node: node.id)
    do {
      let runtime = executor.runtime(for: node)
      let compiled = try executor.compile(node, runtime)
      let plan = try executor.plan(node, compiled, runtime)
      var steps = PlanExecutor(
        diagnostics: DatabaseDiagnostic(node: node, compiled: compiled), session: session,
        openSeed: { _ in SeedStream { nil } },
        gate: { relation, _ in
          let rows = try session.run(
            "select section, name, count, array_to_json(samples)::text from \(session.dialect.render(relation))"
          ).rows
          found.read(rows)
          if !apply || found.isEmpty { throw Undone() }
        })
      _ = try steps.execute(plan)
      found.isApplied = true
    } catch is Undone {
    } catch let failure as PlanFailure {
      throw DiagnosticsError(failure.diagnostic)
    } catch let error as WarehouseError {
      throw DiagnosticsError(DatabaseDiagnostic(node: node, compiled: nil).diagnostic(for: error, in: nil))
    }
    return found
  }
}
