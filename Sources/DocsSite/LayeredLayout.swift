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
    /// Between the columns that one layer was broken into, and besides that between layers.
    static let wrappedPitch = 220.0
    static let layerGap = 160.0
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
    let parts = LayeredLayout.parts(count: count, edges: edges)
    var placed: [Part] = []
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
      let most = LayeredLayout.mostRows(of: part.count)
      if drawing.order.contains(where: { layer in layer.count { $0 < part.count } > 2 * most }) {
        placed.append(wrap(drawing, part, rows: most))
      } else {
        drawing.assignRows()
        placed.append(draw(drawing, part, edges: chosen))
      }
    }
    let (width, height) = pack(placed)
    let single = parts.filter { $0.count == 1 }
    let wide = (Double(single.count) * Metrics.rowPitch / Metrics.columnPitch * 1.6).squareRoot()
    let columns = max(4, Int(width / Metrics.columnPitch), Int(wide))
    for (position, part) in single.enumerated() {
      nodes[part[0]] = Point(
        x: Double(position % columns) * Metrics.columnPitch,
        y: height + Double(position / columns) * Metrics.rowPitch)
    }
  }

  /// A connected part that stands at the picture's upper left until all are packed.
  private struct Part {
    var nodes: [Int]
    var edges: [Int]
    var width: Double
    var height: Double
  }

  private mutating func draw(_ drawing: LayeredDrawing, _ part: [Int], edges: [Int]) -> Part {
    let (lowest, highest) = drawing.extent
    let place = { (node: Int) in
      Point(x: Double(drawing.layer[node]) * Metrics.columnPitch, y: drawing.row[node] - lowest)
    }
    for (position, node) in part.enumerated() { nodes[node] = place(position) }
    for (position, edge) in edges.enumerated() { routes[edge] = drawing.bends[position].map(place) }
    return Part(
      nodes: part, edges: edges, width: Double(drawing.order.count) * Metrics.columnPitch,
      height: highest - lowest + Metrics.rowPitch)
  }

  /// Puts parts beside each other where there are many, so that small ones do not make one long list.
  ///
  /// - Returns: the width of all, and where the next thing below them may stand.
  private mutating func pack(_ parts: [Part]) -> (width: Double, height: Double) {
    let area = parts.reduce(0) { $0 + $1.width * ($1.height + Metrics.partGap) }
    let widest = max(parts.map(\.width).max() ?? 0, (area * 1.6).squareRoot())
    var (left, top, tallest, width) = (0.0, 0.0, 0.0, 0.0)
    for part in parts {
      if left > 0, left + part.width > widest {
        top += tallest + Metrics.partGap
        (left, tallest) = (0, 0)
      }
      for node in part.nodes { nodes[node] = Point(x: nodes[node].x + left, y: nodes[node].y + top) }
      for edge in part.edges { routes[edge] = routes[edge].map { Point(x: $0.x + left, y: $0.y + top) } }
      left += part.width
      tallest = max(tallest, part.height)
      width = max(width, left)
    }
    return (width, parts.isEmpty ? 0 : top + tallest + Metrics.partGap)
  }

  /// Rows at which the picture of so many nodes is about as wide as a screen.
  private static func mostRows(of count: Int) -> Int {
    max(40, Int((Double(count) * Metrics.columnPitch / Metrics.rowPitch / 1.6).squareRoot()))
  }

  /// Breaks each layer into columns of at most `rows` nodes, in the layer's order: a layer of a thousand nodes one
  /// below the other is a picture that no screen shows. Lines go straight from node to node.
  private mutating func wrap(_ drawing: LayeredDrawing, _ part: [Int], rows: Int) -> Part {
    var left = 0.0
    for layer in drawing.order {
      let real = layer.filter { $0 < part.count }
      guard !real.isEmpty else { continue }
      let width = (real.count + rows - 1) / rows
      let height = (real.count + width - 1) / width
      let inset = Double(rows - height) / 2
      for (position, node) in real.enumerated() {
        nodes[part[node]] = Point(
          x: left + Double(position / height) * Metrics.wrappedPitch,
          y: (inset + Double(position % height)) * Metrics.rowPitch)
      }
      left += Double(width) * Metrics.wrappedPitch + Metrics.layerGap
    }
    return Part(nodes: part, edges: [], width: left, height: Double(rows) * Metrics.rowPitch)
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
