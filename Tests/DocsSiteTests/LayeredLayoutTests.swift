import Testing

@testable import DocsSite

@Suite struct LayeredLayoutTests {
  @Test func parentsStandLeftOfTheirChildren() {
    let edges = [(0, 1), (1, 2), (0, 2), (3, 2), (2, 4)].map { (from: $0.0, to: $0.1) }
    let layout = LayeredLayout(count: 5, edges: edges)
    for edge in edges { #expect(layout.nodes[edge.from].x < layout.nodes[edge.to].x) }
    // The edge that skips a column bends there once.
    #expect(layout.routes.map(\.count) == [0, 0, 1, 0, 0])
    // A node without parents stands right before its child.
    #expect(layout.nodes[3].x == layout.nodes[1].x)
  }

  @Test func nothingOverlaps() {
    let edges = (1..<200).map { (from: ($0 - 1) / 3, to: $0) } + (20..<60).map { (from: $0, to: $0 + 130) }
    let layout = LayeredLayout(count: 210, edges: edges)
    let columns = Dictionary(grouping: layout.nodes, by: \.x)
    for column in columns.values {
      let rows = column.map(\.y).sorted()
      for (above, below) in zip(rows, rows.dropFirst()) {
        #expect(below - above >= LayeredLayout.Metrics.rowPitch - 0.001)
      }
    }
  }

  @Test func linesThatNeedNotCrossDoNot() {
    // Two ladders whose rungs were given in the wrong order.
    let edges =
      [(0, 3), (1, 2), (2, 5), (3, 4)].map { (from: $0.0, to: $0.1) }
      + [(0, 4), (1, 5)].map { (from: $0.0, to: $0.1) } + [(6, 0), (6, 1)]
    let layout = LayeredLayout(count: 7, edges: edges)
    let straight = edges.filter {
      abs(layout.nodes[$0.from].x - layout.nodes[$0.to].x) == LayeredLayout.Metrics.columnPitch
    }
    var crossings = 0
    for one in straight {
      for two in straight where layout.nodes[one.from].x == layout.nodes[two.from].x {
        let left = layout.nodes[one.from].y - layout.nodes[two.from].y
        let right = layout.nodes[one.to].y - layout.nodes[two.to].y
        if left * right < 0 { crossings += 1 }
      }
    }
    #expect(crossings == 0)
  }

  @Test func theSameGraphIsDrawnTheSame() {
    let edges = (1..<300).map { (from: $0 * 7 % $0, to: $0) }
    let one = LayeredLayout(count: 300, edges: edges)
    let two = LayeredLayout(count: 300, edges: edges)
    #expect(one.nodes == two.nodes && one.routes == two.routes)
  }

  @Test func aCycleIsDrawnAllTheSame() {
    let edges = [(0, 1), (1, 2), (2, 1), (2, 3)].map { (from: $0.0, to: $0.1) }
    let layout = LayeredLayout(count: 4, edges: edges)
    #expect(layout.nodes.count == 4 && layout.routes.count == 4)
  }

  @Test func aThousandNodesFitAScreen() {
    // One layer of all, parts of two, and nodes alone.
    let star = (1..<1_000).map { (from: 0, to: $0) }
    let pairs = stride(from: 0, to: 1_000, by: 2).map { (from: $0, to: $0 + 1) }
    for edges in [star, pairs, []] {
      let layout = LayeredLayout(count: 1_000, edges: edges)
      let (xs, ys) = (layout.nodes.map(\.x), layout.nodes.map(\.y))
      let shape = ((xs.max() ?? 0) - (xs.min() ?? 0)) / ((ys.max() ?? 0) - (ys.min() ?? 0))
      #expect((0.6...4).contains(shape))
      #expect(Set(layout.nodes).count == 1_000)
    }
  }

  @Test func nothingAtAllIsFine() {
    #expect(LayeredLayout(count: 0, edges: []).nodes.isEmpty)
    #expect(Set(LayeredLayout(count: 9, edges: []).nodes).count == 9)
  }
}
