import Diagnostics
import StarModel
import Warehouse

/// How a stored table follows the columns of its SQL: one that the table lacks is added, a narrower type is widened,
/// one that the SQL lost is kept.
struct ColumnEvolution {
  /// As it is written in SQL.
  let table: String
  let input: PlanInput
  /// What a change of type that cannot be followed would lose.
  var loss = "its rows"
  /// What else to do about such a change.
  var alternative = ""
  var rules = SchemaChanges()
  /// Columns that the SQL lost, as far as ``rules`` ask for them.
  var lost: [String] = []

  private var dialect: Dialect { input.dialect }

  /// Adds the statements that bring the table to `definitions`; views on a column that is widened are made anew.
  ///
  /// - Parameter refuseNew: throws for a column that cannot be added to rows that are there.
  /// - Returns: the names of the columns that are widened.
  /// - Throws: `column-type-changed`, what `refuseNew` throws.
  @discardableResult
  func add(
    _ definitions: [(name: String, type: String)], to draft: inout PlanDraft,
    refuseNew: (_ name: String) throws(DiagnosticsError) -> Void = { (_) throws(DiagnosticsError) in }
  ) throws(DiagnosticsError) -> Set<String> {
    guard let present = input.existing?.columns else { return [] }
    var actions: [String] = []
    var widened: Set<String> = []
    var remade: [SchemaChange.Retyping] = []
    for (name, type) in definitions {
      guard let old = present.first(where: { $0.name == name }) else {
        try refuseNew(name)
        actions.append("add column \(dialect.unlessThere)\(dialect.quote(name)) \(dialect.columnType(type))")
        continue
      }
      let new = type.replacing(" not null", with: "").replacing(" default false", with: "")
      switch TypeChange(from: old.type, to: new, dialect) {
      case .none: break
      case .widening where rules.widerTypes == .error:
        throw DiagnosticsError(
          Diagnostic(
            "column-type-changed",
            "column '\(name)' of \(input.node.name) was \(old.type) and is now \(new), and 'wider_types' is error",
            at: input.node.span(ofConfig: "schema_changes"),
            help: "cast it to \(old.type) in the SQL, or let it follow with 'wider_types: follow'"))
      case .widening:
        widened.insert(name)
        remade.append(SchemaChange.Retyping(column: name, from: old.type, to: dialect.columnType(new)))
        actions.append("alter column \(dialect.quote(name)) type \(new)")
      case .impossible:
        throw DiagnosticsError(
          Diagnostic(
            "column-type-changed",
            "column '\(name)' of \(input.node.name) was \(old.type) and is now \(new), and \(loss) cannot follow",
            at: input.node.startSpan, help: "cast it to \(old.type) in the SQL\(alternative)"))
      }
    }
    if let first = lost.first, rules.droppedColumns == .error {
      throw DiagnosticsError(
        Diagnostic(
          "column-dropped",
          "\(table) has a column '\(first)', and the SQL of \(input.node.name) has it no more",
          at: input.node.span(ofConfig: "schema_changes"),
          help: "bring it back, or say 'dropped_columns: keep' or 'drop'"))
    }
    let cascade = dialect.kind == .redshift ? " cascade" : ""
    if rules.droppedColumns == .drop { actions += lost.map { "drop column \(dialect.quote($0))\(cascade)" } }
    guard !actions.isEmpty else { return [] }
    guard dialect.kind == .postgres else {
      for action in actions where !action.hasPrefix("alter column") {
        draft.add(.prepare, "alter table \(table) \(action)")
      }
      for change in remade {
        for sql in change.statements(on: table, dialect: dialect) { draft.add(.prepare, sql) }
      }
      return widened
    }
    let views = Dependents(dialect: dialect, views: widened.isEmpty ? [] : input.dependents)
    draft.add(views.lock + views.detach)
    draft.add(.prepare, "alter table \(table)\n  " + actions.joined(separator: ",\n  "))
    draft.add(views.attach)
    return widened
  }
}
