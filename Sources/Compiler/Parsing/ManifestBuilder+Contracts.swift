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

  // MARK: Deprecation

  /// Models whose time is over, and those that still read them.
  mutating func reportDeprecations() {
    let deprecated = manifest.nodes.values.filter { $0.resourceType == .model && $0.deprecationDate != nil }
    guard !deprecated.isEmpty else { return }
    for node in deprecated {
      guard let written = node.deprecationDate else { continue }
      let date = written.prefix(10)
      let isPast = DeprecationDate(written).map { $0.secondsSince1970 < settings.runStartedAt } ?? false
      let name = node.name + (node.version.map { ".v" + $0.pythonText } ?? "")
      if isPast {
        diagnostics.append(
          Diagnostic(
            "deprecated-model", severity: .warning,
            "Model \(name) has passed its deprecation date of \(date)", at: node.patchSpan,
            help: "disable it or remove it"))
      }
      for child in manifest.nodes.values
      where child.resourceType == .model && child.dependsOn.contains(node.id) {
        let isLatest = node.version == node.latestVersion
        diagnostics.append(
          Diagnostic(
            isPast ? "deprecated-ref" : "upcoming-deprecation", severity: .warning,
            isPast
              ? "model '\(child.name)' reads '\(name)', which was deprecated on \(date)"
              : "model '\(child.name)' reads '\(name)', which will be deprecated on \(date)",
            at: child.refs.first { resolver.resolve($0, from: child.packageName) == .found(node.id) }?.span,
            help: isLatest
              ? nil : "its latest version is \(node.latestVersion?.pythonText ?? ""): read that instead"))
      }
    }
  }
}
