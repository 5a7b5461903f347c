public import Diagnostics
public import OrderedCollections
public import ProjectModel

/// The dimensions and facts that a project declares, decoded and checked against each other.
public struct Star: Sendable {
  public var dimensions: OrderedDictionary<NodeID, Dimension> = [:]
  public var dateDimensions: OrderedDictionary<NodeID, DateDimension> = [:]
  public var timeDimensions: OrderedDictionary<NodeID, TimeDimension> = [:]
  public var audits: OrderedDictionary<NodeID, AuditDimension> = [:]
  public var junkDimensions: OrderedDictionary<NodeID, JunkDimension> = [:]
  public var bridges: OrderedDictionary<NodeID, Bridge> = [:]
  public var miniDimensions: OrderedDictionary<NodeID, MiniDimension> = [:]
  public var facts: OrderedDictionary<NodeID, Fact> = [:]
  /// What is wrong with any of them, in order of the manifest's nodes.
  public var diagnostics: [Diagnostic] = []

  /// What facts need to know of a dimension of either kind.
  public struct Target: Sendable, Hashable {
    public var node: NodeID
    public var name: String
    public var surrogateKey: SurrogateKey
    public var naturalKey: [String]
    /// True when a lookup needs a time.
    public var isVersioned: Bool
    public var kind = Kind.described
    public var members: [DimensionMember]
    /// The column with the key of all versions of a member.
    public var durableKey: String?

    public enum Kind: Sendable, Hashable {
      /// What a source describes.
      case described
      /// A junk dimension, whose natural key are its flags.
      case junk
      case date
      case time(TimeDimension)
    }

    public var isJunk: Bool { kind == .junk }
    public var isDate: Bool { kind == .date }
    /// True for dates and times of day, which no source describes.
    public var isGenerated: Bool { kind != .described && kind != .junk }

    /// The surrogate key's type.
    public var keyType: String {
      isGenerated ? "integer" : surrogateKey.method == .integer ? "bigint" : "text"
    }
  }

  public init(_ manifest: Manifest) {
    for node in manifest.nodes.values where node.resourceType == .model {
      switch node.config.materialized {
      case "dimension": keep(Dimension.decode(node), of: node, in: \.dimensions)
      case "date_dimension": keep(DateDimension.decode(node), of: node, in: \.dateDimensions)
      case "time_dimension": keep(TimeDimension.decode(node), of: node, in: \.timeDimensions)
      case "audit_dimension": keep(AuditDimension.decode(node), of: node, in: \.audits)
      case "junk_dimension": keep(JunkDimension.decode(node), of: node, in: \.junkDimensions)
      case "bridge": keep(Bridge.decode(node), of: node, in: \.bridges)
      case "mini_dimension": keep(MiniDimension.decode(node), of: node, in: \.miniDimensions)
      case "fact": keep(Fact.decode(node), of: node, in: \.facts)
      default: break
      }
    }
    diagnostics += StarRules.check(self, manifest)
  }

  /// True when nothing is declared.
  public var isEmpty: Bool {
    dimensions.isEmpty && facts.isEmpty && dateDimensions.isEmpty && timeDimensions.isEmpty
      && audits.isEmpty && junkDimensions.isEmpty && bridges.isEmpty && miniDimensions.isEmpty
  }

  private mutating func keep<Declaration: Sendable>(
    _ decoded: Decoded<Declaration>, of node: Node,
    in declarations: WritableKeyPath<Star, OrderedDictionary<NodeID, Declaration>>
  ) {
    self[keyPath: declarations][node.id] = decoded.value
    diagnostics += decoded.diagnostics
  }

  /// The models that a star's declaration names, in order and each once: edges of the graph that need no `ref()` in
  /// the SQL. Mistakes elsewhere in the declaration do not matter here.
  public static func references(_ node: Node) -> [RefCall] {
    guard node.resourceType == .model else { return [] }
    var calls: [RefCall] = []
    for call in Fact.dimensionReferences(node) + Dimension.dimensionReferences(node)
      + DateDimension.references(node) + AuditDimension.references(node)
    where !calls.contains(call) {
      calls.append(call)
    }
    return calls
  }

  /// The dimension that an edge of a fact of `package` names; nil when there is none.
  public func target(_ edge: Fact.Edge, package: String, in manifest: Manifest) -> Target? {
    target(edge.to, package: package, in: manifest)
  }

  /// The dimension that a declaration in `package` names; nil when there is none.
  public func target(_ to: Fact.Target, package: String, in manifest: Manifest) -> Target? {
    func matches(_ id: NodeID, _ wanted: String?) -> Bool {
      guard let node = manifest.nodes[id] else { return false }
      return node.name == to.name && (wanted == nil || node.packageName == wanted)
    }
    let packages = to.package.map { [Optional($0)] } ?? [package, nil]
    for wanted in packages {
      if let (id, dimension) = dimensions.elements.first(where: { matches($0.key, wanted) }) {
        return Target(
          node: id, name: dimension.name, surrogateKey: dimension.surrogateKey,
          naturalKey: dimension.naturalKey, isVersioned: dimension.isVersioned,
          members: dimension.members, durableKey: dimension.durableKey)
      }
      if let (id, dates) = dateDimensions.elements.first(where: { matches($0.key, wanted) }) {
        return Target(
          node: id, name: dates.name, surrogateKey: SurrogateKey(name: dates.surrogateKey),
          naturalKey: [DateDimension.dateColumn], isVersioned: false, kind: .date, members: dates.members)
      }
      if let (id, times) = timeDimensions.elements.first(where: { matches($0.key, wanted) }) {
        return Target(
          node: id, name: times.name, surrogateKey: SurrogateKey(name: times.surrogateKey),
          naturalKey: [TimeDimension.timeColumn], isVersioned: false, kind: .time(times),
          members: times.members)
      }
      if let (id, junk) = junkDimensions.elements.first(where: { matches($0.key, wanted) }) {
        return Target(
          node: id, name: junk.name, surrogateKey: SurrogateKey(name: junk.surrogateKey),
          naturalKey: junk.flags, isVersioned: false, kind: .junk, members: junk.members)
      }
    }
    return nil
  }

  /// The lookups of a fact with the dimensions that they find, in order, each followed by those of the dimension's
  /// mini-dimensions; those that find none are left out.
  public func lookups(of fact: Fact, _ manifest: Manifest) -> [(edge: Fact.Edge, target: Target)] {
    let package = manifest.nodes[fact.node]?.packageName ?? manifest.projectName
    return fact.edges.flatMap { edge -> [(edge: Fact.Edge, target: Target)] in
      guard let found = target(edge, package: package, in: manifest) else { return [] }
      let minis = minis(of: found.node, manifest).map { (edge: edge.toMini($0.split.to), target: $0.target) }
      return [(edge, found)] + minis
    }
  }

  /// The outriggers of a dimension with the dimensions that they find, in order; those that find none are left out.
  public func outriggers(of dimension: Dimension, _ manifest: Manifest) -> [(edge: Outrigger, target: Target)]
  {
    let package = manifest.nodes[dimension.node]?.packageName ?? manifest.projectName
    return dimension.outriggers.compactMap { edge in
      target(edge.to, package: package, in: manifest).map { (edge, $0) }
    }
  }

  /// True when some fact puts inferred members into the dimension, so that it has the columns for them.
  public func infers(into dimension: NodeID, _ manifest: Manifest) -> Bool {
    facts.values.contains { fact in
      lookups(of: fact, manifest).contains { $0.edge.missing == .infer && $0.target.node == dimension }
    }
  }

  /// Facts against dimensions: who uses what, and how often.
  public func busMatrix(_ manifest: Manifest) -> BusMatrix { BusMatrix(self, manifest) }
}
