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
    let keys = layout.entry(lookup.key.map { "s.\(layout.q($0.name))" })
    let null = ColumnList(lookup.key.map(\.name), layout.dialect).anyNull("s")
    return
      "case when \(layout.surrogate(lookup, lookup.alias)) is null and not \(null) then \(keys) end "
      + "as \(layout.q(asideName(lookup)))"
  }

  static func asideName(_ lookup: FactLayout.Lookup) -> String { "whc_\(lookup.alias)" }

  /// The ledger, and what the dimensions look like before they are read.
  func prepare(isRebuild: Bool) -> [Plan.Statement] {
    guard l.hasLedger else { return [] }
    var statements: [Plan.Statement] = []
    if input.relations[l.ledger] == nil {
      let grain = l.grain.map { "  \(l.q($0.name)) \(l.dialect.columnType($0.type)),\n" }.joined()
      statements.append(
        Plan.Statement(
          .prepare,
          "create table if not exists \(l.ledgerTable) (\n  kind text not null,\n  foreign_key text not null,\n\(grain)"
            + "  natural_key \(l.entryType)\n)"))
      statements.append(
        Plan.Statement(
          .comment,
          "comment on table \(l.ledgerTable) is "
            + l.dialect.literal("Natural keys that \(l.target.identifier) found no row for yet; kept by whc"))
      )
    }
    if isRebuild { statements.append(Plan.Statement(.change, "delete from \(l.ledgerTable)")) }
    guard follows else { return statements }
    let followed = l.rekeyed + l.followedMinis.map(\.mini)
    guard l.dialect.kind == .postgres else {
      statements.append(
        .temporary("whc_dimension", as: followed.map(sum).joined(separator: "\nunion all\n"), l.dialect))
      if isRebuild { statements.append(Plan.Statement(.change, remember)) }
      return statements
    }
    let states = followed.map {
      "select \(l.dialect.literal($0.foreignKey)) as foreign_key,\n"
        // An age is a number, which a transaction's id is only by way of text; ages are counted from the latest one.
        + "  (select count(*) || '/' || coalesce(count(*) * (age('3'::xid) + 3::bigint) - sum(age(x.xmin)), 0)\n"
        + "    from \(l.dialect.render($0.relation)) x) as state,\n"
        + "  txid_snapshot_xmin(txid_current_snapshot())::text as horizon,\n"
        + "  \(l.dialect.literal(l.dialect.render($0.relation)))::regclass::oid::text as place"
    }
    statements.append(
      .temporary("whc_dimension", as: states.joined(separator: "\nunion all\n"), l.dialect))
    if isRebuild { statements.append(Plan.Statement(.change, remember)) }
    return statements
  }

  /// A dimension's state where rows do not tell which transaction wrote them: how many there are, and a sum over what
  /// lookups ask of them.
  private func sum(_ lookup: FactLayout.Lookup) -> String {
    guard let dimension = lookup.dimension else { return "" }
    let names =
      [dimension.surrogateKey.name] + dimension.naturalKey + [
        dimension.columns.validFrom, dimension.columns.validTo,
      ]
    let row = names.map { "coalesce(cast(x.\(l.q($0)) as \(l.dialect.longText)), '')" }
      .joined(separator: " || '/' || ")
    return """
      select \(l.dialect.literal(lookup.foreignKey, as: "varchar(256)")) as foreign_key,
        cast(count(*) as varchar(32)) || '/'
          || cast(coalesce(sum(strtol(left(md5(\(row)), 12), 16)), 0) as varchar(64)) as state
      from \(l.dialect.render(lookup.relation)) x
      """
  }

  private var remember: String {
    let isRead = l.dialect.kind == .postgres && l.fact.rekey == .auto
    return """
      insert into \(l.ledgerTable) (kind, foreign_key, natural_key)
      select 'dimension', x.foreign_key, \(isRead ? "array[x.state, x.horizon, x.place]" : l.entry(["x.state"]))
      from \(dimensions) x
      where not exists (
        select 1 from \(l.ledgerTable) g
        where g.kind = 'dimension' and g.foreign_key = x.foreign_key and \(l.firstOfEntry("g")) = x.state)
      """
  }

  private var dimensions: String { l.dialect.temporary("whc_dimension") }

  /// Puts the keys that were not found into the ledger, and takes the columns they stood in away again.
  func rememberUnresolved(_ table: String, isTemporary: Bool) -> [Plan.Statement] {
    guard follows else { return [] }
    var statements: [Plan.Statement] = []
    let (ledger, entry) = l.deletedEntries
    for lookup in l.rekeyed {
      let name = l.q(Self.asideName(lookup))
      let foreignKey = l.dialect.literal(lookup.foreignKey)
      if isTemporary {
        statements.append(
          Plan.Statement(
            .change,
            """
            delete from \(ledger) using \(table) n
            where \(l.grainColumns.equal(entry, "n")) and \(entry).kind = 'unresolved'
              and \(entry).foreign_key = \(foreignKey)
              and \(l.dialect.isDistinct("\(entry).natural_key", "n.\(name)"))
            """))
      }
      let unless =
        isTemporary
        ? """

        and not exists (
          select 1 from \(l.ledgerTable) g
          where \(l.grainColumns.equal("g", "n")) and g.kind = 'unresolved' and g.foreign_key = \(foreignKey))
        """
        : " and exists (select 1 from \(l.dialect.temporary("whc_count")) where \(Self.asideName(lookup)) > 0)"
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
      let drops = l.rekeyed.map { "drop column \(l.q(Self.asideName($0)))" }
      let actions = l.dialect.hasMultipleAlterActions ? [drops.joined(separator: ", ")] : drops
      statements += actions.map { Plan.Statement(.change, "alter table \(table) \($0)") }
    }
    return statements
  }

  /// After the load of a table that was there.
  var statements: [Plan.Statement] {
    guard follows else { return [] }
    var statements: [Plan.Statement] = []
    for lookup in l.rekeyed { statements += follow(lookup) }
    for (base, mini) in l.followedMinis { statements += follow(mini, by: base) }
    let (ledger, entry) = l.deletedEntries
    statements.append(
      Plan.Statement(
        .change,
        """
        delete from \(ledger) using \(dimensions) x
        where \(entry).kind = 'dimension' and \(entry).foreign_key = x.foreign_key
          and \(l.dialect.isDistinct(l.firstOfEntry(entry), "x.state"))
        """))
    statements.append(Plan.Statement(.change, remember))
    return statements
  }

  private func follow(_ lookup: FactLayout.Lookup) -> [Plan.Statement] {
    guard let dimension = lookup.dimension else { return [] }
    let table = l.dialect.render(lookup.relation)
    let foreignKey = l.q(lookup.foreignKey)
    let literal = l.dialect.literal(lookup.foreignKey)
    let name = "whc_\(lookup.alias)"
    let stale = l.dialect.temporary(name)
    let natural = ColumnList(dimension.naturalKey, l.dialect)
    let unknown = l.member(DimensionMember.unknown, lookup) ?? "null"
    let keys = l.entry(dimension.naturalKey.map { "n.\(l.q($0))" })
    let durable = lookup.durableForeignKey == nil ? nil : lookup.target.durableKey.map { "n.\(l.q($0))" }
    let holds = l.holds(lookup, "f", "n").map { "\n    and \($0)" } ?? ""
    let hasChanged = hasChanged(lookup)
    var parts = [
      """
      select \(place)\(l.grainColumns.of("f")), \(l.surrogate(lookup, "n")) as whc_key,
          u.natural_key as whc_natural\(durable.map { ", \($0) as whc_durable" } ?? "")
        from \(l.ledgerTable) u
        join \(l.source(lookup)) n on \(keys) = u.natural_key
        join \(l.table) f on \(l.grainColumns.equal("f", "u"))\(holds)
        where u.kind = 'unresolved' and u.foreign_key = \(literal)
          and \(l.dialect.isDistinct("f.\(foreignKey)", l.surrogate(lookup, "n")))
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
    let past = l.dialect.temporary("\(name)_past")
    let since = l.dialect.kind == .postgres ? "\n  and age(x.xmin) <= \(sinceCompared(lookup))" : ""
    let isGone = l.dialect.kind == .postgres ? "x.ctid is null" : "x.\(surrogate) is null"
    let written = """
      select x.\(surrogate), \(natural.of("x")), x.\(l.q(names.validFrom)), x.\(l.q(names.validTo)), true as whc_there
      from \(table) x
      where \(hasChanged)\(since)
      union all
      select g.surrogate_key, \(natural.of("g")), null, null, false
      from \(ledger) g
      left join \(table) x on x.\(surrogate) = g.surrogate_key
      where \(hasChanged)
        and g.kind = 'withdrawn' and \(isGone)
      """
    let still = held.map { l.dialect.isNotTrue("o.whc_there and \($0)") } ?? "not o.whc_there"
    parts.append(
      """
      select \(place)\(l.grainColumns.of("f")), coalesce(\(l.surrogate(lookup, "n")), \(unknown)),
          \(l.entry(dimension.naturalKey.map { "o.\(l.q($0))" }))\(durable.map { ", coalesce(\($0), \(unknown))" } ?? "")
        from \(l.table) f
        join \(past) o on o.\(surrogate) = f.\(foreignKey)
        left join \(l.source(lookup)) n on \(natural.equal("n", "o"))\(holds)
        where \(still)\(notMember)
      """)
    var statements = [Plan.Statement.temporary("\(name)_past", as: written, l.dialect)]
    if l.dialect.hasProceduralStatements {
      statements.append(Plan.Statement(.analyze, "analyze \(past) (\(surrogate), \(natural.bare))"))
    }
    statements.append(.temporary(name, as: parts.joined(separator: "\nunion all\n"), l.dialect))
    statements += tell(lookup, stale)
    guard l.fact.rekey == .auto else { return statements }
    let own = durable == nil ? "" : lookup.durableForeignKey.map { ",\n  \(l.q($0)) = s.whc_durable" } ?? ""
    statements.append(update(foreignKey, own, stale))
    let (entries, entry) = l.deletedEntries
    // A ledger entry lives as long as its fact has no version.
    statements.append(
      Plan.Statement(
        .change,
        """
        delete from \(entries) using \(stale) s
        where \(l.grainColumns.equal(entry, "s")) and \(entry).kind = 'unresolved'
          and \(entry).foreign_key = \(literal)
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
    not exists (
        select 1 from \(l.ledgerTable) g join \(dimensions) x on x.foreign_key = g.foreign_key
        where g.kind = 'dimension' and g.foreign_key = \(l.dialect.literal(lookup.foreignKey))
          and \(l.firstOfEntry("g")) = x.state)
    """
  }

  /// What finds a row of the table again: its place, or its grain.
  private var place: String { l.dialect.kind == .postgres ? "f.ctid as whc_tid, " : "" }

  /// Gives the rows that were found their new key; they were written by this load.
  private func update(_ foreignKey: String, _ others: String, _ stale: String) -> Plan.Statement {
    var set = "\(foreignKey) = s.whc_key\(others)"
    var from = "\(stale) s"
    if let trail = l.trail {
      set += ",\n  \(l.q(trail.column)) = "
      if l.dialect.kind == .postgres {
        set += trail.key
      } else {
        set += "a.whc_key"
        from += "\ncross join whc_audit a"
      }
    }
    let isSame = l.dialect.kind == .postgres ? "f.ctid = s.whc_tid" : l.grainColumns.equal("f", "s")
    return Plan.Statement(.change, "update \(l.table) f set \(set)\nfrom \(from)\nwhere \(isSame)")
  }

  /// The key to a mini-dimension follows through the one to its dimension, which leads to the natural key.
  private func follow(_ mini: FactLayout.Lookup, by base: FactLayout.Lookup) -> [Plan.Statement] {
    guard let dimension = base.dimension else { return [] }
    let name = "whc_\(mini.alias)"
    let stale = l.dialect.temporary(name)
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
    let query = """
      select \(place.isEmpty ? "\(l.grainColumns.of("f")), " : place)\(found) as whc_key
      from \(l.table) f
      left join \(l.dialect.render(base.relation)) o on \(l.surrogate(base, "o")) = \(key)
      left join \(l.source(mini)) n on \(natural.equal("n", "o"))\(holds)
      where (\(hasChanged(base))
          or \(hasChanged(mini)))
        and \(l.dialect.isDistinct("f.\(foreignKey)", found))
      """
    var statements = [Plan.Statement.temporary(name, as: query, l.dialect)] + tell(mini, stale)
    if l.fact.rekey == .auto { statements.append(update(foreignKey, "", stale)) }
    return statements
  }

  private func tell(_ lookup: FactLayout.Lookup, _ stale: String) -> [Plan.Statement] {
    guard l.dialect.hasProceduralStatements else { return [] }
    let verb = l.fact.rekey == .auto ? "were given" : "would get"
    let body = """

      begin
        if exists (select from \(stale)) then
          raise notice '% rows of % \(verb) another key to %, whose past changed',
            (select count(*) from \(stale)), \(l.dialect.literal(l.fact.name)), \(l.dialect.literal(lookup.target.name));
        end if;
      end
      """
    return [Plan.Statement(.prepare, "do " + SQLText.dollarQuoted(body + "\n"))]
  }
}
