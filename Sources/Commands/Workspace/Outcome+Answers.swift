import ProjectModel
import Runner

extension Runner.Outcome {
  /// What run_results tell of a command that compiles or shows nodes and builds none.
  ///
  /// - Parameter since: when the work began, seconds since 1970.
  static func answered(
    _ nodes: [CompiledNode], _ manifest: Manifest, since begin: Double, shown: String? = nil
  ) -> Runner.Outcome {
    let end = Clock.now()
    let results = nodes.map { compiled in
      var result = NodeResult(node: compiled.id, status: .success)
      result.timing = [
        .init(name: "compile", startedAt: begin, completedAt: end),
        .init(name: "execute", startedAt: end, completedAt: end),
      ]
      result.executionTime = end - begin
      result.compiledCode = compiled.sql
      result.adapterMessage = shown
      let node = manifest.nodes[compiled.id]
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
