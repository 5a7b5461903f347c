/// The dimensions, facts and bridges with their declarations.
struct StarWriter {
  let proposal: StarProposal
  private let facts: [FactDraft]

  private let hasCalendar: Bool

  init(_ proposal: StarProposal, hasCalendar: Bool) {
    self.proposal = proposal
    self.hasCalendar = hasCalendar
    facts = proposal.tables.indices.filter(proposal.isFact).map { FactDraft($0, proposal) }
  }

  private var dimensions: [Int] { proposal.tables.indices.filter(proposal.isDimension) }
  private var writesDates: Bool { !hasCalendar && facts.contains { $0.usesDates } }

  // MARK: SQL

  var models: [(name: String, text: String)] {
    var models = dimensions.map { (proposal.name(of: $0), dimension(proposal.tables[$0])) }
    for index in proposal.tables.indices {
      if case .bridge(let group, let member) = proposal.parts[index] {
        models.append((proposal.name(of: index), bridge(proposal.tables[index], group, member)))
      }
    }
    for fact in facts {
      models.append((fact.name, self.fact(fact)))
      if !fact.flags.isEmpty {
        models.append(
          (
            fact.flagsModel,
            "select \(fact.flags.map(\.name).joined(separator: ", "))\nfrom {{ ref('\(fact.table.model)') }}\n"
          ))
      }
    }
    if writesDates {
      models.append(("dim_date", "-- Written by the compiler from start and end in its declaration.\n"))
    }
    return models
  }

  private func select(_ names: [String], from model: String) -> String {
    "select\n\(names.map { "  \($0)" }.joined(separator: ",\n"))\nfrom {{ ref('\(model)') }}\n"
  }

  private func dimension(_ table: StagedTable) -> String {
    let names = table.useful.filter { $0.role != .changed || $0.name == table.changed?.name }.map(\.name)
    return select(names + [operation(table)].compactMap(\.self), from: table.model)
  }

  private func bridge(_ table: StagedTable, _ group: Int, _ member: Int) -> String {
    let names = [group, member].compactMap {
      table.column(of: table.profile.foreignKeys[$0].columns[0])?.name
    }
    return """
      -- The source gives no weights: each member of a group has the same share.
      select
        \(names[0]),
        \(names[1]),
        1.0 / count(*) over (partition by \(names[0])) as weight
      from {{ ref('\(table.model)') }}

      """
  }

  private func fact(_ fact: FactDraft) -> String {
    if case .log(let log) = fact.table.reading.shape { return latest(fact, log) }
    var text = fact.leftOut.map { "-- \($0.name) stays in staging: \(CommentedText.oneLine($0.reason))\n" }
      .joined()
    guard let header = fact.header, !fact.headerColumns.isEmpty else {
      return text + select(fact.columns, from: fact.table.model)
    }
    let names = fact.columns.map { "  line.\($0)" } + fact.headerColumns.map { "  header.\($0)" }
    let join = header.isOuter ? "left join" : "join"
    text += """
      select
      \(names.joined(separator: ",\n"))
      from {{ ref('\(fact.table.model)') }} as line
      \(join) {{ ref('\(header.table.model)') }} as header on header.\(header.table.key[0].name) = line.\(header.key.name)

      """
    return text
  }

  /// Of a log, what the last change of each thing says.
  private func latest(_ fact: FactDraft, _ log: SourceReading.Log) -> String {
    let operation = fact.table.column(of: log.operation.column)?.name ?? log.operation.column
    let deletes = log.operation.delete.map { "'\($0.replacing("'", with: "''"))'" }.joined(separator: ", ")
    var names = fact.columns
    if !names.contains("changed_at") { names.append("changed_at") }
    return """
      -- What the last change of each row says; rows that were deleted are left out.
      with ranked as (
        select *, row_number() over (partition by \(fact.table.key.map(\.name).joined(separator: ", ")) order by changed_at desc) as place
        from {{ ref('\(fact.table.model)') }}
      )

      select
      \(names.map { "  \($0)" }.joined(separator: ",\n"))
      from ranked
      where place = 1\(deletes.isEmpty ? "" : " and \(operation)::text not in (\(deletes))")

      """
  }

  /// The column of the staging model with the operation code.
  private func operation(_ table: StagedTable) -> String? {
    switch table.reading.shape {
    case .log(let log): table.column(of: log.operation.column)?.name
    case .history(let intervals): intervals.ended > 0 ? "operation" : nil
    case .current, .keyless: nil
    }
  }

  // MARK: Declarations

  var properties: String {
    var text = CommentedText()
    text.add("version: 2")
    text.add("")
    text.add(
      "# A proposal, made from what the tables say. The comments are its reasons: correct what they get wrong."
    )
    text.add("")
    text.add("models:")
    for index in dimensions { declare(dimension: index, &text) }
    for index in proposal.tables.indices {
      if case .bridge(let group, let member) = proposal.parts[index] {
        declare(bridge: index, group, member, &text)
      }
    }
    if writesDates { declareDates(&text) }
    for fact in facts {
      if !fact.flags.isEmpty { declareFlags(fact, &text) }
      declare(fact, &text)
    }
    return text.text("#")
  }

  private func declare(dimension index: Int, _ text: inout CommentedText) {
    let table = proposal.tables[index]
    text.add("  - name: \(proposal.name(of: index))")
    text.add("    config:")
    text.add("      materialized: dimension")
    text.add("      natural_key: \(YAMLWord.list(table.key.map(\.name)))", keyEvidence(table))
    var intervals: TableProfile.Intervals?
    switch table.reading.shape {
    case .log(let log):
      text.add("      effective_at: changed_at", "\(log.time): when each change was made")
      text.add("      input: changes", "every row states a version or a deletion")
      text.add("      operation: \(codes(log, table))", "\(log.operation.column) says \(said(log.operation))")
    case .history(let found):
      intervals = found
      text.add("      effective_at: changed_at", "\(found.from): since when a version holds")
      text.add("      input: changes", "the source keeps all versions")
      if found.ended > 0 {
        text.add("      operation: operation", "ends that no version follows are deletions")
      }
    case .current, .keyless:
      if let changed = table.changed {
        text.add("      effective_at: \(changed.name)", changed.evidence)
        text.add("      first_version_from: always", "what a row said before its last change is not known")
      } else {
        text.add(
          "      scd_type: 2", "no column says when a row changed: a version begins when a run sees it")
      }
    }
    if let intervals, intervals.overlaps > 0 {
      text.add(
        "      # \(Counts.many(intervals.overlaps, "version")) in the source end after the next one begins: the next one counts"
      )
    }
    let outriggers = self.outriggers(index)
    if !outriggers.isEmpty {
      text.add("      outriggers:")
      for lookup in outriggers { text.add("        - " + flow(lookup), lookup.evidence) }
    }
    let corrected = table.useful.filter {
      [.text, .flag].contains($0.role) && ColumnWords.says($0.name, ColumnWords.corrected)
        || $0.role == .created
    }
    if !corrected.isEmpty {
      text.add("    columns:", "what is corrected rather than replaced is overwritten in all versions")
      for column in corrected {
        text.add("      - {name: \(YAMLWord.text(column.name)), config: {scd_type: 1}}", column.evidence)
      }
    }
    text.add("")
  }

  private func keyEvidence(_ table: StagedTable) -> String {
    let names = table.key.filter { $0.name != $0.source.name }.map(\.source.name)
    return (names.isEmpty ? "" : names.joined(separator: ", ") + ": ") + table.reading.evidence
  }

  private func codes(_ log: SourceReading.Log, _ table: StagedTable) -> String {
    let column = table.column(of: log.operation.column)?.name ?? log.operation.column
    let lists = [
      ("insert", log.operation.insert), ("update", log.operation.update), ("delete", log.operation.delete),
    ]
    .filter { !$0.1.isEmpty }
    .map { "\($0.0): [\($0.1.map(YAMLWord.quoted).joined(separator: ", "))]" }
    return "{column: \(YAMLWord.text(column)), \(lists.joined(separator: ", "))}"
  }

  private func said(_ operation: TableProfile.Operation) -> String {
    (operation.insert + operation.update + operation.delete).joined(separator: ", ")
  }

  /// Lookups of a dimension in others; none that would close a circle.
  private func outriggers(_ index: Int) -> [FactDraft.Lookup] {
    let table = proposal.tables[index]
    return table.profile.foreignKeys.compactMap { link in
      guard let target = proposal.target(of: link), target != index, proposal.isDimension(target),
        !leads(from: target, to: index), link.columns.count == 1,
        let column = table.column(of: link.columns[0])
      else { return nil }
      let others = table.profile.foreignKeys.filter { proposal.target(of: $0) == target }
      let role =
        others.count < 2 ? nil : column.name.hasSuffix("_id") ? String(column.name.dropLast(3)) : column.name
      return FactDraft.Lookup(
        to: proposal.name(of: target), role: role, key: [column.name],
        missing: column.isWhole ? nil : "not_applicable", evidence: StagedTable.evidence(link))
    }
  }

  private func leads(from start: Int, to end: Int, _ seen: Set<Int> = []) -> Bool {
    guard start != end else { return true }
    guard !seen.contains(start) else { return false }
    return proposal.tables[start].profile.foreignKeys.contains { link in
      guard let next = proposal.target(of: link), proposal.isDimension(next) else { return false }
      return leads(from: next, to: end, seen.union([start]))
    }
  }

  private func declare(bridge index: Int, _ group: Int, _ member: Int, _ text: inout CommentedText) {
    let table = proposal.tables[index]
    let links = [group, member].map { table.profile.foreignKeys[$0] }
    let names = links.compactMap { table.column(of: $0.columns[0])?.name }
    guard let target = proposal.target(of: links[1]), names.count == 2 else { return }
    text.add("  - name: \(proposal.name(of: index))")
    text.add("    config:")
    text.add("      materialized: bridge")
    text.add("      group_key: \(names[0])", StagedTable.evidence(links[0]))
    text.add("      to: \(proposal.name(of: target))")
    text.add("      key: \(names[1])", StagedTable.evidence(links[1]))
    text.add("      weight: weight", "the same for each member of a group: the source has none")
    text.add("")
  }

  private func declareDates(_ text: inout CommentedText) {
    let days = facts.flatMap { fact in
      (fact.table.columns + (fact.header?.table.columns ?? [])).filter { $0.source.isTime }
    }
    let least = days.compactMap(\.source.least).filter { $0.first == "1" || $0.first == "2" }.min() ?? ""
    let greatest =
      days.compactMap(\.source.greatest).filter { $0.first == "1" || $0.first == "2" }.max() ?? ""
    let year = least.count >= 4 ? max(1900, Int(least.prefix(4)) ?? 2020) : 2020
    text.add("  - name: dim_date")
    text.add("    config:")
    text.add("      materialized: date_dimension")
    text.add(
      "      start: \(year)-01-01",
      least.isEmpty ? "no row has a date yet" : "the first day in the source is \(least.prefix(10))")
    text.add("      end: today + 1 year", greatest.isEmpty ? "" : "the last one is \(greatest.prefix(10))")
    text.add("")
  }

  private func declareFlags(_ fact: FactDraft, _ text: inout CommentedText) {
    text.add("  - name: \(fact.flagsModel)")
    text.add("    config:")
    text.add("      materialized: junk_dimension")
    text.add("      flags:")
    for flag in fact.flags { text.add("        - \(YAMLWord.text(flag.name))", flag.evidence) }
    text.add("")
  }

  private func declare(_ fact: FactDraft, _ text: inout CommentedText) {
    text.add("  - name: \(fact.name)")
    text.add("    config:")
    text.add("      materialized: fact")
    switch fact.kind {
    case .transaction: break
    case .factless: text.add("      fact_type: factless", "no column is a measure")
    case .accumulating(let steps):
      text.add("      fact_type: accumulating_snapshot", "no row has its times in another order")
      text.add("      date_dimension: dim_date")
      text.add("      milestones:")
      for step in steps {
        let isPlain = step.name.hasSuffix("_at") || step.name.hasSuffix("_on")
        let name = step.name.hasSuffix("_date") ? String(step.name.dropLast(5)) : step.name
        text.add("        - \(isPlain ? step.name : "{name: \(name), at: \(step.name)}")", step.evidence)
      }
    case .periodic(_, let period):
      text.add("      fact_type: periodic_snapshot", "a level for each key and time")
      text.add("      period: \(period)")
      text.add("      date_dimension: dim_date")
    }
    text.add("      grain: \(YAMLWord.list(fact.grain))", keyEvidence(fact.table))
    if let event = fact.eventTime { text.add("      event_time: \(event.name)", event.evidence) }
    if let loaded = fact.loadedAt {
      text.add("      loaded_at: \(loaded.name)", "\(loaded.evidence); later runs read what is newer")
    }
    declareColumns(of: fact, &text)
    text.add("")
  }

  private func declareColumns(of fact: FactDraft, _ text: inout CommentedText) {
    if !fact.lookups.isEmpty || !fact.flags.isEmpty {
      text.add("      dimensions:")
      for lookup in fact.lookups { text.add("        - " + flow(lookup), lookup.evidence) }
      if !fact.flags.isEmpty { text.add("        - {to: \(fact.flagsModel)}") }
    }
    if !fact.degenerate.isEmpty {
      text.add("      degenerate:")
      for column in fact.degenerate { text.add("        - \(YAMLWord.text(column.name))", column.evidence) }
    }
    if !fact.measures.isEmpty {
      text.add("      measures:")
      for measure in fact.measures {
        text.add(
          "        - {name: \(YAMLWord.text(measure.name)), additivity: \(measure.additivity)}",
          measure.evidence)
      }
    }
  }

  private func flow(_ lookup: FactDraft.Lookup) -> String {
    var parts = ["to: \(lookup.to)"]
    if let role = lookup.role { parts.append("role: \(role)") }
    parts.append("key: \(YAMLWord.list(lookup.key))")
    if let missing = lookup.missing { parts.append("missing: \(missing)") }
    return "{\(parts.joined(separator: ", "))}"
  }
}

extension FactDraft {
  var usesDates: Bool {
    switch kind {
    case .accumulating, .periodic: true
    case .transaction, .factless: lookups.contains { $0.to == "dim_date" }
    }
  }
}
