import Diagnostics
import OrderedCollections
import ProjectLoading
import ProjectModel

/// Renders the templates of a properties file that dbt renders while it reads it: not descriptions, tests and hooks.
struct PropertiesRendering {
  let renderer: YAMLRenderer
  let file: String

  /// The file with everything rendered that is due now; each entry that cannot be rendered is left as written.
  func render(_ root: YAMLNode, _ diagnostics: inout [Diagnostic]) -> YAMLNode {
    guard Self.isChanged(root), case .mapping(var keys) = root.content else { return root }
    for index in keys.indices {
      guard case .sequence(var items) = keys[index].value.content else { continue }
      for number in items.indices where Self.isChanged(items[number]) {
        do throws(DiagnosticsError) {
          items[number] = try rendered(items[number], keys[index].key, [])
        } catch {
          diagnostics += error.diagnostics
        }
      }
      keys[index].value.content = .sequence(items)
    }
    return YAMLNode(.mapping(keys), at: root.place)
  }

  private func rendered(_ node: YAMLNode, _ section: String, _ path: [String]) throws(DiagnosticsError)
    -> YAMLNode
  {
    guard Self.isDue(path, section) else { return node }
    switch node.content {
    case .scalar(.string(let text)):
      guard YAMLNode.isChangedByRendering(text) else { return node }
      return YAMLNode(replacing: node, with: try renderer.render(text, at: node.place.span(in: file)))
    case .scalar: return node
    case .sequence(var items):
      for index in items.indices { items[index] = try rendered(items[index], section, path + ["[]"]) }
      return YAMLNode(.sequence(items), at: node.place)
    case .mapping(var entries):
      for index in entries.indices {
        entries[index].value = try rendered(entries[index].value, section, path + [entries[index].key])
      }
      return YAMLNode(.mapping(entries), at: node.place)
    }
  }

  private static func isChanged(_ node: YAMLNode) -> Bool {
    switch node.content {
    case .scalar(.string(let text)): YAMLNode.isChangedByRendering(text)
    case .scalar: false
    case .sequence(let items): items.contains(where: isChanged)
    case .mapping(let entries): entries.contains { isChanged($0.value) }
    }
  }

  /// Whether dbt renders what lies at a path (list items are `[]`) below an entry of a section.
  private static func isDue(_ path: [String], _ section: String) -> Bool {
    guard let first = path.first else { return true }
    switch section {
    case "sources":
      if first == "description" || first == "loaded_at_query" { return false }
      if path.starts(with: ["config", "loaded_at_query"]) { return false }
      if first == "tables" { return isDueInNode(Array(path.dropFirst(2))) }
      return true
    case "macros":
      if first == "arguments" { return isDueInNode(Array(path.dropFirst())) }
      return isDueInNode(path)
    case "metrics":
      return !path.contains("filter") && isDueInNode(path)
    case "saved_queries":
      return !path.starts(with: ["query_params", "where"]) && isDueInNode(path)
    default: return isDueInNode(path)
    }
  }

  private static func isDueInNode(_ path: [String]) -> Bool {
    let late: Set<String> = ["tests", "data_tests", "description", "loaded_at_query"]
    if let first = path.first, late.contains(first) { return false }
    if path.count == 2, late.contains(path[1]) { return false }
    if path.count >= 2, path[0] == "config",
      ["pre_hook", "post_hook", "pre-hook", "post-hook", "loaded_at_query"].contains(path[1])
    {
      return false
    }
    if path.count == 5, path[4] == "description" { return false }
    if path.count >= 3, ["columns", "dimensions", "measures", "entities"].contains(path[0]),
      ["tests", "data_tests", "description"].contains(path[2])
    {
      return false
    }
    return true
  }
}
