public import ProjectModel

/// Where references lead when a node's own relation is not to be read: to what another environment, usually
/// production, has made of the same node.
public struct Deferral: Sendable {
  /// The relation of each node that the other environment has, too: `defer_relation`.
  public private(set) var counterparts: [NodeID: RelationName] = [:]
  /// The nodes for which their counterpart is read.
  public private(set) var deferred: Set<NodeID> = []

  public init() {}

  /// - Parameter state: the other environment's manifest. Ephemeral models have no relation to defer to.
  public init(_ manifest: Manifest, to state: Manifest) {
    for (id, other) in state.nodes {
      guard let node = manifest.nodes[id],
        [.model, .seed, .snapshot, .function].contains(other.resourceType),
        !other.isEphemeral, let relation = other.relation
      else { continue }
      counterparts[id] = RelationName(
        database: relation.database, schema: relation.schema, identifier: relation.identifier,
        quoting: node.relation?.quoting ?? relation.quoting)
    }
  }

  /// Decides which nodes are read elsewhere.
  ///
  /// - Parameters:
  ///   - selected: what the command works on.
  ///   - favorsState: `--favor-state`: whatever is not selected is read elsewhere, also when it is here.
  ///   - isHere: whether a node's own relation exists, or will by the time that it is read.
  public mutating func decide(
    selected: Set<NodeID>, favorsState: Bool, isHere: (NodeID) -> Bool
  ) {
    deferred = Set(
      counterparts.keys.filter { (favorsState && !selected.contains($0)) || !isHere($0) })
  }

  /// What stands in for a node's relation; nil when its own is read.
  public func relation(of id: NodeID) -> RelationName? {
    deferred.contains(id) ? counterparts[id] : nil
  }
}
