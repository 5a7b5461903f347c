import Diagnostics
import ProjectModel

extension NodeResult {
  /// The ephemeral model of the run in which the node's query stopped: what fails is that model, as in dbt, and its
  /// reader is skipped.
  ///
  /// - Parameter selected: what the run works on; an ephemeral model that it does not is part of its reader.
  func failedEphemeral(among selected: Set<NodeID>) -> NodeID? {
    guard status == .error else { return nil }
    return diagnostics.lazy.compactMap { $0.facts[Diagnostic.ephemeralFact].map { NodeID($0) } }
      .first(where: selected.contains)
  }

  func skipped(becauseOf ephemeral: NodeID) -> NodeResult {
    var result = self
    result.status = .skipped
    result.skippedBecauseOf = ephemeral
    result.timing = []
    result.executionTime = 0
    result.message =
      "Compilation Error in \(node), caused by compilation error in referenced ephemeral model \(ephemeral)"
    return result
  }
}
