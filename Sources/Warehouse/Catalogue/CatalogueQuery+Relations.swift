public import ProjectModel

extension CatalogueQuery where Answer == [RelationState] {
  /// The tables and views that exist under these schemas, each with its owner and comment, in order of
  /// their names. A schema is found under its name as given and under its name in lower case.
  public static func relations(in schemas: [SchemaName], _ dialect: Dialect) -> CatalogueQuery {
    let names = Set(schemas.flatMap { [$0.schema, Dialect.foldASCII($0.schema)] }).sorted()
    let kind = dialect.relationKind
    let sql = """
      select ns.nspname, c.relname, \(kind.expression), pg_catalog.pg_get_userbyid(c.relowner), d.description
      from pg_catalog.pg_class c
      join pg_catalog.pg_namespace ns on ns.oid = c.relnamespace
      left join pg_catalog.pg_description d on d.objoid = c.oid and d.objsubid = 0
        and d.classoid = 'pg_catalog.pg_class'::regclass\(kind.join)
      where ns.nspname in (\(names.map { dialect.literal($0) }.joined(separator: ", ")))
        and c.relkind in \(dialect.relationKinds)
      order by 1, 2
      """
    let database = schemas.first?.database
    return CatalogueQuery(sql) { result in
      result.rows.map { row in
        RelationState(
          name: RelationName(database: database, schema: row.text(0), identifier: row.text(1)),
          kind: RelationState.Kind(relkind: row.text(2)), owner: row[3], comment: row[4])
      }
    }
  }
}

extension Dialect {
  /// What says whether a relation is a table or which kind of view, and the join that it needs. On Redshift a
  /// materialized view is a view whose definition says so.
  var relationKind: (expression: String, join: String) {
    guard kind == .redshift else { return ("c.relkind", "") }
    let join = """

      left join pg_catalog.pg_views made on made.schemaname = ns.nspname and made.viewname = c.relname
        and made.definition ilike '%create materialized view%'
      """
    return ("case when made.viewname is not null then 'm' else c.relkind end", join)
  }
}

extension CatalogueQuery where Answer == [RelationName: [ColumnDescription]] {
  /// The columns of these relations in order of position, keyed by the names asked for; a relation that
  /// does not exist is not in the answer.
  public static func columns(of relations: [RelationName], _ dialect: Dialect) -> CatalogueQuery {
    let sql = """
      select w.n, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull
      from \(dialect.wantedRelations(relations))
      left join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      where c.relkind in \(dialect.relationKinds)
      order by w.n, a.attnum
      """
    return CatalogueQuery(sql) { result in
      var columns: [RelationName: [ColumnDescription]] = [:]
      for row in result.rows {
        guard let index = row.int(0), relations.indices.contains(index) else { continue }
        var list = columns[relations[index]] ?? []
        // A table without columns still has a row here: it exists.
        if let name = row[1] {
          list.append(ColumnDescription(name: name, type: row.text(2), isNullable: !row.bool(3)))
        }
        columns[relations[index]] = list
      }
      return columns
    }
  }

  /// Columns of Redshift's views without schema binding, which stand in no catalogue table. The function
  /// behind it is slow: ask it only for what ``columns(of:_:)`` did not find.
  public static func lateBindingColumns(of relations: [RelationName], _ dialect: Dialect) -> CatalogueQuery {
    let sql = """
      select w.n, v.column_name, v.column_type, false
      from \(dialect.wanted(relations))
      join pg_catalog.pg_get_late_binding_view_cols()
        v(view_schema name, view_name name, column_name name, column_type varchar, position int)
        on v.view_schema = w.schema_name and v.view_name = w.relation_name
      order by w.n, v.position
      """
    let read = columns(of: relations, dialect).read
    return CatalogueQuery(sql) { result in read(result) }
  }
}

extension CatalogueQuery where Answer == [String] {
  /// The names of the schemas of the connection's database.
  public static func schemas(_ dialect: Dialect) -> CatalogueQuery {
    CatalogueQuery("select nspname from pg_catalog.pg_namespace order by 1") { result in
      result.rows.map { $0.text(0) }
    }
  }
}

extension CatalogueQuery where Answer == Bool {
  /// Whether a schema of exactly this name is there.
  public static func schemaExists(_ name: String, _ dialect: Dialect) -> CatalogueQuery {
    let sql = "select 1 from pg_catalog.pg_namespace where nspname = \(dialect.literal(name))"
    return CatalogueQuery(sql) { !$0.rows.isEmpty }
  }
}

extension RelationState.Kind {
  /// From `pg_class.relkind`.
  init(relkind: String) {
    switch relkind {
    case "r", "p": self = .table
    case "v": self = .view
    case "m": self = .materializedView
    case "f": self = .foreignTable
    default: self = .other
    }
  }
}
