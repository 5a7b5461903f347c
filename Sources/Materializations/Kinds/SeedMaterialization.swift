public import Diagnostics
import ProjectModel
public import Warehouse

/// A CSV file's rows in a table: created, or emptied and filled again, by COPY.
public struct SeedMaterialization: Materialization {
  public static let name = "seed"

  public init() {}

  public func needs(_ input: PlanInput) -> StateNeeds {
    var needs = StateNeeds()
    needs.dependents = input.existing != nil && input.isFullRefresh
    needs.ownColumns = input.existing?.kind == .table && !input.isFullRefresh
    return needs
  }

  public func plan(_ input: PlanInput) throws(DiagnosticsError) -> Plan {
    guard let seed = input.seed else {
      throw DiagnosticsError(
        Diagnostic("no-seed-file", "\(input.node.label) has no file of rows", at: input.node.startSpan))
    }
    var draft = try PlanDraft(input)
    let target = draft.target
    let aside = AsideNames.name(of: target, AsideNames.temporary, dialect: input.dialect)
    if let existing = input.existing, existing.kind != .table {
      throw DiagnosticsError(
        Diagnostic(
          "seed-over-view",
          "\(input.dialect.render(target)) is a \(existing.kind.sqlWord); seed '\(input.node.name)' would replace it",
          at: input.node.startSpan, help: "drop it, or give the seed another 'alias'"))
    }

    draft.dropLeftovers(aside, AsideNames.name(of: target, AsideNames.backup, dialect: input.dialect))
    draft.lockTarget()
    draft.runHooks(input.preHooks)
    let place: RelationName
    if let existing = input.existing, !input.isFullRefresh {
      try check(seed, against: existing, input)
      place = target
      // TRUNCATE would commit on Redshift.
      let verb = input.dialect.kind == .postgres ? "truncate table" : "delete from"
      draft.add(.prepare, "\(verb) \(input.dialect.render(target))")
    } else {
      place = input.existing == nil ? target : aside
      draft.add(.prepare, createTable(seed, place, input))
    }
    if seed.rowCount > 0 { draft.steps.append(copy(seed, place, input)) }
    if place == aside || input.existing == nil { draft.add(try Indexes.statements(input, on: place)) }
    draft.gate(place)
    if let existing = input.existing, place == aside {
      draft.add(Publication(input, replacing: existing, at: target).statements(aside: aside, kind: .table))
    }
    draft.add(
      Grants.statements(input, on: target, mayCarryOver: input.existing != nil && !input.isFullRefresh))
    TableBuild.addComments(to: &draft, columns: seed.columns.map(\.name))
    draft.runHooks(input.postHooks)
    draft.creates = [RelationState(name: target, kind: .table)]
    return draft.plan(isIdempotent: true)
  }

  private func createTable(_ seed: SeedTable, _ relation: RelationName, _ input: PlanInput) -> String {
    let overrides = input.node.config["column_types"]?.mapping ?? [:]
    let columns = seed.columns.map { column in
      let type = overrides[column.name]?.string ?? Self.type(of: column, input.dialect)
      return "  \(written(column.name, input)) \(type)"
    }
    let unlogged =
      input.dialect.kind == .postgres && input.node.config["unlogged"]?.bool == true ? "unlogged " : ""
    return "create \(unlogged)table \(input.dialect.render(relation)) (\n"
      + columns.joined(separator: ",\n") + "\n)" + PhysicalDesign(input).ofSeed
  }

  private func copy(_ seed: SeedTable, _ relation: RelationName, _ input: PlanInput) -> Plan.Step {
    let columns = seed.columns.map { written($0.name, input) }.joined(separator: ", ")
    let place = "\(input.dialect.render(relation)) (\(columns))"
    let contents = SeedContents(
      path: seed.path, delimiter: seed.delimiter, columns: seed.columns.map(\.name), place: place)
    guard input.dialect.hasCopyFromStandardInput else {
      let opening = "insert into \(place) values"
      return .copy(Plan.Statement(.main, opening, countsRows: true), contents)
    }
    let delimiter = input.dialect.literal(String(UnicodeScalar(seed.delimiter)))
    // The table was made or emptied in this transaction, so its rows can be stored as long known to all.
    let sql =
      "copy \(place)\n"
      + "  from stdin with (format csv, delimiter \(delimiter), freeze true)"
    return .copy(Plan.Statement(.main, sql, countsRows: true), contents)
  }

  /// Columns of the file that the table lacks: the server would refuse the COPY without saying what to do.
  private func check(_ seed: SeedTable, against existing: RelationState, _ input: PlanInput)
    throws(DiagnosticsError)
  {
    guard let columns = existing.columns else { return }
    let there = Set(columns.map(\.name))
    let isQuoted = input.node.config["quote_columns"]?.bool ?? true
    let missing = seed.columns.map(\.name).filter {
      !there.contains(isQuoted || $0.hasPrefix("\"") ? $0 : $0.lowercased())
    }
    guard !missing.isEmpty else { return }
    throw DiagnosticsError(
      Diagnostic(
        "seed-columns-changed",
        "the file of seed '\(input.node.name)' has \(missing.map { "'\($0)'" }.joined(separator: ", ")), "
          + "which its table lacks",
        at: SourceSpan(file: input.node.originalFilePath, line: 1, column: 1),
        help: "run 'whc seed --full-refresh --select \(input.node.name)' to make the table anew"))
  }

  private func written(_ column: String, _ input: PlanInput) -> String {
    input.node.config["quote_columns"]?.bool ?? true ? input.dialect.quote(column) : column
  }

  /// The type of a column whose type nobody states.
  public static func type(of column: SeedTable.Column, _ dialect: Dialect) -> String {
    switch column.type {
    case .integer: "integer"
    case .number: "float8"
    case .boolean: "boolean"
    case .date: "date"
    case .timestamp: "timestamp without time zone"
    // As wide as dbt-redshift makes it: the longest value, or 64 where there is none.
    case .text: dialect.kind == .redshift ? "varchar(\(max(1, column.longest ?? 64)))" : "text"
    }
  }
}
