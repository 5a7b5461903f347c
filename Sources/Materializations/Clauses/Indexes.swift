import Diagnostics
import ProjectModel
import Warehouse

/// `indexes:` of a node, built after the rows are in and before the table is published.
enum Indexes {
  static func statements(_ input: PlanInput, on relation: RelationName) throws(DiagnosticsError)
    -> [Plan.Statement]
  {
    // Redshift has none.
    guard input.dialect.kind == .postgres, let value = input.node.config["indexes"], !value.isNull else {
      return []
    }
    var statements: [Plan.Statement] = []
    for item in value.list ?? [value] {
      guard let columns = item.mapping?["columns"]?.strings, !columns.isEmpty else {
        throw DiagnosticsError(
          Diagnostic(
            "bad-config", "an entry of 'indexes' names no columns", at: input.node.span(ofConfig: "indexes"),
            help: "write 'indexes: [{columns: [order_id], unique: true}]'"))
      }
      let isUnique = item.mapping?["unique"]?.bool ?? false
      let type = item.mapping?["type"]?.string
      // The run is part of the name: the index of the table that is being replaced still has the last one.
      let parts =
        columns + [
          input.dialect.render(relation), isUnique ? "True" : "False", type ?? "None", input.flags.runID,
        ]
      let name = MD5.hexadecimal(parts.joined(separator: "_"))
      let using = type.map { " using \($0)" } ?? ""
      statements.append(
        Plan.Statement(
          .index,
          "create \(isUnique ? "unique " : "")index if not exists \(input.dialect.quote(name))\n"
            + "  on \(input.dialect.render(relation))\(using) (\(columns.joined(separator: ", ")))",
          span: input.node.span(ofConfig: "indexes")))
    }
    return statements
  }
}
