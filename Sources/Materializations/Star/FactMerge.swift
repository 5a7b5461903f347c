import Diagnostics
import ProjectModel
import StarModel
import Warehouse

/// Rows put into the table that is there: those whose grain is known are replaced where something differs, the others
/// added, the rest left alone.
struct FactMerge {
  let layout: FactLayout
  let input: PlanInput

  private var l: FactLayout { layout }
  private var fact: Fact { layout.fact }

  func add(to draft: inout PlanDraft) throws(DiagnosticsError) {
    draft.runHooks(input.preHooks)
    // On Redshift the lock that a second run waits for is that of the table.
    if l.dialect.hasAdvisoryLocks { draft.add(.lock, l.dialect.lock(l.table)) }
    if let trail = l.trail { draft.add(trail.begin(l.table)) }
    try evolve(&draft)
    let rekey = FactRekey(layout: layout, input: input)
    draft.add(rekey.prepare(isRebuild: false))
    draft.add(readFrom)
    if let periods {
      periods.add(to: &draft)
    } else {
      draft.add(stage)
    }
    draft.add(
      Self.analyzed("whc_stage", l.lookups.flatMap { $0.key.map(\.name) + [$0.asOf].compactMap(\.self) }, l))
    draft.steps += l.stageAudits.map { .audit($0) }
    if let told = tellFrom { draft.add(told) }
    if let kept = l.lags?.keep(l) { draft.add(kept) }
    for lookup in l.inOrderOfLocks { draft.add(FactInference(layout: l, lookup: lookup).statements) }
    draft.temporary("whc_fact", as: resolve)
    draft.add(Self.analyzed("whc_fact", fact.grain, l))
    let audits = FactAudits(layout: layout, input: input)
    for (check, evidence) in audits.evidence { draft.evidence[check] = evidence }
    let facts = l.dialect.temporary("whc_fact")
    draft.add(audits.counts(facts))
    for audit in audits.ofTable(facts) { draft.steps.append(.audit(audit)) }
    var changes = [Plan.Statement(.change, update), Plan.Statement(.change, insert, countsRows: true)]
    changes[0].tallies = [.updated]
    changes[1].tallies = [.inserted]
    for setting in pageCosts { draft.add(.prepare, "set local \(setting) = 0.05") }
    draft.add(changes)
    for setting in pageCosts { draft.add(.prepare, "set local \(setting) to default") }
    if let allocation = l.allocation { draft.add(allocation.removeLeft(l)) }
    if let periods { draft.add(periods.replace) }
    draft.add(rekey.rememberUnresolved(facts, isTemporary: true))
    draft.add(rekey.statements)
    if let periods { draft.add(periods.close) }
    draft.add(audits.trail)
  }

  /// What reading a page costs, low while rows are looked for in the table: the newest facts, and their part of the
  /// index of the grain, are what was written last, and still in memory. By its own figures the server reads a whole
  /// table rather than look for one row in a hundred.
  private var pageCosts: [String] {
    l.dialect.hasProceduralStatements ? ["seq_page_cost", "random_page_cost"] : []
  }

  private var periods: FactPeriods? {
    fact.periodic.map { FactPeriods(snapshot: $0, layout: layout, input: input, hasTable: true) }
  }

  /// Few rows are looked for in the tables, not the tables in them, once the server knows that they are few.
  static func analyzed(_ table: String, _ columns: [String], _ layout: FactLayout) -> [Plan.Statement] {
    let names = columns.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    // Redshift counts what it stores by itself.
    guard !names.isEmpty, layout.dialect.hasProceduralStatements else { return [] }
    return [
      Plan.Statement(.analyze, "analyze pg_temp.\(table) (\(ColumnList(names, layout.dialect).bare))")
    ]
  }

  /// What is read: everything, or from the newest time loaded, less the lookback. Rows without a time are read, too;
  /// said so that an index of the source's time can be used.
  private var filter: String {
    guard let column = readsFrom else { return "" }
    let from = "(select whc_from.at from \(l.dialect.temporary("whc_from")))"
    func isNotBefore(_ value: String) -> String {
      l.dialect.kind == .postgres
        ? "\(value) >= \(from) is not false" : "coalesce(\(value) >= \(from), true)"
    }
    guard l.allocation == nil else { return "\nwhere " + isNotBefore("s.\(FactAllocation.latest)") }
    let type = l.kept.first { $0.name == column }?.type ?? ""
    guard type.hasPrefix("timestamp") || type == "date", l.dialect.kind == .postgres else {
      return "\nwhere " + isNotBefore("s.\(l.q(column))")
    }
    return "\nwhere s.\(l.q(column)) >= coalesce(\(from), '-infinity') or s.\(l.q(column)) is null"
  }

  /// A column that fills the past with what the SQL says now asks for all of it, once.
  private var readsFrom: String? {
    let present = input.existing?.columns ?? []
    let fills = l.kept.contains { column in
      fact.schemaChanges.backfills(column.name) && !present.contains { $0.name == column.name }
    }
    return fills ? nil : fact.readsFrom
  }

  private var readFrom: [Plan.Statement] {
    guard let column = readsFrom else { return [] }
    // An arrival time needs no lookback: what arrived since has a later one.
    let lookback = fact.loadedAt == nil ? " - interval '\(fact.lookback)'" : ""
    return [
      Plan.Statement.temporary(
        "whc_from", as: "select max(f.\(l.q(column)))\(lookback) as at from \(l.table) f", l.dialect)
    ]
  }

  private var stage: [Plan.Statement] {
    let create = CreateAs(input: input, frame: l.frame)
    var main = create.wrap(
      l.dialect.createTemporary("whc_stage") + "\nselect s.*\nfrom (\n", "\n) s\(filter)", countsRows: false)
    main.temporaryTable = "whc_stage"
    main.purpose = .main
    main.tallies = [.read]
    return create.header + [main]
  }

  private var tellFrom: Plan.Statement? {
    guard let column = readsFrom, l.dialect.hasProceduralStatements else { return nil }
    let body = """

      begin
        raise notice '% was read from % on', \(l.dialect.literal("\(fact.name) by \(column)")),
          coalesce((select whc_from.at from pg_temp.whc_from)::text, 'the beginning');
      end
      """
    return Plan.Statement(.prepare, "do " + SQLText.dollarQuoted(body + "\n"))
  }

  private var resolve: String {
    let columns = l.selected + l.rekeyed.map { FactRekey.aside(l, $0) }
    return """
      select \(columns.joined(separator: ",\n  "))
      from \(l.dialect.temporary("whc_stage")) s
      \(l.lookups.map(l.join).joined(separator: "\n"))
      """
  }

  private var update: String {
    let names = l.columns.names.filter { !fact.grain.contains($0) }
    guard names.contains(where: { $0 != l.trail?.column }) else { return "select 1 where false" }
    let types = Dictionary(l.definitions.map { ($0.name, $0.type) }, uniquingKeysWith: { first, _ in first })
    let differs = names.filter { $0 != l.trail?.column }.map { name in
      let cast = FactLayout.comparesAsText(types[name] ?? "") ? "::text" : ""
      return l.dialect.isDistinct("f.\(l.q(name))\(cast)", "n.\(l.q(name))\(cast)")
    }
    return """
      update \(l.table) f
      set \(names.map { "\(l.q($0)) = n.\(l.q($0))" }.joined(separator: ", "))
      from \(l.dialect.temporary("whc_fact")) n
      where \(l.grainColumns.equal("f", "n"))
        and (\(differs.joined(separator: "\n    or ")))
      """
  }

  /// An outer join, of which the server hashes the smaller side; of an anti-join it hashes the table (before
  /// PostgreSQL 16).
  private var insert: String {
    """
    insert into \(l.table) (\(l.columns.bare))
    select \(l.columns.of("n"))
    from \(l.dialect.temporary("whc_fact")) n
    left join \(l.table) f on \(l.grainColumns.equal("f", "n"))
    where \(l.isMissing("f"))
    """
  }

  /// Columns of the table that neither the SQL gives nor a declaration adds any more.
  private var lostColumns: [String] {
    let own = Set(l.columns.names)
    return (input.existing?.columns ?? []).map(\.name).filter { !own.contains($0) }
  }

  /// New columns are added with NULL in the rows that are there, narrower ones widened.
  private func evolve(_ draft: inout PlanDraft) throws(DiagnosticsError) {
    let refreshes = fact.periodic != nil && input.isFullRefresh
    let lost = lostColumns
    let evolution = ColumnEvolution(
      table: l.table, input: input, alternative: ", or run it with --full-refresh", rules: fact.schemaChanges,
      lost: lost)
    if !lost.isEmpty, fact.schemaChanges.droppedColumns == .drop, fact.views.contains(.flat) {
      // It names every column of the fact, and is made anew in the end.
      let view = AsideNames.name(of: l.target, FactViews.flat, dialect: l.dialect)
      let cascade = l.dialect.kind == .redshift ? " cascade" : ""
      draft.add(.prepare, "drop view if exists \(l.dialect.render(view))\(cascade)")
    }
    try evolution.add(l.definitions, to: &draft) { (name) throws(DiagnosticsError) in
      guard !refreshes,
        let lookup = l.lookups.first(where: { [$0.foreignKey, $0.durableForeignKey].contains(name) })
      else { return }
      throw DiagnosticsError(
        Diagnostic(
          "new-dimension",
          "\(l.table) has no '\(name)': the facts that are there have no key to \(lookup.target.name)",
          at: input.node.span(ofConfig: "dimensions"), help: "run it once with --full-refresh"))
    }
  }
}
