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
    draft.add(.prepare, "create temporary table whc_open on commit drop as\n\(open)")
    draft.add(reading)
    draft.steps.append(.audit(noPeriod))
    draft.steps.append(.audit(afterTheEnd))
    if !opensAll, snapshot.closed != .ignore { draft.steps.append(.audit(closedPeriods)) }
    draft.add(.prepare, "create temporary table whc_stage on commit drop as\n\(stage)")
  }

  /// All periods as one query, of which a first load is made: its parts in order, each with its name.
  ///
  /// - Parameter sql: the user's
  func parts(of sql: String) -> [(name: String, query: String)] {
    let parts = [
      ("whc_open", open), ("whc_reading", frame.opening + sql + frame.closing), ("whc_stage", stage),
    ]
    return parts.map { ($0.0, $0.1.replacing("pg_temp.", with: "")) }
  }

  /// One row: from which period on periods are open, which periods there are, and which is the present one.
  private var open: String {
    let now = input.flags.now.map { "timestamptz \(l.dialect.literal($0))" } ?? "clock_timestamp()"
    func bound(_ bound: DateDimension.Bound) -> String {
      switch bound {
      case .date(let day): period("date '\(day)'")
      case .today(count: 0, _): period("x.at")
      case .today(let count, let unit): period("x.at + interval '\(count) \(unit)s'")
      }
    }
    let openFrom =
      opensAll
      ? "date '-infinity'"
      : "coalesce((select max(g.natural_key[1])::date from \(l.ledgerTable) g where g.kind = 'closed'), '-infinity')"
    return """
      select \(openFrom) as open_from,
        \(snapshot.start.map(bound) ?? "date '-infinity'") as first, \(bound(snapshot.end)) as last,
        \(period("x.at")) as present,
        \(period("x.at - interval '\(snapshot.closeAfter)'")) as closes
      from (select \(now) as at) x
      """
  }

  private var reading: [Plan.Statement] {
    let create = CreateAs(input: input)
    var main = create.wrap(
      "create temporary table whc_reading on commit drop as\n" + frame.opening, frame.closing,
      countsRows: false)
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
      ? "\nwhere s.\(event) >= (select o.open_from from pg_temp.whc_open o) is not false" : ""
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
        from pg_temp.whc_reading s
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
        from pg_temp.whc_reading s
        where s.\(start) > (select o.last from pg_temp.whc_open o)
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
      return "\n      and f.\(l.q(column.name))\(cast) is not distinct from s.\(l.q(column.name))\(cast)"
    }
    var audit = Plan.Audit(
      "closed-period", "rows of \(l.fact.name) say something new of closed periods and were left out",
      help: "'--full-refresh' takes them in; 'closed_periods: ignore' no longer tells of them",
      span: span("closed_periods"),
      query: """
        select count(*) over () as rows, \(thing.of("s")), s.\(event)
        from pg_temp.whc_reading s
        join pg_temp.whc_open o on s.\(start) < o.open_from and s.\(start) >= o.first and s.\(start) <= o.last
        where not exists (
          select from \(l.table) f
          where \(l.grainColumns.equal("f", "s"))\(same.joined()))\(taken)
        order by s.\(event) desc, \(thing.of("s"))
        limit 5
        """)
    if snapshot.closed == .report { audit.severity = .warning }
    return audit
  }

  // MARK: Periods

  private var end: String { "as \(l.q(PeriodicSnapshot.endColumn))" }
  private func end(of start: String) -> String { "(\(start) + \(step) - interval '1 day')::date" }

  private var stage: String {
    let stated = """
      with stated as (
        select \(columns.of("s")), s.\(start)
        from pg_temp.whc_reading s
        join pg_temp.whc_open o on s.\(start) >= o.open_from and s.\(start) >= o.first and s.\(start) <= o.last
        where true\(taken)
      )
      """
    guard snapshot.gaps != .none else {
      return """
        \(stated)
        select s.*, \(end(of: "s.\(start)")) \(end)\(hasFilled ? ", false as \(filled)" : "")
        from stated s
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
      cross join pg_temp.whc_open o
      cross join generate_series(
        greatest(k.\(start) + \(step), o.open_from::timestamp, o.first::timestamp),
        least(k.whc_next - \(step), o.last::timestamp, o.present::timestamp\(fillEnd)), \(step)) as x(at)
      """
  }

  /// The rows that a gap can follow: those of the load, the last one before the first period, and those of the table
  /// that stay.
  private var known: [String] {
    var parts = ["select \(columns.of("s")), s.\(start) from stated s"]
    parts.append(
      """
      (select distinct on (\(thing.of("s"))) \(columns.of("s")), s.\(start)
        from pg_temp.whc_reading s
        join pg_temp.whc_open o on s.\(start) < o.first
        order by \(thing.of("s")), s.\(event) desc)
      """)
    guard hasTable else { return parts }
    parts.append(
      """
      (select distinct on (\(thing.of("f"))) \(columns.of("f")), f.\(start)
        from \(l.table) f
        join pg_temp.whc_open o on f.\(start) < o.open_from
        order by \(thing.of("f")), f.\(start) desc)
      """)
    parts.append(
      """
      select \(columns.of("f")), f.\(start)
        from \(l.table) f
        join pg_temp.whc_open o on f.\(start) >= o.open_from
        where f.\(filled) is not true and f.\(start) not in (select s.\(start) from stated s)
      """)
    return parts
  }

  /// The columns of a row that fills a gap.
  private var filling: String {
    let measures = snapshot.gaps == .zero ? l.fact.measures.map(\.name) : []
    return input.queryColumns.map { column in
      measures.contains(column.name) ? "0::\(column.type)" : "k.\(l.q(column.name))"
    }.joined(separator: ", ")
  }

  private var fillEnd: String {
    snapshot.fillFor.map { ", \(period("k.\(event) + interval '\($0)'"))::timestamp" } ?? ""
  }

  // MARK: Writing

  /// Takes away what open periods no longer hold, after the rows that they do hold were written.
  var replace: [Plan.Statement] {
    let isReplaced =
      "f.\(start) in (select n.\(start) from pg_temp.whc_fact n\(hasFilled ? " where not n.\(filled)" : ""))"
    var statements = [
      Plan.Statement(
        .change,
        """
        delete from \(l.table) f using pg_temp.whc_open o
        where f.\(start) >= o.open_from
          and \(hasFilled ? "(f.\(filled) or \(isReplaced))" : isReplaced)
          and not exists (select from pg_temp.whc_fact n where \(l.grainColumns.equal("f", "n")))
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
    return [
      """
      delete from \(l.ledgerTable) g using pg_temp.whc_open o
      where g.kind = 'closed' and (g.natural_key[1])::date < o.closes
      """,
      """
      insert into \(l.ledgerTable) (kind, foreign_key, natural_key)
      select 'closed', '\(snapshot.period.rawValue)', array[o.closes::text]
      from pg_temp.whc_open o
      where not exists (select from \(l.ledgerTable) g where g.kind = 'closed')
      """,
    ].map { Plan.Statement(.change, $0) }
  }
}
