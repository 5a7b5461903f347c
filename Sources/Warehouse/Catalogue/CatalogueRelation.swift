public import ProjectModel

/// A relation as `catalog.json` describes it.
public struct CatalogueRelation: Sendable, Hashable {
  public struct Column: Sendable, Hashable {
    public var name: String
    /// The column's position, from 1; a dropped column leaves a gap.
    public var index: Int
    public var type: String
    public var comment: String?

    public init(name: String, index: Int, type: String, comment: String?) {
      self.name = name
      self.index = index
      self.type = type
      self.comment = comment
    }
  }

  public var name: RelationName
  /// dbt's words: `BASE TABLE`, `VIEW`, `MATERIALIZED VIEW`; `LATE BINDING VIEW` on Redshift.
  public var type: String
  public var owner: String
  public var comment: String?
  /// In order of position.
  public var columns: [Column]

  public init(name: RelationName, type: String, owner: String, comment: String?, columns: [Column]) {
    self.name = name
    self.type = type
    self.owner = owner
    self.comment = comment
    self.columns = columns
  }
}

extension CatalogueQuery where Answer == [CatalogueRelation] {
  /// Everything `catalog.json` says of these schemas, temporary tables left out, in order of schema and name.
  public static func catalogue(of schemas: [SchemaName], _ dialect: Dialect) -> CatalogueQuery {
    let names = Set(schemas.flatMap { [$0.schema, Dialect.foldASCII($0.schema)] }).sorted()
    let kind = dialect.relationKind
    let persistent = dialect.kind == .postgres ? "and c.relpersistence in ('p', 'u')" : ""
    let sql = """
      select ns.nspname, c.relname,
        case \(kind.expression) when 'v' then 'VIEW' when 'm' then 'MATERIALIZED VIEW' else 'BASE TABLE' end,
        pg_catalog.pg_get_userbyid(c.relowner), td.description,
        a.attname, a.attnum, pg_catalog.format_type(a.atttypid, a.atttypmod), cd.description
      from pg_catalog.pg_namespace ns
      join pg_catalog.pg_class c on c.relnamespace = ns.oid
      join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      left join pg_catalog.pg_description td on td.objoid = c.oid and td.objsubid = 0
        and td.classoid = 'pg_catalog.pg_class'::regclass
      left join pg_catalog.pg_description cd on cd.objoid = c.oid and cd.objsubid = a.attnum
        and cd.classoid = 'pg_catalog.pg_class'::regclass\(kind.join)
      where ns.nspname in (\(names.map { dialect.literal($0) }.joined(separator: ", ")))
        and c.relkind in \(dialect.relationKinds) \(persistent)
      order by 1, 2, a.attnum
      """
    let database = schemas.first?.database
    return CatalogueQuery(sql) { result in
      var relations: [CatalogueRelation] = []
      for row in result.rows {
        let name = RelationName(database: database, schema: row.text(0), identifier: row.text(1))
        if relations.last?.name != name {
          relations.append(
            CatalogueRelation(
              name: name, type: row.text(2), owner: row.text(3), comment: row[4], columns: []))
        }
        relations[relations.count - 1].columns.append(
          .init(name: row.text(5), index: row.int(6) ?? 0, type: row.text(7), comment: row[8]))
      }
      return relations
    }
  }

  /// Redshift's views without schema binding in these schemas: no catalogue table has their columns, and
  /// they have no comments.
  static func lateBindingViews(of schemas: [SchemaName], _ dialect: Dialect) -> CatalogueQuery {
    let names = Set(schemas.flatMap { [$0.schema, Dialect.foldASCII($0.schema)] }).sorted()
    let sql = """
      select v.view_schema, v.view_name, 'LATE BINDING VIEW', o.viewowner, null,
        v.column_name, v.position, v.column_type, null
      from pg_catalog.pg_get_late_binding_view_cols()
        v(view_schema name, view_name name, column_name name, column_type varchar, position int)
      left join pg_catalog.pg_views o on o.schemaname = v.view_schema and o.viewname = v.view_name
      where v.view_schema in (\(names.map { dialect.literal($0) }.joined(separator: ", ")))
      order by 1, 2, 7
      """
    return CatalogueQuery(sql, read: catalogue(of: schemas, dialect).read)
  }
}
