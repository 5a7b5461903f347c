import Diagnostics
import OrderedCollections
import ProjectModel

/// Finds circles in what nodes read.
struct Cycles {
  /// The nodes of each circle in the order in which they read each other; a node is in one of them at most.
  static func find(in nodes: OrderedDictionary<NodeID, Node>) -> [[NodeID]] {
    enum Mark: UInt8 { case new, open, done }
    var marks = [Mark](repeating: .new, count: nodes.count)
    let parents = nodes.values.map { node in node.dependsOn.compactMap { nodes.index(forKey: $0) } }
    var cycles: [[NodeID]] = []
    for start in 0..<nodes.count where marks[start] == .new {
      var path: [(node: Int, next: Int)] = [(start, 0)]
      marks[start] = .open
      while let (node, next) = path.last {
        guard next < parents[node].count else {
          marks[node] = .done
          path.removeLast()
          continue
        }
        path[path.count - 1].next += 1
        let parent = parents[node][next]
        switch marks[parent] {
        case .new:
          marks[parent] = .open
          path.append((parent, 0))
        case .open:
          if let begin = path.firstIndex(where: { $0.node == parent }) {
            cycles.append(path[begin...].map { nodes.elements[$0.node].key })
          }
        case .done: break
        }
      }
    }
    return cycles
  }

  /// The circle itself, each step at the place where it is written.
  ///
  /// - Parameter place: Where the first node refers to the second.
  static func diagnostic(
    _ cycle: [NodeID], in nodes: OrderedDictionary<NodeID, Node>,
    place: (_ from: Node, _ to: NodeID) -> SourceSpan?
  ) -> Diagnostic {
    let names = cycle.map { nodes[$0]?.name ?? $0.rawValue }
    let steps: [(span: SourceSpan?, text: String)] = cycle.indices.map { index in
      let next = (index + 1) % cycle.count
      return (
        nodes[cycle[index]].flatMap { place($0, cycle[next]) }, "'\(names[index])' reads '\(names[next])'"
      )
    }
    let first = names.count == 1
    return Diagnostic(
      "cycle",
      first
        ? "Found a cycle: '\(names[0])' reads itself"
        : "Found a cycle: " + (names + [names[0]]).joined(separator: " → "),
      at: steps[0].span, label: steps[0].text,
      secondary: steps.dropFirst().compactMap { step in step.span.map { .init(span: $0, text: step.text) } },
      help: first
        ? "use {{ this }} for the table as it is before the run" : "take out one of these references")
  }
}
