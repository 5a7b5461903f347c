import Diagnostics
import ProjectModel

/// Rules between declarations that need no SQL.
enum StarRules {
  static func check(_ star: Star, _ manifest: Manifest) -> [Diagnostic] {
    star.dimensions.values.flatMap { check($0, star, manifest) }
      + star.miniDimensions.values.flatMap { check($0, star, manifest) }
      + star.facts.values.flatMap { check($0, star, manifest) }
      // A bridge without times leads to the newest versions.
      + star.bridges.values.flatMap { check($0.fact, star, manifest).filter { $0.code != "missing-as-of" } }
  }

  private static func check(_ fact: Fact, _ star: Star, _ manifest: Manifest) -> [Diagnostic] {
    guard let node = manifest.nodes[fact.node] else { return [] }
    var found: [Diagnostic] = []
    var owners: [String: String] = [:]
    for column in fact.grain { owners[column] = "a column of the grain" }
    for column in fact.degenerate { owners[column] = "a degenerate dimension" }
    for measure in fact.measures { owners[measure.name] = "a measure" }
    for lag in fact.accumulating?.lags ?? [] {
      if let owner = owners.updateValue("a lag", forKey: lag.name) {
        found.append(
          Diagnostic(
            "clashing-column", "'\(lag.name)' of \(fact.name) is a lag and \(owner)",
            at: node.config.origins["lags"] ?? fact.span, help: "give the lag another 'name:'"))
      }
    }
    var roles: Set<String> = []
    for edge in fact.edges {
      let span = node.config.origins[edge.declaredBy] ?? fact.span
      guard let target = star.target(edge, package: node.packageName, in: manifest) else {
        if let problem = unknown(edge.to, fact.name, star, manifest, span) { found.append(problem) }
        continue
      }
      if let key = edge.key, key.count != target.naturalKey.count {
        found.append(
          Diagnostic(
            "key-count-mismatch",
            "\(fact.name) looks up \(target.name) by \(listed(key)), but its natural key is "
              + listed(target.naturalKey), at: span))
      }
      if edge.declaredBy == "milestones" && !target.isDate {
        found.append(
          Diagnostic(
            "not-a-dimension",
            "milestone \(edge.role ?? "") of \(fact.name) takes its key from \(target.name), which is no date dimension",
            at: span))
      }
      if target.isVersioned && fact.asOf(edge) == nil {
        found.append(
          Diagnostic(
            "missing-as-of",
            "\(fact.name) looks up \(target.name), which has versions, without saying at what time", at: span,
            help: "add 'as_of: <column>' to the edge or 'event_time: <column>' to the fact"))
      }
      found += missingMember(edge, target, fact, span)
      let foreignKey = edge.foreignKey(target.surrogateKey.name)
      let role = "\(target.name) \(edge.role ?? "")"
      if !roles.insert(role).inserted {
        found.append(
          Diagnostic(
            "duplicate-role",
            "\(fact.name) looks up \(target.name) twice"
              + (edge.role.map { " in the role \($0)" } ?? " without a role"), at: span,
            help: "give each lookup its own 'role:'"))
      } else if let owner = owners[foreignKey] {
        found.append(
          Diagnostic(
            "clashing-column", "'\(foreignKey)' of \(fact.name) is its key to \(target.name) and \(owner)",
            at: span, help: "give the lookup a 'role:'"))
      }
      owners[foreignKey] = "the key to \(target.name)"
      for mini in star.minis(of: target.node, manifest) {
        found += check(edge, mini: mini.target, fact, span, &owners)
      }
    }
    return found + check(audit: fact.audit, of: node, columns: Set(owners.keys), star, manifest)
  }

  /// nil when the name is a declared star model whose own mistakes were told already.
  static func unknown(
    _ to: Fact.Target, _ name: String, _ star: Star, _ manifest: Manifest, _ span: SourceSpan?
  ) -> Diagnostic? {
    let named = manifest.nodes.values.first { $0.resourceType == .model && $0.name == to.name }
    if let named {
      if let base = star.base(of: named.id, manifest)?.dimension.name {
        return Diagnostic(
          "not-a-dimension", "\(name) looks up \(to.name), which is a mini-dimension of \(base)", at: span,
          help: "look up \(base): the key to \(to.name) comes with it")
      }
      if ["dimension", "date_dimension", "time_dimension", "junk_dimension"].contains(
        named.config.materialized)
      {
        return nil
      }
      return Diagnostic(
        "not-a-dimension",
        "\(name) looks up \(to.name), which is materialized as \(named.config.materialized)", at: span,
        help: "set 'materialized: dimension' in the config of \(to.name)")
    }
    let names =
      star.dimensions.values.map(\.name) + star.dateDimensions.values.map(\.name)
      + star.timeDimensions.values.map(\.name) + star.junkDimensions.values.map(\.name)
    return Diagnostic(
      "unknown-dimension",
      "dimension '\(to.name)' of \(name) is not in this project", meant: NearMiss(to.name, among: names),
      at: span)
  }

  private static func missingMember(
    _ edge: Fact.Edge, _ target: Star.Target, _ fact: Fact, _ span: SourceSpan?
  ) -> [Diagnostic] {
    var needed = edge.missing == .error ? [] : [DimensionMember.unknown]
    if let member = edge.memberOfNull { needed.append(member) }
    var found = needed.filter { name in !target.members.contains { $0.name == name } }.map { name in
      Diagnostic(
        "missing-member", "\(fact.name) needs the member '\(name)' of \(target.name), which has none",
        at: span,
        help: "add '\(name): \((target.members.map(\.key).min() ?? 0) - 1)' to 'members:' of \(target.name)")
    }
    if edge.missing == .infer && target.isGenerated {
      found.append(
        Diagnostic(
          "bad-config-value",
          "\(fact.name) cannot infer members of the \(target.isDate ? "date" : "time") dimension \(target.name)",
          at: span,
          help: target.isDate
            ? "widen its 'start' and 'end' instead" : "it has all times of a day; leave 'missing' away"))
    }
    return found
  }

  /// What the key to a mini-dimension needs that comes with one to its dimension.
  private static func check(
    _ edge: Fact.Edge, mini: Star.Target, _ fact: Fact, _ span: SourceSpan?, _ owners: inout [String: String]
  ) -> [Diagnostic] {
    let edge = edge.toMini(.init(name: mini.name))
    var found = missingMember(edge, mini, fact, span)
    if fact.asOf(edge) == nil {
      found.append(
        Diagnostic(
          "missing-as-of",
          "\(fact.name) looks up \(mini.name), whose keys change, without saying at what time",
          at: span, help: "add 'as_of: <column>' to the edge or 'event_time: <column>' to the fact"))
    }
    let foreignKey = edge.foreignKey(mini.surrogateKey.name)
    if let owner = owners.updateValue("the key to \(mini.name)", forKey: foreignKey) {
      found.append(
        Diagnostic(
          "clashing-column", "'\(foreignKey)' of \(fact.name) is its key to \(mini.name) and \(owner)",
          at: span,
          help: "give the lookup a 'role:'"))
    }
    return found
  }

  static func listed(_ names: [String]) -> String { names.joined(separator: ", ") }
}
