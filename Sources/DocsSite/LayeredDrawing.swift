/// One connected part while it is being laid out: layers, the order in each, the rows.
///
/// An edge over several layers is cut at each of them by a bend, a node without a box, so that every
/// step of the work sees only neighbouring layers.
struct LayeredDrawing {
  /// Column of each node; bends follow the real nodes.
  private(set) var layer: [Int]
  /// Nodes of each layer from top to bottom.
  private(set) var order: [[Int]]
  /// Vertical place of each node.
  private(set) var row: [Double] = []
  /// For each edge its bends from left to right.
  private(set) var bends: [[Int]]

  private let realCount: Int
  private var left: [[Int]]
  private var right: [[Int]]

  init(count: Int, edges: [(from: Int, to: Int)]) {
    realCount = count
    layer = LayeredDrawing.layers(count: count, edges: edges)
    left = [[Int]](repeating: [], count: count)
    right = [[Int]](repeating: [], count: count)
    bends = []
    for edge in edges {
      var last = edge.from
      var cut: [Int] = []
      let (start, end) = (layer[edge.from], layer[edge.to])
      // Only an edge of a cycle does not go to the right; it is drawn, but places nothing.
      guard start < end else {
        bends.append([])
        continue
      }
      if end - start > 1 {
        for column in (start + 1)..<end {
          let bend = layer.count
          layer.append(column)
          left.append([last])
          right.append([])
          right[last].append(bend)
          cut.append(bend)
          last = bend
        }
      }
      right[last].append(edge.to)
      left[edge.to].append(last)
      bends.append(cut)
    }
    order = [[Int]](repeating: [], count: (layer.max() ?? 0) + 1)
    for node in LayeredDrawing.walk(count: layer.count, left: left, right: right) {
      order[layer[node]].append(node)
    }
  }

  /// Lowest and highest row.
  var extent: (lowest: Double, highest: Double) { (row.min() ?? 0, row.max() ?? 0) }

  /// The longest way from the left gives a node's layer; what has no parents stands right before its
  /// first child.
  private static func layers(count: Int, edges: [(from: Int, to: Int)]) -> [Int] {
    var children = [[Int]](repeating: [], count: count)
    var waiting = [Int](repeating: 0, count: count)
    for edge in edges {
      children[edge.from].append(edge.to)
      waiting[edge.to] += 1
    }
    let hasParents = waiting.map { $0 > 0 }
    var layer = [Int](repeating: 0, count: count)
    var ready = (0..<count).filter { waiting[$0] == 0 }
    var next = 0
    while next < ready.count {
      let node = ready[next]
      next += 1
      for child in children[node] {
        layer[child] = max(layer[child], layer[node] + 1)
        waiting[child] -= 1
        if waiting[child] == 0 { ready.append(child) }
      }
    }
    for node in 0..<count where !hasParents[node] {
      layer[node] = (children[node].map { layer[$0] }.min() ?? 1) - 1
    }
    return layer
  }

  /// Depth first over both directions, so that what belongs together starts out together.
  private static func walk(count: Int, left: [[Int]], right: [[Int]]) -> [Int] {
    var seen = [Bool](repeating: false, count: count)
    var result: [Int] = []
    result.reserveCapacity(count)
    for root in 0..<count where !seen[root] {
      var stack = [root]
      while let node = stack.popLast() {
        if seen[node] { continue }
        seen[node] = true
        result.append(node)
        for other in right[node].reversed() where !seen[other] { stack.append(other) }
        for other in left[node].reversed() where !seen[other] { stack.append(other) }
      }
    }
    return result
  }

  // MARK: - Order

  /// Orders each layer by where its neighbours stand, forth and back, and keeps the best order seen.
  mutating func reduceCrossings() {
    var best = order
    var fewest = crossings
    var idle = 0
    for sweep in 0..<24 where fewest > 0 && idle < 6 {
      let forwards = sweep % 2 == 0
      let columns = forwards ? Array(order.indices.dropFirst()) : Array(order.indices.dropLast().reversed())
      var place = places
      for column in columns {
        let keys = order[column].map { node in
          weight(of: forwards ? left[node] : right[node], place, own: place[node])
        }
        let sorted = order[column].indices.sorted {
          keys[$0] == keys[$1] ? $0 < $1 : keys[$0] < keys[$1]
        }
        order[column] = sorted.map { order[column][$0] }
        for (position, node) in order[column].enumerated() { place[node] = Double(position) }
      }
      let now = crossings
      if now < fewest {
        fewest = now
        best = order
        idle = 0
      } else {
        idle += 1
      }
    }
    order = best
  }

  private var places: [Double] {
    var places = [Double](repeating: 0, count: layer.count)
    for nodes in order {
      for (position, node) in nodes.enumerated() { places[node] = Double(position) }
    }
    return places
  }

  /// The middle of the neighbours, which stays where it is when there are none.
  private func weight(of neighbours: [Int], _ place: [Double], own: Double) -> Double {
    guard !neighbours.isEmpty else { return own }
    return neighbours.reduce(0) { $0 + place[$1] } / Double(neighbours.count)
  }

  /// How many pairs of lines cross between neighbouring layers, counted with a tree of sums.
  private var crossings: Int {
    let place = places
    var total = 0
    for column in order.indices.dropLast() {
      let width = order[column + 1].count
      var sums = [Int](repeating: 0, count: width + 1)
      var seen = 0
      for node in order[column] {
        let ends = right[node].map { Int(place[$0]) }.sorted()
        for end in ends {
          var before = 0
          var at = end + 1
          while at > 0 {
            before += sums[at]
            at -= at & -at
          }
          total += seen - before
        }
        for end in ends {
          var at = end + 1
          while at <= width {
            sums[at] += 1
            at += at & -at
          }
          seen += 1
        }
      }
    }
    return total
  }

  // MARK: - Rows

  /// Moves every node as near to the middle of its neighbours as the order and the distances allow.
  mutating func assignRows() {
    row = [Double](repeating: 0, count: layer.count)
    for nodes in order { place(nodes, wanted: nodes.map { _ in 0 }) }
    for sweep in 0..<16 {
      let forwards = sweep % 2 == 0
      let columns = forwards ? Array(order.indices) : Array(order.indices.reversed())
      for column in columns {
        let nodes = order[column]
        place(
          nodes,
          wanted: nodes.map { node in
            // The last sweeps look both ways and settle the picture.
            let near =
              sweep >= 12 ? left[node] + right[node] : forwards ? left[node] : right[node]
            return weight(of: near, row, own: row[node])
          })
      }
    }
  }

  private func isBend(_ node: Int) -> Bool { node >= realCount }

  /// The rows with the least sum of squared distances to the wanted ones that keep order and distance:
  /// neighbours that would overlap form a block, which moves to the mean of its members' wishes.
  private mutating func place(_ nodes: [Int], wanted: [Double]) {
    var offsets: [Double] = []
    var offset = 0.0
    for (position, node) in nodes.enumerated() {
      if position > 0 {
        let both = isBend(node) && isBend(nodes[position - 1])
        offset += both ? LayeredLayout.Metrics.linePitch : LayeredLayout.Metrics.rowPitch
      }
      offsets.append(offset)
    }
    var blocks: [(sum: Double, weight: Double, count: Int)] = []
    for (position, node) in nodes.enumerated() {
      // A straight long line is worth more than a centred box.
      let weight = isBend(node) ? 3.0 : 1.0
      blocks.append(((wanted[position] - offsets[position]) * weight, weight, 1))
      while blocks.count > 1 {
        let last = blocks[blocks.count - 1]
        let before = blocks[blocks.count - 2]
        guard before.sum / before.weight >= last.sum / last.weight else { break }
        blocks.removeLast(2)
        blocks.append((before.sum + last.sum, before.weight + last.weight, before.count + last.count))
      }
    }
    var position = 0
    for block in blocks {
      for _ in 0..<block.count {
        row[nodes[position]] = block.sum / block.weight + offsets[position]
        position += 1
      }
    }
  }
}
