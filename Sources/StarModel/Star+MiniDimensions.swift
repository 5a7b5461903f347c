public import ProjectModel

extension Star {
  /// The mini-dimensions of a dimension as facts and the dimension itself look them up: by its natural key, at a time.
  public func minis(
    of base: NodeID, _ manifest: Manifest
  ) -> [(split: MiniDimension.Split, mini: MiniDimension, target: Target)] {
    guard let dimension = dimensions[base], let package = manifest.nodes[base]?.packageName else { return [] }
    return dimension.miniDimensions.compactMap { split in
      guard let mini = mini(split.to, package: package, in: manifest) else { return nil }
      let target = Target(
        node: mini.node, name: mini.name, surrogateKey: mini.surrogateKey, naturalKey: dimension.naturalKey,
        isVersioned: true, members: mini.members)
      return (split, mini, target)
    }
  }

  /// The dimension that a mini-dimension is split from, and what that says of it; nil when none names it.
  public func base(of mini: NodeID, _ manifest: Manifest) -> (
    dimension: Dimension, split: MiniDimension.Split
  )? {
    for dimension in dimensions.values {
      if let found = minis(of: dimension.node, manifest).first(where: { $0.mini.node == mini }) {
        return (dimension, found.split)
      }
    }
    return nil
  }

  /// nil when there is none of that name.
  func mini(_ to: Fact.Target, package: String, in manifest: Manifest) -> MiniDimension? {
    let found = miniDimensions.values.filter {
      $0.name == to.name && (to.package == nil || manifest.nodes[$0.node]?.packageName == to.package)
    }
    return found.first { manifest.nodes[$0.node]?.packageName == package } ?? found.first
  }
}

extension Fact.Edge {
  /// The lookup of a mini-dimension that goes with one of its dimension: whatever is not found is unknown.
  public func toMini(_ mini: Fact.Target) -> Fact.Edge {
    var edge = self
    edge.to = mini
    edge.missing = missing == .notApplicable ? .notApplicable : .unknown
    edge.maxUnknown = nil
    return edge
  }
}
