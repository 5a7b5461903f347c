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
    let place = RedshiftCatalogue.Place(target)
    let sources = manifest.sources.values.map(\.relation)
    let relations = try await withSession { session, _ in
      let found = try session.catalogue(of: schemas.filter { !place.isForeign($0.database) })
      guard session.dialect.kind == .redshift else { return found }
      return try found + Self.elsewhere(sources, besides: found, session)
    }
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

  /// Sources of external schemas and of other databases.
  private static func elsewhere(
    _ sources: [RelationName], besides found: [CatalogueRelation], _ session: any Session
  ) throws -> [CatalogueRelation] {
    let known = Set(found.map { key($0.name) })
    let missing = sources.filter { $0.schema != nil && !known.contains(key($0)) }
    guard !missing.isEmpty else { return [] }
    let schemas = Set(missing.map { SchemaName(database: $0.database, schema: $0.schema ?? "") })
    let states = try session.relations(in: schemas.sorted { $0.schema < $1.schema })
    let kinds = Dictionary(states.map { (key($0.name), $0) }, uniquingKeysWith: { first, _ in first })
    let columns = try session.columns(of: missing)
    return missing.compactMap { name in
      guard let state = kinds[key(name)], let described = columns[name] else { return nil }
      let type =
        switch state.kind {
        case .view: "VIEW"
        case .materializedView: "MATERIALIZED VIEW"
        case .foreignTable: "EXTERNAL TABLE"
        default: "BASE TABLE"
        }
      return CatalogueRelation(
        name: name, type: type, owner: state.owner ?? "", comment: state.comment,
        columns: described.enumerated().map {
          .init(name: $1.name, index: $0 + 1, type: $1.type, comment: nil)
        })
    }
  }

  private static func key(_ name: RelationName) -> String {
    "\(name.schema?.lowercased() ?? "").\(name.identifier.lowercased())"
  }
}
