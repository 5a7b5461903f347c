import ProjectModel
import Runner

extension Runner.Outcome {
  /// What run_results tell of a command that compiles or shows nodes and builds none.
  ///
  /// - Parameters:
  ///   - answers: what was chosen with its SQL; nil for a seed, which has none.
  ///   - since: when the work began, seconds since 1970.
  static func answered(
    _ answers: [(id: NodeID, sql: String?)], _ manifest: Manifest, since begin: Double, shown: String? = nil
  ) -> Runner.Outcome {
    let end = Clock.now()
    let results = answers.map { id, sql in
      var result = NodeResult(node: id, status: .success)
      result.timing = [
        .init(name: "compile", startedAt: begin, completedAt: end),
        .init(name: "execute", startedAt: end, completedAt: end),
      ]
      result.executionTime = end - begin
      result.compiledCode = sql
      result.adapterMessage = shown
      let node = manifest.nodes[id]
      let isStored = node.map { [.model, .seed, .snapshot].contains($0.resourceType) } ?? false
      if isStored, let relation = node?.relation {
        result.relationName = [relation.database, relation.schema, relation.identifier].compactMap { $0 }
          .map { "\"\($0)\"" }.joined(separator: ".")
      }
      return result
    }
    return Runner.Outcome(results: results, diagnostics: [], wasCancelled: false, elapsed: end - begin)
  }
}
