import Diagnostics
import ProjectModel
import StarModel
import Warehouse

/// Every state that a row of a dimension was ever in, kept in a table beside it.
///
/// Triggers write it, so that it costs what a load changes and whoever writes to the dimension is recorded: its own
/// loads, facts that make members, people who correct a row. All of a transaction is recorded at one time.
struct RecordedRows {
  static let suffix = "_recorded"

  let layout: DimensionLayout
  let input: PlanInput

  private var l: DimensionLayout { layout }
  var relation: RelationName { AsideNames.name(of: l.target, Self.suffix, dialect: l.dialect) }
  private var table: String { l.dialect.render(relation) }
  private var function: String {
    l.dialect.render(AsideNames.name(of: l.target, "__record", dialect: l.dialect))
  }
  private var columns: ColumnList { ColumnList(definitions.map(\.name), l.dialect) }

  /// Those that the table loses with this load.
  private var dropped: [String] {
    l.dimension.schemaChanges.droppedColumns == .drop ? l.lostColumns(input) : []
  }

  /// Those of the table, also the ones that the SQL lost.
  private var definitions: [(name: String, type: String)] {
    let lost = (input.existing?.columns ?? []).filter { old in
      !l.definitions.contains { $0.name == old.name } && !dropped.contains(old.name)
    }
    return (l.definitions + lost.map { ($0.name, $0.type) }).map {
      (name: $0.name, type: $0.type.replacing(" not null", with: ""))
    }
  }

  /// After the dimension's table was made, and before anything is written to it.
  func prepare(_ draft: inout PlanDraft) throws(DiagnosticsError) {
    guard let names = l.dimension.recordedTime else {
      if input.relations[relation] != nil, hasTriggers { draft.add(stop) }
      return
    }
    let from = l.q(names.from)
    let to = l.q(names.to)
    let now = input.flags.now.map { l.dialect.timestamp($0) } ?? l.dialect.clock
    if hasTriggers { draft.add(.prepare, "select set_config('whc.recorded_at', (\(now))::text, true)") }
    let recorded = [(names.from, "timestamp with time zone"), (names.to, "timestamp with time zone")]
    if let there = input.relations[relation] {
      var own = input
      own.existing = there
      own.dependents = []
      try ColumnEvolution(table: table, input: own, loss: "what was recorded")
        .add(definitions + recorded, to: &draft) { (name) throws(DiagnosticsError) in
          guard name == names.from || name == names.to else { return }
          throw DiagnosticsError(
            Diagnostic(
              "not-this-dimension",
              "\(table) has no column '\(name)', so it does not record \(l.dimension.name)",
              at: input.node.span(ofConfig: "bitemporal"),
              help: "keep the names that 'bitemporal' had, or move the old table away"))
        }
    } else {
      let lines = (definitions + recorded.map { ($0.0, $0.1 + " not null") }).map { "  \(l.q($0.0)) \($0.1)" }
      draft.add(
        .prepare, "create table if not exists \(table) (\n\(lines.joined(separator: ",\n"))\n)")
      if l.dialect.hasIndexes {
        let index = AsideNames.name(of: relation, "_open", dialect: l.dialect).identifier
        draft.add(
          .index,
          "create index if not exists \(l.q(index)) on \(table) (\(l.surrogate))\nwhere \(to) = 'infinity'")
      }
      draft.add(
        .comment,
        "comment on table \(table) is "
          + l.dialect.literal("What \(l.target.identifier) held, from when to when; kept by whc"))
    }
    guard hasTriggers else { return }
    if grows { draft.add(.prepare, record(from, to)) }
    draft.add(.prepare, start(from, to))
  }

  private var hasTriggers: Bool { l.dialect.hasProceduralStatements }

  /// Where there are no triggers: what the table holds after a load, compared with what was recorded last. What others
  /// wrote to it is recorded with the next load.
  var afterLoad: [Plan.Statement] {
    guard !hasTriggers, let names = l.dimension.recordedTime else { return [] }
    let (from, to) = (l.q(names.from), l.q(names.to))
    let now = input.flags.now.map { l.dialect.timestamp($0) } ?? l.dialect.clock
    let (at, latest) = (
      "(select at from \(l.temp("recorded_at")))", l.dialect.latest("timestamp with time zone")
    )
    func values(_ alias: String) -> [String] {
      definitions.map { name, type in
        type == "super" ? "json_serialize(\(alias).\(l.q(name)))" : "\(alias).\(l.q(name))"
      }
    }
    func isKept(_ alias: String) -> String {
      "exists (select 1 from \(l.temp("kept")) k where k.whc_key = \(alias).\(l.surrogate))"
    }
    let (recorded, alias) = l.dialect.deleted(relation, "r")
    return [
      .temporary("whc_recorded_at", as: "select (\(now))::timestamp with time zone as at", l.dialect),
      .temporary(
        "whc_kept",
        as: """
          select r.\(l.surrogate) as whc_key
          from \(table) r
          join \(l.table) d on d.\(l.surrogate) = r.\(l.surrogate)
          where r.\(to) = \(latest)
            and \(l.dialect.areSame(values("d"), values("r")))
          """, l.dialect),
      Plan.Statement(
        .change,
        "delete from \(recorded)\nwhere \(alias).\(to) = \(latest) and \(alias).\(from) >= \(at)\n"
          + "  and not \(isKept(alias))"),
      Plan.Statement(
        .change,
        "update \(table) r set \(to) = \(at)\nwhere r.\(to) = \(latest) and not \(isKept("r"))"),
      Plan.Statement(
        .change,
        """
        insert into \(table) (\(columns.bare), \(from), \(to))
        select \(columns.of("d")), \(at), \(latest)
        from \(l.table) d
        where not \(isKept("d"))
        """),
    ]
  }

  private var grows: Bool {
    let present = input.existing?.columns ?? []
    return input.relations[relation] == nil || !dropped.isEmpty
      || layout.definitions.contains { column in !present.contains { $0.name == column.name } }
  }

  /// A row that is written twice in one transaction is recorded as it is in the end; one that is written as it was is
  /// not recorded.
  private func record(_ from: String, _ to: String) -> String {
    func same(_ left: String, _ right: String) -> String {
      "not exists (\n      select from \(right) x where x.\(l.surrogate) = \(left).\(l.surrogate)"
        + " and x::text = \(left)::text)"
    }
    func close(_ rows: String, where condition: String = "") -> String {
      """
      delete from \(table) r using \(rows) o
          where r.\(l.surrogate) = o.\(l.surrogate) and r.\(to) = 'infinity' and r.\(from) >= whc_at\(condition);
          update \(table) r set \(to) = whc_at from \(rows) o
          where r.\(l.surrogate) = o.\(l.surrogate) and r.\(to) = 'infinity'\(condition);
      """
    }
    func open(_ rows: String, where condition: String = "") -> String {
      """
      insert into \(table) (\(columns.bare), \(from), \(to))
          select \(columns.of("n")), whc_at, 'infinity' from \(rows) n\(condition);
      """
    }
    let body = """

      declare
        whc_at timestamptz := nullif(current_setting('whc.recorded_at', true), '')::timestamptz;
      begin
        if whc_at is null then
          whc_at := clock_timestamp();
          perform set_config('whc.recorded_at', whc_at::text, true);
        end if;
        if tg_op = 'INSERT' then
          \(open("whc_new"))
        elsif tg_op = 'DELETE' then
          \(close("whc_old"))
        else
          \(close("whc_old", where: "\n      and " + same("o", "whc_new")))
          \(open("whc_new", where: "\n    where " + same("n", "whc_old")))
        end if;
        return null;
      end

      """
    return "create or replace function \(function)() returns trigger language plpgsql as "
      + SQLText.dollarQuoted(body)
  }

  private static let events = [
    ("insert", "new table as whc_new"), ("update", "old table as whc_old new table as whc_new"),
    ("delete", "old table as whc_old"),
  ]

  /// What the table holds when recording begins, or begins again, is recorded at that time.
  private func start(_ from: String, _ to: String) -> String {
    let triggers = Self.events.map { event, tables in
      """
          create trigger whc_record_\(event) after \(event) on \(l.table)
            referencing \(tables) for each statement execute function \(function)();
      """
    }.joined(separator: "\n")
    let drops = Self.events.map { "    drop trigger if exists whc_record_\($0.0) on \(l.table);" }
      .joined(separator: "\n")
    let shared = columns.names.map { "d.\(l.q($0))" }.joined(separator: ", ")
    let stored = columns.names.map { "r.\(l.q($0))" }.joined(separator: ", ")
    let at = "current_setting('whc.recorded_at')::timestamptz"
    return "do "
      + SQLText.dollarQuoted(
        """

        begin
          if (
            select count(*) from pg_catalog.pg_trigger
            where tgrelid = \(l.dialect.literal(l.table))::regclass and tgname like 'whc\\_record\\_%'
          ) < \(Self.events.count) or not exists (select from \(table)) then
        \(drops)
        \(triggers)
            update \(table) r set \(to) = \(at)
            where r.\(to) = 'infinity'
              and not exists (
                select from \(l.table) d
                where d.\(l.surrogate) = r.\(l.surrogate)
                  and row(\(shared))::text = row(\(stored))::text);
            insert into \(table) (\(columns.bare), \(from), \(to))
            select \(columns.of("d")), \(at), 'infinity'
            from \(l.table) d
            where not exists (
              select from \(table) r where r.\(l.surrogate) = d.\(l.surrogate) and r.\(to) = 'infinity');
          end if;
        end

        """)
  }

  /// It is not asked for any more; what was recorded stays.
  private var stop: [Plan.Statement] {
    Self.events.map {
      Plan.Statement(.prepare, "drop trigger if exists whc_record_\($0.0) on \(l.table)")
    }
  }

  /// The rows as the table held them at a time, in place of the table.
  static func rows(
    of dimension: Dimension, at table: RelationName, recordedAt: String, _ dialect: Dialect
  ) -> String? {
    guard let names = dimension.recordedTime else { return nil }
    let time = dialect.literal(recordedAt)
    let recorded = dialect.render(AsideNames.name(of: table, suffix, dialect: dialect))
    return "(\n  select * from \(recorded)\n"
      + "  where \(dialect.quote(names.from)) <= \(time) and \(dialect.quote(names.to)) > \(time)\n)"
  }
}
