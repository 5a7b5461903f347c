public import ProjectModel

/// The selected members and the order they must run in, ready for a scheduler.
///
/// A member's number is its position in ``ids``. Where a path between two selected members runs through
/// others that are not, the two are joined directly, so the order stays.
public struct ExecutionGraph: Sendable {
  public let ids: [NodeID]
  private let graph: DependencyGraph

  /// - Parameters:
  ///   - gatesOnTests: whether what comes after a tested node waits for its tests, as `build` does. A
  ///     test of several nodes holds up only what comes after all of them.
  public init(_ selection: NodeSelector.Selection, of selector: NodeSelector, gatesOnTests: Bool = false) {
    let full = gatesOnTests ? selector.gatedGraph : selector.graph
    let chosen = selection.members.members
    var number = [Int](repeating: -1, count: full.count)
    for (position, member) in chosen.enumerated() { number[member] = position }
    // For a member that is not chosen: the chosen ones right above it.
    var above = [[Int]](repeating: [], count: full.count)
    var edges: [(parent: Int, child: Int)] = []
    var seen = [Int](repeating: -1, count: full.count)
    for member in full.topologicalOrder ?? Array(0..<full.count) {
      var nearest: [Int] = []
      func add(_ parent: Int) {
        if seen[parent] == member { return }
        seen[parent] = member
        nearest.append(parent)
      }
      for parent in full.parents(of: member) {
        if number[parent] >= 0 { add(parent) } else { above[parent].forEach(add) }
      }
      if number[member] >= 0 {
        for parent in nearest { edges.append((number[parent], number[member])) }
      } else {
        above[member] = nearest
      }
    }
    ids = chosen.map { full.ids[$0] }
    graph = DependencyGraph(ids: ids, edges: edges)
  }

  /// Members that need not wait for each other.
  public init(independent ids: [NodeID]) {
    self.ids = ids
    graph = DependencyGraph(ids: ids, edges: [])
  }

  public var count: Int { ids.count }
  public func index(of id: NodeID) -> Int? { graph.index[id] }
  public func parents(of member: Int) -> ArraySlice<Int> { graph.parents(of: member) }
  public func children(of member: Int) -> ArraySlice<Int> { graph.children(of: member) }

  /// How many parents each member waits for.
  public var parentCounts: [Int] { (0..<count).map { parents(of: $0).count } }

  /// The members in an order in which each stands after what it waits for: those that wait for nothing first, by id,
  /// then those that wait for these alone.
  public var layered: [NodeID] {
    var depth = [Int](repeating: 0, count: count)
    for member in graph.topologicalOrder ?? Array(0..<count) {
      depth[member] = (parents(of: member).map { depth[$0] + 1 }.max() ?? 0)
    }
    return (0..<count).sorted { (depth[$0], ids[$0]) < (depth[$1], ids[$1]) }.map { ids[$0] }
  }

  /// For each member the cost of the most expensive way from it to the end, its own included: of those
  /// that are ready, the one with the most should run first.
  ///
  /// - Parameter cost: what a member is expected to take, in any unit; by default 1 for each.
  public func criticalPath(cost: (Int) -> Double = { _ in 1 }) -> [Double] {
    var result = [Double](repeating: 0, count: count)
    for member in (graph.topologicalOrder ?? Array(0..<count)).reversed() {
      result[member] = cost(member) + (children(of: member).map { result[$0] }.max() ?? 0)
    }
    return result
  }

  /// All that cannot run when `member` failed.
  public func descendants(of member: Int) -> [Int] {
    graph.descendants(of: MemberSet(capacity: count, [member])).members
  }
}

extension NodeSelector {
  /// The graph with an edge from each test to the nodes that follow what it tests.
  ///
  /// Only the first such nodes get an edge, the ones after them wait anyway. No cycle can come of it: an
  /// edge goes only to a node that already comes after everything that the test looks at.
  var gatedGraph: DependencyGraph {
    var tests: [[Int]: [Int]] = [:]
    var order: [[Int]] = []
    for member in graph.ids.indices where isTest(member) {
      let tested = Array(graph.parents(of: member))
      if tests[tested] == nil { order.append(tested) }
      tests[tested, default: []].append(member)
    }
    var edges = graph.edges
    for tested in order where tested.count == 1 {
      for child in graph.children(of: tested[0]) where isGated(child) {
        for test in tests[tested] ?? [] { edges.append((test, child)) }
      }
    }
    let walk = GatedWalk(self)
    for group in groupsOfSeveral(order) {
      for (tested, follower) in walk.followers(of: group) {
        for test in tests[tested] ?? [] { edges.append((test, follower)) }
      }
    }
    return DependencyGraph(ids: graph.ids, edges: edges)
  }

  /// Sets of more than one tested node, as many at a time as have up to 64 members together.
  private func groupsOfSeveral(_ sets: [[Int]]) -> [[[Int]]] {
    var groups: [[[Int]]] = []
    var members: Set<Int> = []
    for set in sets where (2...64).contains(set.count) {
      let together = members.union(set)
      if groups.isEmpty || together.count > 64 {
        groups.append([set])
        members = Set(set)
      } else {
        groups[groups.count - 1].append(set)
        members = together
      }
    }
    return groups
  }
}

/// The nodes that wait for tests, parents first, each with its parents.
private struct GatedWalk {
  private let count: Int
  private var steps: [(member: Int, parents: Range<Int>)] = []
  private var parents: [Int] = []

  init(_ selector: NodeSelector) {
    count = selector.graph.count
    for member in selector.graph.topologicalOrder ?? [] where selector.isGated(member) {
      let start = parents.count
      parents += selector.graph.parents(of: member)
      steps.append((member, start..<parents.count))
    }
  }

  /// The first nodes that come after every member of a set, for each set: one walk in which every node
  /// gathers one bit for each member that it comes after.
  func followers(of sets: [[Int]]) -> [(tested: [Int], follower: Int)] {
    var bits = [UInt64](repeating: 0, count: count)
    var next: UInt64 = 1
    for member in sets.joined() where bits[member] == 0 {
      bits[member] = next
      next &<<= 1
    }
    let masks = sets.map { $0.reduce(UInt64(0)) { $0 | bits[$1] } }
    var after = [UInt64](repeating: 0, count: count)
    var result: [(tested: [Int], follower: Int)] = []
    for step in steps {
      var reached: UInt64 = 0
      for index in step.parents { reached |= after[parents[index]] | bits[parents[index]] }
      guard reached != 0 else { continue }
      after[step.member] = reached
      // What one parent has reached already, it was the first to reach, or an ancestor of it.
      if step.parents.contains(where: { after[parents[$0]] == reached }) { continue }
      for (set, mask) in zip(sets, masks)
      where reached & mask == mask && !step.parents.contains(where: { after[parents[$0]] & mask == mask }) {
        result.append((set, step.member))
      }
    }
    return result
  }
}
