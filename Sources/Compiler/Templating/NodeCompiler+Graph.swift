public import ProjectModel

extension NodeCompiler {
  /// The nodes whose templates, or the macros that these reach, speak of `graph`.
  public func nodesLookingAtGraph() -> Set<NodeID> {
    var callers: [NodeID: [NodeID]] = [:]
    var waiting: [NodeID] = []
    for macro in manifest.macros.values {
      for called in macro.dependsOn { callers[called, default: []].append(macro.id) }
      if Self.speaksOfGraph(macro.text) { waiting.append(macro.id) }
    }
    var macros = Set(waiting)
    while let macro = waiting.popLast() {
      for caller in callers[macro] ?? [] where macros.insert(caller).inserted { waiting.append(caller) }
    }
    return Set(
      manifest.nodes.values.lazy.filter {
        !macros.isDisjoint(with: $0.macroDependsOn) || Self.speaksOfGraph($0.rawCode)
          || !macros.isEmpty && Self.callsInArguments($0)
      }.map(\.id))
  }

  /// Whether a test's arguments call macros: `macroDependsOn` need not tell which.
  private static func callsInArguments(_ node: Node) -> Bool {
    node.test?.arguments.contains { $0.key != "model" && JinjaText.hasTags($0.value.pythonText) } ?? false
  }

  /// The word, in a place where a template may stand.
  private static func speaksOfGraph(_ text: String) -> Bool {
    JinjaText.hasTags(text) && text.utf8.firstRange(of: Array("graph".utf8)) != nil
  }
}
