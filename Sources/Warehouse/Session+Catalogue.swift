public import ProjectModel

/// Questions to the catalogue, each one statement however many relations it is about (two for views that
/// depend on a relation, when there are any).
///
/// Names are looked up as the catalogue holds them (see ``Dialect/stored(_:)``); answers are keyed by the
/// names that were asked for and leave out what does not exist.
extension Session {
  public func relations(in schemas: [SchemaName]) throws(WarehouseError) -> [RelationState] {
    guard !schemas.isEmpty else { return [] }
    return try ask(.relations(in: schemas, dialect))
  }

  public func columns(
    of relations: [RelationName]
  ) throws(WarehouseError) -> [RelationName: [ColumnDescription]] {
    guard !relations.isEmpty else { return [:] }
    var columns = try ask(CatalogueQuery.columns(of: relations, dialect))
    if dialect.hasLateBindingViews {
      let missing = relations.filter { columns[$0]?.isEmpty ?? true }
      if !missing.isEmpty {
        let late = try ask(CatalogueQuery.lateBindingColumns(of: missing, dialect))
        columns.merge(late) { _, found in found }
      }
    }
    return columns
  }

  /// The views that read each relation, also through other views, in an order in which they can be made
  /// again.
  public func dependentViews(
    of relations: [RelationName]
  ) throws(WarehouseError) -> [RelationName: [ViewRecipe]] {
    guard !relations.isEmpty, dialect.kind == .postgres else { return [:] }
    let found = try ask(DependentViews.find(relations, dialect))
    guard !found.isEmpty else { return [:] }
    let complete = try ask(DependentViews.details(found, dialect))
    return Dictionary(grouping: complete) { relations[$0.root] }.mapValues { $0.map(\.recipe) }
  }

  /// The foreign keys of other tables that point at each relation.
  public func foreignKeys(
    to relations: [RelationName]
  ) throws(WarehouseError) -> [RelationName: [ForeignKeyReference]] {
    guard !relations.isEmpty else { return [:] }
    return try ask(.foreignKeys(to: relations, dialect))
  }

  public func indexes(
    of relations: [RelationName]
  ) throws(WarehouseError) -> [RelationName: [IndexDescription]] {
    guard !relations.isEmpty, dialect.hasIndexes else { return [:] }
    return try ask(.indexes(of: relations, dialect))
  }

  /// Rights that were granted. What an owner has without any grant is not in it.
  public func grants(of relations: [RelationName]) throws(WarehouseError) -> [RelationName: [Grant]] {
    guard !relations.isEmpty else { return [:] }
    return try ask(.grants(of: relations, dialect))
  }

  /// The schemas of the connection's database.
  public func schemas() throws(WarehouseError) -> [String] { try ask(.schemas(dialect)) }

  public func schemaExists(_ name: String) throws(WarehouseError) -> Bool {
    try ask(.schemaExists(name, dialect))
  }

  /// What `catalog.json` says of these schemas.
  public func catalogue(of schemas: [SchemaName]) throws(WarehouseError) -> [CatalogueRelation] {
    guard !schemas.isEmpty else { return [] }
    let bound = try ask(CatalogueQuery.catalogue(of: schemas, dialect))
    guard dialect.hasLateBindingViews else { return bound }
    let late = try ask(CatalogueQuery.lateBindingViews(of: schemas, dialect))
    let names = Set(late.map(\.name))
    func place(_ relation: CatalogueRelation) -> (String, String) {
      (relation.name.schema ?? "", relation.name.identifier)
    }
    return (bound.filter { !names.contains($0.name) } + late).sorted { place($0) < place($1) }
  }
}
