public import Diagnostics
public import ProjectModel

/// Turns a ``SelectionSpec`` into the members of the graph that it means.
///
/// ```swift
/// let selector = NodeSelector(manifest)
/// let selection = try selector.select(SelectionSpec(select: ["+orders"]), types: [.model])
/// ```
public struct NodeSelector: Sendable {
  public let graph: DependencyGraph
  private let members: [GraphMember]
  private let matcher: MemberMatcher

  public init(_ manifest: Manifest, state: PreviousState? = nil) {
    members = GraphMember.all(in: manifest)
    graph = DependencyGraph(members: members)
    matcher = MemberMatcher(manifest: manifest, members: members, state: state)
  }

  func isTest(_ member: Int) -> Bool { members[member].isTest }
  /// Waits for tests: has SQL or rows of its own and is no test.
  func isGated(_ member: Int) -> Bool { members[member].isExecutable && !members[member].isTest }

  /// What a spec means, in the order `ls` has it: by id.
  public struct Selection: Sendable {
    public var ids: [NodeID]
    public var members: MemberSet
    /// A warning for each criterion on the command line that nothing matches.
    public var diagnostics: [Diagnostic]

    public func contains(_ member: Int) -> Bool { members.contains(member) }
  }

  /// - Parameters:
  ///   - types: kinds of nodes that the command works on; others are left out at the end.
  ///   - keepsEmpty: false leaves out nodes whose file has no SQL in it, as commands that run something do.
  /// - Throws: a diagnostic about a value that its method cannot have, or missing state.
  public func select(
    _ spec: SelectionSpec, types: Set<ResourceType>, keepsEmpty: Bool = true
  ) throws(DiagnosticsError) -> Selection {
    var diagnostics: [Diagnostic] = []
    var chosen = try evaluate(spec, &diagnostics).direct
    for member in chosen.members
    where !types.contains(members[member].resourceType) || (!keepsEmpty && members[member].isEmpty) {
      chosen.remove(member)
    }
    return Selection(
      ids: chosen.members.map { graph.ids[$0] }.sorted(), members: chosen, diagnostics: diagnostics)
  }

  /// These nodes as a selection; those that the graph does not have are left out.
  public func selection(of ids: some Sequence<NodeID>) -> Selection {
    let chosen = MemberSet(capacity: graph.count, ids.compactMap { graph.index[$0] })
    return Selection(ids: chosen.members.map { graph.ids[$0] }.sorted(), members: chosen, diagnostics: [])
  }

  /// Members that are meant, and tests that would be if more of their parents were.
  private struct Found {
    var direct: MemberSet
    var indirect: MemberSet
  }

  private func evaluate(
    _ spec: SelectionSpec, _ diagnostics: inout [Diagnostic]
  ) throws(DiagnosticsError) -> Found {
    switch spec {
    case .criterion(let criterion): return try evaluate(criterion, &diagnostics)
    case .group(let group):
      var found: [Found] = []
      for part in group.parts { found.append(try evaluate(part, &diagnostics)) }
      let direct = combine(group.operation, found.map(\.direct))
      let reachable = combine(group.operation, found.map { $0.direct.union($0.indirect) })
      let complete = addCompleted(direct, from: reachable, group.indirect)
      if let expected = group.expected, complete.isEmpty { diagnostics.append(.nothingMatches(expected)) }
      return Found(direct: complete, indirect: reachable)
    }
  }

  private func evaluate(
    _ criterion: SelectionCriterion, _ diagnostics: inout [Diagnostic]
  ) throws(DiagnosticsError) -> Found {
    let named: MemberSet
    if let spec = criterion.referenced.first {
      let found = try evaluate(spec, &diagnostics)
      // A selector alone means what it means under --selector, its own mode for tests included.
      if !criterion.hasOperators { return found }
      named = found.direct
    } else {
      named = try matcher.members(matching: criterion, &diagnostics)
    }
    var selected = named
    if criterion.withChildrensParents {
      let below = graph.descendants(of: named).union(named)
      selected.formUnion(graph.ancestors(of: below).union(below))
    }
    if criterion.withParents {
      selected.formUnion(graph.ancestors(of: named, depth: criterion.parentsDepth))
    }
    if criterion.withChildren {
      selected.formUnion(graph.descendants(of: named, depth: criterion.childrenDepth))
    }
    return withTests(of: selected, criterion.indirect)
  }

  /// Adds the tests that look at what is selected, as far as the mode lets them come.
  private func withTests(of selected: MemberSet, _ mode: IndirectSelection) -> Found {
    var found = Found(direct: selected, indirect: MemberSet(capacity: graph.count))
    guard mode != .empty else { return found }
    let buildable = mode == .buildable ? withParentsAndSources(selected) : selected
    for member in selected.members {
      for test in graph.children(of: member) where members[test].isTest && !found.direct.contains(test) {
        // A fact's keys are looked at with the fact; a load of the dimension alone has no part in them.
        if let owner = members[test].declaredBy, owner != members[member].id { continue }
        if mode == .eager || hasAllParents(test, in: buildable) {
          found.direct.insert(test)
        } else {
          found.indirect.insert(test)
        }
      }
    }
    return found
  }

  /// Tests that waited for a parent which another part of the spec has brought.
  private func addCompleted(
    _ direct: MemberSet, from reachable: MemberSet, _ mode: IndirectSelection
  ) -> MemberSet {
    guard mode == .cautious || mode == .buildable, direct != reachable else { return direct }
    var complete = direct
    let present = mode == .buildable ? direct.union(graph.ancestors(of: direct)) : direct
    for member in reachable.members
    where members[member].isExecutable && hasAllParents(member, in: mode == .cautious ? complete : present) {
      complete.insert(member)
    }
    return complete
  }

  /// Also false when a parent is outside the graph: a disabled node.
  private func hasAllParents(_ member: Int, in set: MemberSet) -> Bool {
    members[member].dependsOn.allSatisfy { id in graph.index[id].map(set.contains) ?? false }
  }

  private func withParentsAndSources(_ selected: MemberSet) -> MemberSet {
    var result = selected.union(graph.ancestors(of: selected))
    for (index, member) in members.enumerated() where member.resourceType == .source { result.insert(index) }
    return result
  }

  private func combine(_ operation: SelectionSpec.Group.Operation, _ sets: [MemberSet]) -> MemberSet {
    guard var result = sets.first else { return MemberSet(capacity: graph.count) }
    for set in sets.dropFirst() {
      switch operation {
      case .union: result.formUnion(set)
      case .intersection: result.formIntersection(set)
      case .difference: result.subtract(set)
      }
    }
    return result
  }
}

extension Diagnostic {
  fileprivate static func nothingMatches(_ text: String) -> Diagnostic {
    Diagnostic(
      "nothing-selected", severity: .warning,
      "the selection criterion '\(text)' does not match any enabled nodes")
  }
}
