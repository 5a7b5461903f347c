public import Diagnostics
public import ProjectModel
import Warehouse

/// One source renamed, cast and cleaned: a view, or a table when `staging_materialized: table` says so.
public struct StagingMaterialization: Materialization {
  public static let name = "staging"

  public init() {}

  public func needs(_ input: PlanInput) -> StateNeeds {
    // A wrong word in the config is `plan`'s to report.
    (try? kind(input.node))?.needs(input) ?? StateNeeds()
  }

  public func plan(_ input: PlanInput) throws(DiagnosticsError) -> Plan {
    let broken = Self.check(input.node, in: input.manifest)
    guard broken.isEmpty else { throw DiagnosticsError(broken) }
    return try kind(input.node).plan(input)
  }

  /// The rule of staging models, for the compiler: they read sources and seeds, and nothing else.
  ///
  /// - Returns: one `staging-reads-model` for each edge that breaks it, at its `ref()`.
  public static func check(_ node: Node, in manifest: Manifest) -> [Diagnostic] {
    node.dependsOn.compactMap { parent in
      guard manifest.sources[parent] == nil, let other = manifest.nodes[parent],
        other.resourceType != .seed
      else { return nil }
      let call = node.refs.first {
        $0.name == other.name && ($0.package ?? other.packageName) == other.packageName
      }
      return Diagnostic(
        "staging-reads-model",
        "staging model '\(node.name)' reads \(other.label); staging reads only sources and seeds",
        at: call?.span ?? node.startSpan, label: "not a source or a seed",
        help: "read the source that '\(other.name)' comes from, or make '\(node.name)' a view or a table")
    }
  }

  private func kind(_ node: Node) throws(DiagnosticsError) -> any Materialization {
    switch node.config["staging_materialized"] {
    case nil, .null, "view": return ViewMaterialization()
    case "table": return TableMaterialization()
    case let other?:
      throw DiagnosticsError(
        Diagnostic(
          "bad-config",
          "'staging_materialized' is \(other.string.map { "'\($0)'" } ?? other.kindName); it can be 'view' or 'table'",
          at: node.span(ofConfig: "staging_materialized")))
    }
  }
}
