import Diagnostics
import ProjectModel

/// Rules between a dimension and the dimensions that it names.
extension StarRules {
  static func check(_ dimension: Dimension, _ star: Star, _ manifest: Manifest) -> [Diagnostic] {
    guard let node = manifest.nodes[dimension.node] else { return [] }
    let span = node.config.origins["outriggers"] ?? dimension.span
    var found: [Diagnostic] = []
    var owners: [String: String] = [dimension.surrogateKey.name: "its surrogate key"]
    for name in dimension.naturalKey { owners[name] = "its natural key" }
    for edge in dimension.outriggers {
      guard let target = star.target(edge.to, package: node.packageName, in: manifest) else {
        if let problem = unknown(edge.to, dimension.name, star, manifest, span) { found.append(problem) }
        continue
      }
      guard target.node != dimension.node else {
        found.append(
          Diagnostic(
            "bad-config-value", "an outrigger of \(dimension.name) leads to \(dimension.name) itself",
            at: span,
            help: "a hierarchy within a dimension is a column with the parent's natural key"))
        continue
      }
      guard !target.isJunk else {
        found.append(
          Diagnostic(
            "not-a-dimension", "an outrigger of \(dimension.name) leads to \(target.name), a junk dimension",
            at: span, help: "its flags are columns of the dimension as they are"))
        continue
      }
      let key = edge.key ?? target.naturalKey
      if key.count != target.naturalKey.count {
        found.append(
          Diagnostic(
            "key-count-mismatch",
            "\(dimension.name) looks up \(target.name) by \(listed(key)), but its natural key is "
              + listed(target.naturalKey), at: span))
      }
      if let problem = unkept(key, dimension, target, span) { found.append(problem) }
      var needed = edge.missing == .error ? [] : [DimensionMember.unknown]
      if edge.missing == .notApplicable { needed.append(DimensionMember.notApplicable) }
      for name in needed where !target.members.contains(where: { $0.name == name }) {
        found.append(
          Diagnostic(
            "missing-member",
            "\(dimension.name) needs the member '\(name)' of \(target.name), which has none",
            at: span,
            help:
              "add '\(name): \((target.members.map(\.key).min() ?? 0) - 1)' to 'members:' of \(target.name)"))
      }
      let foreignKey = edge.foreignKey(target.surrogateKey.name)
      if let owner = owners.updateValue("the key to \(target.name)", forKey: foreignKey) {
        found.append(
          Diagnostic(
            "clashing-column",
            "'\(foreignKey)' of \(dimension.name) is its key to \(target.name) and \(owner)", at: span,
            help: "give the outrigger a 'role:'"))
      }
    }
    return found + splits(dimension, node, star, manifest, &owners)
      + check(audit: dimension.audit, of: node, columns: Set(owners.keys), star, manifest)
  }

  /// Columns that are read of the SQL and are no attributes: rows that stand cannot be looked up by them again.
  private static func unkept(
    _ key: [String], _ dimension: Dimension, _ target: Star.Target, _ span: SourceSpan?
  ) -> Diagnostic? {
    let roles = [
      (dimension.effectiveAt, "effective_at"), (dimension.operation?.column, "operation"),
      (dimension.operation?.at, "operation"),
    ]
    for name in key {
      guard let role = roles.first(where: { $0.0 == name })?.1 else { continue }
      return Diagnostic(
        "bad-config-value",
        "key '\(name)' of \(dimension.name) to \(target.name) is its '\(role)', which its rows do not keep",
        at: span, help: "select it once more under another name, which is then an attribute")
    }
    return nil
  }

  /// Rules between a dimension and its mini-dimensions.
  private static func splits(
    _ dimension: Dimension, _ node: Node, _ star: Star, _ manifest: Manifest, _ owners: inout [String: String]
  ) -> [Diagnostic] {
    let span = node.config.origins["mini_dimensions"] ?? dimension.span
    var found: [Diagnostic] = []
    for split in dimension.miniDimensions {
      guard let mini = star.mini(split.to, package: node.packageName, in: manifest) else {
        if let problem = noMini(split, dimension, star, manifest, span) { found.append(problem) }
        continue
      }
      if let other = star.base(of: mini.node, manifest)?.dimension, other.node != dimension.node {
        found.append(
          Diagnostic(
            "bad-config-value", "\(mini.name) is a mini-dimension of \(other.name) and of \(dimension.name)",
            at: span, help: "a mini-dimension belongs to one dimension"))
      }
      for column in split.columns where column == mini.surrogateKey.name {
        found.append(
          Diagnostic(
            "clashing-column",
            "'\(column)' of \(mini.name) is a column of its combinations and its surrogate key",
            at: span, help: "give \(mini.name) another 'surrogate_key'"))
      }
      if let current = split.currentKey?.name(mini.surrogateKey.name) {
        if let owner = owners.updateValue("the key to \(mini.name)", forKey: current) {
          found.append(
            Diagnostic(
              "clashing-column", "'\(current)' of \(dimension.name) is its key to \(mini.name) and \(owner)",
              at: span, help: "give 'current_key' another name"))
        }
        if !mini.members.contains(where: { $0.name == DimensionMember.unknown }) {
          found.append(
            Diagnostic(
              "missing-member",
              "\(dimension.name) needs the member 'unknown' of \(mini.name), which has none",
              at: span, help: "add 'unknown: -1' to 'members:' of \(mini.name)"))
        }
      }
    }
    return found
  }

  private static func noMini(
    _ split: MiniDimension.Split, _ dimension: Dimension, _ star: Star, _ manifest: Manifest,
    _ span: SourceSpan?
  ) -> Diagnostic? {
    let name = split.to.name
    guard let named = manifest.nodes.values.first(where: { $0.resourceType == .model && $0.name == name })
    else {
      return Diagnostic(
        "unknown-dimension",
        "mini-dimension '\(name)' of \(dimension.name) is not in this project",
        meant: NearMiss(name, among: star.miniDimensions.values.map(\.name)), at: span,
        help: "add a model \(name) with 'materialized: mini_dimension'")
    }
    // Its own mistakes were told already.
    if named.config.materialized == "mini_dimension" { return nil }
    return Diagnostic(
      "not-a-dimension",
      "\(name), a mini-dimension of \(dimension.name), is materialized as \(named.config.materialized)",
      at: span,
      help: "set 'materialized: mini_dimension' in the config of \(name)")
  }

  static func check(_ mini: MiniDimension, _ star: Star, _ manifest: Manifest) -> [Diagnostic] {
    star.base(of: mini.node, manifest) == nil ? [mini.withoutBase(at: mini.span)] : []
  }
}
