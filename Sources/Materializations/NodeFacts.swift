import Diagnostics
import ProjectModel
import Warehouse

extension Node {
  /// The first line of the node's own text, for messages about the node as a whole.
  var startSpan: SourceSpan { SourceSpan(file: self.originalFilePath, line: self.firstLine, column: 1) }

  /// Where a config key's value was written, or else where the node begins.
  func span(ofConfig key: String) -> SourceSpan { self.config.origins[key] ?? startSpan }

  /// dbt's `contract: {enforced: true}`.
  var hasEnforcedContract: Bool { self.config["contract"]?.mapping?["enforced"]?.bool ?? false }

  /// `model 'orders'`
  var label: String { "\(self.resourceType.rawValue) '\(self.name)'" }
}

extension PlanInput {
  /// The node's relation, its name checked.
  func target() throws(DiagnosticsError) -> RelationName {
    guard let relation = node.relation else {
      throw DiagnosticsError(
        Diagnostic("no-relation", "\(node.label) has no place in the database", at: node.startSpan))
    }
    if let tooLong = dialect.checkLength(of: relation.identifier, node: node) {
      throw DiagnosticsError(tooLong)
    }
    return relation
  }

  /// `full_refresh` in the config wins over the flag, in both directions.
  var isFullRefresh: Bool { node.config.fullRefresh ?? flags.fullRefresh }

  /// Whether the node's own tests run before it is published.
  var gates: Bool { flags.gate && MaterializationRegistry.gates(node) }

  var sqlHeader: String? {
    guard let header = node.config["sql_header"]?.string, header.contains(where: { !$0.isWhitespace })
    else { return nil }
    return header
  }
}

extension RelationState.Kind {
  /// The word after CREATE, ALTER and DROP.
  var sqlWord: String {
    switch self {
    case .table: "table"
    case .view: "view"
    case .materializedView: "materialized view"
    case .foreignTable: "foreign table"
    case .other: "relation"
    }
  }
}
