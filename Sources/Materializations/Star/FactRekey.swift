import Diagnostics
import ProjectModel
import StarModel
import Warehouse

/// Facts follow their dimensions' past: when a version was put in, moved or withdrawn, the facts of that time get
/// the key of the version that now holds.
///
/// A fact that found its version leads to its natural key through it. Of one that did not, the fact's ledger keeps the
/// natural key aside. Nothing is compared while a dimension is as it was, which a sum over its rows' transactions
/// tells; and when it is not, only with the rows that were written since, by transactions that the last comparison
/// did not see the end of.
struct FactRekey {
  let layout: FactLayout
  let input: PlanInput

  private var l: FactLayout { layout }
  private var follows: Bool { !l.rekeyed.isEmpty }

  /// The natural key of a row that found nothing, as a column of the table while it is built.
  static func aside(_ layout: FactLayout, _ lookup: FactLayout.Lookup) -> String {
    let keys = lookup.key.map { "s.\(layout.q($0.name))::text" }.joined(separator: ", ")
    let null = ColumnList(lookup.key.map(\.name), layout.dialect).anyNull("s")
    return
      "case when \(layout.surrogate(lookup, lookup.alias)) is null and not \(null) then array[\(keys)] end "
      + "as \(layout.q(asideName(lookup)))"
  }

  static func asideName(_ lookup: FactLayout.Lookup) -> String { "whc_\(lookup.alias)" }

  /// The ledger, and what the dimensions look like before they are read.
  func prepare(isRebuild: Bool) -> [Plan.Statement] {
    guard l.hasLedger else { return [] }
    var statements: [Plan.Statement] = []
    if input.relations[l.ledger] == nil {
      let grain = l.grain.map { "  \(l.q($0.name)) \($0.type),\n" }.joined()
      statements.append(
        Plan.Statement(
          .prepare,
          "create table if not exists \(l.ledgerTable) (\n  kind text not null,\n  foreign_key text not null,\n\(grain)"
            + "  natural_key text[]\n)"))
      statements.append(
        Plan.Statement(
          .comment,
          "comment on table \(l.ledgerTable) is "
            + l.dialect.literal("Natural keys that \(l.target.identifier) found no row for yet; kept by whc"))
      )
    }
    if isRebuild { statements.append(Plan.Statement(.change, "delete from \(l.ledgerTable)")) }
    guard follows else { return statements }
    let states = (l.rekeyed + l.followedMinis.map(\.mini)).map {
      "select \(l.dialect.literal($0.foreignKey)) as foreign_key,\n"
        // An age is a number, which a transaction's id is only by way of text; ages are counted from the latest one.
        + "  (select count(*) || '/' || coalesce(count(*) * (age('3'::xid) + 3::bigint) - sum(age(x.xmin)), 0)\n"
        + "    from \(l.dialect.render($0.relation)) x) as state,\n"
        + "  txid_snapshot_xmin(txid_current_snapshot())::text as horizon,\n"
        + "  \(l.dialect.literal(l.dialect.render($0.relation)))::regclass::oid::text as place"
    }
    statements.append(
      Plan.Statement(
        .prepare,
        "create temporary table whc_dimension on commit drop as\n" + states.joined(separator: "\nunion all\n")
      ))
    if isRebuild { statements.append(Plan.Statement(.change, remember)) }
    return statements
  }

  private var remember: String {
    """
    insert into \(l.ledgerTable) (kind, foreign_key, natural_key)
    select 'dimension', x.foreign_key, \(l.fact.rekey == .auto ? "array[x.state, x.horizon, x.place]" : "array[x.state]")
    from pg_temp.whc_dimension x
    where not exists (
      select from \(l.ledgerTable) g
      where g.kind = 'dimension' and g.foreign_key = x.foreign_key and g.natural_key[1] = x.state)
    """
  }

  /// Puts the keys that were not found into the ledger, and takes the columns they stood in away again.
  func rememberUnresolved(_ table: String) -> [Plan.Statement] {
    guard follows else { return [] }
    var statements: [Plan.Statement] = []
    let isTemporary = table.hasPrefix("pg_temp.")
    for lookup in l.rekeyed {
      let name = l.q(Self.asideName(lookup))
      let foreignKey = l.dialect.literal(lookup.foreignKey)
      if isTemporary {
        statements.append(
          Plan.Statement(
            .change,
            """
            delete from \(l.ledgerTable) g using \(table) n
            where \(l.grainColumns.equal("g", "n")) and g.kind = 'unresolved' and g.foreign_key = \(foreignKey)
              and g.natural_key is distinct from n.\(name)
            """))
      }
      let unless =
        isTemporary
        ? """

        and not exists (
          select from \(l.ledgerTable) g
          where \(l.grainColumns.equal("g", "n")) and g.kind = 'unresolved' and g.foreign_key = \(foreignKey))
        """
        : " and (select \(Self.asideName(lookup)) > 0 from pg_temp.whc_count)"
      statements.append(
        Plan.Statement(
          .change,
          """
          insert into \(l.ledgerTable) (kind, foreign_key, \(l.grainColumns.bare), natural_key)
          select 'unresolved', \(foreignKey), \(l.grainColumns.of("n")), n.\(name)
          from \(table) n
          where n.\(name) is not null\(unless)
          """))
    }
    if !isTemporary {
      let drops = l.rekeyed.map { "drop column \(l.q(Self.asideName($0)))" }.joined(separator: ", ")
      statements.append(Plan.Statement(.change, "alter table \(table) \(drops)"))
    }
    return statements
  }

  /// After the load of a table that was there.
  var statements: [Plan.Statement] {
    guard follows else { return [] }
    var statements: [Plan.Statement] = []
    for lookup in l.rekeyed { statements += follow(lookup) }
    for (base, mini) in l.followedMinis { statements += follow(mini, by: base) }
    statements.append(
      Plan.Statement(
        .change,
        """
        delete from \(l.ledgerTable) g using pg_temp.whc_dimension x
        where g.kind = 'dimension' and g.foreign_key = x.foreign_key and g.natural_key[1] is distinct from x.state
        """))
    statements.append(Plan.Statement(.change, remember))
    return statements
  }

  private func follow(_ lookup: FactLayout.Lookup) -> [Plan.Statement] {
    guard let dimension = lookup.dimension else { return [] }
    let table = l.dialect.render(lookup.relation)
    let foreignKey = l.q(lookup.foreignKey)
    let literal = l.dialect.literal(lookup.foreignKey)
    let stale = "pg_temp.whc_\(lookup.alias)"
    let natural = ColumnList(dimension.naturalKey, l.dialect)
    let unknown = l.member(DimensionMember.unknown, lookup) ?? "null"
    let keys = dimension.naturalKey.map { "n.\(l.q($0))::text" }.joined(separator: ", ")
    let holds = l.holds(lookup, "f", "n").map { "\n    and \($0)" } ?? ""
    let hasChanged = hasChanged(lookup)
    var parts = [
      """
      select f.ctid as whc_tid, \(l.grainColumns.of("f")), \(l.surrogate(lookup, "n")) as whc_key,
          u.natural_key as whc_natural
        from \(l.ledgerTable) u
        join \(l.source(lookup)) n on array[\(keys)] = u.natural_key
        join \(l.table) f on \(l.grainColumns.equal("f", "u"))\(holds)
        where u.kind = 'unresolved' and u.foreign_key = \(literal)
          and f.\(foreignKey) is distinct from \(l.surrogate(lookup, "n"))
      """
    ]
    let surrogate = l.q(dimension.surrogateKey.name)
    let ledger = l.dialect.render(AsideNames.name(of: lookup.relation, "__ledger", dialect: l.dialect))
    let members = lookup.target.members.map { member in
      dimension.surrogateKey.method == .integer ? "\(member.key)" : "'\(member.key)'"
    }
    let notMember =
      members.isEmpty ? "" : "\n    and f.\(foreignKey) not in (\(members.joined(separator: ", ")))"
    let held = l.holds(lookup, "f", "o")
    let names = dimension.columns
    // Rows that hold less than they did, and keys of those that are withdrawn.
    let past = "pg_temp.whc_\(lookup.alias)_past"
    let written = """
      create temporary table whc_\(lookup.alias)_past on commit drop as
      select x.\(surrogate), \(natural.of("x")), x.\(l.q(names.validFrom)), x.\(l.q(names.validTo)), true as whc_there
      from \(table) x
      where \(hasChanged)
        and age(x.xmin) <= \(sinceCompared(lookup))
      union all
      select g.surrogate_key, \(natural.of("g")), null, null, false
      from \(ledger) g
      left join \(table) x on x.\(surrogate) = g.surrogate_key
      where \(hasChanged)
        and g.kind = 'withdrawn' and x.ctid is null
      """
    let still = held.map { "(o.whc_there and \($0)) is not true" } ?? "not o.whc_there"
    parts.append(
      """
      select f.ctid, \(l.grainColumns.of("f")), coalesce(\(l.surrogate(lookup, "n")), \(unknown)),
          array[\(dimension.naturalKey.map { "o.\(l.q($0))::text" }.joined(separator: ", "))]
        from \(l.table) f
        join \(past) o on o.\(surrogate) = f.\(foreignKey)
        left join \(l.source(lookup)) n on \(natural.equal("n", "o"))\(holds)
        where \(still)\(notMember)
      """)
    var statements = [
      Plan.Statement(.prepare, written),
      Plan.Statement(.analyze, "analyze \(past) (\(surrogate), \(natural.bare))"),
      Plan.Statement(
        .prepare,
        "create temporary table whc_\(lookup.alias) on commit drop as\n"
          + parts.joined(separator: "\nunion all\n")),
      Plan.Statement(.prepare, tell(lookup, stale)),
    ]
    guard l.fact.rekey == .auto else { return statements }
    statements.append(
      Plan.Statement(
        .change,
        "update \(l.table) f set \(foreignKey) = s.whc_key\(durable(lookup, table))\(trail)\nfrom \(stale) s\nwhere f.ctid = s.whc_tid"
      ))
    // A ledger entry lives as long as its fact has no version.
    statements.append(
      Plan.Statement(
        .change,
        """
        delete from \(l.ledgerTable) g using \(stale) s
        where \(l.grainColumns.equal("g", "s")) and g.kind = 'unresolved' and g.foreign_key = \(literal)
        """))
    statements.append(
      Plan.Statement(
        .change,
        """
        insert into \(l.ledgerTable) (kind, foreign_key, \(l.grainColumns.bare), natural_key)
        select 'unresolved', \(literal), \(l.grainColumns.of("s")), s.whc_natural
        from \(stale) s
        where s.whc_key = \(unknown)
        """))
    return statements
  }

  /// The age of the oldest transaction whose rows may be newer than the last comparison, or of all when that is not
  /// known: there was none, the table is another one, or the numbers of transactions began anew.
  private func sinceCompared(_ lookup: FactLayout.Lookup) -> String {
    """
    (select coalesce(max(
        case when g.natural_key[3] = x.place
          and x.horizon::bigint - g.natural_key[2]::bigint between 0 and 2000000000
        then age((g.natural_key[2]::bigint % 4294967296)::text::xid) end), 2147483647)
      from \(l.ledgerTable) g join pg_temp.whc_dimension x using (foreign_key)
      where g.kind = 'dimension' and g.foreign_key = \(l.dialect.literal(lookup.foreignKey)))
    """
  }

  private func hasChanged(_ lookup: FactLayout.Lookup) -> String {
    """
    (select not exists (
        select from \(l.ledgerTable) g join pg_temp.whc_dimension x using (foreign_key)
        where g.kind = 'dimension' and g.foreign_key = \(l.dialect.literal(lookup.foreignKey)) and g.natural_key[1] = x.state))
    """
  }

  /// The key to a mini-dimension follows through the one to its dimension, which leads to the natural key.
  private func follow(_ mini: FactLayout.Lookup, by base: FactLayout.Lookup) -> [Plan.Statement] {
    guard let dimension = base.dimension else { return [] }
    let stale = "pg_temp.whc_\(mini.alias)"
    let natural = ColumnList(dimension.naturalKey, l.dialect)
    let foreignKey = l.q(mini.foreignKey)
    let key = "f.\(l.q(base.foreignKey))"
    let unknown = l.member(DimensionMember.unknown, mini) ?? "null"
    let members = base.target.members.map { member in
      let own = dimension.surrogateKey.method == .integer ? "\(member.key)" : "'\(member.key)'"
      return "when \(own) then \(l.member(member.name, mini) ?? unknown)"
    }
    let version = "coalesce(\(l.surrogate(mini, "n")), \(unknown))"
    let found =
      members.isEmpty ? version : "case \(key) \(members.joined(separator: " ")) else \(version) end"
    let holds = l.holds(mini, "f", "n").map { "\n    and \($0)" } ?? ""
    var statements = [
      Plan.Statement(
        .prepare,
        """
        create temporary table whc_\(mini.alias) on commit drop as
        select f.ctid as whc_tid, \(found) as whc_key
        from \(l.table) f
        left join \(l.dialect.render(base.relation)) o on \(l.surrogate(base, "o")) = \(key)
        left join \(l.source(mini)) n on \(natural.equal("n", "o"))\(holds)
        where (\(hasChanged(base))
            or \(hasChanged(mini)))
          and f.\(foreignKey) is distinct from \(found)
        """), Plan.Statement(.prepare, tell(mini, stale)),
    ]
    if l.fact.rekey == .auto {
      statements.append(
        Plan.Statement(
          .change,
          "update \(l.table) f set \(foreignKey) = s.whc_key\(trail)\nfrom \(stale) s\nwhere f.ctid = s.whc_tid"
        ))
    }
    return statements
  }

  /// The row was written by this load.
  private var trail: String { l.trail.map { ",\n  \(l.q($0.column)) = \($0.key)" } ?? "" }

  /// The durable key that goes with the new key.
  private func durable(_ lookup: FactLayout.Lookup, _ table: String) -> String {
    guard let own = lookup.durableForeignKey, let column = lookup.target.durableKey else { return "" }
    return ",\n  \(l.q(own)) = coalesce((select x.\(l.q(column)) from \(table) x "
      + "where \(l.surrogate(lookup, "x")) = s.whc_key), s.whc_key)"
  }

  private func tell(_ lookup: FactLayout.Lookup, _ stale: String) -> String {
    let verb = l.fact.rekey == .auto ? "were given" : "would get"
    let body = """

      begin
        if exists (select from \(stale)) then
          raise notice '% rows of % \(verb) another key to %, whose past changed',
            (select count(*) from \(stale)), \(l.dialect.literal(l.fact.name)), \(l.dialect.literal(lookup.target.name));
        end if;
      end
      """
    return "do " + SQLText.dollarQuoted(body + "\n")
  }
}
