import Diagnostics
import ProjectModel
import StarModel
import Warehouse

/// `input: snapshot`: compares the full extract with the current versions and writes what is simple.
///
/// Simple is a key with one unit that begins after the key's newest version, a new key with one unit, and a key
/// that is gone. What is not goes to `whc_touched` for ``DimensionChain``.
///
/// That no key has several units, nor several current versions, is known from what the server counts while it joins; where
/// it is not so, or not known, the server's refusal leads to the plan's second way, which asks.
struct SnapshotLoad {
  let layout: DimensionLayout
  let input: PlanInput
  /// Whether a key may have several units.
  var mayRepeat = true

  /// What leads from the way without repeated keys to the one that looks for them.
  static let refusals = [Plan.notCounted]

  private var l: DimensionLayout { layout }
  private var keys: ColumnList { layout.keys }
  private var dimension: Dimension { layout.dimension }
  /// An extract that `--empty` emptied says nothing of deletions.
  private var deletes: Dimension.Deletes { input.flags.empty ? .ignore : dimension.deletes }
  private var closes: Bool { deletes == .invalidate || deletes == .newRecord }

  /// Reading a row of a table costs the planner about 0.03; a join or a sort is several times that.
  private static let cheapEffort = 0.08

  /// - Parameter noting: what is noted down of the table before it is written to.
  func add(to draft: inout PlanDraft, noting: [Plan.Statement] = []) {
    draft.add(delta)
    // Without an estimate the planner hashes the dimension instead of the few rows that change.
    if l.dialect.hasProceduralStatements {
      draft.add(.analyze, "analyze \(l.temp("delta")) (whc_tid, \(keys.bare))")
    }
    if !mayRepeat { draft.add(noneRepeats) }
    draft.temporary("whc_stage", as: stage)
    draft.temporary("whc_several", as: several)
    if mayRepeat { draft.add(.prepare, "delete from \(l.temp("delta")) where whc_unit") }
    LoadAudits(layout: layout, input: input).add(to: &draft, from: "\(l.temp("delta"))")
    draft.temporary("whc_touched", as: touched)
    draft.add(.prepare, stageTouched)
    draft.add(notSimple)
    draft.steps.append(.audit(simpleIsSimple))
    draft.add(noting)
    draft.add(.change, close)
    if deletes == .soft { draft.add(.change, markDeleted) }
    draft.add(.change, insert)
  }

  /// The unit's time.
  private var effective: String { dimension.effectiveAt.map { "s.\(l.q($0))::\(l.timeType)" } ?? l.now }

  /// The source's own value of an attribute in `whc_delta`: type 0 stands there as it was first.
  private func stated(_ attribute: DimensionLayout.Attribute) -> String {
    l.retained.firstIndex { $0.name == attribute.name }.map { "whc_raw_\($0)" } ?? l.q(attribute.name)
  }

  private var currentVersions: String {
    "\(l.table) x where x.\(l.isCurrent)\(l.notMember("x"))"
  }

  /// The user's SQL runs once, here: units that differ from their key's current version, and current versions without
  /// a unit; then, where keys may repeat, as `whc_unit` every unit of the keys with more than one.
  private var delta: [Plan.Statement] {
    let create = CreateAs(input: input)
    let table = l.dialect.createTemporary("whc_delta") + "\n"
    guard l.dialect.hasProceduralStatements else { return plainDelta(create) }
    guard !mayRepeat else {
      let isCheap = (input.queryEffort ?? .infinity) <= Self.cheapEffort
      let keeping = isCheap ? "not materialized" : "materialized"
      return create.header + [
        create.wrap("\(table)with whc_source as \(keeping) (\n", "\n\n), \(pairsAndRepeated)")
      ]
    }
    return create.header
      + ["", "analyze, timing off, summary off, "].map { options in
        var statement = create.wrap(
          "explain (\(options)costs off, format json)\n\(table)select \(pairColumns)\nfrom (\n",
          "\n) s\n\(pairRows)", countsRows: !options.isEmpty)
        if options.isEmpty { statement.purpose = .prepare }
        statement.explainsJoin = true
        return statement
      }
  }

  /// The same where the server counts nothing for us: the source is kept and read as often as need be.
  private func plainDelta(_ create: CreateAs) -> [Plan.Statement] {
    let pairs = """
      with whc_pair as (
        select \(pairColumns)
        from \(l.temp("source")) s
        \(pairRows)
      )
      select p.*, coalesce(r.whc_returns, false) as whc_returns, false as whc_unit
      from whc_pair p
      left join (
        select distinct \(keys.of("x")), true as whc_returns
        from \(l.table) x
        where not x.\(l.isCurrent)
      ) r on p.whc_tid is null and \(keys.equal("r", "p"))
      union all
      select \(unit), false, true
      from \(l.temp("source")) s
      join (
        select \(keys.of("x")) from \(l.temp("source")) x group by \(keys.of("x")) having count(*) > 1
      ) m on \(keys.equal("m", "s"))
      """
    var source = create.temporaryTable("whc_source")
    if !source.isEmpty { source[source.count - 1] = source[source.count - 1].asMain }
    return source + [.temporary("whc_delta", as: pairs, l.dialect)]
  }

  /// A unit with the columns of `whc_delta` but the last two.
  private var unit: String {
    var unit = ["null::\(l.rowType)", "true", "null::\(l.timeType)", "null::\(l.timeType)"]
    unit += ["false", "false", "false", effective]
    unit += keys.names.map { "s.\(l.q($0))" }
    unit += (l.attributes + l.hybrid + l.retained).map { "s.\(l.q($0.name))" }
    return unit.joined(separator: ", ")
  }

  /// Refuses keys with several units, of which those that are stored are known by the server's own count.
  private var noneRepeats: Plan.Statement {
    var statement = Plan.Statement(
      .prepare,
      SQLText.refusal(
        Self.refusals[0], l.dialect.literal("a key of \(dimension.name) stands in more than one row"),
        when: """
          (select count(*) from \(l.temp("delta")) x where x.whc_tid is null or not x.whc_here)
              is distinct from \(Plan.Tally.alone.marker)
              or exists (
                select 1 from \(l.temp("delta")) x where x.whc_tid is null group by \(keys.of("x")) having count(*) > 1)
          """))
    statement.readsTallies = true
    return statement
  }

  private var first: String { l.q(dimension.naturalKey[0]) }
  /// Whether there is a unit.
  private var here: String { "(s.\(first) is not null or \(l.row("d")) is null)" }

  /// The columns of `whc_delta`, over units `s` and current versions `d`.
  private var pairColumns: String {
    let attributes = l.attributes.map { attribute in
      let name = l.q(attribute.name)
      if attribute.rule == .retainOriginal {
        return
          "case when \(l.row("d")) is null or \(l.inferred("d")) then s.\(name) else d.\(name) end as \(name)"
      }
      return deletes == .newRecord
        ? "case when \(here) then s.\(name) else d.\(name) end as \(name)" : "s.\(name)"
    }
    let copies = l.hybrid.map {
      let name = l.q(DimensionLayout.currentName(of: $0.name))
      return deletes == .newRecord
        ? "case when \(here) then s.\(l.q($0.name)) else d.\(name) end as \(name)"
        : "s.\(l.q($0.name)) as \(name)"
    }
    let raw = l.retained.enumerated().map { "s.\(l.q($1.name)) as whc_raw_\($0)" }
    let columns =
      [
        "\(l.row("d")) as whc_tid", "\(here) as whc_here", "d.\(l.validFrom) as whc_from",
        "\(l.position("d")) as whc_at", "\(l.deleted("d")) as whc_deleted",
        "\(l.inferred("d")) as whc_inferred",
        "(\(overwrites)) as whc_overwrites",
        "\(effective) as whc_effective",
      ] + keys.names.map { "coalesce(s.\(l.q($0)), d.\(l.q($0))) as \(l.q($0))" } + attributes + copies + raw
    return columns.joined(separator: ",\n  ")
  }

  /// Units and current versions side by side, those left out that are the same.
  private var pairRows: String {
    var filter = ["\(l.row("d")) is null", "s.\(first) is null"]
    if l.hasInferred { filter.append("d.\(l.isInferred)") }
    if l.hasDeleted { filter.append("d.\(l.isDeleted)") }
    if let time = dimension.effectiveAt {
      // A time that moved back may be another version's, which is then corrected.
      filter += ["s.\(l.q(time)) is null", "s.\(l.q(time)) < \(l.stated("d"))"]
    }
    let compared = l.tracked + l.overwritten
    if !compared.isEmpty { filter.append(l.differ(compared, "s", "d")) }
    return """
      full join (select \(l.wholeRow) from \(currentVersions)) d
        on \(keys.equal("s", "d"))
      where \(filter.joined(separator: "\n  or "))
      """
  }

  /// The rows of the table are counted in one pass, which also finds those of new keys, `whc_past`.
  ///
  /// That there are none with several units among the stored keys is known from four counts, and the units are grouped
  /// only when the counts differ. The source is read anew for its count when that costs less than to keep its rows; the
  /// server keeps them all the same when the query holds a function that might not give the same twice.
  private var pairsAndRepeated: String {
    let isNew = "select from whc_pair where whc_tid is null"
    return """
      whc_pair as (
        select \(pairColumns)
        from whc_source s
        \(pairRows)
      ), whc_versions as (
        select count(*) as whc_current, null::tid[] as whc_past
        from \(currentVersions) and (select not exists (\(isNew)))
        union all
        select count(*) filter (where x.\(l.isCurrent)\(l.notMember("x"))),
          array_agg(x.ctid) filter (where not x.\(l.isCurrent) and p.\(first) is not null)
        from \(l.table) x
        left join (select distinct \(keys.of("n")) from whc_pair n where n.whc_tid is null) p
          on \(keys.equal("p", "x"))
        where (select exists (\(isNew)))
      ), whc_several as (
        select \(keys.of("s"))
        from whc_source s
        where (select (select count(*) from whc_source)
            - (select count(*) from whc_pair where whc_tid is null)
            <> (select sum(whc_current) from whc_versions)
            - (select count(*) from whc_pair where not whc_here))
        group by \(keys.of("s")) having count(*) > 1
        union
        select \(keys.of("p"))
        from whc_pair p
        where p.whc_tid is null
        group by \(keys.of("p")) having count(*) > 1
      )
      select p.*, r.whc_returns is true as whc_returns, false as whc_unit
      from whc_pair p
      left join (
        select distinct \(keys.of("x")), true as whc_returns
        from \(l.table) x
        where x.ctid = any ((select whc_past from whc_versions where whc_past is not null)::tid[])
      ) r on p.whc_tid is null and \(keys.equal("r", "p"))
      union all
      select \(unit), false, true
      from whc_source s
      join whc_several m on \(keys.equal("m", "s"))
      """
  }

  /// Whether a unit changes values of other versions than its own. After a return at an older time the latest value
  /// of a type 6 attribute is not the current version's.
  private var overwrites: String {
    let latest = l.hybrid.map {
      let copy = l.q(DimensionLayout.currentName(of: $0.name))
      let values = ["s.\(l.q($0.name))", "d.\(copy)"]
      return "\n    or \(l.dialect.isDistinct(l.comparable($0, values[0]), l.comparable($0, values[1])))"
    }
    return l.differ(l.overwritten + l.hybrid, "s", "d") + latest.joined()
  }

  private func units(_ condition: String) -> String {
    let time = dimension.effectiveAt.map { ", x.whc_effective as \(l.q($0))" } ?? ""
    let attributes = l.attributes.map { ", x.\(stated($0)) as \(l.q($0.name))" }.joined()
    return "select \(keys.of("x"))\(time)\(attributes)\nfrom \(l.temp("delta")) x\nwhere \(condition)"
  }

  /// The units of the keys that the chain looks at: first those of which there are several.
  private var stage: String {
    units(mayRepeat ? "x.whc_unit" : "false")
  }

  private var several: String {
    "select distinct \(keys.of("s")) from \(l.temp("stage")) s"
  }

  /// Then the only unit of the others.
  private var stageTouched: String {
    "insert into \(l.temp("stage"))\n"
      + units(
        """
        x.whc_here
          and exists (select 1 from \(l.temp("touched")) t where \(keys.equal("t", "x")))
          and not exists (select 1 from \(l.temp("several")) m where \(keys.equal("m", "x")))
        """)
  }

  /// Keys whose chain is made anew.
  private var touched: String {
    var parts = ["select \(keys.of("s")) from \(l.temp("several")) s"]
    parts.append(
      """
      select \(keys.of("x")) from \(l.temp("delta")) x
      where x.whc_tid is not null and x.whc_here
        and (x.whc_overwrites or x.whc_deleted or x.whc_inferred or x.whc_effective <= x.whc_at)
      """)
    // A key without a current version that had one before returns. What the ledger places elsewhere than its row says
    // is no simple one either.
    parts.append(
      mayRepeat
        ? "select \(keys.of("x")) from \(l.temp("delta")) x where x.whc_returns"
        : """
        select \(keys.of("x")) from \(l.temp("delta")) x
        join \(l.table) d on \(keys.equal("d", "x"))
        where x.whc_tid is null
        """)
    parts.append(
      """
      select \(keys.of("x")) from \(l.temp("delta")) x
      join \(l.ledgerTable) g on \(keys.equal("g", "x"))
      where x.whc_tid is null or x.whc_here and g.kind = 'placed'
      """)
    if closes {
      parts.append(
        """
        select \(keys.of("x")) from \(l.temp("delta")) x
        where not x.whc_here and not x.whc_inferred and not x.whc_deleted and x.whc_at >= \(l.now)
        """)
    }
    return parts.joined(separator: "\nunion\n")
  }

  /// Leaves the simple keys in `whc_delta`.
  private var notSimple: [Plan.Statement] {
    let gone = deletes == .ignore ? "not x.whc_here" : "not x.whc_here and (x.whc_inferred or x.whc_deleted)"
    let (delta, x) = l.dialect.deleted(temporary: "whc_delta", "x")
    return [
      "delete from \(delta)\nwhere \(gone.replacing("x.", with: "\(x)."))",
      "delete from \(delta) using \(l.temp("touched")) t\nwhere \(keys.equal("t", x))",
    ].map { Plan.Statement(.prepare, $0) }
  }

  private var begins: String { "case when x.whc_here then x.whc_effective else \(l.now) end" }

  /// The invariants of the simple keys, from which those of the table follow: one row a stored key, and a new version
  /// that begins where the one it closes ends, after its beginning. That a new key has one row is known by now.
  private var simpleIsSimple: Plan.Audit {
    let overlaps = "\(deletes == .soft ? "x.whc_here and " : "")x.whc_from >= \(begins)"
    let versions = mayRepeat ? "count(*) as versions" : "1 as versions"
    let offences =
      mayRepeat
      ? "x.whc_tid is not null\ngroup by \(keys.bare)\nhaving count(*) > 1 or bool_or(\(overlaps))"
      : "x.whc_tid is not null and \(overlaps)"
    return Plan.Audit(
      "broken-history", "the history of \(dimension.name) would have overlapping versions",
      query: """
        select count(*) over () as offences, \(keys.bare), \(versions)
        from \(l.temp("delta")) x
        where \(offences)
        limit 5
        """)
  }

  private var close: String {
    """
    update \(l.table) d set \(l.validTo) = \(begins), \(l.isCurrent) = false\(l.touch)
    from \(l.temp("delta")) x
    where \(l.row("d")) = x.whc_tid\(deletes == .soft ? " and x.whc_here" : "")
    """
  }

  private var markDeleted: String {
    "update \(l.table) d set \(l.isDeleted) = true\(l.touch)\nfrom \(l.temp("delta")) x\n"
      + "where \(l.row("d")) = x.whc_tid and not x.whc_here"
  }

  private var insert: String {
    let fromAlways = dimension.firstVersionFrom == .always
    let from =
      fromAlways
      ? "case when x.whc_tid is null then \(l.earliest) else \(begins) end" : begins
    var columns: [(String, String)] = [
      (l.surrogate, l.newKey("x", from: "x.whc_begins")), (keys.bare, keys.of("x")),
    ]
    columns += l.attributes.map { (l.q($0.name), "x.\(l.q($0.name))") }
    columns += l.hybrid.map { l.q(DimensionLayout.currentName(of: $0.name)) }.map { ($0, "x.\($0)") }
    columns += [(l.validFrom, "x.whc_begins"), (l.validTo, l.open), (l.isCurrent, "true")]
    if l.hasDeleted { columns.append((l.isDeleted, "not x.whc_here")) }
    if l.hasStated {
      columns.append((l.statedAt, "case when x.whc_here then nullif(x.whc_effective, x.whc_begins) end"))
    }
    let shown = deletes == .newRecord ? "" : "\n  where x.whc_here"
    return """
      insert into \(l.table) (\(columns.map(\.0).joined(separator: ", ")))
      select \(columns.map(\.1).joined(separator: ",\n  "))
      from (
        select x.*, \(from) as whc_begins
        from \(l.temp("delta")) x\(shown)
      ) x
      """
  }
}
