/// Places the nodes of a directed graph in columns, parents to the left of their children.
///
/// The same graph always gets the same picture: nothing depends on hashing or chance. Connected parts are
/// laid out on their own, the largest on top; nodes without any edge follow in rows.
struct LayeredLayout: Sendable {
  /// Distances in the picture's own unit.
  enum Metrics {
    static let columnPitch = 250.0
    static let rowPitch = 46.0
    /// Between lines that only pass through a column.
    static let linePitch = 16.0
    static let partGap = 56.0
  }

  struct Point: Sendable, Hashable {
    var x: Double
    var y: Double
  }

  /// A node's centre.
  private(set) var nodes: [Point]
  /// For each edge the points that it passes between its two ends, from left to right.
  private(set) var routes: [[Point]]

  init(count: Int, edges: [(from: Int, to: Int)]) {
    nodes = [Point](repeating: Point(x: 0, y: 0), count: count)
    routes = [[Point]](repeating: [], count: edges.count)
    var top = 0.0
    var columns = 4
    let parts = LayeredLayout.parts(count: count, edges: edges)
    for part in parts where part.count > 1 {
      let inside = Set(part)
      let chosen = edges.indices.filter { inside.contains(edges[$0].from) }
      let number = Dictionary(part.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
      var drawing = LayeredDrawing(
        count: part.count,
        edges: chosen.compactMap { edge in
          guard let from = number[edges[edge].from], let to = number[edges[edge].to] else { return nil }
          return (from, to)
        })
      drawing.reduceCrossings()
      drawing.assignRows()
      let (lowest, highest) = drawing.extent
      for (position, node) in part.enumerated() {
        nodes[node] = Point(
          x: Double(drawing.layer[position]) * Metrics.columnPitch, y: drawing.row[position] - lowest + top)
      }
      for (position, edge) in chosen.enumerated() {
        routes[edge] = drawing.bends[position].map {
          Point(
            x: Double(drawing.layer[$0]) * Metrics.columnPitch, y: drawing.row[$0] - lowest + top)
        }
      }
      columns = max(columns, drawing.order.count)
      top += highest - lowest + Metrics.rowPitch + Metrics.partGap
    }
    for (position, part) in parts.filter({ $0.count == 1 }).enumerated() {
      nodes[part[0]] = Point(
        x: Double(position % columns) * Metrics.columnPitch,
        y: top + Double(position / columns) * Metrics.rowPitch)
    }
  }

  /// Connected parts, the largest first, equal ones in order of their first node.
  private static func parts(count: Int, edges: [(from: Int, to: Int)]) -> [[Int]] {
    var leader = Array(0..<count)
    func find(_ node: Int) -> Int {
      var node = node
      while leader[node] != node {
        leader[node] = leader[leader[node]]
        node = leader[node]
      }
      return node
    }
    for edge in edges {
      let (one, two) = (find(edge.from), find(edge.to))
      leader[max(one, two)] = min(one, two)
    }
    var members: [[Int]] = [[Int]](repeating: [], count: count)
    for node in 0..<count { members[find(node)].append(node) }
    return members.filter { !$0.isEmpty }.sorted { ($1.count, $0[0]) < ($0.count, $1[0]) }
  }
}
