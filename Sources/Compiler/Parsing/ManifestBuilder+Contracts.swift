import Diagnostics
import ProjectModel

extension ManifestBuilder {
  /// What dbt hashes to see whether an enforced contract changed: columns by name with type and constraints, and for
  /// kinds that enforce them the constraints of the model.
  static func contractChecksum(of node: Node) -> String? {
    guard node.resourceType == .model, node.config["contract"]?.mapping?["enforced"]?.bool == true else {
      return nil
    }
    var text = ""
    for column in node.columns.values.sorted(by: {
      $0.name.unicodeScalars.lexicographicallyPrecedes($1.name.unicodeScalars)
    }) {
      let constraints = column.constraints.map { representation($0, "ColumnLevelConstraint") }
      text += "|\(column.name)\(column.dataType ?? "None")[\(constraints.joined(separator: ", "))]"
    }
    if ["table", "incremental"].contains(node.config.materialized) {
      let constraints = node.constraints.map { representation($0, "ModelLevelConstraint") }
      text += "\(node.config.materialized)[\(constraints.joined(separator: ", "))]"
    }
    return SHA256.hexadecimal(text)
  }

  private static func representation(_ constraint: PlainValue, _ type: String) -> String {
    guard let values = constraint.mapping else { return constraint.pythonRepresentation }
    var keys = ["type", "name", "expression", "warn_unenforced", "warn_unsupported", "to", "to_columns"]
    if type == "ModelLevelConstraint" { keys.append("columns") }
    let parts = keys.map { key in
      let value = values[key] ?? .null
      guard key == "type", let word = value.string else { return "\(key)=\(value.pythonRepresentation)" }
      return "type=<ConstraintType.\(word): '\(word)'>"
    }
    return "\(type)(\(parts.joined(separator: ", ")))"
  }
}
