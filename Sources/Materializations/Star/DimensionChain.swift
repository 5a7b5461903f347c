import Diagnostics
import ProjectModel
import StarModel
import Warehouse

/// Makes the whole chain of versions of the keys in `whc_touched` from what is stored and what is newly stated,
/// and writes the differences.
///
/// Events on a key's line of time are versions and ends (deletions). A version holds up to the next event.
struct DimensionChain {
  let layout: DimensionLayout
  let input: PlanInput

  private var l: DimensionLayout { layout }
  private var keys: ColumnList { layout.keys }
  private var dimension: Dimension { layout.dimension }
  private var hasRecords: Bool { dimension.deletes == .newRecord }

  func add(to draft: inout PlanDraft) {
    if l.dialect.hasProceduralStatements { draft.add(.analyze, "analyze \(l.temp("touched"))") }
    draft.temporary("whc_stored", as: stored)
    draft.temporary("whc_events", as: DimensionEvents(layout: layout, input: input).table)
    if dimension.lateArriving == .error { draft.steps.append(.audit(late)) }
    draft.temporary("whc_chain", as: chain)
    draft.add(memory.statements)
    draft.add(.change, rememberWithdrawn)
    draft.add(.change, update)
    draft.add(.change, withdraw)
    draft.add(.change, insert)
    draft.steps.append(.audit(invariants))
  }

  // MARK: What is stored

  private var memory: DimensionMemory { DimensionMemory(layout: layout) }

  private var position: String {
    memory.keepsPlaces
      ? "coalesce(case when d.\(l.validFrom) = \(l.earliest) then g.at end, \(l.position("d")))"
      : l.position("d")
  }

  private var stored: String {
    let line = "over (partition by \(keys.of("d")) order by d.\(l.validFrom))"
    return """
      select \(l.row("d")) as whc_tid, d.\(l.surrogate) as whc_key, \(keys.of("d")),
        \(ColumnList(l.valueColumns, l.dialect).of("d"))\(l.valueColumns.isEmpty ? "" : ",")
        d.\(l.validFrom) as whc_from, d.\(l.validTo) as whc_to, d.\(l.isCurrent) as whc_current,
        \(l.inferred("d")) as whc_inferred, \(l.deleted("d")) as whc_deleted,
        \(l.hasStated ? "d.\(l.statedAt)" : "null::\(l.timeType)") as whc_aside,
        \(l.stated("d")) as whc_stated, \(position) as whc_at,
        \(hasRecords ? "not \(l.inferred("d")) and not \(l.deleted("d"))" : "not \(l.inferred("d"))") as whc_real,
        lead(d.\(l.validFrom)) \(line) as whc_next, lag(d.\(l.validFrom)) \(line) as whc_previous,
        coalesce(s.whc_here, false) as whc_here
      from \(l.table) d
      join \(l.temp("touched")) t on \(keys.equal("t", "d"))
      left join (select distinct \(keys.of("x")), true as whc_here from \(l.temp("stage")) x) s
        on \(keys.equal("s", "d"))\(memory.keepsPlaces ? "\n\(memory.latest("placed", of: "d"))" : "")
      """
  }

  // MARK: The chain

  private var late: Plan.Audit {
    Plan.Audit(
      "late-version", "versions of \(dimension.name) arrive after a newer one of their key",
      help: "'late_arriving: splice' puts them where they belong",
      span: input.node.span(ofConfig: "late_arriving"), check: StarCheck(.history),
      query: """
        select count(*) over () as versions, \(keys.of("e")), e.whc_stated as effective_at
        from \(l.temp("events")) e
        where e.whc_late and not e.whc_dropped
        order by \(keys.of("e")), e.whc_stated
        limit 5
        """)
  }

  /// The columns of a version apart from keys: name and expression over `f`.
  private var results: [(name: String, value: String)] {
    let names = l.valueColumns.map { (name: l.q($0), value: "f.\(l.q($0))") }
    var columns =
      names + (dimension.isVersioned ? [] : [(l.validFrom, "f.whc_from")]) + [
        (l.validTo, "coalesce(f.whc_to, \(l.open))"), (l.isCurrent, "(f.whc_to is null)"),
      ]
    if l.hasInferred { columns.append((l.isInferred, "false")) }
    if l.hasDeleted { columns.append((l.isDeleted, "f.whc_gone")) }
    if l.hasStated { columns.append((l.statedAt, "nullif(f.whc_stated, f.whc_from)")) }
    return columns
  }

  private var chain: String {
    let first = "\n      rows between unbounded preceding and current row)"
    let latest =
      "over (partition by \(keys.of("e")) order by e.whc_version desc, e.whc_latest desc, e.whc_stored, e.whc_at desc"
      + first
    let earliest =
      "over (partition by \(keys.of("e")) order by e.whc_version desc, e.whc_stated, e.whc_stored, e.whc_at"
      + first
    let valued = l.attributes.map { attribute in
      let name = l.q(attribute.name)
      switch attribute.rule {
      case .overwrite: return "first_value(e.\(name)) \(latest) as \(name),\n      "
      case .retainOriginal: return "first_value(e.\(name)) \(earliest) as \(name),\n      "
      default: return "e.\(name), "
      }
    }.joined()
    let copies = l.hybrid.map {
      "first_value(e.\(l.q($0.name))) \(latest) as \(l.q(DimensionLayout.currentName(of: $0.name))),\n      "
    }.joined()
    let soft = dimension.deletes == .soft
    let aggregate = l.dialect.aggregate
    let ended = """
      coalesce(\(aggregate("max", "e.whc_at", "not e.whc_version")) over (partition by \(keys.of("e")))
            > \(aggregate("max", "e.whc_at", "e.whc_version and not e.whc_dropped")) over (partition by \(keys.of("e"))), false)
      """
    let line = "over (partition by \(keys.of("v")) order by v.whc_at, v.whc_version)"
    let kept = soft ? "not e.whc_dropped and e.whc_version" : "not e.whc_dropped"
    let values = l.attributes.map { attribute in
      let name = l.q(attribute.name)
      let filled = "case when v.whc_version then v.\(name) else lag(v.\(name)) \(line) end as \(name), "
      return hasRecords && attribute.rule.makesVersions ? filled : "v.\(name), "
    }.joined()
    let copied = l.hybrid.map { "v.\(l.q(DimensionLayout.currentName(of: $0.name))), " }.joined()
    let always =
      dimension.firstVersionFrom == .always
      ? "true" : "max(case when v.whc_always then 1 else 0 end) over (partition by \(keys.of("v"))) = 1"
    let shown = hasRecords ? "(i.whc_version or i.whc_follows)" : "i.whc_version"
    let gone =
      switch dimension.deletes {
      case .newRecord: "not i.whc_version"
      case .soft: "i.whc_to is null and i.whc_ended"
      default: "false"
      }
    let changed = results.map { column in
      let attribute = l.attributes.first {
        l.q($0.name) == column.name || l.q(DimensionLayout.currentName(of: $0.name)) == column.name
      }
      let values = ["d.\(column.name)", column.value].map { value in
        attribute.map { l.comparable($0, value) } ?? value
      }
      return l.dialect.isDistinct(values[0], values[1])
    }
    // Without versions a row is a stretch of existence, which may turn out to begin earlier; its key stays.
    let place =
      dimension.isVersioned
      ? "o.whc_from = f.whc_from"
      : """
      o.whc_from >= f.whc_from and \(l.dialect.isNotTrue("o.whc_from >= f.whc_to"))
          and \(l.dialect.isNotTrue("o.whc_previous >= f.whc_from"))
      """
    let placed =
      memory.keepsPlaces
      ? "case when f.whc_from = \(l.earliest) and f.whc_at not in (f.whc_stated, \(l.earliest)) then f.whc_at end as whc_placed,"
      : ""
    return """
      with valued as (
        select \(keys.of("e")), \(valued)\(copies)e.whc_at, e.whc_stated, e.whc_version, e.whc_dropped, e.whc_always,
          \(soft ? ended : "false") as whc_ended
        from \(l.temp("events")) e
      ), line as (
        select \(keys.of("v")), \(values)\(copied)v.whc_at, v.whc_stated, v.whc_version, v.whc_ended,
          lead(v.whc_at) \(line) as whc_to, coalesce(lag(v.whc_version) \(line), false) as whc_follows,
          \(always) as whc_always,
          \(aggregate("min", "v.whc_at", "v.whc_version")) over (partition by \(keys.of("v"))) as whc_first
        from valued v
        where \(kept.replacing("e.", with: "v."))
      ), version as (
        select i.*, case when i.whc_at = i.whc_first and i.whc_version and i.whc_always then \(l.earliest)
          else i.whc_at end as whc_from, \(gone) as whc_gone
        from line i
        where \(shown)
      )
      select \(l.row("d")) as whc_tid, \(keys.of("f")), f.whc_from, \(placed)
        \(results.map { "\($0.value) as \($0.name)" }.joined(separator: ", ")),
        \(l.row("d")) is not null and (\(changed.joined(separator: " or "))) as whc_changed
      from version f
      left join \(l.temp("stored")) o on \(keys.equal("o", "f")) and \(place)
      left join \(l.table) d on \(l.row("d")) = o.whc_tid
      """
  }

  // MARK: Writing

  private var isInChain: String {
    "exists (select 1 from \(l.temp("chain")) c where c.whc_tid = o.whc_tid)"
  }

  /// A withdrawn version gives its key back to nobody but itself.
  private var rememberWithdrawn: String {
    """
    insert into \(l.ledgerTable) (kind, \(keys.bare), at, surrogate_key)
    select 'withdrawn', \(keys.of("o")), o.whc_from, o.whc_key
    from \(l.temp("stored")) o
    where not o.whc_inferred and not \(isInChain)
      and not exists (
        select 1 from \(l.ledgerTable) g where g.kind = 'withdrawn' and g.surrogate_key = o.whc_key)
    """
  }

  private var update: String {
    """
    update \(l.table) d
    set \(results.map { "\($0.name) = c.\($0.name)" }.joined(separator: ", "))\(l.touch)
    from \(l.temp("chain")) c
    where \(l.row("d")) = c.whc_tid and c.whc_changed
    """
  }

  private var withdraw: String {
    let gone = "not o.whc_inferred and not \(isInChain)"
    guard l.dialect.hasRowPlaces else {
      return "delete from \(l.table)\nwhere \(l.surrogate) in (\n"
        + "  select o.whc_key from \(l.temp("stored")) o where \(gone))"
    }
    return """
      delete from \(l.table) d using \(l.temp("stored")) o
      where d.ctid = o.whc_tid and d.\(l.surrogate) = o.whc_key and \(gone)
      """
  }

  private var insert: String {
    let columns =
      [l.surrogate, keys.bare] + (dimension.isVersioned ? [l.validFrom] : []) + results.map(\.name)
    let key =
      dimension.surrogateKey.method == .hash && dimension.takeOver == nil
      ? l.newKey("c", from: "c.whc_from")
      : "coalesce(g.surrogate_key, \(l.newKey("c", from: "c.whc_from", order: "order by \(keys.of("c")), c.whc_from")))"
    let withdrawn = l.dialect.firstOfEach(
      "w.surrogate_key",
      ColumnList(keys.names, l.dialect).values(of: "w") + [
        ("w.at", "at"), ("w.surrogate_key", "surrogate_key"),
      ],
      from: "\(l.ledgerTable) w where w.kind = 'withdrawn'")
    return """
      insert into \(l.table) (\(columns.joined(separator: ", ")))
      select \(key),
        \(keys.of("c")), \(dimension.isVersioned ? "c.whc_from, " : "")\(results.map { "c.\($0.name)" }.joined(separator: ", "))
      from \(l.temp("chain")) c
      left join (
        \(withdrawn)
      ) g
        on \(keys.equal("g", "c")) and g.at = c.whc_from
      where c.whc_tid is null
      """
  }

  /// What must hold of every key whose chain was made anew.
  private var invariants: Plan.Audit {
    Plan.Audit(
      "broken-history", "the history of \(dimension.name) would not hold together",
      check: StarCheck(.history),
      query: """
        with version as (
          select \(keys.of("d")), d.\(l.validFrom) as whc_from, d.\(l.validTo) as whc_to, d.\(l.isCurrent) as whc_current,
            lead(d.\(l.validFrom)) over (partition by \(keys.of("d")) order by d.\(l.validFrom)) as whc_next, count(*) over (partition by d.\(l.surrogate)) as whc_shares
          from \(l.table) d
          join \(l.temp("touched")) t on \(keys.equal("t", "d"))
        )
        select count(*) over () as offences, \(keys.of("v")), v.whc_from as valid_from, v.whc_to as valid_to,
          v.whc_next as next_valid_from
        from version v
        left join (
          select distinct \(keys.of("x")), x.whc_at from \(l.temp("events")) x where not x.whc_version
        ) e on \(keys.equal("e", "v")) and e.whc_at = v.whc_to
        where v.whc_shares > 1
          or v.whc_current and v.whc_next is not null
          or not v.whc_current and (v.whc_to is null or v.whc_from >= v.whc_to or v.whc_to > v.whc_next)
          or v.whc_to < v.whc_next and e.whc_at is null
        limit 5
        """)
  }
}
