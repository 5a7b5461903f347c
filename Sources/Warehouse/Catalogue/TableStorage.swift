public import ProjectModel

/// How Redshift keeps a table, and how much there is of it.
public struct TableStorage: Sendable, Hashable {
  /// nil when nobody knows; an empty table is not told of.
  public var rows: Int?
  /// As the server says it: `KEY(customer_key)`, `ALL`, `AUTO(ALL)`, `EVEN`.
  public var style: String?
  /// Whether a primary key is declared, which a foreign key needs to point at.
  public var hasPrimaryKey = false

  public init(rows: Int? = nil, style: String? = nil, hasPrimaryKey: Bool = false) {
    self.rows = rows
    self.style = style
    self.hasPrimaryKey = hasPrimaryKey
  }
}

extension Session {
  /// How tables are kept. Nothing on PostgreSQL, which has no such choice.
  public func storage(of relations: [RelationName]) throws(WarehouseError) -> [RelationName: TableStorage] {
    guard !relations.isEmpty, dialect.hasDistributionKeys else { return [:] }
    var storage: [RelationName: TableStorage] = [:]
    do throws(WarehouseError) {
      // The one runs on the compute nodes, the other on the leader: they cannot be read together.
      storage = try ask(CatalogueQuery.storage(of: relations, dialect))
      for relation in try ask(CatalogueQuery.primaryKeys(of: relations, dialect)) {
        storage[relation, default: TableStorage()].hasPrimaryKey = true
      }
    } catch .statement {
      // Only superusers, and whom they let, see svv_table_info; nothing hangs on the answer but a better choice.
    }
    return storage
  }
}

extension CatalogueQuery where Answer == [RelationName: TableStorage] {
  static func storage(of relations: [RelationName], _ dialect: Dialect) -> CatalogueQuery {
    let stored = relations.map(dialect.stored)
    let names = Set(stored.map(\.identifier)).sorted().map { dialect.literal($0) }.joined(separator: ", ")
    let sql = """
      select "schema", "table", diststyle, cast(tbl_rows as bigint)
      from svv_table_info
      where "table" in (\(names))
      """
    return CatalogueQuery(sql) { result in
      var found: [RelationName: TableStorage] = [:]
      for row in result.rows {
        for (relation, name) in zip(relations, stored)
        where name.schema == row.text(0) && name.identifier == row.text(1) {
          found[relation] = TableStorage(rows: row.int(3), style: row.text(2))
        }
      }
      return found
    }
  }
}

extension CatalogueQuery where Answer == [RelationName] {
  /// Those of the relations that have a primary key.
  static func primaryKeys(of relations: [RelationName], _ dialect: Dialect) -> CatalogueQuery {
    let sql = """
      select w.n
      from \(dialect.wantedRelations(relations))
      join pg_catalog.pg_constraint con on con.conrelid = c.oid and con.contype = 'p'
      """
    return CatalogueQuery(sql) { result in
      result.rows.compactMap { row in
        row.int(0).flatMap { relations.indices.contains($0) ? relations[$0] : nil }
      }
    }
  }
}
