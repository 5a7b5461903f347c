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
  private var isSnapshot: Bool { dimension.input == .snapshot }
  private var deletes: Dimension.Deletes { input.flags.empty && isSnapshot ? .ignore : dimension.deletes }
  private var hasRecords: Bool { dimension.deletes == .newRecord }
  /// Whether unchanged versions of the input are remembered in the ledger, where rows cannot.
  private var remembersUnits: Bool { !dimension.isVersioned && dimension.operation != nil }
  /// Whether the latest time that anything was stated for a key is, where no row begins then.
  private var remembersLatest: Bool { !dimension.isVersioned && l.hasEffective && dimension.operation == nil }

  /// Whether deletions that no row shows are remembered: those stated before any version, and those that withdrew
  /// all that they ended.
  private var remembersDeletions: Bool {
    isSnapshot ? dimension.deletes == .invalidate || hasRecords : dimension.operation != nil
  }

  func add(to draft: inout PlanDraft) {
    draft.add(.prepare, stored)
    draft.add(.prepare, events)
    if dimension.lateArriving == .error { draft.steps.append(.audit(late)) }
    draft.add(.prepare, chain)
    if remembersDeletions { draft.add(rememberDeletions) }
    if remembersUnits { draft.add(rememberUnits) }
    if remembersLatest { draft.add(rememberLatest) }
    draft.add(.change, rememberWithdrawn)
    draft.add(.change, update)
    draft.add(.change, withdraw)
    draft.add(.change, insert)
    draft.steps.append(.audit(invariants))
  }

  // MARK: What is stored

  private var stored: String {
    """
    create temporary table whc_stored on commit drop as
    select d.ctid as whc_tid, d.\(l.surrogate) as whc_key, \(keys.of("d")),
      \(ColumnList(l.valueColumns, l.dialect).of("d"))\(l.valueColumns.isEmpty ? "" : ",")
      d.\(l.validFrom) as whc_from, d.\(l.validTo) as whc_to, d.\(l.isCurrent) as whc_current,
      \(l.inferred("d")) as whc_inferred, \(l.deleted("d")) as whc_deleted,
      \(l.hasStated ? "d.\(l.statedAt)" : "null::\(l.timeType)") as whc_aside,
      \(l.stated("d")) as whc_stated, \(l.position("d")) as whc_at,
      \(hasRecords ? "not \(l.inferred("d")) and not \(l.deleted("d"))" : "not \(l.inferred("d"))") as whc_real,
      lead(d.\(l.validFrom)) over (partition by \(keys.of("d")) order by d.\(l.validFrom)) as whc_next,
      exists (select from pg_temp.whc_stage s where \(keys.equal("s", "d"))) as whc_here
    from \(l.table) d
    join pg_temp.whc_touched t on \(keys.equal("t", "d"))
    """
  }

  // MARK: Events

  private var attributes: ColumnList { ColumnList(l.attributeNames, l.dialect) }
  private func attributeList(_ alias: String) -> String {
    l.attributeNames.isEmpty ? "" : attributes.of(alias) + ", "
  }
  private var nullAttributes: String {
    l.attributes.map { "null::\($0.type), " }.joined()
  }

  private var events: String {
    let compared = l.signature(l.tracked, "e")
    let equalBefore =
      compared.map { "\($0) is not distinct from lag(\($0)) over w" } ?? "true"
    // An end that ends nothing; a version that says what its neighbour said already.
    var dropped = "not e.whc_version and lag(e.whc_version) over w is distinct from true"
    if dimension.collapsesNeighbours {
      let spared = !dimension.isVersioned ? "" : " and not e.whc_stored"
      dropped += """

              or e.whc_version\(spared) and lag(e.whc_version) over w and \(equalBefore)
        """
    }
    // The values of a stored row are those of the latest time stated for its key.
    let latest =
      remembersLatest
      ? """
      case when e.whc_stored and not e.whc_restated then greatest(e.whc_stated, (
              select max(g.at) from \(l.ledgerTable) g
              where g.kind = 'latest' and \(keys.equal("g", "e")))) else e.whc_stated end
      """ : "e.whc_stated"
    return """
      create temporary table whc_events on commit drop as
      with \((isSnapshot ? snapshotEvents : changeEvents).joined(separator: ",\n"))
      select e.*, \(latest) as whc_latest, coalesce(\(dropped), false) as whc_dropped
      from event e
      window w as (partition by \(keys.of("e")) order by e.whc_at, e.whc_version, e.whc_stored desc)
      """
  }

  /// What is known of each key before the load: its newest version, and when it was deleted, if it is.
  private var state: String {
    let remembered =
      remembersDeletions
      ? ", (\n          select max(g.at) from \(l.ledgerTable) g where g.kind = 'deleted' and \(keys.equal("g", "t")))"
      : ""
    return """
      state as (
        select \(keys.of("t")), max(o.whc_at) filter (where o.whc_real) as whc_newest,
          bool_or(o.whc_from = \(l.earliest)) as whc_always,
          case when bool_or(o.whc_current and o.whc_real) is not true
            then greatest(max(o.whc_to)\(remembered)) end as whc_closed,
          max(o.whc_from) filter (where o.whc_current and not o.whc_real and o.whc_deleted) as whc_recorded
        from pg_temp.whc_touched t
        left join pg_temp.whc_stored o on \(keys.equal("o", "t"))
        group by \(keys.of("t"))
      )
      """
  }

  private var known: String {
    "known as (\n  select distinct \(keys.of("o")), o.whc_stated from pg_temp.whc_stored o\n  "
      // A row that stands for a stretch of existence is no unit: what is stated is an event beside it.
      + "where o.whc_real\(remembersLatest ? " and false" : "")\n)"
  }

  /// The stored versions, with the values that the load gives them.
  private func storedVersions(_ condition: String, at: String = "o.whc_at") -> String {
    let values = l.attributeNames.map {
      "case when u.whc_stated is null then o.\(l.q($0)) else u.\(l.q($0)) end as \(l.q($0)), "
    }.joined()
    return """
      select \(keys.of("o")), \(values)\(at) as whc_at, o.whc_stated, true as whc_version, true as whc_stored,
          u.whc_stated is not null as whc_restated, false as whc_late, coalesce(k.whc_always, false) as whc_always
        from pg_temp.whc_stored o
        left join unit u on \(keys.equal("u", "o")) and u.whc_stated = o.whc_stated\(remembersLatest ? " and false" : "")
        left join state k on \(keys.equal("k", "o"))
        where o.whc_real\(condition)
      """
  }

  private var ignoresLate: String {
    dimension.lateArriving == .ignore ? " and not (u.whc_at < k.whc_newest) is true" : ""
  }

  private var snapshotEvents: [String] {
    let effective = dimension.effectiveAt.map { "s.\(l.q($0))::\(l.timeType)" } ?? l.now
    let closes = deletes == .invalidate || deletes == .newRecord
    let same = l.signature(l.tracked, "s").flatMap { left in
      l.signature(l.tracked, "o").map { "\n        and \(left) is not distinct from \($0)" }
    }
    // What the current version says already makes no version, whatever its time: the time alone was moved.
    let units = """
      unit as (
        select \(keys.of("s")), \(attributeList("s"))\(effective) as whc_stated,
          row_number() over (partition by \(keys.of("s")) order by \(effective) desc) = 1 as whc_last,
          exists (
            select from pg_temp.whc_stored o
            where \(keys.equal("o", "s")) and o.whc_current and o.whc_real\(same ?? "")) as whc_moved
        from pg_temp.whc_stage s
        join pg_temp.whc_touched t on \(keys.equal("t", "s"))
      )
      """
    // On return the newest version begins at its own time when that is after the deletion, else at detection.
    let closed = "greatest(k.whc_recorded, k.whc_closed)"
    let stays = closes ? "\n    and (o.whc_from < \(l.now) or o.whc_here)" : ""
    // A version that holds since ever ends with its key, also when its source's time is still to come.
    let at =
      closes
      ? "case when o.whc_at >= \(l.now) and not o.whc_here then o.whc_from else o.whc_at end" : "o.whc_at"
    var parts = [storedVersions(stays, at: at)]
    parts.append(
      """
      select \(keys.of("u")), \(attributeList("u"))u.whc_at, u.whc_stated, true, false, true,
          coalesce(u.whc_at < k.whc_newest, false), coalesce(k.whc_always, false)
        from (
          select u.*, case when u.whc_last and u.whc_stated <= \(closed) then \(l.now)
            else u.whc_stated end as whc_at
          from unit u
          left join state k on \(keys.equal("k", "u"))
          left join known n on \(keys.equal("n", "u")) and n.whc_stated = u.whc_stated
          where n.whc_stated is null or u.whc_last and \(closed) is not null
        ) u
        left join state k on \(keys.equal("k", "u"))
        where (u.whc_last and u.whc_at < k.whc_newest and u.whc_moved) is not true\(ignoresLate)
      """)
    // Deletions that are stored: gaps, and rows that stand for a deletion.
    parts.append(
      """
      select \(keys.of("o")), \(nullAttributes)o.whc_to, o.whc_to, false, true, false, false, false
        from pg_temp.whc_stored o
        where not o.whc_current and o.whc_next is distinct from o.whc_to and o.whc_real
      """)
    if hasRecords {
      parts.append(
        """
        select \(keys.of("o")), \(nullAttributes)o.whc_from, o.whc_from, false, true, false, false, false
          from pg_temp.whc_stored o
          where o.whc_deleted
        """)
    }
    if remembersDeletions {
      parts.append(
        """
        select \(keys.of("g")), \(nullAttributes)g.at, g.at, false, true, false, false, false
          from \(l.ledgerTable) g
          join pg_temp.whc_touched t on \(keys.equal("t", "g"))
          where g.kind = 'deleted'
        """)
    }
    if closes {
      parts.append(
        """
        select distinct \(keys.of("o")), \(nullAttributes)\(l.now), \(l.now), false, false, false, false, false
          from pg_temp.whc_stored o
          where o.whc_current and o.whc_real and not o.whc_here
        """)
    }
    return [units, state, known, "event as (\n  " + parts.joined(separator: "\n  union all\n  ") + "\n)"]
  }

  private var changeEvents: [String] {
    let time = "s.\(l.q(dimension.effectiveAt ?? ""))::\(l.timeType)"
    let deletion = ChangesLoad.isDeletion(l, "s")
    let units = """
      unit as (
        select \(keys.of("s")), \(attributeList("s"))\(time) as whc_stated, \(time) as whc_at
        from pg_temp.whc_stage s
        join pg_temp.whc_touched t on \(keys.equal("t", "s"))
        where not \(deletion)
      )
      """
    var ctes = [units, state, known]
    var condition = ""
    var remembered = ""
    if remembersUnits {
      ctes[1] = ctes[1].replacing(
        "max(o.whc_at) filter (where o.whc_real) as whc_newest",
        with: """
          greatest(max(o.whc_at) filter (where o.whc_real), (
              select max(g.at) from \(l.ledgerTable) g where g.kind = 'unit' and \(keys.equal("g", "t"))))
              as whc_newest
          """)
      remembered = """

        union
        select \(keys.of("g")), g.at from \(l.ledgerTable) g
        join pg_temp.whc_touched t on \(keys.equal("t", "g")) where g.kind = 'unit'
        """
      ctes[2] = ctes[2].replacing("where o.whc_real\n)", with: "where o.whc_real\(remembered)\n)")
    }
    if dimension.operation != nil {
      ctes.append(
        """
        deletion as (
          select \(keys.of("s")), \(time) as whc_at
          from pg_temp.whc_stage s
          join pg_temp.whc_touched t on \(keys.equal("t", "s"))
          where \(deletion)
        )
        """)
      condition =
        "\n    and not exists (select from deletion x where \(keys.equal("x", "o")) and x.whc_at = o.whc_stated)"
    }
    var parts = [storedVersions(condition)]
    parts.append(
      """
      select \(keys.of("u")), \(attributeList("u"))u.whc_at, u.whc_stated, true, false, true,
          coalesce(u.whc_at < k.whc_newest, false), coalesce(k.whc_always, false)
        from unit u
        left join state k on \(keys.equal("k", "u"))
        left join known n on \(keys.equal("n", "u")) and n.whc_stated = u.whc_stated
        where n.whc_stated is null\(ignoresLate)
      """)
    if remembersUnits { parts.append(rememberedUnits) }
    if dimension.operation != nil {
      parts.append(
        """
        select \(keys.of("g")), \(nullAttributes)g.at, g.at, false, true, false, false, false
          from \(l.ledgerTable) g
          join pg_temp.whc_touched t on \(keys.equal("t", "g"))
          where g.kind = 'deleted'
            and not exists (select from unit u where \(keys.equal("u", "g")) and u.whc_at = g.at)
            and not exists (select from deletion x where \(keys.equal("x", "g")) and x.whc_at = g.at)
        """)
      parts.append(
        """
        select \(keys.of("u")), \(nullAttributes)u.whc_at, u.whc_at, false, n.at is not null, true,
            coalesce(u.whc_at < k.whc_newest, false) and n.at is null and v.whc_stated is null, false
          from deletion u
          left join state k on \(keys.equal("k", "u"))
          left join known v on \(keys.equal("v", "u")) and v.whc_stated = u.whc_at
          left join \(l.ledgerTable) n on \(keys.equal("n", "u")) and n.kind = 'deleted' and n.at = u.whc_at
          where n.at is not null or v.whc_stated is not null or true\(ignoresLate)
        """)
    }
    return ctes + ["event as (\n  " + parts.joined(separator: "\n  union all\n  ") + "\n)"]
  }

  /// Unchanged versions that no row shows: they have the values of the key's rows, which are those of its earliest
  /// and of its latest version.
  private var rememberedUnits: String {
    let values = l.attributeNames.map {
      "case when u.whc_stated is null then o.\(l.q($0)) else u.\(l.q($0)) end, "
    }.joined()
    return """
      select \(keys.of("g")), \(values)g.at, g.at, true, true, u.whc_stated is not null, false,
          coalesce(k.whc_always, false)
        from \(l.ledgerTable) g
        join (select distinct on (\(keys.bare)) * from pg_temp.whc_stored where whc_real order by \(keys.bare)) o
          on \(keys.equal("o", "g"))
        left join unit u on \(keys.equal("u", "g")) and u.whc_stated = g.at
        left join state k on \(keys.equal("k", "g"))
        where g.kind = 'unit'
          and not exists (select from deletion x where \(keys.equal("x", "g")) and x.whc_at = g.at)
      """
  }

  private var late: Plan.Audit {
    Plan.Audit(
      "late-version", "versions of \(dimension.name) arrive after a newer one of their key",
      help: "'late_arriving: splice' puts them where they belong",
      span: input.node.span(ofConfig: "late_arriving"),
      query: """
        select count(*) over () as versions, \(keys.of("e")), e.whc_stated as effective_at
        from pg_temp.whc_events e
        where e.whc_late and not e.whc_dropped
        order by \(keys.of("e")), e.whc_stated
        limit 5
        """)
  }

  // MARK: The chain

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
    let latest =
      "(partition by \(keys.of("e")) order by e.whc_version desc, e.whc_latest desc, e.whc_at desc, e.whc_stored)"
    let first =
      "(partition by \(keys.of("e")) order by e.whc_version desc, e.whc_stated, e.whc_at, e.whc_stored)"
    let valued = l.attributes.map { attribute in
      let name = l.q(attribute.name)
      switch attribute.rule {
      case .overwrite: return "first_value(e.\(name)) over latest as \(name), "
      case .retainOriginal: return "first_value(e.\(name)) over first as \(name), "
      default: return "e.\(name), "
      }
    }.joined()
    let copies = l.hybrid.map {
      "first_value(e.\(l.q($0.name))) over latest as \(l.q(DimensionLayout.currentName(of: $0.name))), "
    }.joined()
    let soft = dimension.deletes == .soft
    let ended = """
      coalesce(max(e.whc_at) filter (where not e.whc_version) over (partition by \(keys.of("e")))
            > max(e.whc_at) filter (where e.whc_version and not e.whc_dropped) over (partition by \(keys.of("e"))), false)
      """
    let kept = soft ? "not e.whc_dropped and e.whc_version" : "not e.whc_dropped"
    let values = l.attributes.map { attribute in
      let name = l.q(attribute.name)
      let filled = "case when v.whc_version then v.\(name) else lag(v.\(name)) over w end as \(name), "
      return hasRecords && attribute.rule.makesVersions ? filled : "v.\(name), "
    }.joined()
    let copied = l.hybrid.map { "v.\(l.q(DimensionLayout.currentName(of: $0.name))), " }.joined()
    let always =
      dimension.firstVersionFrom == .always
      ? "true" : "bool_or(v.whc_always) over (partition by \(keys.of("v")))"
    let shown = hasRecords ? "(i.whc_version or i.whc_follows)" : "i.whc_version"
    let gone =
      switch dimension.deletes {
      case .newRecord: "not i.whc_version"
      case .soft: "i.whc_to is null and i.whc_ended"
      default: "false"
      }
    let changed = results.map { "d.\($0.name) is distinct from \($0.value)" }
    let comparable = zip(results, changed).map { column, plain in
      let attribute = l.attributes.first {
        l.q($0.name) == column.name || l.q(DimensionLayout.currentName(of: $0.name)) == column.name
      }
      return attribute?.comparesAsText == true
        ? "d.\(column.name)::text is distinct from (\(column.value))::text" : plain
    }
    // Without versions a row is a stretch of existence, which may turn out to begin earlier; its key stays.
    let place =
      dimension.isVersioned
      ? "o.whc_from = f.whc_from"
      : """
      o.whc_from = (
            select min(p.whc_from) from pg_temp.whc_stored p
            where \(keys.equal("p", "f")) and p.whc_from >= f.whc_from and (p.whc_from >= f.whc_to) is not true)
      """
    return """
      create temporary table whc_chain on commit drop as
      with valued as (
        select \(keys.of("e")), \(valued)\(copies)e.whc_at, e.whc_stated, e.whc_version, e.whc_dropped, e.whc_always,
          \(soft ? ended : "false") as whc_ended
        from pg_temp.whc_events e
        window latest as \(latest), first as \(first)
      ), line as (
        select \(keys.of("v")), \(values)\(copied)v.whc_at, v.whc_stated, v.whc_version, v.whc_ended,
          lead(v.whc_at) over w as whc_to, coalesce(lag(v.whc_version) over w, false) as whc_follows,
          \(always) as whc_always,
          min(v.whc_at) filter (where v.whc_version) over (partition by \(keys.of("v"))) as whc_first
        from valued v
        where \(kept.replacing("e.", with: "v."))
        window w as (partition by \(keys.of("v")) order by v.whc_at, v.whc_version)
      ), version as (
        select i.*, case when i.whc_at = i.whc_first and i.whc_version and i.whc_always then \(l.earliest)
          else i.whc_at end as whc_from, \(gone) as whc_gone
        from line i
        where \(shown)
      )
      select d.ctid as whc_tid, \(keys.of("f")), f.whc_from,
        \(results.map { "\($0.value) as \($0.name)" }.joined(separator: ", ")),
        d.ctid is not null and (\(comparable.joined(separator: " or "))) as whc_changed
      from version f
      left join pg_temp.whc_stored o on \(keys.equal("o", "f")) and \(place)
      left join \(l.table) d on d.ctid = o.whc_tid
      """
  }

  // MARK: Writing

  private let isInChain = "exists (select from pg_temp.whc_chain c where c.whc_tid = o.whc_tid)"

  private var rememberDeletions: [Plan.Statement] {
    let remember = """
      insert into \(l.ledgerTable) (kind, \(keys.bare), at)
      select 'deleted', \(keys.of("e")), e.whc_at
      from pg_temp.whc_events e
      where not e.whc_version and not e.whc_stored\(isSnapshot ? " and e.whc_dropped" : "")
      """
    if isSnapshot { return [Plan.Statement(.change, remember)] }
    let forget = """
      delete from \(l.ledgerTable) g using pg_temp.whc_touched t
      where \(keys.equal("t", "g")) and g.kind = 'deleted'
        and not exists (
          select from pg_temp.whc_events e where \(keys.equal("e", "g")) and e.whc_at = g.at and not e.whc_version)
      """
    return [Plan.Statement(.change, forget), Plan.Statement(.change, remember)]
  }

  private var rememberUnits: [Plan.Statement] {
    [
      """
      delete from \(l.ledgerTable) g using pg_temp.whc_events e
      where \(keys.equal("e", "g")) and e.whc_at = g.at and g.kind = 'unit' and not e.whc_version
      """,
      """
      insert into \(l.ledgerTable) (kind, \(keys.bare), at)
      select 'unit', \(keys.of("e")), e.whc_stated
      from pg_temp.whc_events e
      where e.whc_version and e.whc_dropped
        and not exists (
          select from \(l.ledgerTable) g
          where \(keys.equal("g", "e")) and g.kind = 'unit' and g.at = e.whc_stated)
      """,
    ].map { Plan.Statement(.change, $0) }
  }

  private var rememberLatest: [Plan.Statement] {
    let latest = """
      select \(keys.of("e")), max(e.whc_latest) as at
        from pg_temp.whc_events e where e.whc_version
        group by \(keys.of("e"))
      """
    return [
      """
      delete from \(l.ledgerTable) g using (
        \(latest)
      ) n
      where \(keys.equal("n", "g")) and g.kind = 'latest' and g.at < n.at
      """,
      """
      insert into \(l.ledgerTable) (kind, \(keys.bare), at)
      select 'latest', \(keys.of("n")), n.at from (
        \(latest)
      ) n
      where not exists (select from \(l.ledgerTable) g where \(keys.equal("g", "n")) and g.kind = 'latest')
        and not exists (
          select from pg_temp.whc_events e
          where \(keys.equal("e", "n")) and e.whc_stated = n.at and e.whc_version and not e.whc_dropped)
      """,
    ].map { Plan.Statement(.change, $0) }
  }

  /// A withdrawn version gives its key back to nobody but itself.
  private var rememberWithdrawn: String {
    """
    insert into \(l.ledgerTable) (kind, \(keys.bare), at, surrogate_key)
    select 'withdrawn', \(keys.of("o")), o.whc_from, o.whc_key
    from pg_temp.whc_stored o
    where not o.whc_inferred and not \(isInChain)
      and not exists (
        select from \(l.ledgerTable) g where g.kind = 'withdrawn' and g.surrogate_key = o.whc_key)
    """
  }

  private var update: String {
    """
    update \(l.table) d
    set \(results.map { "\($0.name) = c.\($0.name)" }.joined(separator: ", "))
    from pg_temp.whc_chain c
    where d.ctid = c.whc_tid and c.whc_changed
    """
  }

  private var withdraw: String {
    """
    delete from \(l.table) d using pg_temp.whc_stored o
    where d.ctid = o.whc_tid and d.\(l.surrogate) = o.whc_key and not o.whc_inferred
      and not \(isInChain)
    """
  }

  private var insert: String {
    let columns =
      [l.surrogate, keys.bare] + (dimension.isVersioned ? [l.validFrom] : []) + results.map(\.name)
    let key =
      dimension.surrogateKey.method == .hash
      ? l.newKey("c", from: "c.whc_from")
      : "coalesce(g.surrogate_key, \(l.newKey("c", from: "c.whc_from", order: "order by \(keys.of("c")), c.whc_from")))"
    return """
      insert into \(l.table) (\(columns.joined(separator: ", ")))
      select \(key),
        \(keys.of("c")), \(dimension.isVersioned ? "c.whc_from, " : "")\(results.map { "c.\($0.name)" }.joined(separator: ", "))
      from pg_temp.whc_chain c
      left join (select distinct on (surrogate_key) * from \(l.ledgerTable) where kind = 'withdrawn') g
        on \(keys.equal("g", "c")) and g.at = c.whc_from
      where c.whc_tid is null
      """
  }

  /// What must hold of every key whose chain was made anew.
  private var invariants: Plan.Audit {
    Plan.Audit(
      "broken-history", "the history of \(dimension.name) would not hold together",
      query: """
        with version as (
          select \(keys.of("d")), d.\(l.validFrom) as whc_from, d.\(l.validTo) as whc_to, d.\(l.isCurrent) as whc_current,
            lead(d.\(l.validFrom)) over w as whc_next, count(*) over (partition by d.\(l.surrogate)) as whc_shares
          from \(l.table) d
          join pg_temp.whc_touched t on \(keys.equal("t", "d"))
          window w as (partition by \(keys.of("d")) order by d.\(l.validFrom))
        )
        select count(*) over () as offences, \(keys.of("v")), v.whc_from as valid_from, v.whc_to as valid_to,
          v.whc_next as next_valid_from
        from version v
        where v.whc_shares > 1
          or v.whc_current and v.whc_next is not null
          or not v.whc_current and (v.whc_to is null or v.whc_from >= v.whc_to or v.whc_to > v.whc_next)
          or v.whc_to < v.whc_next and not exists (
            select from pg_temp.whc_events e
            where \(keys.equal("e", "v")) and e.whc_at = v.whc_to and not e.whc_version)
        limit 5
        """)
  }
}
