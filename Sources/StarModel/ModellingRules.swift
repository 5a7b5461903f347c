public import Diagnostics
import OrderedCollections
public import ProjectModel

/// Rules of dimensional modelling that the declarations alone can break. Each finding is weighed by the `star_rules`
/// of the model that it is about; models of packages, which their user cannot change, are left alone.
public struct ModellingRules {
  let star: Star
  let manifest: Manifest

  public init(_ star: Star, _ manifest: Manifest) {
    self.star = star
    self.manifest = manifest
  }

  /// What is found, in order of the rules; mistakes in `star_rules` themselves first.
  public func check() -> [Diagnostic] {
    guard !star.isEmpty else { return [] }
    return settings() + unusedDimensions() + bridges() + measures() + attributes() + keyTypes()
  }

  /// A mistake that all models of a folder share is told once.
  private func settings() -> [Diagnostic] {
    var told: Set<SourceSpan?> = []
    return own.flatMap { node in
      let found = StarRuleSettings(node).diagnostics + StarTestSettings(node).diagnostics
      return found.first.map { told.insert($0.span).inserted } == true ? found : []
    }
  }

  private var own: [Node] {
    manifest.nodes.values.filter { $0.resourceType == .model && $0.packageName == manifest.projectName }
  }

  private func own(_ id: NodeID) -> Node? {
    manifest.nodes[id].flatMap { $0.packageName == manifest.projectName ? $0 : nil }
  }

  // MARK: Dimensions that no fact uses

  private func unusedDimensions() -> [Diagnostic] {
    guard !star.facts.isEmpty else { return [] }
    let matrix = star.busMatrix(manifest)
    let read = readByTheStar
    let bridged = Set(star.bridges.values.flatMap { star.lookups(of: $0.fact, manifest).map(\.target.node) })
    return matrix.columns.filter {
      $0.uses == 0 && !bridged.contains($0.dimension) && !read.contains($0.dimension)
    }.compactMap { column in
      guard let node = own(column.dimension) else { return nil }
      return node.weighed(
        .unusedDimension, "no fact looks up \(column.name)",
        at: node.config.origins["materialized"] ?? node.patchSpan,
        label: "a dimension that nothing leads to",
        help: "name it in the 'dimensions:' of a fact, or say why not: "
          + "star_rules: {unused-dimension: {severity: off, reason: …}}")
    }
  }

  /// What dimensions and facts are made from, through other models or not: outriggers, rollups, keys that are there.
  private var readByTheStar: Set<NodeID> {
    var open = (Array(star.dimensions.keys) + star.facts.keys).flatMap { manifest.nodes[$0]?.dependsOn ?? [] }
    var seen: Set<NodeID> = []
    while let id = open.popLast() {
      if seen.insert(id).inserted { open += manifest.nodes[id]?.dependsOn ?? [] }
    }
    return seen
  }

  private func bridges() -> [Diagnostic] {
    star.bridges.values.filter { $0.kind == .group && $0.weight == nil }.compactMap { bridge in
      own(bridge.node)?.weighed(
        .bridgeWithoutWeights,
        "\(bridge.name) has no weights, so sums through it count a group once for each member",
        at: bridge.span,
        help:
          "add 'weight:' with each member's share of its group, or say why sums through it are not asked for")
    }
  }

  // MARK: Measures

  private func measures() -> [Diagnostic] {
    var found: [Diagnostic?] = []
    var first: OrderedDictionary<String, (fact: Fact, measure: Fact.Measure)> = [:]
    for fact in star.facts.values {
      guard let node = own(fact.node) else { continue }
      let place = node.config.origins["measures"] ?? fact.span
      if fact.kind == .factless, let measure = fact.measures.first {
        found.append(
          node.weighed(
            .factlessWithMeasures, "\(fact.name) is factless and has the measure \(measure.name)", at: place,
            help: "a fact with measures is of 'fact_type: transaction'"))
      }
      let names = overNames(fact)
      for measure in fact.measures {
        for name in measure.over where !names.contains(name) {
          found.append(
            node.weighed(
              .unknownOver,
              "\(measure.name) of \(fact.name) is not summed over '\(name)', which is no dimension and no role of it",
              meant: NearMiss(name, among: names), at: place,
              help: names.isEmpty ? nil : "it has \(names.joined(separator: ", "))"))
        }
        if let text = textType(of: measure.name, node) {
          found.append(
            node.weighed(
              .textMeasure, "\(measure.name) of \(fact.name) is a measure and of type \(text)", at: place,
              help: "what is not summed or counted is an attribute of a dimension, or a degenerate one"))
        }
        guard let other = first[measure.name] else {
          first[measure.name] = (fact, measure)
          continue
        }
        if let difference = Self.difference(measure, other.measure) {
          let span = manifest.nodes[other.fact.node]?.config.origins["measures"]
          found.append(
            node.weighed(
              .conformedMeasureDiffers,
              "\(measure.name) is \(difference.0) in \(fact.name) and \(difference.1) in \(other.fact.name)",
              at: place,
              secondary: span.map { [Diagnostic.Label(span: $0, text: "\(difference.1) here")] } ?? [],
              help: "facts that are named alike are added up across stars; give one of them another name"))
        }
      }
    }
    return found.compactMap(\.self)
  }

  /// What `over` can name: a dimension, a role, a foreign key with its ending or without.
  private func overNames(_ fact: Fact) -> [String] {
    var names: OrderedSet<String> = []
    for (edge, target) in star.lookups(of: fact, manifest) {
      let key = edge.foreignKey(target.surrogateKey.name)
      names.append(contentsOf: [edge.role, target.name, key].compactMap(\.self))
      if key.hasSuffix("_key") { names.append(String(key.dropLast(4))) }
    }
    names.append(contentsOf: fact.grain)
    return Array(names)
  }

  /// How two measures of one name differ in meaning; nil where they are the same or do not say.
  private static func difference(_ one: Fact.Measure, _ other: Fact.Measure) -> (String, String)? {
    if let unit = one.unit, let otherUnit = other.unit, unit != otherUnit { return (unit, otherUnit) }
    if one.additivity != other.additivity, [one.additivity, other.additivity].contains(.non) {
      return (word(one.additivity), word(other.additivity))
    }
    return nil
  }

  private static func word(_ additivity: Fact.Measure.Additivity) -> String {
    switch additivity {
    case .additive: "additive"
    case .semi: "semi-additive"
    case .non: "non-additive"
    }
  }

  /// The declared type of a column when it is one of text, truth or time.
  private func textType(of column: String, _ node: Node) -> String? {
    guard let type = node.columns[column]?.dataType else { return nil }
    return TypeFamily(type).isMeasurable ? nil : type
  }

  // MARK: Conformed attributes

  /// Two dimensions of one natural key describe the same things, so an attribute of both must be the same in both.
  private func attributes() -> [Diagnostic] {
    var found: [Diagnostic?] = []
    var first: [String: (dimension: Dimension, column: ColumnProperties)] = [:]
    for dimension in star.dimensions.values {
      guard let node = own(dimension.node) else { continue }
      for (name, column) in node.columns
      where !dimension.naturalKey.contains(name) && !dimension.isSystemColumn(name) {
        let key = (dimension.naturalKey.sorted() + [name]).joined(separator: "\u{1f}")
        guard let other = first[key] else {
          first[key] = (dimension, column)
          continue
        }
        guard let type = column.dataType, let otherType = other.column.dataType,
          TypeFamily(type) != TypeFamily(otherType)
        else { continue }
        found.append(
          node.weighed(
            .conformedAttributeDiffers,
            "\(name) is \(type) in \(dimension.name) and \(otherType) in \(other.dimension.name)",
            at: column.span ?? dimension.span,
            secondary: other.column.span.map { [Diagnostic.Label(span: $0, text: "\(otherType) here")] }
              ?? [],
            help: "dimensions of one natural key share their attributes; give both one type, or other names"))
      }
    }
    return found.compactMap(\.self)
  }

  // MARK: Types of keys

  /// Natural keys that lead from one fact and from another to one dimension, as far as their types are declared.
  private func keyTypes() -> [Diagnostic] {
    var found: [Diagnostic?] = []
    for fact in star.facts.values {
      guard let node = own(fact.node) else { continue }
      for (edge, target) in star.lookups(of: fact, manifest) where !target.isGenerated {
        let columns = manifest.nodes[target.node]?.columns ?? [:]
        for (name, natural) in zip(edge.key ?? target.naturalKey, target.naturalKey) {
          guard let type = node.columns[name]?.dataType, let other = columns[natural]?.dataType,
            TypeFamily(type) != TypeFamily(other)
          else { continue }
          found.append(
            node.weighed(
              .keyTypeDiffers,
              "\(name) of \(fact.name) is \(type), and \(natural) of \(target.name) is \(other)",
              at: node.columns[name]?.span ?? node.config.origins[edge.declaredBy] ?? fact.span,
              help: "cast one of them in its staging model"))
        }
      }
    }
    return found.compactMap(\.self)
  }
}

extension Dimension {
  /// True for a column that the compiler adds.
  func isSystemColumn(_ name: String) -> Bool {
    [
      surrogateKey.name, durableKey, columns.validFrom, columns.validTo, columns.isCurrent,
      columns.isInferred,
      columns.isDeleted, columns.statedAt,
    ].contains(name)
  }
}
