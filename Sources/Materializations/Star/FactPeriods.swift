import Diagnostics
import ProjectModel
import StarModel
import Warehouse

/// The load of a periodic snapshot: what the SQL says of open periods, and what fills the gaps between.
///
/// A period that has ended is closed by the first load after that; until then, each load that has rows of it replaces
/// it whole. A period that the SQL says nothing of is left as it is.
struct FactPeriods {
  let snapshot: PeriodicSnapshot
  let layout: FactLayout
  let input: PlanInput
  /// False when there is no table yet.
  let hasTable: Bool

  private var l: FactLayout { layout }
  private var start: String { l.q(PeriodicSnapshot.startColumn) }
  private var filled: String { l.q(PeriodicSnapshot.filledColumn) }
  private var step: String { "interval '\(snapshot.period.interval)'" }
  private var event: String { l.q(l.fact.eventTime ?? "") }
  /// What a thing is told by, beside the period.
  private var thing: ColumnList {
    ColumnList(l.fact.grain.filter { $0 != PeriodicSnapshot.startColumn }, l.dialect)
  }
  /// The columns of the SQL.
  private var columns: ColumnList { ColumnList(input.queryColumns.map(\.name), l.dialect) }
  private var opensAll: Bool { !hasTable || input.isFullRefresh || snapshot.closed == .replace }

  /// The columns that it adds to those of the SQL.
  static func columns(_ snapshot: PeriodicSnapshot, _ existing: RelationState?) -> [ColumnDescription] {
    var columns = [PeriodicSnapshot.startColumn, PeriodicSnapshot.endColumn].map {
      ColumnDescription(name: $0, type: "date")
    }
    let filled = PeriodicSnapshot.filledColumn
    if snapshot.gaps != .none || existing?.columns?.contains(where: { $0.name == filled }) == true {
      columns.append(ColumnDescription(name: filled, type: "boolean"))
    }
    return columns
  }

  private var hasFilled: Bool { l.kept.contains { $0.name == PeriodicSnapshot.filledColumn } }

  private func period(_ time: String) -> String {
    "date_trunc('\(snapshot.period.rawValue)', \(time))::date"
  }

  // MARK: Reading

  /// Makes `whc_stage`.
  func add(to draft: inout PlanDraft) {
    if hasTable { draft.steps.append(.audit(samePeriod)) }
    draft.temporary("whc_open", as: open)
    draft.add(reading)
    draft.steps.append(.audit(noPeriod))
    draft.steps.append(.audit(afterTheEnd))
    if !opensAll, snapshot.closed != .ignore { draft.steps.append(.audit(closedPeriods)) }
    if knowsPeriods {
      draft.temporary("whc_known", as: knownRows)
      draft.temporary("whc_period", as: possible)
    }
    draft.temporary("whc_stage", as: stage)
  }

  /// Whether the periods that gaps can have are a table of their own: Redshift's generated rows do not meet stored ones.
  private var knowsPeriods: Bool { l.dialect.kind == .redshift && snapshot.gaps != .none }
  private var knownRows: String { "\(stated)\n\(known.joined(separator: "\nunion all\n"))" }

  /// All periods as one query, of which a first load is made: its parts in order, each with its name.
  ///
  /// - Parameter sql: the user's
  func parts(of sql: String) -> [(name: String, query: String)] {
    var parts = [("whc_open", open), ("whc_reading", frame.opening + sql + frame.closing)]
    if knowsPeriods { parts += [("whc_known", knownRows), ("whc_period", possible)] }
    parts.append(("whc_stage", stage))
    return parts.map { ($0.0, $0.1.replacing("pg_temp.", with: "")) }
  }

  /// One row: from which period on periods are open, which periods there are, and which is the present one.
  private var open: String {
    let now =
      input.flags.now.map {
        l.dialect.kind == .postgres ? "timestamptz \(l.dialect.literal($0))" : l.dialect.timestamp($0)
      } ?? l.dialect.clock
    func bound(_ bound: DateDimension.Bound) -> String {
      switch bound {
      case .date(let day): period("date '\(day)'")
      case .today(count: 0, _): period("x.at")
      case .today(let count, let unit): period("x.at + interval '\(count) \(unit)s'")
      }
    }
    let openFrom =
      opensAll
      ? ever
      : "coalesce((select max(\(l.firstOfEntry("g")))::date from \(l.ledgerTable) g where g.kind = 'closed'), \(ever))"
    return """
      select \(openFrom) as open_from,
        \(snapshot.start.map(bound) ?? ever) as first, \(bound(snapshot.end)) as last,
        \(period("x.at")) as present,
        \(period("x.at - interval '\(snapshot.closeAfter)'")) as closes
      from (select \(now) as at) x
      """
  }

  /// The time before all times.
  private var ever: String { l.dialect.kind == .postgres ? "date '-infinity'" : "date '0001-01-01'" }

  private var openTable: String { l.dialect.temporary("whc_open") }
  private var readingTable: String { l.dialect.temporary("whc_reading") }

  private var reading: [Plan.Statement] {
    let create = CreateAs(input: input)
    var main = create.wrap(
      l.dialect.createTemporary("whc_reading") + "\n" + frame.opening, frame.closing, countsRows: false)
    main.temporaryTable = "whc_reading"
    main.purpose = .main
    return create.header + [main]
  }

  /// What stands around the user's SQL: the period of each row, and which row of its period it is.
  private var frame: (opening: String, closing: String) {
    var rank = ""
    if snapshot.take != .one {
      rank = """
        ,
          rank() over (partition by \(thing.of("s")), \(period("s.\(event)"))
            order by s.\(event)\(snapshot.take == .last ? " desc" : "")) as whc_rank
        """
    }
    let filter =
      snapshot.closed == .ignore && !opensAll
      ? "\nwhere \(l.dialect.isNotTrue("s.\(event) < (select o.open_from from \(openTable) o)"))" : ""
    return ("select s.*, \(period("s.\(event)")) as \(start)\(rank)\nfrom (\n", "\n) s\(filter)")
  }

  private var taken: String { snapshot.take == .one ? "" : " and s.whc_rank = 1" }

  // MARK: What is asked of it

  /// Where a key stands, or else where the periods are declared.
  private func span(_ key: String) -> SourceSpan {
    input.node.config.origins[key] ?? input.node.span(ofConfig: "period")
  }

  private var samePeriod: Plan.Audit {
    Plan.Audit(
      "period-changed", "\(l.fact.name) had periods of another length",
      help: "give the snapshot another 'alias', or move the old table away",
      span: input.node.span(ofConfig: "period"),
      query: """
        select count(*) over () as rows, g.foreign_key as period
        from \(l.ledgerTable) g
        where g.kind = 'closed' and g.foreign_key <> '\(snapshot.period.rawValue)'
        limit 1
        """)
  }

  private var noPeriod: Plan.Audit {
    Plan.Audit(
      "null-event-time", "rows of \(l.fact.name) have NULL in \(l.fact.eventTime ?? "") and are of no period",
      help: "leave them out in the SQL", span: input.node.span(ofConfig: "event_time"),
      query: """
        select count(*) over () as rows, \(columns.of("s"))
        from \(readingTable) s
        where s.\(start) is null
        limit 5
        """)
  }

  private var afterTheEnd: Plan.Audit {
    var audit = Plan.Audit(
      "period-after-end", "rows of \(l.fact.name) are of periods after its last one and were left out",
      help: "'end: today + 1 year' takes them in", span: span("end"),
      query: """
        select count(*) over () as rows, \(thing.of("s")), s.\(event)
        from \(readingTable) s
        where s.\(start) > (select o.last from \(openTable) o)
        order by s.\(event) desc, \(thing.of("s"))
        limit 5
        """)
    audit.severity = .warning
    return audit
  }

  private var closedPeriods: Plan.Audit {
    let added = [PeriodicSnapshot.endColumn, PeriodicSnapshot.filledColumn]
    let stated = l.kept.filter { !l.fact.grain.contains($0.name) && !added.contains($0.name) }
    let same = stated.map { column in
      let cast = FactLayout.comparesAsText(column.type) ? "::text" : ""
      return "\n      and "
        + l.dialect.isNotDistinct("f.\(l.q(column.name))\(cast)", "s.\(l.q(column.name))\(cast)")
    }
    var audit = Plan.Audit(
      "closed-period", "rows of \(l.fact.name) say something new of closed periods and were left out",
      help: "'--full-refresh' takes them in; 'closed_periods: ignore' no longer tells of them",
      span: span("closed_periods"),
      query: """
        select count(*) over () as rows, \(thing.of("s")), s.\(event)
        from \(readingTable) s
        join \(openTable) o on s.\(start) < o.open_from and s.\(start) >= o.first and s.\(start) <= o.last
        left join \(l.table) f on \(l.grainColumns.equal("f", "s"))\(same.joined())
        where \(l.isMissing("f"))\(taken)
        order by s.\(event) desc, \(thing.of("s"))
        limit 5
        """)
    if snapshot.closed == .report { audit.severity = .warning }
    return audit
  }

  // MARK: Periods

  private var end: String { "as \(l.q(PeriodicSnapshot.endColumn))" }
  private func end(of start: String) -> String { "(\(start) + \(step) - interval '1 day')::date" }

  private var stated: String {
    """
    with stated as (
      select \(columns.of("s")), s.\(start)
      from \(readingTable) s
      join \(openTable) o on s.\(start) >= o.open_from and s.\(start) >= o.first and s.\(start) <= o.last
      where true\(taken)
    )
    """
  }

  /// Each period that some gap could have.
  private var possible: String {
    let first = "greatest(o.open_from, o.first, (select min(k.\(start)) from whc_known k))"
    return """
      select x.day as at
      from (
        select b.since + cast(n.n as integer) as day, b.until
        from (select \(first) as since, least(o.last, o.present) as until from whc_open o) b
        cross join \(l.dialect.numbers(below: 100_000, as: "n"))
        where n.n <= b.until - b.since
      ) x
      where \(period("x.day")) = x.day
      """
  }

  private var stage: String {
    guard snapshot.gaps != .none else {
      return """
        \(stated)
        select s.*, \(end(of: "s.\(start)")) \(end)\(hasFilled ? ", false as \(filled)" : "")
        from stated s
        """
    }
    guard l.dialect.kind == .postgres else {
      let end = snapshot.fillFor.map { "\n  and p.at <= \(period("k.\(event) + interval '\($0)'"))" } ?? ""
      return """
        \(stated), line as (
          select k.*, lead(k.\(start)) over (partition by \(thing.of("k")) order by k.\(start)) as whc_next
          from whc_known k
        )
        select s.*, \(self.end(of: "s.\(start)")) \(self.end), false as \(filled)
        from stated s
        union all
        select \(filling), p.at, \(self.end(of: "p.at")), true
        from line k
        join whc_period p on p.at > k.\(start) and p.at < coalesce(k.whc_next, date '9999-12-31')\(end)
        """
    }
    return """
      \(stated), known as (
        \(known.joined(separator: "\n  union all\n  "))
      ), line as (
        select k.*, lead(k.\(start)) over (partition by \(thing.of("k")) order by k.\(start)) as whc_next
        from known k
      )
      select s.*, \(end(of: "s.\(start)")) \(end), false as \(filled)
      from stated s
      union all
      select \(filling), x.at::date, \(end(of: "x.at::date")), true
      from line k
      cross join \(openTable) o
      cross join generate_series(
        greatest(k.\(start) + \(step), o.open_from::timestamp, o.first::timestamp),
        least(k.whc_next - \(step), o.last::timestamp, o.present::timestamp\(fillEnd)), \(step)) as x(at)
      """
  }

  /// The rows that a gap can follow: those of the load, the last one before the first period, and those of the table
  /// that stay.
  private var known: [String] {
    var parts = ["select \(columns.of("s")), s.\(start) from stated s"]
    func last(_ from: String, _ alias: String, _ order: String) -> String {
      let names = columns.names.map(l.q) + [start]
      return "("
        + l.dialect.firstOfEach(
          thing.of(alias), names.map { (value: "\(alias).\($0)", name: $0) }, from: from, orderedBy: order
        )
        .replacing("\n", with: "\n  ") + ")"
    }
    parts.append(
      last("\(readingTable) s\njoin \(openTable) o on s.\(start) < o.first", "s", "s.\(event) desc"))
    guard hasTable else { return parts }
    parts.append(
      last("\(l.table) f\njoin \(openTable) o on f.\(start) < o.open_from", "f", "f.\(start) desc"))
    parts.append(
      """
      select \(columns.of("f")), f.\(start)
        from \(l.table) f
        join \(openTable) o on f.\(start) >= o.open_from
        where \(l.dialect.isNotTrue("f.\(filled)")) and f.\(start) not in (select s.\(start) from stated s)
      """)
    return parts
  }

  /// The columns of a row that fills a gap.
  private var filling: String {
    let measures = snapshot.gaps == .zero ? l.fact.measures.map(\.name) : []
    return input.queryColumns.map { column in
      measures.contains(column.name) ? "cast(0 as \(column.type))" : "k.\(l.q(column.name))"
    }.joined(separator: ", ")
  }

  private var fillEnd: String {
    snapshot.fillFor.map { ", \(period("k.\(event) + interval '\($0)'"))::timestamp" } ?? ""
  }

  // MARK: Writing

  /// Takes away what open periods no longer hold, after the rows that they do hold were written.
  var replace: [Plan.Statement] {
    let (table, own) = l.deleted
    let facts = l.dialect.temporary("whc_fact")
    let isReplaced =
      "\(own).\(start) in (select n.\(start) from \(facts) n\(hasFilled ? " where not n.\(filled)" : ""))"
    var statements = [
      Plan.Statement(
        .change,
        """
        delete from \(table) using \(openTable) o
        where \(own).\(start) >= o.open_from
          and \(hasFilled ? "(\(own).\(filled) or \(isReplaced))" : isReplaced)
          and not exists (select 1 from \(facts) n where \(l.grainColumns.equal(own, "n")))
        """)
    ]
    // A full refresh may have added a lookup; of rows that stay, nobody knows the natural key.
    if input.isFullRefresh, !l.lookups.isEmpty {
      let keys = l.lookups.flatMap { lookup in
        [lookup.foreignKey, lookup.durableForeignKey].compactMap(\.self).map {
          (l.q($0), l.member(DimensionMember.unknown, lookup) ?? "null")
        }
      }
      statements.append(
        Plan.Statement(
          .change,
          "update \(l.table) f\nset \(keys.map { "\($0.0) = coalesce(f.\($0.0), \($0.1))" }.joined(separator: ", "))\n"
            + "where \(keys.map { "f.\($0.0) is null" }.joined(separator: " or "))"))
    }
    return statements
  }

  /// Remembers up to where periods are closed now.
  var close: [Plan.Statement] {
    // A load without rows has not seen a period to its end.
    guard !input.flags.empty else { return [] }
    let (ledger, entry) = l.deletedEntries
    return [
      """
      delete from \(ledger) using \(openTable) o
      where \(entry).kind = 'closed' and (\(l.firstOfEntry(entry)))::date < o.closes
      """,
      """
      insert into \(l.ledgerTable) (kind, foreign_key, natural_key)
      select 'closed', '\(snapshot.period.rawValue)', \(l.entry(["o.closes"]))
      from \(openTable) o
      where not exists (select 1 from \(l.ledgerTable) g where g.kind = 'closed')
      """,
    ].map { Plan.Statement(.change, $0) }
  }
}
