import Diagnostics
import ProjectModel
import StarModel
import Warehouse

/// Puts the history of an older table into a dimension that is made now: read once, audited, corrected where that is
/// asked for, with the surrogate keys that it has.
struct TakeOverLoad {
  let taken: TakenTable
  let layout: DimensionLayout
  let input: PlanInput
  /// Where the older table stands by now; nil: where it stood.
  var place: RelationName?
  /// Whether the ledger holds keys that versions were given before.
  var isAgain = false

  private var l: DimensionLayout { layout }
  private var keys: ColumnList { layout.keys }
  private var dimension: Dimension { layout.dimension }
  private var declaration: TakeOver { taken.declaration }
  private var span: SourceSpan { taken.span }
  private var rows: String { l.temp("taken") }
  /// What tells a row from all others.
  private func row(_ alias: String) -> String {
    l.dialect.hasRowPlaces ? "\(alias).ctid" : "\(alias).whc_number"
  }
  private func deleted(_ alias: String) -> (table: String, alias: String) {
    l.dialect.deleted(temporary: "whc_taken", alias)
  }

  func add(to draft: inout PlanDraft) throws(DiagnosticsError) {
    let problems = taken.problems(layout, input)
    if !problems.isEmpty { throw DiagnosticsError(problems) }
    let missing = taken.missing(layout)
    if !missing.isEmpty {
      draft.warnings.append(
        Diagnostic(
          "take-over-incomplete", severity: .warning,
          "\(l.dialect.render(taken.relation)) has no column for \(missing.joined(separator: ", ")) of \(dimension.name), "
            + "which is NULL in the versions that are taken over", at: span,
          help: "name it in 'take_over: {columns: …}' if it is called otherwise there"))
    }
    draft.temporary("whc_taken", as: read(place ?? taken.relation))
    correct(&draft)
    if hasSurrogate { draft.steps.append(.audit(surrogateKeys)) }
    if hasDurable { draft.steps.append(.audit(durableKeys)) }
    draft.add(deletions)
    draft.add(.change, insert)
    draft.add(
      .change,
      "insert into \(l.ledgerTable) (kind, at)\nselect 'taken over', (\(l.dialect.clock))::\(l.timeType)")
  }

  // MARK: Reading

  private func role(_ name: String) -> ColumnDescription? { taken.role(name, dimension) }
  private var hasSurrogate: Bool { role("surrogate_key") != nil }
  private var hasDurable: Bool { dimension.durableKey != nil && role("durable_key") != nil }

  /// A time of the older table as one of the dimension.
  private func time(_ column: ColumnDescription) -> String {
    let name = "o.\(l.q(column.name))"
    guard let zone = declaration.timeZone.map(l.dialect.literal) else { return "\(name)::\(l.timeType)" }
    let hadZone = column.type.hasSuffix("with time zone")
    if hadZone == l.timeType.hasSuffix("with time zone") { return "\(name)::\(l.timeType)" }
    return hadZone ? "(\(name) at time zone \(zone))" : "(\(name)::timestamp at time zone \(zone))"
  }

  private func read(_ source: RelationName) -> String {
    var columns = l.key.compactMap { key in
      taken.column(of: key.name).map { "o.\(l.q($0.name))::\(key.type) as \(l.q(key.name))" }
    }
    columns += l.attributes.map { attribute in
      let old = taken.column(of: attribute.name)
      return (old.map { "o.\(l.q($0.name))" } ?? "null::\(attribute.type)") + " as \(l.q(attribute.name))"
    }
    let from = role("valid_from").map(time) ?? "null::\(l.timeType)"
    columns.append("\(from) as whc_from")
    let natural = l.key.compactMap { taken.column(of: $0.name) }.map { "o.\(l.q($0.name))" }
    if let end = role("valid_to") {
      let name = "o.\(l.q(end.name))"
      let open = taken.openEnd.map { "\n      or \(name) = (\($0))::\(end.type)" } ?? ""
      columns.append(
        "case when \(l.dialect.isNotTrue("\(name) >= '9999-01-01'\(open)")) then \(time(end)) end as whc_to")
    } else {
      columns.append(
        "lead(\(from)) over (partition by \(natural.joined(separator: ", ")) order by \(from)) as whc_to")
    }
    let gone = role("is_deleted").map {
      "coalesce(lower(\(l.dialect.text("o.\(l.q($0.name))", $0.type))) in ('true', 't', '1', 'yes', 'y'), false)"
    }
    columns += ["\(gone ?? "false") as whc_gone", "false as whc_marked"]
    let key = role("surrogate_key").map { "o.\(l.q($0.name))::\(l.surrogateType)" }
    columns.append("\(key ?? "null::\(l.surrogateType)") as whc_key")
    if hasDurable, let durable = role("durable_key") {
      columns.append("o.\(l.q(durable.name))::\(l.surrogateType) as whc_durable")
    }
    if !l.dialect.hasRowPlaces { columns.append("row_number() over (order by \(from)) as whc_number") }
    let query = "select \(columns.joined(separator: ",\n  "))\nfrom \(l.dialect.render(source)) o"
    return query + notMember(key)
  }

  /// Rows that stand for no member: the dimension has its own.
  private func notMember(_ key: String?) -> String {
    var conditions: [String] = []
    if let key, !dimension.members.isEmpty {
      conditions.append(l.dialect.isNotTrue("\(key) in (\(l.memberKeys))"))
    }
    let natural = l.key.compactMap { key in
      taken.column(of: key.name).map { "o.\(l.q($0.name))::\(key.type)" }
    }
    for member in dimension.members {
      let values = l.key.map { DimensionTable.memberKeyValue(member, $0.type) }
      guard !values.contains(where: { $0.hasPrefix("null") }) else { continue }
      let same = zip(natural, values).map { "\($0) = \($1)" }.joined(separator: " and ")
      conditions.append(l.dialect.isNotTrue(same))
    }
    return conditions.isEmpty ? "" : "\nwhere " + conditions.joined(separator: "\n  and ")
  }

  // MARK: Audits and corrections

  private var unit: String { "\(keys.of("t")), t.whc_from as valid_from, t.whc_to as valid_to" }
  private var line: String { "(partition by \(keys.of("t")) order by t.whc_from)" }

  private func audit(_ code: DiagnosticCode, _ what: String, _ query: String, help: String) -> Plan.Step {
    let table = l.dialect.render(taken.relation)
    return .audit(
      Plan.Audit(
        code, "\(table), which \(dimension.name) takes over, has \(what)", help: help, span: span,
        query: query))
  }

  private func correct(_ draft: inout PlanDraft) {
    strays(
      where: { "\(keys.anyNull($0)) or \($0).whc_from is null" }, declaration.nulls, &draft,
      audit: ("take-over-null", "rows without a natural key or a beginning", "nulls"))
    strays(
      where: { "\($0).whc_to <= \($0).whc_from" }, declaration.emptyIntervals, &draft,
      audit: ("take-over-empty-interval", "rows that end before they begin, or then", "empty_intervals"))
    if declaration.duplicates == .drop {
      let (table, t) = deleted("t")
      let same = l.attributes.isEmpty ? "" : " and \(l.same(l.attributes, "x", t))"
      let dialect = l.dialect
      draft.add(
        .prepare,
        """
        delete from \(table) using \(rows) x
        where \(keys.equal("x", t)) and x.whc_from = \(t).whc_from and \(dialect.isNotDistinct("x.whc_to", "\(t).whc_to"))
          and x.whc_gone = \(t).whc_gone\(same)
          and (x.whc_key < \(t).whc_key or \(dialect.isNotDistinct("x.whc_key", "\(t).whc_key")) and \(row("x")) < \(row(t)))
        """)
    }
    draft.steps.append(
      audit(
        "take-over-duplicate", "versions of one member that begin at one time",
        """
        select count(*) over () as versions, \(keys.of("t")), t.whc_from as valid_from, count(*) as rows
        from \(rows) t
        group by \(keys.of("t")), t.whc_from having count(*) > 1
        limit 5
        """,
        help: declaration.duplicates == .drop
          ? "they differ in their values: keep one of them, in a view over the table"
          : "'duplicates: drop' keeps one of rows that are equal in everything but their surrogate key"))
    overlaps(&draft)
    gaps(&draft)
  }

  private func strays(
    where condition: (_ alias: String) -> String, _ rule: TakeOver.Strays, _ draft: inout PlanDraft,
    audit found: (code: DiagnosticCode, what: String, key: String)
  ) {
    if rule == .drop {
      let (table, alias) = deleted("t")
      draft.add(.prepare, "delete from \(table)\nwhere \(condition(alias))")
    } else {
      draft.steps.append(
        audit(
          found.code, found.what,
          "select count(*) over () as rows, \(unit)\nfrom \(rows) t\nwhere \(condition("t"))\nlimit 5",
          help: "'\(found.key): drop' of 'take_over' leaves them out"))
    }
  }

  private var neighbours: String {
    "select \(row("t")) as tid, \(keys.of("t")), t.whc_from, t.whc_to, lead(t.whc_from) over \(line) as whc_next\n"
      + "    from \(rows) t"
  }

  private func moveEnds(where condition: String) -> Plan.Statement {
    Plan.Statement(
      .prepare,
      """
      update \(rows) u set whc_to = t.whc_next
      from (
          \(neighbours)
      ) t
      where \(row("u")) = t.tid and \(condition)
      """)
  }

  private func neighbourAudit(where condition: String) -> String {
    """
    select count(*) over () as versions, \(unit), t.whc_next as next_valid_from
    from (
        \(neighbours)
    ) t
    where \(condition)
    limit 5
    """
  }

  private func overlaps(_ draft: inout PlanDraft) {
    let condition = "t.whc_next is not null and \(l.dialect.isNotTrue("t.whc_to <= t.whc_next"))"
    if declaration.overlaps == .cut {
      draft.add(moveEnds(where: condition))
    } else {
      draft.steps.append(
        audit(
          "take-over-overlap", "versions that hold on when the next one of their member begins",
          neighbourAudit(where: condition),
          help: "'overlaps: cut' of 'take_over' ends each where the next one begins"))
    }
  }

  private func gaps(_ draft: inout PlanDraft) {
    let condition = "t.whc_to < t.whc_next"
    switch taken.gaps {
    case .keep: break
    case .close: draft.add(moveEnds(where: condition))
    case .error:
      draft.steps.append(
        audit(
          "take-over-gap", "gaps between the versions of a member", neighbourAudit(where: condition),
          help: "'gaps: keep' of 'take_over' says that the member was deleted then, "
            + "'gaps: close' that the version before held on"))
    }
  }

  private var surrogateKeys: Plan.Audit {
    Plan.Audit(
      "take-over-key",
      "\(l.dialect.render(taken.relation)), which \(dimension.name) takes over, has rows without a surrogate key, "
        + "or with one that another has",
      help: "facts could not tell them apart: correct them, or take a view over without the key", span: span,
      query: """
        select count(*) over () as keys, t.whc_key as surrogate_key, count(*) as rows, min(t.whc_from) as valid_from
        from \(rows) t
        group by t.whc_key having count(*) > 1 or t.whc_key is null
        limit 5
        """)
  }

  private var durableKeys: Plan.Audit {
    Plan.Audit(
      "take-over-key",
      "\(l.dialect.render(taken.relation)), which \(dimension.name) takes over, has durable keys that are not one for "
        + "each member",
      help: "correct them, or take a view over without the key", span: span,
      query: """
        select count(*) over () as keys, t.whc_durable as durable_key, count(*) as members
        from (select distinct t.whc_durable, \(keys.of("t")) from \(rows) t) t
        group by t.whc_durable having count(*) > 1 or t.whc_durable is null
        union all
        select count(*) over (), min(t.whc_durable), 1
        from \(rows) t
        group by \(keys.of("t")) having count(distinct t.whc_durable) > 1
        limit 5
        """)
  }

  // MARK: What becomes of deletions

  /// A row that says that its member was deleted is kept by `deletes: new_record`; else it is the time at which the
  /// version before it ended, or, with `soft`, a mark on that.
  private var deletions: [Plan.Statement] {
    var statements: [Plan.Statement] = []
    if dimension.input == .changes, dimension.operation != nil {
      // A stream of changes states deletions anew; what it does not state again is remembered.
      statements.append(
        Plan.Statement(
          .change,
          """
          insert into \(l.ledgerTable) (kind, \(keys.bare), at)
          select 'deleted', \(keys.of("t")), t.whc_from from \(rows) t where t.whc_gone
          union
          select 'deleted', \(keys.of("t")), t.whc_to
          from (
              \(neighbours)
              where not t.whc_gone
          ) t
          where t.whc_to is not null
            and not exists (
              select 1 from \(rows) x where \(keys.equal("x", "t")) and x.whc_from = t.whc_to)
          """))
    }
    guard dimension.deletes != .newRecord, role("is_deleted") != nil else { return statements }
    if dimension.deletes == .soft {
      statements.append(
        Plan.Statement(
          .prepare,
          """
          update \(rows) t set whc_to = null, whc_marked = true
          from \(rows) x
          where \(keys.equal("x", "t")) and x.whc_gone and x.whc_to is null and t.whc_to = x.whc_from
            and not t.whc_gone
          """))
    }
    let (table, alias) = deleted("t")
    statements.append(Plan.Statement(.prepare, "delete from \(table)\nwhere \(alias).whc_gone"))
    return statements
  }

  // MARK: Writing

  private var insert: String {
    let isFirst = "row_number() over \(line) = 1"
    let from =
      dimension.firstVersionFrom == .always
      ? "case when \(isFirst) then \(l.earliest) else t.whc_from end" : "t.whc_from"
    let framed = " rows between unbounded preceding and current row)"
    let latest = "over (partition by \(keys.of("t")) order by t.whc_from desc" + framed
    let earliest = "over " + line.dropLast() + framed
    let values = l.attributes.map { attribute in
      let name = "t.\(l.q(attribute.name))"
      switch attribute.rule {
      case .overwrite: return "first_value(\(name)) \(latest) as \(l.q(attribute.name))"
      case .retainOriginal: return "first_value(\(name)) \(earliest) as \(l.q(attribute.name))"
      default: return name
      }
    }
    let current = l.hybrid.map { attribute -> (name: String, value: String) in
      let name = l.q(DimensionLayout.currentName(of: attribute.name))
      return (name, "first_value(t.\(l.q(attribute.name))) \(latest) as \(name)")
    }
    var columns = [
      (l.surrogate, key), (keys.bare, keys.of("n")),
    ]
    columns += l.attributes.map { (l.q($0.name), "n.\(l.q($0.name))") }
    columns += current.map { ($0.name, "n.\($0.name)") }
    columns += [
      (l.validFrom, "n.whc_begins"), (l.validTo, "coalesce(n.whc_to, \(l.open))"),
      (l.isCurrent, "n.whc_to is null"),
    ]
    if l.hasDeleted {
      columns.append((l.isDeleted, dimension.deletes == .soft ? "n.whc_marked" : "n.whc_gone"))
    }
    if l.hasStated { columns.append((l.statedAt, "nullif(n.whc_from, n.whc_begins)")) }
    if hasDurable, let name = dimension.durableKey { columns.append((l.q(name), "n.whc_durable")) }
    let inner =
      [keys.of("t")] + values + current.map(\.value)
      + ["t.whc_from", "t.whc_to", "t.whc_gone", "t.whc_marked", "t.whc_key", "\(from) as whc_begins"]
      + (hasDurable ? ["t.whc_durable"] : [])
    return """
      insert into \(l.table) (\(columns.map(\.0).joined(separator: ", ")))
      select \(columns.map(\.1).joined(separator: ",\n  "))
      from (
        select \(inner.joined(separator: ", "))
        from \(rows) t
      ) n\(given)
      where not exists (select 1 from \(l.ledgerTable) where kind = 'taken over')
      """
  }

  private var key: String {
    if hasSurrogate { return "n.whc_key" }
    let new = l.newKey("n", from: "n.whc_begins", order: "order by \(keys.of("n")), n.whc_begins")
    return isAgain ? "coalesce(g.surrogate_key, \(new))" : new
  }

  private var given: String {
    guard isAgain, !hasSurrogate else { return "" }
    return "\nleft join \(l.ledgerTable) g\n"
      + "  on g.kind = 'withdrawn' and \(keys.equal("g", "n")) and g.at = n.whc_begins"
  }
}
