import Diagnostics
import DocsSite
import Materializations
import ProjectModel
import StarModel
import Warehouse

/// The histories that `docs generate --members` puts into the page: of members that are named, or of some that changed.
struct MemberHistories {
  /// How many members stand for a dimension of which none is named.
  static let some = 5

  private let asked: [String]
  private let workspace: Workspace

  init(_ asked: [String], _ workspace: Workspace) {
    self.asked = asked
    self.workspace = workspace
  }

  /// - Throws: `unknown-star-model`, `not-a-dimension`, `key-count-mismatch`; ``WarehouseError``.
  func read() async throws -> [NodeID: [DocsInput.MemberHistory]] {
    guard !asked.isEmpty else { return [:] }
    let manifest = workspace.manifest
    let wanted = try asked.map { text throws(DiagnosticsError) in try Self.parse(text, manifest) }
    return try await workspace.withSession { session, _ in
      var found: [NodeID: [DocsInput.MemberHistory]] = [:]
      for (node, named) in wanted {
        let query = try StarQuery(node, manifest, dialect: session.dialect)
        var keys = named
        if keys.isEmpty {
          keys = try session.run(query.changingMembers(limit: Self.some)).rows.map { $0.map { $0 ?? "" } }
        }
        for key in keys {
          let result = try session.run(query.versions(key: key, asOf: nil))
          guard !result.rows.isEmpty else { continue }
          found[node.id, default: []].append(
            .init(key: key, columns: result.columns.map(\.name), versions: result.rows))
        }
      }
      return found
    }
  }

  /// `dim_customer=42,43`; the values of a composite key are separated by `/`.
  private static func parse(
    _ text: String, _ manifest: Manifest
  ) throws(DiagnosticsError) -> (node: Node, keys: [[String]]) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let dimensions = manifest.nodes.values.filter { $0.config.materialized == "dimension" }
    guard let node = dimensions.first(where: { $0.name == parts[0] }) else {
      let names = dimensions.map(\.name)
      throw DiagnosticsError(
        Diagnostic(
          "unknown-star-model",
          "'\(parts[0])' of --members is no dimension of this project",
          meant: NearMiss(parts[0], among: names),
          help:
            "write --members dim_customer=42,43, or --members dim_customer for \(some) members that changed"))
    }
    let isComposite = (Dimension.decode(node).value?.naturalKey.count ?? 1) > 1
    let keys = parts.count > 1 ? parts[1].split(separator: ",") : []
    return (node, keys.map { isComposite ? $0.split(separator: "/").map(String.init) : [String($0)] })
  }
}
