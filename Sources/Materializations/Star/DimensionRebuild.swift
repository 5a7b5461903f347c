import Diagnostics
import ProjectModel
import StarModel
import Warehouse

/// The whole history of a dimension made anew beside its table, from all changes or from an older table, compared
/// with what is there, and then written as differences.
///
/// A version that is there, or was, keeps its surrogate key. Nothing is written before ``Plan/Step/gate(relation:)`` is
/// passed; whoever carries the plan out reads there what ``differences`` found, and goes on or undoes it.
struct DimensionRebuild {
  /// Where the differences stand at the gate: `section`, `name`, `count`, `samples`.
  static let differences = RelationName(database: nil, schema: "pg_temp", identifier: "whc_difference")
  private static let beside = RelationName(database: nil, schema: "pg_temp", identifier: "whc_rebuilt")

  private let input: PlanInput
  private let layout: DimensionLayout
  private let rebuilt: DimensionLayout
  private let besideInput: PlanInput
  private let star: Star

  private var l: DimensionLayout { layout }
  private var keys: ColumnList { layout.keys }
  private var new: String { rebuilt.table }
  private var names: [String] { layout.definitions.map(\.name) }

  /// - Throws: `rebuild-nothing`, `rebuild-needs-history`, `rebuild-behind`
  init(_ input: PlanInput) throws(DiagnosticsError) {
    self.input = input
    // The key of the load that wrote a row is no part of the history.
    try Self.refuse("'whc rebuild' of dimensions", on: input)
    layout = try DimensionMaterialization.layout(input, isAudited: false)
    star = Star(input.manifest)
    let dimension = layout.dimension
    guard input.existing?.kind == .table, input.relations[layout.ledger] != nil else {
      throw DiagnosticsError(
        Diagnostic(
          "rebuild-nothing", "\(layout.table) is not there yet, so there is nothing to rebuild",
          at: input.node.startSpan, help: "'whc build --select \(dimension.name)' makes it"))
    }
    guard dimension.input == .changes || dimension.takeOver != nil else {
      throw DiagnosticsError(
        Diagnostic(
          "rebuild-needs-history",
          "the SQL of \(dimension.name) gives the present extract, which says nothing of the past",
          at: input.node.span(ofConfig: "input"),
          help: "rebuild from 'input: changes', or from an older table with 'take_over'"))
    }
    let present = input.existing?.columns ?? []
    let behind = layout.definitions.filter { column in
      let type = column.type.replacing(" not null", with: "").replacing(" default false", with: "")
      guard let old = present.first(where: { $0.name == column.name }) else { return true }
      return TypeChange(from: old.type, to: type, input.dialect) != .none
    }
    guard behind.isEmpty else {
      throw DiagnosticsError(
        Diagnostic(
          "rebuild-behind",
          "\(layout.table) lacks \(behind.map(\.name).joined(separator: ", ")) of the SQL, or has another type there",
          at: input.node.startSpan,
          help: "'whc build --select \(dimension.name)' brings its columns up to date"))
    }
    var own = dimension
    own.discardsHistory = false
    own.recordedTime = nil
    var beside = input
    beside.existing = nil
    beside.dependents = []
    beside.relations = [:]
    beside.flags.empty = false
    besideInput = beside
    rebuilt = try DimensionLayout(
      own, beside, target: Self.beside, hasInferred: layout.hasInferred, star: star)
  }

  /// - Throws: `dialect-not-yet` for what only PostgreSQL does.
  static func refuse(_ what: String, on input: PlanInput) throws(DiagnosticsError) {
    guard input.dialect.kind != .postgres else { return }
    throw DiagnosticsError(
      Diagnostic(
        "dialect-not-yet", "\(what) is not written for \(input.dialect.kind.rawValue) yet",
        at: input.node.span(ofConfig: "materialized")))
  }

  func plan() throws(DiagnosticsError) -> Plan {
    var draft = try PlanDraft(input)
    draft.lockTarget()
    // Readers go on; whoever else writes waits.
    draft.add(.lock, "lock table \(l.table) in share row exclusive mode")
    let trail = AuditTrail(input, star: star)
    if let trail { draft.add(trail.begin(l.table)) }
    draft.add(.prepare, create(new, rebuilt.definitions))
    draft.add(
      .prepare,
      create(
        rebuilt.ledgerTable,
        [("kind", "text not null")] + l.key.map { ($0.name, $0.type) }
          + [("at", l.timeType), ("surrogate_key", l.surrogateType)]))
    draft.add(seeds)
    var older: TakeOverLoad?
    if let taken = try TakenTable(again: layout.dimension, input) {
      older = TakeOverLoad(taken: taken, layout: rebuilt, input: besideInput, isAgain: true)
    }
    try DimensionMaterialization.load(rebuilt, besideInput, &draft, after: older)
    draft.add(.prepare, givenKeys)
    draft.add(durableKeys)
    OutriggerKeys(layout: rebuilt).add(to: &draft)
    draft.add(.prepare, pairs)
    draft.add(.prepare, differences)
    draft.steps.append(.gate(relation: Self.differences))
    draft.add(writing)
    if let trail { draft.add(trail.mark(l) + [trail.end()]) }
    return draft.plan(isIdempotent: false)
  }

  private func create(_ table: String, _ columns: [(name: String, type: String)]) -> String {
    "create temporary table \(table) (\n"
      + columns.map { "  \(l.q($0.name)) \($0.type)" }.joined(separator: ",\n") + "\n) on commit drop"
  }

  // MARK: What is kept

  private var all: ColumnList { ColumnList(names, l.dialect) }

  /// Members, rows that wait for their first version, and the keys that were ever given.
  private var seeds: [Plan.Statement] {
    var statements = ""
    if !l.dimension.members.isEmpty {
      statements += """
        insert into \(new) (\(all.bare))
        select \(all.of("d")) from \(l.table) d where d.\(l.surrogate) in (\(l.memberKeys))
        """
    }
    var parts = [statements].filter { !$0.isEmpty }
    let first = "d.\(l.validFrom) = \(l.earliest)"
    let waits =
      l.dimension.firstVersionFrom == .source ? "(d.\(l.isInferred) or \(first))" : "d.\(l.isInferred)"
    if l.hasInferred {
      parts.append(
        """
        insert into \(new) (\(l.surrogate), \(keys.bare), \(l.validFrom), \(l.validTo), \(l.isCurrent), \(l.isInferred))
        select d.\(l.surrogate), \(keys.of("d")), \(l.earliest), \(l.open), true, true
        from \(l.table) d
        where \(waits)\(l.notMember("d"))
        """)
    }
    let seeded = l.hasInferred ? "\n  and not \(waits)" : ""
    parts.append(
      """
      insert into \(rebuilt.ledgerTable) (kind, \(keys.bare), at, surrogate_key)
      select 'withdrawn', \(keys.of("d")), d.\(l.validFrom), d.\(l.surrogate)
      from \(l.table) d
      where true\(l.notMember("d"))\(seeded)
      union all
      select g.kind, \(keys.of("g")), g.at, g.surrogate_key
      from \(l.ledgerTable) g
      where g.kind in ('withdrawn', 'discarded')
        and not exists (select from \(l.table) d where d.\(l.surrogate) = g.surrogate_key and g.kind = 'withdrawn')
      """)
    return parts.map { Plan.Statement(.prepare, $0) }
  }

  /// A version that begins when one did that was given a key has that one: a simple load only counts up.
  private var givenKeys: String {
    """
    update \(new) r set \(l.surrogate) = g.surrogate_key
    from \(rebuilt.ledgerTable) g
    where g.kind = 'withdrawn' and \(keys.equal("g", "r")) and g.at = r.\(l.validFrom)
      and r.\(l.surrogate) <> g.surrogate_key\(l.notMember("r"))
      and not exists (select from \(l.table) d where d.\(l.surrogate) = r.\(l.surrogate))
    """
  }

  private var durableKeys: [Plan.Statement] {
    guard let key = rebuilt.durableKey, let name = l.dimension.durableKey.map(l.q) else { return [] }
    return key.fillMembers + [
      Plan.Statement(
        .prepare,
        """
        update \(new) r set \(name) = d.\(name)
        from (select distinct \(keys.of("d")), d.\(name) from \(l.table) d where d.\(name) is not null) d
        where \(keys.equal("d", "r"))
        """), key.fill,
    ]
  }

  // MARK: What differs

  /// Columns that can differ in a version that is in both, apart from its interval.
  private var compared: [String] {
    let others = Set(
      [l.dimension.surrogateKey.name, l.dimension.columns.validFrom, l.dimension.columns.validTo]
        + l.key.map(\.name))
    return names.filter { !others.contains($0) }
  }

  private func differs(_ name: String) -> String {
    let text = l.attributes.contains { $0.name == name && $0.comparesAsText } ? "::text" : ""
    return "d.\(l.q(name))\(text) is distinct from r.\(l.q(name))\(text)"
  }

  private var pairs: String {
    let moved =
      "(d.\(l.validFrom) is distinct from r.\(l.validFrom) or d.\(l.validTo) is distinct from r.\(l.validTo))"
    let flags = compared.enumerated().map { ",\n  \(differs($1)) as whc_differs_\($0)" }.joined()
    let any = (compared.map(differs) + [moved]).joined(separator: "\n  or ")
    return """
      create temporary table whc_pair on commit drop as
      select d.ctid as whc_old, r.ctid as whc_new, coalesce(d.\(l.surrogate), r.\(l.surrogate)) as whc_key,
        \(keys.names.map { "coalesce(d.\(l.q($0)), r.\(l.q($0))) as \(l.q($0))" }.joined(separator: ", ")),
        coalesce(r.\(l.validFrom), d.\(l.validFrom)) as whc_from, r.\(l.validTo) as whc_to,
        \(moved) as whc_moved\(flags)
      from (select ctid, * from \(l.table)) d
      full join (select ctid, * from \(new)) r on r.\(l.surrogate) = d.\(l.surrogate)
      where d.ctid is null or r.ctid is null
        or \(any)
      """
  }

  private var version: String {
    "concat_ws(' ', \(keys.of("p")), 'from ' || p.whc_from::text)"
  }

  private func section(
    _ section: String, _ name: String = "", of what: String, where condition: String, distinct: Bool = false
  ) -> String {
    """
    select \(l.dialect.literal(section)) as section, \(l.dialect.literal(name)) as name, count(*) as count,
      (array_agg(x.what order by x.what))[1:5] as samples
    from (
      select \(distinct ? "distinct " : "")\(what) as what
      from pg_temp.whc_pair p
      where \(condition)
    ) x
    """
  }

  private var differences: String {
    let member = "concat_ws(' ', \(keys.of("p")))"
    func lacks(_ table: String) -> String {
      "not exists (select from \(table) x where \(keys.equal("x", "p")))"
    }
    var parts = [
      section("members_added", of: member, where: lacks(l.table), distinct: true),
      section("members_removed", of: member, where: lacks(new), distinct: true),
      section("versions_added", of: version, where: "p.whc_old is null"),
      section("versions_removed", of: version, where: "p.whc_new is null"),
      section(
        "intervals_moved", of: version,
        where: "p.whc_moved and p.whc_old is not null and p.whc_new is not null"),
    ]
    for (index, name) in compared.enumerated() {
      let both = "p.whc_old is not null and p.whc_new is not null and p.whc_differs_\(index)"
      let old = "(select d.\(l.q(name))::text from \(l.table) d where d.ctid = p.whc_old)"
      let now = "(select r.\(l.q(name))::text from \(new) r where r.ctid = p.whc_new)"
      parts.append(
        section(
          "changed", name,
          of: "\(version) || ': ' || coalesce(\(old), 'NULL') || ' -> ' || coalesce(\(now), 'NULL')",
          where: both))
    }
    parts += facts
    return "create temporary table whc_difference on commit drop as\n"
      + parts.joined(separator: "\nunion all\n")
  }

  /// Rows of facts whose version is gone or does not hold at their time any more.
  private var facts: [String] {
    star.facts.values.flatMap { fact -> [String] in
      guard let relation = input.manifest.nodes[fact.node]?.relation,
        let columns = input.relations[relation]?.columns
      else { return [] }
      return star.lookups(of: fact, input.manifest).filter { $0.target.node == l.dimension.node }.compactMap {
        edge, target in
        let column = edge.foreignKey(target.surrogateKey.name)
        guard columns.contains(where: { $0.name == column }) else { return nil }
        var away = "p.whc_new is null"
        if let time = fact.asOf(edge), columns.contains(where: { $0.name == time }), target.isVersioned {
          let at = "f.\(l.q(time))"
          away += "\n    or p.whc_moved and (\(at) < p.whc_from or \(at) >= p.whc_to)"
        }
        return """
          select 'facts', \(l.dialect.literal("\(fact.name).\(column)")), count(*), null::text[]
          from \(l.dialect.render(relation)) f
          join pg_temp.whc_pair p on p.whc_key = f.\(l.q(column)) and p.whc_old is not null
            and (\(away))
          """
      }
    }
  }

  // MARK: Writing

  private var writing: [Plan.Statement] {
    let set = names.filter { $0 != l.dimension.surrogateKey.name }.map { "\(l.q($0)) = r.\(l.q($0))" }
    return [
      "delete from \(l.table) d using pg_temp.whc_pair p\nwhere d.ctid = p.whc_old and p.whc_new is null",
      """
      update \(l.table) d
      set \(set.joined(separator: ", "))
      from pg_temp.whc_pair p join \(new) r on r.ctid = p.whc_new
      where d.ctid = p.whc_old
      """,
      """
      insert into \(l.table) (\(all.bare))
      select \(all.of("r"))
      from pg_temp.whc_pair p join \(new) r on r.ctid = p.whc_new
      where p.whc_old is null
      """,
      "delete from \(l.ledgerTable) g where g.kind <> 'discarded'",
      """
      insert into \(l.ledgerTable) (kind, \(keys.bare), at, surrogate_key)
      select g.kind, \(keys.of("g")), g.at, g.surrogate_key
      from \(rebuilt.ledgerTable) g
      where g.kind <> 'discarded'
        and not (g.kind = 'withdrawn' and exists (select from \(l.table) d where d.\(l.surrogate) = g.surrogate_key))
      """,
    ].map { Plan.Statement(.change, $0) }
  }

  /// Relations that must be known before ``init(_:)``: an older table, and facts that look the dimension up.
  static func columnsNeeded(_ dimension: Dimension, _ input: PlanInput) -> [RelationName] {
    let star = Star(input.manifest)
    let facts = star.facts.values.filter { fact in
      star.lookups(of: fact, input.manifest).contains { $0.target.node == dimension.node }
    }
    return facts.compactMap { input.manifest.nodes[$0.node]?.relation }
      + [TakenTable.place(of: dimension, input)].compactMap(\.self)
  }
}
