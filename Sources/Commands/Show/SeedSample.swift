import Artifacts
import ProjectModel
import Runner

/// Some rows of a seed that was just loaded, in no order: `seed --show`.
struct SeedSample: Sendable {
  /// `Random sample of table: shop.orders`
  var header: String
  /// Ten rows at most, each line with its end.
  var table: String

  var text: String { "\(header)\n\(table)\n" }

  /// Samples of the seeds that a run has loaded.
  static func taken(of outcome: Runner.Outcome, in workspace: Workspace) async throws -> [SeedSample] {
    let nodes = outcome.results.filter { $0.status == .success }.compactMap {
      workspace.manifest.nodes[$0.node]
    }.filter { $0.resourceType == .seed }
    guard !nodes.isEmpty else { return [] }
    return try await workspace.withSession { session, _ in
      try nodes.compactMap { node in
        guard let relation = node.relation else { return nil }
        let rows = try session.run(
          "select * from \(session.dialect.render(relation)) order by random() limit 10")
        let name = [relation.schema, node.alias].compactMap { $0 }.joined(separator: ".")
        return SeedSample(
          header: "Random sample of table: \(name)", table: ShowTable(rows, columns: .max).text)
      }
    }
  }
}
