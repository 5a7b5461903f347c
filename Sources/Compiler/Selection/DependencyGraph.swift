public import ProjectModel

/// Who depends on whom, with small integers for names.
///
/// A member's number is its position in ``ids``; edges lie in two flat arrays, so walking 35,000
/// members touches no dictionary. Members stand in the manifest's order: nodes, sources, exposures,
/// then the kinds that are kept as written. Dependencies on anything outside the graph are left out.
public struct DependencyGraph: Sendable {
  public let ids: [NodeID]
  public let index: [NodeID: Int]
  private let parentEdges: Edges
  private let childEdges: Edges

  /// - Parameter edges: (parent, child) by number; doubles are dropped.
  public init(ids: [NodeID], edges: [(parent: Int, child: Int)]) {
    self.init(ids: ids, index: Self.index(ids), edges: edges)
  }

  private init(ids: [NodeID], index: [NodeID: Int], edges: [(parent: Int, child: Int)]) {
    self.ids = ids
    self.index = index
    parentEdges = Edges(count: ids.count, pairs: edges.map { ($0.child, $0.parent) })
    childEdges = Edges(count: ids.count, pairs: edges.map { ($0.parent, $0.child) })
  }

  public init(_ manifest: Manifest) {
    let members = GraphMember.all(in: manifest)
    self.init(members: members)
  }

  init(members: [GraphMember]) {
    let ids = members.map(\.id)
    let index = Self.index(ids)
    var edges: [(parent: Int, child: Int)] = []
    edges.reserveCapacity(members.count * 2)
    for (child, member) in members.enumerated() {
      for parent in member.dependsOn {
        if let parent = index[parent] { edges.append((parent, child)) }
      }
    }
    self.init(ids: ids, index: index, edges: edges)
  }

  /// Where each id stands; the first place of one that comes twice.
  private static func index(_ ids: [NodeID]) -> [NodeID: Int] {
    var index: [NodeID: Int] = [:]
    index.reserveCapacity(ids.count)
    for (place, id) in ids.enumerated() where index[id] == nil { index[id] = place }
    return index
  }

  public var count: Int { ids.count }
  public func parents(of member: Int) -> ArraySlice<Int> { parentEdges[member] }
  public func children(of member: Int) -> ArraySlice<Int> { childEdges[member] }

  /// Every (parent, child), by parent.
  public var edges: [(parent: Int, child: Int)] {
    ids.indices.flatMap { parent in children(of: parent).map { (parent, $0) } }
  }

  /// Members that lead to one of `start`, at most `depth` steps away; `start` itself only where one
  /// of them leads to another.
  public func ancestors(of start: MemberSet, depth: Int? = nil) -> MemberSet {
    reach(from: start, over: parentEdges, depth: depth)
  }

  /// Members that one of `start` leads to, at most `depth` steps away.
  public func descendants(of start: MemberSet, depth: Int? = nil) -> MemberSet {
    reach(from: start, over: childEdges, depth: depth)
  }

  private func reach(from start: MemberSet, over edges: Edges, depth: Int?) -> MemberSet {
    var found = MemberSet(capacity: count)
    var layer = start.members
    var steps = 0
    while !layer.isEmpty, steps < depth ?? .max {
      var next: [Int] = []
      for member in layer {
        for neighbour in edges[member] where !found.contains(neighbour) {
          found.insert(neighbour)
          next.append(neighbour)
        }
      }
      layer = next
      steps += 1
    }
    return found
  }

  /// Parents before children, members of equal depth in the graph's order; nil when there is a cycle.
  public var topologicalOrder: [Int]? {
    var waiting = ids.indices.map { parents(of: $0).count }
    var order: [Int] = []
    order.reserveCapacity(count)
    var layer = ids.indices.filter { waiting[$0] == 0 }
    while !layer.isEmpty {
      order += layer
      var next: [Int] = []
      for member in layer {
        for child in children(of: member) {
          waiting[child] -= 1
          if waiting[child] == 0 { next.append(child) }
        }
      }
      layer = next
    }
    return order.count == count ? order : nil
  }

  /// One cycle as the members it runs through, each the parent of the next and the last the parent of
  /// the first; nil when there is none.
  public var cycle: [NodeID]? {
    enum Mark { case new, open, done }
    var marks = [Mark](repeating: .new, count: count)
    for root in ids.indices where marks[root] == .new {
      var path: [(member: Int, next: Int)] = [(root, 0)]
      marks[root] = .open
      while let top = path.last {
        let below = children(of: top.member)
        guard top.next < below.count else {
          marks[top.member] = .done
          path.removeLast()
          continue
        }
        path[path.count - 1].next += 1
        let child = below[below.startIndex + top.next]
        switch marks[child] {
        case .done: continue
        case .new:
          marks[child] = .open
          path.append((child, 0))
        case .open:
          return path.drop { $0.member != child }.map { ids[$0.member] }
        }
      }
    }
    return nil
  }
}

/// Neighbours of every member, one after the other; doubles removed, in the order they were given.
private struct Edges: Sendable {
  private var starts: [Int]
  private var targets: [Int]

  init(count: Int, pairs: [(Int, Int)]) {
    var starts = [Int](repeating: 0, count: count + 1)
    for (from, _) in pairs { starts[from + 1] += 1 }
    for member in 0..<count { starts[member + 1] += starts[member] }
    var filled = starts
    var all = [Int](repeating: 0, count: pairs.count)
    for (from, to) in pairs {
      all[filled[from]] = to
      filled[from] += 1
    }
    var lastSource = [Int](repeating: -1, count: count)
    var targets: [Int] = []
    targets.reserveCapacity(all.count)
    var compact = [0]
    compact.reserveCapacity(count + 1)
    for member in 0..<count {
      for target in all[starts[member]..<starts[member + 1]] where lastSource[target] != member {
        lastSource[target] = member
        targets.append(target)
      }
      compact.append(targets.count)
    }
    self.starts = compact
    self.targets = targets
  }

  subscript(member: Int) -> ArraySlice<Int> { targets[starts[member]..<starts[member + 1]] }
}
