import Diagnostics
import OrderedCollections
import ProjectModel
import Warehouse

/// An enforced contract: the columns that properties declare, with their types and constraints.
struct Contract {
  let node: Node
  /// Whether CHECK constraints are written.
  var hasChecks = true

  /// nil when the node has none.
  ///
  /// - Throws: `contract-broken`, when the query does not give the columns that were promised.
  static func checked(_ input: PlanInput) throws(DiagnosticsError) -> Contract? {
    guard input.node.hasEnforcedContract else { return nil }
    let contract = Contract(node: input.node, hasChecks: input.dialect.hasCheckConstraints)
    if let diagnostic = contract.difference(from: input.queryColumns) {
      throw DiagnosticsError(diagnostic)
    }
    return contract
  }

  /// As they stand in SQL.
  var columnNames: [String] { node.columns.values.map(written) }

  /// `(id integer not null, …, primary key (id))`
  var definition: String {
    let columns = node.columns.values.map { column in
      ([written(column), type(of: column) ?? ""] + column.constraints.compactMap(columnConstraint))
        .joined(separator: " ")
    }
    let lines = columns + node.constraints.compactMap(tableConstraint)
    return "(\n" + lines.map { "    \($0)" }.joined(separator: ",\n") + "\n  )"
  }

  /// What is doubtful about the declared columns.
  static func warnings(of node: Node) -> [Diagnostic] {
    guard node.hasEnforcedContract, ["table", "view", "incremental"].contains(node.config.materialized) else {
      return []
    }
    let unscaled = node.columns.values.filter { column in
      let type = (column.dataType ?? "").lowercased().filter { !$0.isWhitespace }
      return ["numeric", "decimal", "number"].contains(type)
    }
    guard !unscaled.isEmpty else { return [] }
    let names = unscaled.map { "'\($0.name)'" }.joined(separator: ", ")
    return [
      Diagnostic(
        "unscaled-number", severity: .warning,
        "Detected columns with numeric type and unspecified precision/scale, "
          + "this can lead to unintended rounding: [\(names)]", at: unscaled[0].span,
        help: "write it as numeric(38, 2), for example")
    ]
  }

  /// The declared type; dbt's word `string` is one of this database.
  private func type(of column: ColumnProperties) -> String? {
    let isAliased = node.config["contract"]?.mapping?["alias_types"]?.bool ?? true
    return isAliased ? column.dataType.map(SQLTypeAlias.resolved) : column.dataType
  }

  private func written(_ column: ColumnProperties) -> String {
    column.quote == true ? Dialect.postgres.quote(column.name) : column.name
  }

  /// What the promise and the query disagree on, all of it at once.
  private func difference(from query: [ColumnDescription]) -> Diagnostic? {
    var notes: [String] = []
    var place = node.patchSpan ?? node.span(ofConfig: "contract")
    if node.columns.isEmpty {
      return Diagnostic(
        "contract-broken", "\(node.label) enforces a contract but declares no columns", at: place,
        help: "list every column of the query with its 'data_type' under 'columns:'")
    }
    let untyped = node.columns.values.filter { $0.dataType == nil }
    if !untyped.isEmpty {
      let names = untyped.map { "'\($0.name)'" }.joined(separator: ", ")
      return Diagnostic(
        "contract-broken", "the contract of \(node.label) has no 'data_type' for the [\(names)] column(s)",
        at: untyped[0].span ?? place, help: "give every column its 'data_type'")
    }
    var unseen = query
    for column in node.columns.values {
      let name = column.quote == true ? column.name : column.name.lowercased()
      guard let position = unseen.firstIndex(where: { $0.name == name || $0.name == column.name }) else {
        if notes.isEmpty { place = column.span ?? place }
        notes.append("'\(column.name)' is declared, but the query does not give it")
        continue
      }
      let given = unseen.remove(at: position)
      guard let type = type(of: column) else { continue }
      if ColumnType(type).contractClass != ColumnType(given.type).contractClass {
        if notes.isEmpty { place = column.span ?? place }
        notes.append("'\(column.name)' is declared as \(type), the query gives \(given.type)")
      }
    }
    notes += unseen.map { "the query gives '\($0.name)' (\($0.type)), which is not declared" }
    guard !notes.isEmpty else { return nil }
    return Diagnostic(
      "contract-broken", "the query of \(node.label) does not keep its contract", at: place, notes: notes,
      help: "change the query or the declared columns, so that names and types agree")
  }

  private func columnConstraint(_ value: PlainValue) -> String? {
    guard let constraint = value.mapping, let type = constraint["type"]?.string else { return nil }
    let expression = constraint["expression"]?.string ?? ""
    let text: String
    switch type {
    case "check" where !hasChecks: return nil
    case "check" where !expression.isEmpty: text = "check (\(expression))"
    case "not_null": text = "not null \(expression)"
    case "unique": text = "unique \(expression)"
    case "primary_key": text = "primary key \(expression)"
    case "foreign_key":
      guard let reference = reference(constraint, expression) else { return nil }
      text = reference
    case "custom" where !expression.isEmpty: text = expression
    default: return nil
    }
    return SQLText.withoutEnd(text)
  }

  private func tableConstraint(_ value: PlainValue) -> String? {
    guard let constraint = value.mapping, let type = constraint["type"]?.string else { return nil }
    let expression = constraint["expression"]?.string ?? ""
    let prefix = constraint["name"]?.string.map { "constraint \($0) " } ?? ""
    let columns = (constraint["columns"]?.strings ?? []).joined(separator: ", ")
    let middle = expression.isEmpty ? "" : " \(expression)"
    switch type {
    case "check" where !hasChecks: return nil
    case "check" where !expression.isEmpty: return "\(prefix)check (\(expression))"
    case "unique": return "\(prefix)unique\(middle) (\(columns))"
    case "primary_key": return "\(prefix)primary key\(middle) (\(columns))"
    case "foreign_key":
      return reference(constraint, expression).map { "\(prefix)foreign key (\(columns)) \($0)" }
    case "custom" where !expression.isEmpty: return prefix + expression
    default: return nil
    }
  }

  /// `to` is the relation as the compiler resolved it.
  private func reference(_ constraint: OrderedDictionary<String, PlainValue>, _ expression: String) -> String?
  {
    if let to = constraint["to"]?.string, let columns = constraint["to_columns"]?.strings, !columns.isEmpty {
      return "references \(to) (\(columns.joined(separator: ", ")))"
    }
    return expression.isEmpty ? nil : "references \(expression)"
  }
}
