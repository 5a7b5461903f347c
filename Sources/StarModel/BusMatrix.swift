public import ProjectModel

/// Kimball's bus matrix: a row per fact, a column per dimension, the roles in each cell.
public struct BusMatrix: Sendable, Hashable {
  public struct Row: Sendable, Hashable {
    public var fact: NodeID
    public var name: String
    public var grain: [String]
    /// One cell per column: the foreign keys that lead there, none when the fact does not use the dimension.
    public var cells: [[String]]
  }

  public struct Column: Sendable, Hashable {
    public var dimension: NodeID
    public var name: String
    /// How many facts use it.
    public var uses: Int
    /// Used by more than one fact, which makes it conformed.
    public var isConformed: Bool { uses > 1 }
  }

  public var columns: [Column]
  public var rows: [Row]

  init(_ star: Star, _ manifest: Manifest) {
    let dimensions =
      star.dimensions.values.map { ($0.node, $0.name) }
      + star.miniDimensions.values.map { ($0.node, $0.name) }
      + star.dateDimensions.values.map { ($0.node, $0.name) }
      + star.timeDimensions.values.map { ($0.node, $0.name) }
      + star.audits.values.map { ($0.node, $0.name) }
      + star.junkDimensions.values.map { ($0.node, $0.name) }
    var rows: [Row] = []
    for fact in star.facts.values {
      var keys: [NodeID: [String]] = [:]
      for (edge, target) in star.lookups(of: fact, manifest) {
        keys[target.node, default: []].append(edge.foreignKey(target.surrogateKey.name))
      }
      if let audit = star.audit(of: fact.node, in: manifest) { keys[audit.node] = [audit.surrogateKey] }
      rows.append(
        Row(fact: fact.node, name: fact.name, grain: fact.grain, cells: dimensions.map { keys[$0.0] ?? [] }))
    }
    self.rows = rows
    columns = dimensions.enumerated().map { index, dimension in
      Column(
        dimension: dimension.0, name: dimension.1, uses: rows.count { !$0.cells[index].isEmpty })
    }
  }
}
