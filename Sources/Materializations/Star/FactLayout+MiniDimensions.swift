import ProjectModel
import StarModel
import Warehouse

extension FactLayout {
  /// The lookups of the mini-dimensions of a dimension that a fact looks up, by the same key at the fact's time.
  static func minis(of base: Lookup, _ fact: Fact, _ star: Star, _ input: PlanInput) -> [Lookup] {
    guard let dimension = base.dimension else { return [] }
    return star.minis(of: base.target.node, input.manifest).enumerated().compactMap { index, found in
      guard let relation = input.manifest.nodes[found.mini.node]?.relation else { return nil }
      let edge = base.edge.toMini(found.split.to)
      var history = dimension.history(of: found.mini)
      // What a fact takes of a row of the history is the key of its combination.
      history.surrogateKey = found.mini.surrogateKey
      return Lookup(
        edge: edge, target: found.target, dimension: history,
        relation: MiniDimensionTable.history(of: relation, input.dialect),
        alias: "\(base.alias)m\(index + 1)",
        key: base.key, asOf: fact.asOf(edge), foreignKey: edge.foreignKey(found.mini.surrogateKey.name),
        through: "\(base.alias).\(input.dialect.quote(base.target.surrogateKey.name))")
    }
  }

  /// Each lookup of a dimension that facts follow with those of its mini-dimensions.
  var followedMinis: [(base: Lookup, mini: Lookup)] {
    rekeyed.flatMap { base in
      lookups.filter { $0.isMini && $0.alias.hasPrefix(base.alias + "m") }.map { (base, $0) }
    }
  }
}
