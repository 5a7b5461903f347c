import Diagnostics
import OrderedCollections
import ProjectModel

/// What dbt asks of declared constraints, and of the models that enforce them, before anything runs.
struct ConstraintChecks {
  let node: Node
  let patch: NodePatch

  var diagnostics: [Diagnostic] {
    guard node.resourceType == .model else { return columnTypes }
    return prerequisites + columnTypes + modelTypes + primaryKeys + foreignKeys
  }

  private var isEnforced: Bool { node.config["contract"]?.mapping?["enforced"]?.bool ?? false }
  private var modelConstraints: [OrderedDictionary<String, PlainValue>] {
    patch.constraints.compactMap(\.mapping)
  }

  /// An enforced contract has columns, its model is SQL, and its constraints are for tables.
  private var prerequisites: [Diagnostic] {
    guard isEnforced else { return [] }
    var result: [Diagnostic] = []
    let constraints = patch.columns.values.flatMap(\.constraints).compactMap(\.mapping) + modelConstraints
    let isTable = ["table", "incremental"].contains(node.config.materialized)
    if !isTable, constraints.contains(where: { $0["warn_unsupported"]?.bool ?? true }) {
      result.append(
        Diagnostic(
          "unsupported-constraint", severity: .warning,
          "Constraint types are not supported for \(node.config.materialized) materializations; "
            + "those of '\(node.name)' are passed over", at: patch.entry.nameSpan,
          help: "make it a table, or set 'warn_unsupported: false' on the constraints"))
    }
    var problems: [String] = []
    if patch.columns.isEmpty {
      problems.append(
        "Constraints must be defined in a `yml` schema configuration file, and it names no columns")
    }
    if node.language != "sql" {
      problems.append("Language Error: Expected 'sql' but found '\(node.language)'")
    }
    if !problems.isEmpty {
      result.append(
        Diagnostic(
          "bad-contract", "the contract of model '\(node.name)' cannot be enforced", at: patch.entry.nameSpan,
          notes: problems, help: "a contract lists the columns of a SQL model with their types"))
    }
    return result
  }

  private static let types = ["check", "not_null", "unique", "primary_key", "foreign_key", "custom"]

  private static func isKnown(_ constraint: PlainValue) -> Bool {
    constraint.mapping?["type"]?.string.map(types.contains) ?? false
  }

  private func badType(_ owner: String, _ span: SourceSpan?) -> Diagnostic {
    Diagnostic(
      "bad-value", "Invalid constraint type on \(owner)", at: span,
      help: "the types are " + Self.types.joined(separator: ", "))
  }

  private var columnTypes: [Diagnostic] {
    patch.columns.values.filter { !$0.constraints.allSatisfy(Self.isKnown) }.map {
      badType("column \($0.name)", $0.span)
    }
  }

  private var modelTypes: [Diagnostic] {
    guard isEnforced, !patch.constraints.allSatisfy(Self.isKnown) else { return [] }
    return [badType("model \(node.name)", patch.entry.nameSpan)]
  }

  /// One column may be the key, or the model's constraints name several.
  private var primaryKeys: [Diagnostic] {
    let keys = patch.columns.values.flatMap { column in
      column.constraints.filter { Self.isPrimaryKey($0.mapping) }.map { _ in column }
    }
    var problems: [String] = []
    if keys.count > 1 {
      let names = keys.map { "'\($0.name)'" }.joined(separator: ", ")
      problems.append(
        "Found \(keys.count) columns ([\(names)]) with primary key constraints defined; "
          + "a key of several columns belongs to the constraints of the model")
    }
    if !keys.isEmpty, modelConstraints.contains(where: Self.isPrimaryKey) {
      problems.append(
        "Primary key constraints defined at the model level and the columns level; one of the two is enough")
    }
    guard !problems.isEmpty else { return [] }
    return [
      Diagnostic(
        "bad-contract", "model '\(node.name)' has more than one primary key",
        at: keys.last?.span ?? patch.entry.nameSpan, notes: problems)
    ]
  }

  private static func isPrimaryKey(_ constraint: OrderedDictionary<String, PlainValue>?) -> Bool {
    constraint?["type"]?.string == "primary_key"
  }

  private var foreignKeys: [Diagnostic] {
    let constraints = patch.columns.values.flatMap(\.constraints).compactMap(\.mapping) + modelConstraints
    return constraints.compactMap { constraint in
      guard constraint["type"]?.string == "foreign_key", let to = constraint["to"]?.string, !to.isEmpty,
        ReferenceText(to) == nil
      else { return nil }
      return Diagnostic(
        "bad-value",
        "Invalid 'ref' or 'source' syntax on foreign key constraint 'to' on model \(node.name): \(to)",
        at: patch.entry.nameSpan, help: "write to: ref('model') or to: source('source', 'table')")
    }
  }
}
