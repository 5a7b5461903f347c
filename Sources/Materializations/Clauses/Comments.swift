import Diagnostics
import ProjectModel
import Warehouse

/// `persist_docs`: descriptions as comments on the relation and its columns.
struct Comments {
  let input: PlanInput

  var wantsRelation: Bool { flag("relation") && !input.node.description.isEmpty }
  var wantsColumns: Bool { flag("columns") && !input.node.columns.isEmpty }

  /// - Parameter columns: the relation's columns when the plan ends.
  /// - Returns: the statements, and a warning that names described columns that do not exist.
  func statements(on relation: RelationName, kind: RelationState.Kind, columns: [String])
    -> (statements: [Plan.Statement], warning: Diagnostic?)
  {
    let name = input.dialect.render(relation)
    var statements: [Plan.Statement] = []
    if wantsRelation {
      let text = input.dialect.literal(input.node.description)
      statements.append(Plan.Statement(.comment, "comment on \(word(kind)) \(name) is \(text)"))
    }
    guard wantsColumns, !(kind == .view && isUnbound) else { return (statements, nil) }
    var missing: [ColumnProperties] = []
    for column in input.node.columns.values {
      let found =
        columns.first { $0 == column.name } ?? (column.quote == true ? nil : folded(column, columns))
      guard let found else {
        missing.append(column)
        continue
      }
      let text = input.dialect.literal(column.description)
      statements.append(
        Plan.Statement(.comment, "comment on column \(name).\(input.dialect.quote(found)) is \(text)"))
    }
    guard !missing.isEmpty else { return (statements, nil) }
    let names = missing.map { "'\($0.name)'" }.joined(separator: ", ")
    return (
      statements,
      Diagnostic(
        "described-column-missing", severity: .warning,
        "\(input.node.label) describes \(names), but the \(kind.sqlWord) has no such column",
        at: missing[0].span ?? input.node.patchSpan ?? input.node.startSpan)
    )
  }

  /// Redshift comments on a materialized view as on a view.
  private func word(_ kind: RelationState.Kind) -> String {
    input.dialect.kind == .redshift && kind == .materializedView ? "view" : kind.sqlWord
  }

  /// The columns of a view without schema binding take no comments.
  private var isUnbound: Bool {
    input.dialect.hasLateBindingViews && input.node.config["bind"]?.bool == false
  }

  private func folded(_ column: ColumnProperties, _ columns: [String]) -> String? {
    let name = column.name.lowercased()
    return columns.first { $0.lowercased() == name }
  }

  private func flag(_ key: String) -> Bool {
    input.node.config["persist_docs"]?.mapping?[key]?.bool ?? false
  }
}
