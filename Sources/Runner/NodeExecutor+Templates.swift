import Compiler
import Diagnostics
import Materializations
import ProjectModel
import Warehouse

extension NodeExecutor {
  /// Carries a node out by a materialization that is a template, and brings the cache of relations up to date.
  func materialize(
    _ node: Node, by template: MaterializationTemplate, _ compiled: CompiledNode, _ runtime: TemplateRuntime
  ) throws -> (outcome: PlanExecutor.Outcome, warnings: [Diagnostic]) {
    if node.resourceType == .seed { runtime.readSeed = { try seedData(node) } }
    do {
      let made = try environment.compiler.materialize(
        node, by: template, compiled: compiled, runtime: runtime)
      environment.writeRun(node, made.sent)
      var warnings: [Diagnostic] = []
      if session.isInTransaction {
        // dbt closes the connection here, and what was not committed is gone.
        _ = try session.run("rollback")
        try lookAgain(for: node)
        warnings.append(uncommitted(node, template))
      } else {
        for relation in made.relations { environment.cache.add(relation) }
      }
      return (PlanExecutor.Outcome(message: made.message, rowsAffected: made.rowsAffected), warnings)
    } catch {
      if session.isInTransaction { _ = try? session.run("rollback") }
      try? lookAgain(for: node)
      throw error
    }
  }

  private func seedData(_ node: Node) throws -> SeedData {
    let table = try environment.readSeed(node)
    let stream = try environment.openSeed(
      SeedContents(path: table.path, delimiter: table.delimiter, columns: table.columns.map(\.name)))
    var rows = CopiedRows(delimiter: table.delimiter, width: table.columns.count)
    while let bytes = try stream.next() { rows.add(bytes) }
    return SeedData(
      columns: table.columns.map {
        (name: $0.name, kind: SeedData.Kind(rawValue: $0.type.rawValue) ?? .text)
      },
      rows: rows.end())
  }

  /// What was renamed and dropped in a transaction that is undone is there again.
  private func lookAgain(for node: Node) throws {
    guard let relation = node.relation, let schema = relation.schema else { return }
    let name = relation.identifier.lowercased()
    let present = try session.relations(in: [SchemaName(database: relation.database, schema: schema)])
    environment.cache.remove(relation)
    for var state in present where state.name.identifier.lowercased().hasPrefix(name) {
      state.name.database = state.name.database ?? relation.database
      environment.cache.add(state)
    }
  }

  private func uncommitted(_ node: Node, _ template: MaterializationTemplate) -> Diagnostic {
    Diagnostic(
      "not-committed", severity: .warning,
      "materialization '\(node.config.materialized)' ended without a commit; what it did for \(node.name) after "
        + "its last commit is undone, as in dbt",
      at: node.config.origins["materialized"], help: "call adapter.commit() in \(template.file)")
  }
}
