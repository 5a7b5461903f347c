public import ProjectModel
public import SQLAnalysis

/// A column of a model, seed, snapshot or source.
public struct ProjectColumn: Sendable, Hashable, Comparable {
  public var node: NodeID
  public var name: String

  public init(node: NodeID, name: String) {
    self.node = node
    self.name = name
  }

  public static func < (left: ProjectColumn, right: ProjectColumn) -> Bool {
    (left.node.rawValue, left.name) < (right.node.rawValue, right.name)
  }
}

/// Which columns are made of which, through all of a project.
public struct ColumnLineage: Sendable {
  /// `to` is made of `from`.
  public struct Edge: Sendable, Hashable, Comparable {
    public var from: ProjectColumn
    public var to: ProjectColumn
    public var use: QueryShape.Use

    public static func < (left: Edge, right: Edge) -> Bool { (left.to, left.from) < (right.to, right.from) }
  }

  public enum Direction: Sendable { case upstream, downstream }

  private let origins: [ProjectColumn: [Edge]]
  private let uses: [ProjectColumn: [Edge]]

  init(_ tables: some Sequence<(key: NodeID, value: ProjectAnalysis.Table)>) {
    var edges: [Edge] = []
    for (node, table) in tables {
      for (name, origins) in table.origins {
        let column = ProjectColumn(node: node, name: name)
        edges += origins.map { Edge(from: $0.key, to: column, use: $0.value) }
      }
    }
    edges.sort()
    origins = Dictionary(grouping: edges, by: \.to)
    uses = Dictionary(grouping: edges, by: \.from)
  }

  /// The edges at a column, one step away.
  public func edges(_ direction: Direction, of column: ProjectColumn) -> [Edge] {
    (direction == .upstream ? origins : uses)[column] ?? []
  }

  /// All edges on the way from or to `columns`, in order of their ends.
  public func edges(_ direction: Direction, ofAll columns: [ProjectColumn]) -> [Edge] {
    var seen = Set(columns)
    var waiting = columns
    var found: Set<Edge> = []
    while let column = waiting.popLast() {
      for edge in edges(direction, of: column) {
        found.insert(edge)
        let next = direction == .upstream ? edge.from : edge.to
        if seen.insert(next).inserted { waiting.append(next) }
      }
    }
    return found.sorted()
  }
}
