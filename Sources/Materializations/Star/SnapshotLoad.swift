import Diagnostics
import ProjectModel
import StarModel
import Warehouse

/// `input: snapshot`: compares the full extract with the current versions and writes what is simple.
///
/// Simple is a key with one unit that begins after the key's newest version, a new key with one unit, and a key
/// that is gone. What is not goes to `whc_touched` for ``DimensionChain``.
struct SnapshotLoad {
  let layout: DimensionLayout
  let input: PlanInput

  private var l: DimensionLayout { layout }
  private var keys: ColumnList { layout.keys }
  private var dimension: Dimension { layout.dimension }
  /// An extract that `--empty` emptied says nothing of deletions.
  private var deletes: Dimension.Deletes { input.flags.empty ? .ignore : dimension.deletes }
  private var closes: Bool { deletes == .invalidate || deletes == .newRecord }

  func add(to draft: inout PlanDraft) {
    draft.add(.prepare, delta)
    // Without an estimate the planner hashes the dimension by ctid instead of the few rows that change.
    draft.add(.analyze, "analyze pg_temp.whc_delta (whc_tid)")
    draft.add(.prepare, several)
    LoadAudits(layout: layout, input: input).add(to: &draft, from: "pg_temp.whc_delta")
    draft.add(.prepare, touched)
    draft.add(.prepare, notSimple)
    draft.steps.append(.audit(simpleIsSimple))
    draft.add(.change, close)
    if deletes == .soft { draft.add(.change, markDeleted) }
    draft.add(.change, insert)
  }

  /// The unit's time.
  private var effective: String { dimension.effectiveAt.map { "s.\(l.q($0))::\(l.timeType)" } ?? l.now }

  /// Units that differ from their key's current version, and current versions without a unit.
  private var delta: String {
    let first = l.q(dimension.naturalKey[0])
    let here = "(s.\(first) is not null or d.ctid is null)"
    let attributes = l.attributes.map { attribute in
      let name = l.q(attribute.name)
      if attribute.rule == .retainOriginal {
        return "case when d.ctid is null or \(l.inferred("d")) then s.\(name) else d.\(name) end as \(name)"
      }
      return deletes == .newRecord
        ? "case when \(here) then s.\(name) else d.\(name) end as \(name)" : "s.\(name)"
    }
    var filter = ["d.ctid is null", "s.\(first) is null"]
    if l.hasInferred { filter.append("d.\(l.isInferred)") }
    if l.hasDeleted { filter.append("d.\(l.isDeleted)") }
    if let time = dimension.effectiveAt {
      // A time that moved back may be another version's, which is then corrected.
      filter += ["s.\(l.q(time)) is null", "s.\(l.q(time)) < \(l.stated("d"))"]
    }
    let compared = l.tracked + l.overwritten
    if !compared.isEmpty { filter.append(l.differ(compared, "s", "d")) }
    let columns =
      [
        "d.ctid as whc_tid", "\(here) as whc_here", "d.\(l.validFrom) as whc_from",
        "\(l.position("d")) as whc_at", "\(l.deleted("d")) as whc_deleted",
        "\(l.inferred("d")) as whc_inferred",
        "(\(l.differ(l.overwritten + l.hybrid, "s", "d"))) as whc_overwrites",
        "\(dimension.effectiveAt == nil ? l.now : effective) as whc_effective",
      ] + keys.names.map { "coalesce(s.\(l.q($0)), d.\(l.q($0))) as \(l.q($0))" } + attributes
    return """
      create temporary table whc_delta on commit drop as
      select \(columns.joined(separator: ",\n  "))
      from pg_temp.whc_stage s
      full join (select ctid, * from \(l.table) x where x.\(l.isCurrent)\(l.notMember("x"))) d
        on \(keys.equal("s", "d"))
      where \(filter.joined(separator: "\n    or "))
      """
  }

  /// Keys with more than one unit. That there are none among the stored keys is known from four counts, and
  /// the staged rows are grouped only when the counts differ.
  private var several: String {
    """
    create temporary table whc_several on commit drop as
    select \(keys.of("s"))
    from pg_temp.whc_stage s
    where (select (select count(*) from pg_temp.whc_stage)
        - (select count(*) from pg_temp.whc_delta where whc_tid is null)
        <> (select count(*) from \(l.table) x where x.\(l.isCurrent)\(l.notMember("x")))
        - (select count(*) from pg_temp.whc_delta where not whc_here))
    group by \(keys.of("s")) having count(*) > 1
    union
    select \(keys.of("s"))
    from pg_temp.whc_delta s
    where s.whc_tid is null
    group by \(keys.of("s")) having count(*) > 1
    """
  }

  /// Keys whose chain is made anew.
  private var touched: String {
    var parts = ["select \(keys.of("s")) from pg_temp.whc_several s"]
    parts.append(
      """
      select \(keys.of("x")) from pg_temp.whc_delta x
      where x.whc_tid is not null and x.whc_here
        and (x.whc_overwrites or x.whc_deleted or x.whc_inferred or x.whc_effective <= x.whc_at)
      """)
    // A key without a current version that had one before returns.
    parts.append(
      """
      select \(keys.of("x")) from pg_temp.whc_delta x
      where x.whc_tid is null
        and (exists (select from \(l.table) d where \(keys.equal("d", "x")) and not d.\(l.isCurrent))
          or exists (select from \(l.ledgerTable) g where \(keys.equal("g", "x"))))
      """)
    if closes {
      parts.append(
        """
        select \(keys.of("x")) from pg_temp.whc_delta x
        where not x.whc_here and not x.whc_inferred and not x.whc_deleted and x.whc_from >= \(l.now)
        """)
    }
    return "create temporary table whc_touched on commit drop as\n" + parts.joined(separator: "\nunion\n")
  }

  /// Leaves the simple keys in `whc_delta`.
  private var notSimple: String {
    let gone = deletes == .ignore ? "not x.whc_here" : "not x.whc_here and (x.whc_inferred or x.whc_deleted)"
    return """
      delete from pg_temp.whc_delta x
      where \(gone)
        or exists (select from pg_temp.whc_touched t where \(keys.equal("t", "x")))
      """
  }

  private var begins: String { "case when x.whc_here then x.whc_effective else \(l.now) end" }

  /// The invariants of the simple keys, from which those of the table follow: one row a key, and a new version that
  /// begins where the one it closes ends, after its beginning.
  private var simpleIsSimple: Plan.Audit {
    Plan.Audit(
      "broken-history", "the history of \(dimension.name) would have overlapping versions",
      query: """
        select count(*) over () as offences, \(keys.bare), count(*) as versions
        from pg_temp.whc_delta x
        group by \(keys.bare)
        having count(*) > 1 or bool_or(x.whc_tid is not null\(deletes == .soft ? " and x.whc_here" : "")
          and x.whc_from >= \(begins))
        limit 5
        """)
  }

  private var close: String {
    """
    update \(l.table) d set \(l.validTo) = \(begins), \(l.isCurrent) = false
    from pg_temp.whc_delta x
    where d.ctid = x.whc_tid\(deletes == .soft ? " and x.whc_here" : "")
    """
  }

  private var markDeleted: String {
    "update \(l.table) d set \(l.isDeleted) = true\nfrom pg_temp.whc_delta x\n"
      + "where d.ctid = x.whc_tid and not x.whc_here"
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
    columns += l.hybrid.map { (l.q(DimensionLayout.currentName(of: $0.name)), "x.\(l.q($0.name))") }
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
        from pg_temp.whc_delta x\(shown)
      ) x
      """
  }
}
