public import ProjectModel

extension CatalogueQuery where Answer == Set<RelationName> {
  /// Those of the relations that a view reads or another table's foreign key points at.
  public static func relationsWithDependents(among relations: [RelationName], _ dialect: Dialect)
    -> CatalogueQuery
  {
    let sql = """
      select w.n
      from \(dialect.wantedRelations(relations))
      where c.oid in (
          select d.refobjid
          from pg_catalog.pg_depend d
          join pg_catalog.pg_rewrite r on r.oid = d.objid and r.ev_class <> d.refobjid
          where d.classid = 'pg_catalog.pg_rewrite'::regclass
            and d.refclassid = 'pg_catalog.pg_class'::regclass)
        or c.oid in (
          select con.confrelid from pg_catalog.pg_constraint con
          where con.contype = 'f' and con.conrelid <> con.confrelid)
      """
    return CatalogueQuery(sql) { result in
      Set(
        result.rows.compactMap { row in
          row.int(0).flatMap { relations.indices.contains($0) ? relations[$0] : nil }
        })
    }
  }
}

extension Session {
  /// Those of the relations that a view reads or another table's foreign key points at; none where views do not
  /// outlive what they read.
  public func relationsWithDependents(among relations: [RelationName]) throws(WarehouseError) -> Set<
    RelationName
  > {
    guard !relations.isEmpty, dialect.kind == .postgres else { return [] }
    return try ask(.relationsWithDependents(among: relations, dialect))
  }
}
