import Diagnostics
import ProjectModel
import Warehouse

/// What differs between an incremental table and its query, and what `on_schema_change` makes of it.
struct SchemaChange {
  enum Mode: String {
    case ignore, fail
    case append = "append_new_columns"
    case sync = "sync_all_columns"
  }

  struct Retyping: Hashable {
    var column: String
    var from: String
    var to: String

    /// Redshift changes the size of strings only, and not in a transaction: the column is made anew, as by dbt.
    func statements(on relation: String, dialect: Dialect) -> [String] {
      let old = dialect.quote(column)
      let new = dialect.quote(dialect.fitted(column, suffix: "__dbt_alter"))
      return [
        "alter table \(relation) add column \(new) \(to)",
        "update \(relation) set \(new) = \(old)",
        "alter table \(relation) drop column \(old) cascade",
        "alter table \(relation) rename column \(new) to \(old)",
      ]
    }
  }

  /// Columns of the query that the table lacks.
  var added: [ColumnDescription] = []
  /// Columns of the table that the query no longer gives.
  var removed: [ColumnDescription] = []
  /// Strings that the table keeps shorter than the query gives them; widened whatever the mode.
  var widened: [Retyping] = []
  var retyped: [Retyping] = []

  let mode: Mode
  let table: [ColumnDescription]
  let query: [ColumnDescription]

  init(_ input: PlanInput) {
    // dbt takes an unknown word for the default.
    mode = input.node.config["on_schema_change"]?.string.flatMap(Mode.init) ?? .ignore
    table = input.existing?.columns ?? []
    query = input.queryColumns
    let there = Dictionary(table.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    let given = Set(query.map(\.name))
    added = query.filter { there[$0.name] == nil }
    removed = table.filter { !given.contains($0.name) }
    for column in query {
      guard let old = there[column.name] else { continue }
      let new = ColumnType(column.type)
      var now = ColumnType(old.type)
      // dbt would also cut `text` down to the query's length; a column that takes everything stays.
      if now.isUnbounded && new.isString { continue }
      if !input.node.hasEnforcedContract, now.isString, new.isString, new.stringSize > now.stringSize {
        let type = "character varying(\(new.stringSize))"
        widened.append(Retyping(column: column.name, from: old.type, to: type))
        now = ColumnType(type)
      }
      let isShorter = now.isString && new.isString && now.stringSize > new.stringSize
      if new.compared != now.compared && !isShorter {
        retyped.append(Retyping(column: column.name, from: old.type, to: column.type))
      }
    }
  }

  var isEmpty: Bool { added.isEmpty && removed.isEmpty && retyped.isEmpty }

  /// The columns that rows are stored in, in the order of the INSERT.
  var storedColumns: [String] { (mode == .ignore ? table : query).map(\.name) }

  /// `alter table` statements; none when the table stays as it is.
  func statements(on relation: String, dialect: Dialect) -> [String] {
    var actions: [String] = []
    if mode == .append || mode == .sync {
      actions += added.map { "add column \(dialect.quote($0.name)) \($0.type)" }
    }
    if mode == .sync {
      actions += removed.map { "drop column \(dialect.quote($0.name))" }
    }
    // One type change a column: the last one says where it ends.
    var types: [Retyping] = mode == .sync ? retyped : []
    types += widened.filter { wide in !types.contains { $0.column == wide.column } }
    if dialect.kind == .redshift {
      return actions.map { "alter table \(relation) \($0)" }
        + types.flatMap { $0.statements(on: relation, dialect: dialect) }
    }
    actions += types.map { "alter column \(dialect.quote($0.column)) type \($0.to)" }
    guard !actions.isEmpty else { return [] }
    return ["alter table \(relation)\n  " + actions.joined(separator: ",\n  ")]
  }

  /// True when views that read the table stand in the way of the change.
  var touchesOldColumns: Bool {
    !widened.isEmpty || (mode == .sync && !(removed.isEmpty && retyped.isEmpty))
  }

  /// What is wrong with going on, or worth saying.
  func diagnostics(_ input: PlanInput) -> [Diagnostic] {
    let place = input.node.span(ofConfig: "on_schema_change")
    switch mode {
    case .append, .sync: return []
    case .fail:
      guard !isEmpty else { return [] }
      return [
        Diagnostic(
          "schema-changed", "the columns of \(input.node.label) changed, and 'on_schema_change' is 'fail'",
          at: place, notes: notes,
          help: "run it with --full-refresh, or set 'on_schema_change' to 'append_new_columns' or "
            + "'sync_all_columns'")
      ]
    case .ignore:
      if !removed.isEmpty {
        let names = removed.map { "'\($0.name)'" }.joined(separator: ", ")
        return [
          Diagnostic(
            "incremental-column-missing", "the query of \(input.node.label) no longer gives \(names)",
            at: place,
            label: nil, notes: ["'on_schema_change: ignore' stores a value in every column of the table"],
            help: "set 'on_schema_change: sync_all_columns', or run it with --full-refresh")
        ]
      }
      guard !added.isEmpty else { return [] }
      let names = added.map { "'\($0.name)'" }.joined(separator: ", ")
      return [
        Diagnostic(
          "incremental-column-ignored", severity: .note,
          "\(input.node.label) gives \(names), which its table does not have", at: place,
          help: "set 'on_schema_change: append_new_columns' to keep new columns")
      ]
    }
  }

  private var notes: [String] {
    added.map { "'\($0.name)' (\($0.type)) is new in the query" }
      + removed.map { "'\($0.name)' (\($0.type)) is in the table only" }
      + retyped.map { "'\($0.column)' is \($0.from) in the table, \($0.to) in the query" }
  }
}
