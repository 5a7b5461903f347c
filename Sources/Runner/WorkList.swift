import Compiler
import ProjectModel

/// The items of a run: which nodes go together, what each waits for, and how long the way is behind it.
///
/// The order is the execution graph's, in which `build` lets tests hold up what follows the tested node. A star's
/// tests run inside the transaction that publishes it and have no item of their own.
struct WorkList {
  enum Item {
    /// A model, seed or snapshot, or a source whose freshness is asked for, with the tests that run before it is published.
    case node(NodeID, gateTests: [NodeID])
    /// Tests that read the same relations, so that few scans can answer them.
    case tests([NodeID])
    /// A unit test; what it tests waits for it.
    case unitTest(NodeID)
  }

  private(set) var items: [Item] = []
  private(set) var schedule: [Schedule.Item] = []

  /// - Parameter gates: says whether a node runs its own tests before it publishes.
  init(_ graph: ExecutionGraph, manifest: Manifest, gates: (Node) -> Bool) {
    var itemOf = [Int](repeating: -1, count: graph.count)
    for member in 0..<graph.count {
      let id = graph.ids[member]
      if manifest.unitTests[id] != nil {
        itemOf[member] = items.count
        items.append(.unitTest(id))
        continue
      }
      guard manifest.nodes[id].map({ $0.resourceType != .test }) ?? (manifest.sources[id] != nil) else {
        continue
      }
      itemOf[member] = items.count
      items.append(.node(id, gateTests: []))
    }
    placeTests(graph, manifest, gates, &itemOf)

    var parents = [Set<Int>](repeating: [], count: items.count)
    for member in 0..<graph.count where itemOf[member] >= 0 {
      for parent in graph.parents(of: member) where itemOf[parent] >= 0 {
        parents[itemOf[member]].insert(itemOf[parent])
      }
    }
    placeUnitTests(graph, manifest, itemOf, &parents)
    for index in parents.indices { parents[index].remove(index) }
    schedule = Self.prioritized(parents.map { $0.sorted() }, items: items)
  }

  /// A unit test comes after its model in the graph; here it runs when the model could, and the model waits for it.
  private func placeUnitTests(
    _ graph: ExecutionGraph, _ manifest: Manifest, _ itemOf: [Int], _ parents: inout [Set<Int>]
  ) {
    var waiting: [(test: Int, model: Int)] = []
    for member in 0..<graph.count {
      guard let test = manifest.unitTests[graph.ids[member]], let model = graph.index(of: test.model) else {
        continue
      }
      waiting.append((itemOf[member], itemOf[model]))
    }
    for (test, model) in waiting { parents[test] = parents[model] }
    for (test, model) in waiting { parents[model].insert(test) }
  }

  /// Gives each test to the node that publishes behind it, or else to an item with its like.
  private mutating func placeTests(
    _ graph: ExecutionGraph, _ manifest: Manifest, _ gates: (Node) -> Bool, _ itemOf: inout [Int]
  ) {
    struct Likeness: Hashable {
      var tested: String
      /// Looking up in other relations takes long enough to go on beside the relation's other tests.
      var looksUp: Bool
      var parents: [Int]
    }
    var groups: [Likeness: Int] = [:]
    for member in 0..<graph.count {
      guard let test = manifest.nodes[graph.ids[member]], test.resourceType == .test else { continue }
      let parents = Array(graph.parents(of: member))
      // A source is no node, and its tests are attached to none.
      guard let metadata = test.test,
        let tested = metadata.attachedNode?.rawValue ?? metadata.arguments["model"]?.string
      else {
        itemOf[member] = items.count
        items.append(.tests([test.id]))
        continue
      }
      if let attached = metadata.attachedNode, let owner = graph.index(of: attached),
        let node = manifest.nodes[attached], gates(node),
        Self.follows(owner, parents.filter { $0 != owner }, graph),
        case .node(let id, let tests) = items[itemOf[owner]]
      {
        items[itemOf[owner]] = .node(id, gateTests: tests + [test.id])
        itemOf[member] = itemOf[owner]
        continue
      }
      let likeness = Likeness(
        tested: tested, looksUp: metadata.name == "relationships", parents: parents.sorted())
      if let index = groups[likeness], case .tests(let members) = items[index] {
        items[index] = .tests(members + [test.id])
        itemOf[member] = index
      } else {
        groups[likeness] = items.count
        itemOf[member] = items.count
        items.append(.tests([test.id]))
      }
    }
  }

  /// Whether a member comes after all of these.
  private static func follows(_ member: Int, _ others: [Int], _ graph: ExecutionGraph) -> Bool {
    var missing = Set(others)
    var seen: Set<Int> = []
    var open = Array(graph.parents(of: member))
    while !missing.isEmpty, let next = open.popLast() {
      guard seen.insert(next).inserted else { continue }
      missing.remove(next)
      open += graph.parents(of: next)
    }
    return missing.isEmpty
  }

  /// Level by level, as dbt's queue goes: a model that names another's table without saying so finds it made there, and
  /// shall find it here. Within a level by the longest way to the end: what holds up most goes first, nodes before tests.
  private static func prioritized(_ parents: [[Int]], items: [Item]) -> [Schedule.Item] {
    var children: [[Int]] = Array(repeating: [], count: items.count)
    var open = parents.map(\.count)
    for (index, list) in parents.enumerated() {
      for parent in list { children[parent].append(index) }
    }
    var order: [Int] = open.indices.filter { open[$0] == 0 }
    var level = Array(repeating: 0, count: items.count)
    var position = 0
    while position < order.count {
      for child in children[order[position]] {
        open[child] -= 1
        level[child] = max(level[child], level[order[position]] + 1)
        if open[child] == 0 { order.append(child) }
      }
      position += 1
    }
    var way = Array(repeating: 0, count: items.count)
    for index in order.reversed() {
      let own: Int = if case .node = items[index] { 2 } else { 1 }
      way[index] = own + (children[index].map { way[$0] }.max() ?? 0)
    }
    // No way is longer than two for each item.
    let step = 2 * items.count + 1
    return parents.enumerated().map { index, parents in
      Schedule.Item(parents: parents, priority: way[index] - level[index] * step)
    }
  }
}
