public import ProjectModel

/// A view that reads a relation, with everything needed to make it again after the relation was replaced.
public struct ViewRecipe: Sendable, Hashable {
  public var name: RelationName
  /// The query, as `pg_get_viewdef` writes it, without a semicolon.
  public var definition: String
  public var isMaterialized: Bool
  /// False for a materialized view that was never refreshed.
  public var isPopulated: Bool
  /// True when the view itself reads the relation; false when it does so through another view.
  public var isDirect: Bool
  /// The views of the same answer that this one reads.
  public var reads: [RelationName]
  /// What stands in `WITH (…)`: `security_barrier=true`.
  public var options: [String]
  /// Statements that give the view made anew what the old one had, in order: indexes, comments, triggers,
  /// grants, and the owner last.
  public var restore: [String]

  public init(
    name: RelationName, definition: String, isMaterialized: Bool = false, isPopulated: Bool = true,
    isDirect: Bool = true, reads: [RelationName] = [], options: [String] = [], restore: [String] = []
  ) {
    self.name = name
    self.definition = definition
    self.isMaterialized = isMaterialized
    self.isPopulated = isPopulated
    self.isDirect = isDirect
    self.reads = reads
    self.options = options
    self.restore = restore
  }
}

extension ViewRecipe {
  /// The statements that make the view again as it was.
  public func statements(_ dialect: Dialect) -> [String] {
    let with = options.isEmpty ? "" : " with (\(options.joined(separator: ", ")))"
    let kind = isMaterialized ? "materialized view" : "view"
    let noData = isMaterialized && !isPopulated ? "\nwith no data" : ""
    return ["create \(kind) \(dialect.renderInDatabase(name))\(with) as\n\(definition)\(noData)"] + restore
  }
}

/// The views that read a relation, found in two steps: most relations have none, and then the second is not
/// asked.
struct DependentViews {
  struct Found {
    var root: Int
    var oid: String
    var recipe: ViewRecipe
  }

  /// Views over any number of steps, those that others read first.
  static func find(_ relations: [RelationName], _ dialect: Dialect) -> CatalogueQuery<[Found]> {
    // The limit ends the walk where two views were redefined to read each other.
    let sql = """
      with recursive tree(root, oid, depth) as (
        select w.n, c.oid, 0
        from \(dialect.wantedRelations(relations))
        union
        select tree.root, r.ev_class, tree.depth + 1
        from tree
        join pg_catalog.pg_depend d on d.refclassid = 'pg_catalog.pg_class'::regclass
          and d.refobjid = tree.oid and d.classid = 'pg_catalog.pg_rewrite'::regclass
        join pg_catalog.pg_rewrite r on r.oid = d.objid and r.ev_class <> tree.oid
        where tree.depth < 500
      ), views as (
        select root, oid, max(depth) as depth, min(depth) = 1 as is_direct
        from tree where depth > 0 group by root, oid
      )
      select v.root, c.oid, ns.nspname, c.relname, c.relkind, c.relispopulated, v.is_direct,
        pg_catalog.pg_get_viewdef(c.oid), pg_catalog.array_to_string(c.reloptions, E'\\n'),
        case when c.relowner <> (select oid from pg_catalog.pg_roles where rolname = current_user)
          then pg_catalog.pg_get_userbyid(c.relowner) end
      from views v
      join pg_catalog.pg_class c on c.oid = v.oid and c.relkind in ('v', 'm')
      join pg_catalog.pg_namespace ns on ns.oid = c.relnamespace
      order by v.root, v.depth, ns.nspname, c.relname
      """
    return CatalogueQuery(sql) { result in
      result.rows.compactMap { row in
        guard let root = row.int(0), relations.indices.contains(root) else { return nil }
        let name = RelationName(
          database: relations[root].database, schema: row.text(2), identifier: row.text(3))
        var recipe = ViewRecipe(
          name: name, definition: trimmed(row.text(7)), isMaterialized: row.text(4) == "m",
          isPopulated: row.bool(5), isDirect: row.bool(6),
          options: row[8].map { $0.split(separator: "\n").map(String.init) } ?? [])
        if let owner = row[9] {
          let kind = recipe.isMaterialized ? "materialized view" : "view"
          recipe.restore = [
            "alter \(kind) \(dialect.renderInDatabase(name)) owner to \(dialect.quote(owner))"
          ]
        }
        return Found(root: root, oid: row.text(1), recipe: recipe)
      }
    }
  }

  /// What each of these views has besides its query, and which of them read which.
  static func details(_ views: [Found], _ dialect: Dialect) -> CatalogueQuery<[Found]> {
    let oids = Set(views.map(\.oid)).sorted().joined(separator: ", ")
    let sql = """
      select c.oid, 0, null, pg_catalog.pg_get_indexdef(i.indexrelid), null, null
      from pg_catalog.pg_class c join pg_catalog.pg_index i on i.indrelid = c.oid where c.oid in (\(oids))
      union all
      select d.objoid, 1, a.attname, d.description, null, null
      from pg_catalog.pg_description d
      left join pg_catalog.pg_attribute a on a.attrelid = d.objoid and a.attnum = d.objsubid
        and d.objsubid > 0
      where d.classoid = 'pg_catalog.pg_class'::regclass and d.objoid in (\(oids))
      union all
      select t.tgrelid, 2, null, pg_catalog.pg_get_triggerdef(t.oid), null, null
      from pg_catalog.pg_trigger t where t.tgrelid in (\(oids)) and not t.tgisinternal
      union all
      select c.oid, 3, null, lower(r.privilege_type),
        case when r.grantee <> 0 then pg_catalog.pg_get_userbyid(r.grantee) end, r.is_grantable::text
      from pg_catalog.pg_class c cross join lateral pg_catalog.aclexplode(c.relacl) r
      where c.oid in (\(oids)) and r.grantee <> c.relowner
      union all
      select c.oid, 3, a.attname, lower(r.privilege_type),
        case when r.grantee <> 0 then pg_catalog.pg_get_userbyid(r.grantee) end, r.is_grantable::text
      from pg_catalog.pg_class c join pg_catalog.pg_attribute a on a.attrelid = c.oid and not a.attisdropped
      cross join lateral pg_catalog.aclexplode(a.attacl) r
      where c.oid in (\(oids)) and r.grantee <> c.relowner
      union all
      select distinct r.ev_class, 4, null, d.refobjid::text, null, null
      from pg_catalog.pg_rewrite r
      join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_rewrite'::regclass and d.objid = r.oid
        and d.refclassid = 'pg_catalog.pg_class'::regclass
      where r.ev_class in (\(oids)) and d.refobjid in (\(oids)) and d.refobjid <> r.ev_class
      order by 1, 2, 3, 4, 5
      """
    return CatalogueQuery(sql) { result in
      let rows = Dictionary(grouping: result.rows) { $0.text(0) }
      return views.map { view in
        var view = view
        let details = rows[view.oid] ?? []
        let restored = details.filter { $0.int(1) != 4 }
        view.recipe.restore.insert(
          contentsOf: restored.map { statement($0, for: view.recipe, dialect) }, at: 0)
        view.recipe.reads = details.filter { $0.int(1) == 4 }.compactMap { row in
          views.first { $0.root == view.root && $0.oid == row.text(3) }?.recipe.name
        }
        return view
      }
    }
  }

  private static func statement(_ row: [String?], for view: ViewRecipe, _ dialect: Dialect) -> String {
    let name = dialect.renderInDatabase(view.name)
    let column = row[2].map(dialect.quote)
    switch row.int(1) {
    case 1:
      if let column { return "comment on column \(name).\(column) is \(dialect.literal(row.text(3)))" }
      let kind = view.isMaterialized ? "materialized view" : "view"
      return "comment on \(kind) \(name) is \(dialect.literal(row.text(3)))"
    case 3:
      let grantee = row[4].map(dialect.quote) ?? "public"
      let option = row[5] == "true" ? " with grant option" : ""
      return "grant \(row.text(3))\(column.map { " (\($0))" } ?? "") on \(name) to \(grantee)\(option)"
    default:
      return row.text(3)
    }
  }

  private static func trimmed(_ definition: String) -> String {
    var bytes = Array(definition.utf8)
    while let last = bytes.last, last == UInt8(ascii: ";") || last == UInt8(ascii: "\n") {
      bytes.removeLast()
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
