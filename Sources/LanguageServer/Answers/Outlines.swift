import Diagnostics
import ProjectModel

extension FileReader {
  /// What a file holds, for an outline: CTEs, macros, entries of properties.
  func symbols() -> [(name: String, detail: String, kind: Int, range: Range<Int>)] {
    if isProperties {
      let sections: Set<String> = [
        "models", "seeds", "snapshots", "sources", "macros", "exposures", "metrics", "semantic_models",
        "saved_queries", "unit_tests", "groups", "functions", "analyses",
      ]
      return PropertiesText(bytes).named(under: sections).map { ($0.name, $0.section, 5, $0.range) }
    }
    let text = TemplateText(bytes)
    let blocks = text.tags.compactMap {
      tag -> (name: String, detail: String, kind: Int, range: Range<Int>)? in
      let tokens = text.tokens(of: tag).filter { $0.kind == .name }
      guard tag.kind == .statement, tokens.count > 1 else { return nil }
      let word = NamePath.text(tokens[0], bytes)
      guard ["macro", "test", "snapshot", "materialization", "docs"].contains(word) else { return nil }
      return (NamePath.text(tokens[1], bytes), word, 12, tokens[1].range)
    }
    return blocks + QueryOutline(text).commonTables.map { ($0.name, "CTE", 13, $0.nameRange) }
  }

  /// The macro whose arguments are being written, and which of them.
  func signature(at offset: Int) -> (macro: MacroDefinition, argument: Int)? {
    let text = TemplateText(bytes)
    guard let call = call(at: offset, text), let macro = view.macro(call.path, from: package) else {
      return nil
    }
    return (macro, call.index(at: offset))
  }
}

extension ProjectView {
  /// Everything whose name has the letters of `query` in their order.
  func symbols(matching query: String) -> [(name: String, kind: Int, target: Target, container: String)] {
    let wanted = Array(query.lowercased().utf8)
    func matches(_ name: String) -> Bool {
      var rest = wanted[...]
      for byte in name.lowercased().utf8 where byte == rest.first { rest = rest.dropFirst() }
      return rest.isEmpty
    }
    var result: [(name: String, kind: Int, target: Target, container: String)] = []
    for node in manifest.nodes.values
    where node.test == nil && node.resourceType != .operation && matches(node.name) {
      let target = Target(node.rootPath + "/" + node.originalFilePath, line: node.firstLine)
      result.append((node.name, 5, target, node.resourceType.rawValue))
    }
    for source in manifest.sources.values where matches(source.sourceName + "." + source.name) {
      guard let span = source.span else { continue }
      result.append((source.sourceName + "." + source.name, 5, Target(span, in: self), "source"))
    }
    for macro in manifest.macros.values where matches(macro.name) {
      guard let folder = packages[macro.packageName], let span = macro.span else { continue }
      let target = Target(folder + "/" + macro.originalFilePath, line: span.start.line)
      result.append((macro.name, 12, target, macro.packageName))
    }
    for exposure in manifest.exposures.values where matches(exposure.name) {
      guard let span = exposure.span else { continue }
      result.append((exposure.name, 5, Target(span, in: self), "exposure"))
    }
    return result.sorted { ($0.name.utf8.count, $0.name) < ($1.name.utf8.count, $1.name) }
  }
}
