import ProjectModel

/// The part a node plays in a warehouse; the lineage graph colours by it.
enum NodeKind: String, Sendable, CaseIterable {
  case source, seed, staging, model, dimension, fact, mart, snapshot, analysis, exposure, metric

  init(_ node: Node) {
    switch node.resourceType {
    case .seed: self = .seed
    case .snapshot: self = .snapshot
    case .analysis: self = .analysis
    default: self = NodeKind.ofModel(node)
    }
  }

  /// What is declared counts first, then the name's prefix, then the folder.
  private static func ofModel(_ node: Node) -> NodeKind {
    switch node.config.materialized {
    case "staging": return .staging
    case "dimension", "date_dimension", "time_dimension", "audit_dimension", "junk_dimension",
      "mini_dimension":
      return .dimension
    case "fact", "bridge": return .fact
    default: break
    }
    let prefixes: [(String, NodeKind)] = [
      ("stg_", .staging), ("base_", .staging), ("dim_", .dimension), ("fct_", .fact), ("fact_", .fact),
      ("mart_", .mart),
    ]
    if let match = prefixes.first(where: { node.name.hasPrefix($0.0) }) { return match.1 }
    for folder in node.fqn.dropFirst().dropLast().reversed() {
      switch folder {
      case "staging": return .staging
      case "dimensions": return .dimension
      case "facts": return .fact
      case "mart", "marts", "reporting": return .mart
      default: continue
      }
    }
    return .model
  }
}
