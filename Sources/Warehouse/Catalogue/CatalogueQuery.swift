import ProjectModel

/// A question to the catalogue: its SQL, and how to read the answer. Making one needs no connection.
public struct CatalogueQuery<Answer> {
  public var sql: String
  public var read: (QueryResult) -> Answer

  public init(_ sql: String, read: @escaping (QueryResult) -> Answer) {
    self.sql = sql
    self.read = read
  }
}

extension Session {
  public func ask<Answer>(_ query: CatalogueQuery<Answer>) throws(WarehouseError) -> Answer {
    query.read(try run(query.sql))
  }
}

extension Dialect {
  /// A table expression with a row for each relation asked for: `n` (0-based), `schema_name`,
  /// `relation_name`, both as the catalogue holds names; `schema_name` is NULL where the search path is to
  /// decide.
  func wanted(_ relations: [RelationName]) -> String {
    let stored = relations.map { self.stored($0) }
    switch kind {
    case .postgres:
      let schemas = stored.map { literal($0.schema) }.joined(separator: ", ")
      let names = stored.map { literal($0.identifier) }.joined(separator: ", ")
      return """
        (select ordinality - 1 as n, schema_name, relation_name
          from unnest(array[\(schemas)]::name[], array[\(names)]::name[])
            with ordinality as asked(schema_name, relation_name, ordinality)) w
        """
    case .redshift:
      let rows = stored.enumerated().map { index, name in
        "select \(index) as n, cast(\(literal(name.schema)) as varchar(127)) as schema_name, "
          + "cast(\(literal(name.identifier)) as varchar(127)) as relation_name"
      }
      return "(\(rows.joined(separator: "\n  union all "))) w"
    }
  }

  /// `w` joined to the relations that exist, as `c` in the schema `ns`.
  func wantedRelations(_ relations: [RelationName]) -> String {
    """
    \(wanted(relations))
    join pg_catalog.pg_class c on c.relname = w.relation_name
    join pg_catalog.pg_namespace ns on ns.oid = c.relnamespace
      and (ns.nspname = w.schema_name
        or w.schema_name is null and pg_catalog.pg_table_is_visible(c.oid))
    """
  }

  /// `relkind`s that are tables or views, as a list for IN.
  var relationKinds: String {
    kind == .postgres ? "('r', 'p', 'v', 'm', 'f')" : "('r', 'v', 'm', 'f')"
  }
}

extension [String?] {
  /// A value that the query never gives as NULL.
  func text(_ index: Int) -> String { self[index] ?? "" }
  func int(_ index: Int) -> Int? { self[index].flatMap { Int($0) } }
  /// PostgreSQL's text form of a boolean.
  func bool(_ index: Int) -> Bool { self[index] == "t" || self[index] == "true" }
}
