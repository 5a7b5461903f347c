public import ProjectModel

/// A foreign key of another table that points at a relation.
public struct ForeignKeyReference: Sendable, Hashable {
  public var table: RelationName
  public var constraint: String
  /// As `pg_get_constraintdef` writes it: `FOREIGN KEY (parent_id) REFERENCES parent(id)`.
  public var definition: String

  public init(table: RelationName, constraint: String, definition: String) {
    self.table = table
    self.constraint = constraint
    self.definition = definition
  }
}

extension CatalogueQuery where Answer == [RelationName: [ForeignKeyReference]] {
  /// The foreign keys that point at each relation, its own left out.
  public static func foreignKeys(to relations: [RelationName], _ dialect: Dialect) -> CatalogueQuery {
    let sql = """
      select w.n, cns.nspname, cc.relname, con.conname, pg_catalog.pg_get_constraintdef(con.oid)
      from \(dialect.wantedRelations(relations))
      join pg_catalog.pg_constraint con on con.confrelid = c.oid and con.contype = 'f'
        and con.conrelid <> c.oid
      join pg_catalog.pg_class cc on cc.oid = con.conrelid
      join pg_catalog.pg_namespace cns on cns.oid = cc.relnamespace
      order by 1, 2, 3, 4
      """
    return CatalogueQuery(sql) { result in
      var keys: [RelationName: [ForeignKeyReference]] = [:]
      for row in result.rows {
        guard let index = row.int(0), relations.indices.contains(index) else { continue }
        let table = RelationName(
          database: relations[index].database, schema: row.text(1), identifier: row.text(2))
        keys[relations[index], default: []].append(
          ForeignKeyReference(table: table, constraint: row.text(3), definition: row.text(4)))
      }
      return keys
    }
  }
}
