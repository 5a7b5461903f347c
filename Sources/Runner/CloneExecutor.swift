import Compiler
import Diagnostics
import Materializations
import ProjectModel
import Warehouse

/// Makes one node a view on the relation that another environment has of it: `clone`.
struct CloneExecutor {
  let environment: RunEnvironment
  let request: RunRequest
  let session: any Session
  let threadName: String
  /// The relations of the other environment.
  let originals: [NodeID: RelationName]

  func execute(_ node: Node) -> NodeResult {
    var result = NodeResult(node: node.id, status: .success, threadName: threadName)
    result.message = "No-op"
    guard let original = originals[node.id], let relation = node.relation else {
      report("No relation found in state manifest for \(node.id)", node)
      return result
    }
    let dialect = session.dialect
    if let existing = environment.cache.relation(relation), !request.flags.fullRefresh {
      report("Relation \(dialect.render(existing.name)) already exists", node)
      return result
    }
    guard dialect.render(original) != dialect.render(relation) else {
      report(
        "Target relation and its original are the same, skipping clone for relation: \(dialect.render(relation))",
        node)
      return result
    }
    // A seed or a snapshot becomes a view, too: their rows are the other environment's.
    var view = node
    view.resourceType = .model
    view.config["materialized"] = "view"
    view.config["contract"] = nil
    let sql = "select * from \(dialect.render(original))"
    let executor = NodeExecutor(
      environment: environment, request: request, session: session, threadName: threadName,
      precompiled: CompiledNode(id: node.id, sql: sql, sourceMap: SourceMap()))
    result = executor.build(view, gateTests: []).result
    result.compiledCode = nil
    return result
  }

  private func report(_ text: String, _ node: Node) {
    environment.report(.message(level: .info, text: text, node: node.id))
  }
}
