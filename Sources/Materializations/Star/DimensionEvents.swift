import Diagnostics
import StarModel
import Warehouse

/// The events on the lines of time of the keys in `whc_touched`: stored versions and deletions, and what the load states.
struct DimensionEvents {
  let layout: DimensionLayout
  let input: PlanInput

  private var l: DimensionLayout { layout }
  private var keys: ColumnList { layout.keys }
  private var dimension: Dimension { layout.dimension }
  private var isSnapshot: Bool { dimension.input == .snapshot }
  private var deletes: Dimension.Deletes { input.flags.empty && isSnapshot ? .ignore : dimension.deletes }
  private var hasRecords: Bool { dimension.deletes == .newRecord }
  private var memory: DimensionMemory { DimensionMemory(layout: layout) }

  private var attributes: ColumnList { ColumnList(l.attributeNames, l.dialect) }
  private func attributeList(_ alias: String) -> String {
    l.attributeNames.isEmpty ? "" : attributes.of(alias) + ", "
  }
  private var nullAttributes: String {
    l.attributes.map { "null::\($0.type), " }.joined()
  }

  /// `whc_events`: every version and every end of the keys in `whc_touched`, and which of them say nothing new.
  var table: String {
    let line = "over (partition by \(keys.of("e")) order by e.whc_at, e.whc_version, e.whc_stored desc)"
    let values = l.comparable(l.tracked, "e")
    let equalBefore = l.dialect.areSame(values, values.map { "lag(\($0)) \(line)" })
    let follows = "coalesce(lag(e.whc_version) \(line), false)"
    // An end that ends nothing; a version that says what its neighbour said already.
    var dropped = "not e.whc_version and not \(follows)"
    if dimension.collapsesNeighbours {
      let spared = !dimension.isVersioned ? "" : " and not e.whc_stored"
      dropped += """

              or e.whc_version\(spared) and \(follows) and \(equalBefore)
        """
    }
    // The values of a stored row are those of the latest time stated for its key.
    let latest =
      memory.keepsLatest
      ? """
      case when e.whc_stored and not e.whc_restated then greatest(e.whc_stated, g.at)
              else e.whc_stated end
      """ : "e.whc_stated"
    let noted = memory.keepsLatest ? "\n\(memory.latest("latest", of: "e"))" : ""
    return """
      with \((isSnapshot ? snapshotEvents : changeEvents).joined(separator: ",\n"))
      select e.*, \(latest) as whc_latest, coalesce(\(dropped), false) as whc_dropped
      from event e\(noted)
      """
  }

  /// What is known of each key before the load: its newest version, and when it was deleted, if it is.
  private var state: String {
    // What the rows do not show is noted in the ledger.
    let dialect = l.dialect
    let newest = dialect.aggregate("max", "o.whc_at", where: "o.whc_real")
    let lives = "bool_or(o.whc_current and o.whc_real)"
    let recorded = "o.whc_current and not o.whc_real and o.whc_deleted"
    let noted = memory.keepsDeletions ? "\n\(memory.latest("deleted", of: "t"))" : ""
    let units = memory.keepsUnits ? "\n\(memory.latest("unit", of: "t", as: "n"))" : ""
    return """
      state as (
        select \(keys.of("t")), \(memory.keepsUnits ? "greatest(\(newest), max(n.at))" : newest) as whc_newest,
          bool_or(o.whc_from = \(l.earliest)) as whc_always,
          case when \(dialect.isNotTrue(lives))
            then greatest(max(o.whc_to)\(memory.keepsDeletions ? ", max(g.at)" : "")) end as whc_closed,
          \(dialect.aggregate("max", "o.whc_from", where: recorded)) as whc_recorded
        from \(l.temp("touched")) t
        left join \(l.temp("stored")) o on \(keys.equal("o", "t"))\(noted)\(units)
        group by \(keys.of("t"))
      )
      """
  }

  private var known: String {
    "known as (\n  select distinct \(keys.of("o")), o.whc_stated from \(l.temp("stored")) o\n  "
      // A row that stands for a stretch of existence is no unit: what is stated is an event beside it.
      + "where o.whc_real\(memory.keepsLatest ? " and false" : "")\n)"
  }

  /// The stored versions, with the values that the load gives them.
  private func storedVersions(_ condition: String, at: String = "o.whc_at") -> String {
    let values = l.attributeNames.map {
      "case when u.whc_stated is null then o.\(l.q($0)) else u.\(l.q($0)) end as \(l.q($0)), "
    }.joined()
    return """
      select \(keys.of("o")), \(values)\(at) as whc_at, o.whc_stated, true as whc_version, true as whc_stored,
          u.whc_stated is not null as whc_restated, false as whc_late, coalesce(k.whc_always, false) as whc_always
        from \(l.temp("stored")) o
        left join unit u on \(keys.equal("u", "o")) and u.whc_stated = o.whc_stated\(memory.keepsLatest ? " and false" : "")
        left join state k on \(keys.equal("k", "o"))
        where o.whc_real\(condition)
      """
  }

  private var ignoresLate: String {
    dimension.lateArriving == .ignore ? " and \(l.dialect.isNotTrue("u.whc_at < k.whc_newest"))" : ""
  }

  private var snapshotEvents: [String] {
    let effective = dimension.effectiveAt.map { "s.\(l.q($0))::\(l.timeType)" } ?? l.now
    let closes = deletes == .invalidate || deletes == .newRecord
    let same = l.tracked.isEmpty ? "" : "\n          and \(l.same(l.tracked, "s", "o"))"
    // The current version as this load leaves it, which may correct it.
    let restated = dimension.effectiveAt.map {
      "\n          left join \(l.temp("stage")) r on \(keys.equal("r", "o")) and r.\(l.q($0))::\(l.timeType) = o.whc_stated"
    }
    let isRestated = "r.\(l.q(dimension.naturalKey[0])) is not null"
    let current = l.tracked.map {
      let name = l.q($0.name)
      return restated == nil
        ? "o.\(name), " : "case when \(isRestated) then r.\(name) else o.\(name) end as \(name), "
    }.joined()
    // What the current version says already makes no version, whatever its time: the time alone was moved.
    let units = """
      unit as (
        select \(keys.of("s")), \(attributeList("s"))\(effective) as whc_stated,
          row_number() over (partition by \(keys.of("s")) order by \(effective) desc) = 1 as whc_last,
          coalesce(o.whc_is_there, false) as whc_moved
        from \(l.temp("stage")) s
        join \(l.temp("touched")) t on \(keys.equal("t", "s"))
        left join (
          select \(keys.of("o")), \(current)true as whc_is_there
          from \(l.temp("stored")) o\(restated ?? "")
          where o.whc_current and o.whc_real
        ) o on \(keys.equal("o", "s"))\(same)
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
    // Of a row that stands for a stretch of existence, the unit that it began with stands where the row does.
    let place = memory.keepsLatest ? "coalesce(r.whc_at, u.whc_stated)" : "u.whc_stated"
    let row =
      !memory.keepsLatest
      ? ""
      : """

          left join (
            select \(keys.of("o")), o.whc_stated, max(o.whc_at) as whc_at
            from \(l.temp("stored")) o where o.whc_real group by \(keys.of("o")), o.whc_stated
          ) r on \(keys.equal("r", "u")) and r.whc_stated = u.whc_stated
          \(memory.latest("latest", of: "u"))
      """
    let isNotTrue = l.dialect.isNotTrue
    let isLate = "\(memory.keepsLatest ? "not u.whc_is_row and " : "")u.whc_at < k.whc_newest"
    parts.append(
      """
      select \(keys.of("u")), \(attributeList("u"))u.whc_at, u.whc_stated, true, false, true,
          coalesce(\(isLate), false), coalesce(k.whc_always, false)
        from (
          select u.*, case when u.whc_last and u.whc_stated <= \(closed) then \(l.now)
            else \(place) end as whc_at\(memory.keepsLatest ? ", r.whc_at is not null or coalesce(u.whc_stated = g.at, false) as whc_is_row" : "")
          from unit u\(row)
          left join state k on \(keys.equal("k", "u"))
          left join known n on \(keys.equal("n", "u")) and n.whc_stated = u.whc_stated
          where n.whc_stated is null or u.whc_last and \(closed) is not null
        ) u
        left join state k on \(keys.equal("k", "u"))
        where \(isNotTrue("u.whc_last and \(isLate) and u.whc_moved"))\(dimension.lateArriving == .ignore ? " and \(isNotTrue(isLate))" : "")
      """)
    // Deletions that are stored: gaps, and rows that stand for a deletion.
    parts.append(
      """
      select \(keys.of("o")), \(nullAttributes)o.whc_to, o.whc_to, false, true, false, false, false
        from \(l.temp("stored")) o
        where not o.whc_current and \(l.dialect.isDistinct("o.whc_next", "o.whc_to")) and o.whc_real
      """)
    if hasRecords {
      parts.append(
        """
        select \(keys.of("o")), \(nullAttributes)o.whc_from, o.whc_from, false, true, false, false, false
          from \(l.temp("stored")) o
          where o.whc_deleted
        """)
    }
    if memory.keepsDeletions {
      parts.append(
        """
        select \(keys.of("g")), \(nullAttributes)g.at, g.at, false, true, false, false, false
          from \(l.ledgerTable) g
          join \(l.temp("touched")) t on \(keys.equal("t", "g"))
          where g.kind = 'deleted'
        """)
    }
    if closes {
      parts.append(
        """
        select distinct \(keys.of("o")), \(nullAttributes)\(l.now), \(l.now), false, false, false, false, false
          from \(l.temp("stored")) o
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
        from \(l.temp("stage")) s
        join \(l.temp("touched")) t on \(keys.equal("t", "s"))
        where not \(deletion)
      )
      """
    var ctes = [units, state, known]
    var condition = ""
    if memory.keepsUnits {
      let remembered = """

        union
        select \(keys.of("g")), g.at from \(l.ledgerTable) g
        join \(l.temp("touched")) t on \(keys.equal("t", "g")) where g.kind = 'unit'
        """
      ctes[2] = ctes[2].replacing("where o.whc_real\n)", with: "where o.whc_real\(remembered)\n)")
    }
    if dimension.operation != nil {
      ctes.append(
        """
        deletion as (
          select \(keys.of("s")), \(time) as whc_at
          from \(l.temp("stage")) s
          join \(l.temp("touched")) t on \(keys.equal("t", "s"))
          where \(deletion)
        )
        """)
      condition =
        "\n    and not exists (select 1 from deletion x where \(keys.equal("x", "o")) and x.whc_at = o.whc_stated)"
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
    if memory.keepsUnits { parts.append(rememberedUnits) }
    if dimension.operation != nil {
      parts.append(
        """
        select \(keys.of("g")), \(nullAttributes)g.at, g.at, false, true, false, false, false
          from \(l.ledgerTable) g
          join \(l.temp("touched")) t on \(keys.equal("t", "g"))
          where g.kind = 'deleted'
            and not exists (select 1 from unit u where \(keys.equal("u", "g")) and u.whc_at = g.at)
            and not exists (select 1 from deletion x where \(keys.equal("x", "g")) and x.whc_at = g.at)
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
    let row = l.dialect.firstOfEach(
      keys.of("v"), ColumnList(keys.names + l.attributeNames, l.dialect).values(of: "v"),
      from: "\(l.temp("stored")) v where v.whc_real")
    return """
      select \(keys.of("g")), \(values)g.at, g.at, true, true, u.whc_stated is not null, false,
          coalesce(k.whc_always, false)
        from \(l.ledgerTable) g
        join (
          \(row)
        ) o
          on \(keys.equal("o", "g"))
        left join unit u on \(keys.equal("u", "g")) and u.whc_stated = g.at
        left join state k on \(keys.equal("k", "g"))
        where g.kind = 'unit'
          and not exists (select 1 from deletion x where \(keys.equal("x", "g")) and x.whc_at = g.at)
      """
  }
}
