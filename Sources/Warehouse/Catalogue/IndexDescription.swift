public import ProjectModel

/// An index as the server has it.
public struct IndexDescription: Sendable, Hashable {
  public var name: String
  /// As `pg_get_indexdef` writes it: the statement that makes the index.
  public var definition: String
  /// The key's columns or expressions in order.
  public var columns: [String]
  public var isUnique: Bool
  public var isPrimary: Bool
  /// `btree`, `hash`, `gin` …
  public var method: String
  /// The constraint that owns the index, if one does.
  public var constraint: String?

  public init(
    name: String, definition: String, columns: [String], isUnique: Bool = false, isPrimary: Bool = false,
    method: String = "btree", constraint: String? = nil
  ) {
    self.name = name
    self.definition = definition
    self.columns = columns
    self.isUnique = isUnique
    self.isPrimary = isPrimary
    self.method = method
    self.constraint = constraint
  }
}

extension CatalogueQuery where Answer == [RelationName: [IndexDescription]] {
  /// The indexes of these relations in order of their names. Redshift has none: do not ask there.
  public static func indexes(of relations: [RelationName], _ dialect: Dialect) -> CatalogueQuery {
    let sql = """
      select w.n, ic.relname, pg_catalog.pg_get_indexdef(i.indexrelid),
        pg_catalog.pg_get_indexdef(i.indexrelid, k.position, true),
        i.indisunique, i.indisprimary, am.amname, con.conname
      from \(dialect.wantedRelations(relations))
      join pg_catalog.pg_index i on i.indrelid = c.oid
      join pg_catalog.pg_class ic on ic.oid = i.indexrelid
      join pg_catalog.pg_am am on am.oid = ic.relam
      cross join lateral generate_series(1, i.indnkeyatts::int) k(position)
      left join pg_catalog.pg_constraint con on con.conindid = i.indexrelid and con.contype in ('p', 'u', 'x')
      order by w.n, ic.relname, k.position
      """
    return CatalogueQuery(sql) { result in
      var indexes: [RelationName: [IndexDescription]] = [:]
      for row in result.rows {
        guard let index = row.int(0), relations.indices.contains(index) else { continue }
        var list = indexes[relations[index]] ?? []
        if list.last?.name == row.text(1) {
          list[list.count - 1].columns.append(row.text(3))
        } else {
          list.append(
            IndexDescription(
              name: row.text(1), definition: row.text(2), columns: [row.text(3)], isUnique: row.bool(4),
              isPrimary: row.bool(5), method: row.text(6), constraint: row[7]))
        }
        indexes[relations[index]] = list
      }
      return indexes
    }
  }
}
