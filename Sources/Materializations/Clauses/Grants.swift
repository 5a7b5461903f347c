import Diagnostics
import ProjectModel
import Warehouse

/// `grants:` of a node.
enum Grants {
  /// - Parameter mayCarryOver: true when the relation lives on and may hold grants that the config no longer
  ///   says; they are revoked, as dbt does after comparing.
  static func statements(_ input: PlanInput, on relation: RelationName, mayCarryOver: Bool)
    -> [Plan.Statement]
  {
    guard let config = input.node.config["grants"]?.mapping, !config.isEmpty else { return [] }
    let name = input.dialect.render(relation)
    var wanted: [(privilege: String, grantees: [String])] = []
    for (privilege, value) in config {
      wanted.append((privilege, value.strings ?? []))
    }
    var statements: [Plan.Statement] = []
    if mayCarryOver, input.dialect.kind == .redshift {
      // No block of code compares on the server: dbt's macros ask first, then grant and revoke.
      let apply = "{% do apply_grants(this, config.get('grants'), should_revoke=True) %}"
      return [.template(.grant, apply)]
    }
    if mayCarryOver {
      statements.append(Plan.Statement(.grant, revokeOthers(wanted, relation, input.dialect)))
    }
    for (privilege, grantees) in wanted where !grantees.isEmpty {
      statements.append(
        Plan.Statement(
          .grant, "grant \(privilege) on \(name) to \(grantees.joined(separator: ", "))",
          span: input.node.span(ofConfig: "grants")))
    }
    return statements
  }

  /// The server compares: what the current role gave to others and the config does not name is taken back.
  private static func revokeOthers(
    _ wanted: [(privilege: String, grantees: [String])], _ relation: RelationName, _ dialect: Dialect
  ) -> String {
    let pairs = wanted.flatMap { entry in
      entry.grantees.map {
        "(\(dialect.literal(entry.privilege.lowercased())), \(dialect.literal(bareRole($0).lowercased())))"
      }
    }
    let keep =
      pairs.isEmpty
      ? ""
      : "\n      and (lower(privilege_type), lower(grantee)) not in (\(pairs.joined(separator: ", ")))"
    let schema = relation.schema.map { "\n      and table_schema = \(dialect.literal($0))" } ?? ""
    return "do "
      + SQLText.dollarQuoted(
        """

        declare given record;
        begin
          for given in
            select privilege_type, grantee from information_schema.role_table_grants
            where grantor = current_role and grantee <> current_role
              and table_name = \(dialect.literal(relation.identifier))\(schema)\(keep)
          loop
            execute format('revoke %s on %s from %s', given.privilege_type,
              \(dialect.literal(dialect.render(relation))),
              case given.grantee when 'PUBLIC' then 'public' else quote_ident(given.grantee) end);
          end loop;
        end
        """ + "\n")
  }

  /// The role's name without quotes and without `group `.
  private static func bareRole(_ grantee: String) -> String {
    var name = grantee[...]
    if name.lowercased().hasPrefix("group ") { name = name.dropFirst(6) }
    return String(name).replacing("\"", with: "")
  }
}
