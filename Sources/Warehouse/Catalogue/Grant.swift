public import ProjectModel

/// A right on a relation, or on one column of it.
public struct Grant: Sendable, Hashable {
  /// A role's name; `public` for everybody.
  public var grantee: String
  /// In lower case: `select`, `insert`.
  public var privilege: String
  public var isGrantable: Bool
  /// Who gave it; empty when the server does not say.
  public var grantor: String
  /// nil: on the whole relation.
  public var column: String?
  /// True for what the relation's owner has by owning it.
  public var isOwners: Bool

  public init(
    grantee: String, privilege: String, isGrantable: Bool = false, grantor: String = "",
    column: String? = nil,
    isOwners: Bool = false
  ) {
    self.grantee = grantee
    self.privilege = privilege
    self.isGrantable = isGrantable
    self.grantor = grantor
    self.column = column
    self.isOwners = isOwners
  }
}

extension CatalogueQuery where Answer == [RelationName: [Grant]] {
  /// Who may do what with these relations, in order of grantee and privilege.
  public static func grants(of relations: [RelationName], _ dialect: Dialect) -> CatalogueQuery {
    CatalogueQuery(sql(relations, dialect)) { result in
      var grants: [RelationName: [Grant]] = [:]
      for row in result.rows {
        guard let index = row.int(0), relations.indices.contains(index) else { continue }
        grants[relations[index], default: []].append(
          Grant(
            grantee: row.text(1), privilege: row.text(2), isGrantable: row.bool(3), grantor: row.text(4),
            column: row[5], isOwners: row.bool(6)))
      }
      return grants
    }
  }

  private static func sql(_ relations: [RelationName], _ dialect: Dialect) -> String {
    switch dialect.kind {
    case .postgres:
      return """
        select w.n, coalesce(pg_catalog.pg_get_userbyid(nullif(a.grantee, 0)), 'public'),
          lower(a.privilege_type), a.is_grantable, pg_catalog.pg_get_userbyid(a.grantor),
          a.column_name, a.grantee = c.relowner
        from \(dialect.wantedRelations(relations))
        cross join lateral (
          select null::name as column_name, r.* from pg_catalog.aclexplode(c.relacl) r
          union all
          select att.attname, r.* from pg_catalog.pg_attribute att
          cross join lateral pg_catalog.aclexplode(att.attacl) r
          where att.attrelid = c.oid and not att.attisdropped
        ) a
        order by 1, 2, 3, 6
        """
    case .redshift:
      return """
        select w.n, u.usename, p.privilege, false, '', null, false
        from \(dialect.wantedRelations(relations))
        cross join pg_catalog.pg_user u
        cross join (select 'select' as privilege union all select 'insert' union all select 'update'
          union all select 'delete' union all select 'references') p
        where not u.usesuper and u.usesysid <> c.relowner
          and has_table_privilege(u.usename, c.oid, p.privilege)
        order by 1, 2, 3
        """
    }
  }
}
