import ProjectLoading
import ProjectModel
import Warehouse

/// What the catalogue tables of the connection's own database do not hold: external schemas, and relations of other databases,
/// which datashares bring.
///
/// Each question is one statement about one source: SVV views, which run on all nodes, are not joined with what runs on the
/// leader alone.
struct RedshiftCatalogue {
  let session: any Session
  let place: Place

  /// The connection's database, and whether others may be asked about (`ra3_node`, `datasharing`).
  struct Place: Sendable {
    var database: String
    var reachesOthers: Bool

    init(_ target: Target) {
      database = target.database
      reachesOthers = target.redshift.map { $0.isCrossDatabase || $0.sharesData } ?? false
    }

    func isForeign(_ other: String?) -> Bool {
      guard reachesOthers, let other, !other.isEmpty else { return false }
      return other.lowercased() != database.lowercased()
    }
  }

  func relations(in schemas: [SchemaName]) throws(WarehouseError) -> [RelationState] {
    var found = try session.relations(in: schemas.filter { !place.isForeign($0.database) })
    let known = Set(found.compactMap { $0.name.schema?.lowercased() })
    let empty = schemas.filter { !place.isForeign($0.database) && !known.contains($0.schema.lowercased()) }
    found += try externalTables(in: empty)
    for schema in schemas where place.isForeign(schema.database) { found += try shown(in: schema) }
    return found
  }

  func columns(of relations: [RelationName]) throws(WarehouseError) -> [RelationName: [ColumnDescription]] {
    let own = relations.filter { !place.isForeign($0.database) }
    var found = own.isEmpty ? [:] : try session.columns(of: own)
    let missing = own.filter { found[$0] == nil && $0.schema != nil }
    if !missing.isEmpty { found.merge(try externalColumns(of: missing)) { known, _ in known } }
    for relation in relations where place.isForeign(relation.database) {
      if let columns = try shownColumns(of: relation) { found[relation] = columns }
    }
    return found
  }

  // MARK: External schemas

  private func externalTables(in schemas: [SchemaName]) throws(WarehouseError) -> [RelationState] {
    guard !schemas.isEmpty else { return [] }
    let names = Set(schemas.map { $0.schema.lowercased() }).sorted().map { session.dialect.literal($0) }
    let result = try session.run(
      "select schemaname, tablename from svv_external_tables where schemaname in (\(names.joined(separator: ", ")))"
        + " order by 1, 2")
    return result.rows.map { row in
      RelationState(
        name: RelationName(
          database: schemas.first?.database, schema: row[0] ?? "", identifier: row[1] ?? ""),
        kind: .foreignTable)
    }
  }

  private func externalColumns(
    of relations: [RelationName]
  ) throws(WarehouseError) -> [RelationName: [ColumnDescription]] {
    let dialect = session.dialect
    let conditions = relations.map { relation in
      let name = dialect.literal(relation.identifier.lowercased())
      return "schemaname = \(dialect.literal((relation.schema ?? "").lowercased())) and tablename = \(name)"
    }
    let result = try session.run(
      """
      select schemaname, tablename, columnname, external_type, is_nullable
      from svv_external_columns
      where \(conditions.joined(separator: "\n  or "))
      order by schemaname, tablename, columnnum
      """)
    var found: [RelationName: [ColumnDescription]] = [:]
    for row in result.rows {
      let named = relations.first {
        $0.schema?.lowercased() == row[0] && $0.identifier.lowercased() == row[1]
      }
      guard let named else { continue }
      found[named, default: []].append(
        ColumnDescription(name: row[2] ?? "", type: row[3] ?? "", isNullable: row[4] != "false"))
    }
    return found
  }

  // MARK: Other databases

  private func shown(in schema: SchemaName) throws(WarehouseError) -> [RelationState] {
    let dialect = session.dialect
    let result = try session.run(
      "show tables from schema \(dialect.quote(schema.database ?? "")).\(dialect.quote(schema.schema))")
    let (name, type, subtype) = (
      result.index(of: "table_name"), result.index(of: "table_type"), result.index(of: "table_subtype")
    )
    return result.rows.compactMap { row in
      guard let identifier = name.flatMap({ row[$0] }) else { return nil }
      let words = [type, subtype].compactMap { $0.flatMap { row[$0] } }.joined(separator: " ").uppercased()
      let kind: RelationState.Kind =
        words.contains("MATERIALIZED")
        ? .materializedView
        : words.contains("VIEW") ? .view : words.contains("EXTERNAL") ? .foreignTable : .table
      return RelationState(
        name: RelationName(database: schema.database, schema: schema.schema, identifier: identifier),
        kind: kind)
    }
  }

  private func shownColumns(of relation: RelationName) throws(WarehouseError) -> [ColumnDescription]? {
    let dialect = session.dialect
    let parts = [relation.database, relation.schema, relation.identifier].compactMap { $0 }
    let result = try session.run(
      "show columns from table " + parts.map { dialect.quote($0) }.joined(separator: "."))
    func value(_ row: [String?], _ column: String) -> String? { result.index(of: column).flatMap { row[$0] } }
    let columns = result.rows.compactMap { row -> ColumnDescription? in
      // Redshift's mark of a column that was dropped.
      guard let name = value(row, "column_name"), !name.contains("pg.dropped.") else { return nil }
      var type = value(row, "data_type") ?? ""
      if let length = value(row, "character_maximum_length") {
        type += "(\(length))"
      } else if type == "numeric", let precision = value(row, "numeric_precision") {
        type += "(\(precision),\(value(row, "numeric_scale") ?? "0"))"
      }
      return ColumnDescription(name: name, type: type, isNullable: value(row, "is_nullable") != "NO")
    }
    return columns.isEmpty ? nil : columns
  }
}
