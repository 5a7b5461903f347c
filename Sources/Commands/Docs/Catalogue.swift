import Artifacts
import ProjectModel
import Warehouse

extension Workspace {
  /// What the database says of the project's relations.
  ///
  /// - Parameter only: the nodes and sources that are asked for; nil for all.
  /// - Throws: `WarehouseError`, or `DiagnosticsError` when there is no server to ask.
  func catalogue(only: Set<NodeID>?) async throws -> CatalogArtifact {
    let schemas = schemas
    let relations = try await withSession { session, _ in try session.catalogue(of: schemas) }
    var known: [String: CatalogueRelation] = [:]
    for relation in relations { known[Self.key(relation.name)] = relation }
    func table(_ id: NodeID, _ name: RelationName?) -> CatalogArtifact.Table? {
      guard only?.contains(id) ?? true, let name, let relation = known[Self.key(name)] else { return nil }
      return CatalogArtifact.Table(
        id: id, type: relation.type, relation: relation.name, comment: relation.comment,
        owner: relation.owner,
        columns: relation.columns.map {
          .init(name: $0.name, type: $0.type, index: $0.index, comment: $0.comment)
        })
    }
    let nodes = manifest.nodes.values.filter { [.model, .seed, .snapshot].contains($0.resourceType) }
    return CatalogArtifact(
      metadata: metadata, nodes: nodes.compactMap { table($0.id, $0.relation) },
      sources: manifest.sources.values.compactMap { table($0.id, $0.relation) })
  }

  private static func key(_ name: RelationName) -> String {
    "\(name.schema?.lowercased() ?? "").\(name.identifier.lowercased())"
  }
}
