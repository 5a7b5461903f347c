import ArgumentParser
import Artifacts
import OrderedCollections
import ProjectAnalysis
import ProjectModel

/// Writes the lineage of columns for people and for programs.
struct LineageListing {
  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json, mermaid, dot }

  private let analysis: ProjectAnalysis
  private let lineage: ColumnLineage
  private let names: [NodeID: String]
  private let manifest: Manifest

  init(_ analysis: ProjectAnalysis, _ manifest: Manifest) {
    self.analysis = analysis
    self.manifest = manifest
    lineage = analysis.lineage
    names = Self.names(manifest)
  }

  /// What people call a node: its name, with its version where it has one; a source is `source.table`.
  static func names(_ manifest: Manifest) -> [NodeID: String] {
    var names: [NodeID: String] = [:]
    for (id, node) in manifest.nodes where [.model, .seed, .snapshot].contains(node.resourceType) {
      names[id] = node.version.map { "\(node.name).v\($0.pythonText)" } ?? node.name
    }
    for (id, source) in manifest.sources { names[id] = "\(source.sourceName).\(source.name)" }
    return names
  }

  func text(of columns: [ProjectColumn], _ directions: [ColumnLineage.Direction], as format: Format) -> String
  {
    if format == .text { return columns.map { tree($0, directions) }.joined(separator: "\n") }
    let edges = OrderedSet(directions.flatMap { lineage.edges($0, ofAll: columns) })
    switch format {
    case .json: return json(columns, Array(edges))
    case .mermaid: return mermaid(Array(edges))
    default: return dot(Array(edges))
    }
  }

  /// The relations that one reads and those that read it, where nothing is known of its columns.
  func text(ofRelation node: NodeID, _ directions: [ColumnLineage.Direction], as format: Format) -> String {
    let parents = (manifest.nodes[node]?.dependsOn ?? []).filter { names[$0] != nil }
    let readers = manifest.nodes.values.filter { names[$0.id] != nil && $0.dependsOn.contains(node) }.map(
      \.id)
    let pairs = directions.flatMap { direction in
      direction == .upstream ? parents.map { ($0, node) } : readers.map { (node, $0) }
    }
    func name(_ id: NodeID) -> String { names[id] ?? id.rawValue }
    switch format {
    case .text:
      var lines = [name(node)]
      for direction in directions {
        if directions.count > 1 { lines.append(direction == .upstream ? "made of" : "read by") }
        let others = direction == .upstream ? parents : readers
        lines += others.isEmpty ? ["  nothing"] : others.map { "  \(name($0))" }
      }
      return lines.joined(separator: "\n") + "\n"
    case .json:
      var json = JSONWriter()
      json.beginObject()
      json.beginArray("columns")
      json.endArray()
      json.beginArray("edges")
      json.endArray()
      json.beginArray("relations")
      for (from, to) in pairs {
        json.beginObject()
        json.field("from", from.rawValue)
        json.field("to", to.rawValue)
        json.endObject()
      }
      json.endArray()
      json.endObject()
      return String(decoding: json.bytes, as: UTF8.self)
    case .mermaid:
      let shown = Array(OrderedSet(pairs.flatMap { [$0.0, $0.1] } + [node]))
      let ids = Dictionary(uniqueKeysWithValues: shown.enumerated().map { ($1, "r\($0)") })
      return
        (["flowchart LR"] + shown.map { "  \(ids[$0] ?? "")[\"\(name($0))\"]" }
        + pairs.map { "  \(ids[$0] ?? "") --> \(ids[$1] ?? "")" }).joined(separator: "\n")
    case .dot:
      return
        (["digraph lineage {", "  rankdir=LR;", "  node [shape=box];"]
        + pairs.map { "  \"\(name($0))\" -> \"\(name($1))\";" } + ["}"]).joined(separator: "\n")
    }
  }

  private func name(_ column: ProjectColumn) -> String {
    "\(names[column.node] ?? column.node.rawValue).\(column.name)"
  }

  // MARK: Text

  private func tree(_ column: ProjectColumn, _ directions: [ColumnLineage.Direction]) -> String {
    let shape = analysis.tables[column.node]?.shape.columns.first { $0.name == column.name }
    var lines = [name(column) + (shape?.type.map { "  \($0)" } ?? "")]
    for direction in directions {
      if directions.count > 1 { lines.append(direction == .upstream ? "made of" : "read by") }
      var shown: Set<ProjectColumn> = [column]
      let below = branches(of: column, direction, indent: "", &shown)
      lines += below.isEmpty ? ["  nothing"] : below
    }
    let rows = analysis.tables[column.node]?.conditions.sorted().map(name) ?? []
    if directions.contains(.upstream), !rows.isEmpty {
      lines.append("its rows depend on \(rows.joined(separator: ", "))")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// A column that was shown before is named and not followed again.
  private func branches(
    of column: ProjectColumn, _ direction: ColumnLineage.Direction, indent: String,
    _ shown: inout Set<ProjectColumn>
  ) -> [String] {
    let edges = lineage.edges(direction, of: column)
    return edges.enumerated().flatMap { index, edge -> [String] in
      let isLast = index == edges.count - 1
      let next = direction == .upstream ? edge.from : edge.to
      let isNew = shown.insert(next).inserted
      let line = "\(indent)\(isLast ? "└─" : "├─") \(name(next))  \(edge.use.rawValue)"
      guard isNew else { return [line + ", see above"] }
      return [line] + branches(of: next, direction, indent: indent + (isLast ? "   " : "│  "), &shown)
    }
  }

  // MARK: For programs

  private func json(_ columns: [ProjectColumn], _ edges: [ColumnLineage.Edge]) -> String {
    var json = JSONWriter()
    func write(_ column: ProjectColumn, _ key: StaticString) {
      json.beginObject(key)
      json.field("node", column.node.rawValue)
      json.field("column", column.name)
      json.endObject()
    }
    json.beginObject()
    json.beginArray("columns")
    for column in columns {
      json.beginObject()
      json.field("node", column.node.rawValue)
      json.field("column", column.name)
      let shape = analysis.tables[column.node]?.shape.columns.first { $0.name == column.name }
      json.field("type", shape?.type?.description)
      json.endObject()
    }
    json.endArray()
    json.beginArray("edges")
    for edge in edges {
      json.beginObject()
      write(edge.from, "from")
      write(edge.to, "to")
      json.field("use", edge.use.rawValue)
      json.endObject()
    }
    json.endArray()
    json.endObject()
    return String(decoding: json.bytes, as: UTF8.self)
  }

  /// Relations with their columns, in order of their ids.
  private func groups(_ edges: [ColumnLineage.Edge]) -> [(name: String, columns: [ProjectColumn])] {
    let columns = Set(edges.flatMap { [$0.from, $0.to] }).sorted()
    return Dictionary(grouping: columns, by: \.node).sorted { $0.key.rawValue < $1.key.rawValue }.map {
      (names[$0.key] ?? $0.key.rawValue, $0.value)
    }
  }

  private func mermaid(_ edges: [ColumnLineage.Edge]) -> String {
    var ids: [ProjectColumn: String] = [:]
    var lines = ["flowchart LR"]
    for (index, group) in groups(edges).enumerated() {
      lines.append("  subgraph r\(index)[\"\(group.name)\"]")
      for column in group.columns {
        ids[column] = "c\(ids.count)"
        lines.append("    \(ids[column] ?? "")[\"\(column.name)\"]")
      }
      lines.append("  end")
    }
    for edge in edges {
      let arrow = edge.use == .copied ? "-->" : "-->|\(edge.use.rawValue)|"
      lines.append("  \(ids[edge.from] ?? "") \(arrow) \(ids[edge.to] ?? "")")
    }
    return lines.joined(separator: "\n")
  }

  private func dot(_ edges: [ColumnLineage.Edge]) -> String {
    func quoted(_ text: String) -> String { "\"\(text.replacing("\"", with: "\\\""))\"" }
    var lines = ["digraph lineage {", "  rankdir=LR;", "  node [shape=box];"]
    for (index, group) in groups(edges).enumerated() {
      lines.append("  subgraph cluster_\(index) {")
      lines.append("    label=\(quoted(group.name));")
      for column in group.columns {
        lines.append("    \(quoted(name(column))) [label=\(quoted(column.name))];")
      }
      lines.append("  }")
    }
    for edge in edges {
      let label = edge.use == .copied ? "" : " [label=\(quoted(edge.use.rawValue))]"
      lines.append("  \(quoted(name(edge.from))) -> \(quoted(name(edge.to)))\(label);")
    }
    return (lines + ["}"]).joined(separator: "\n")
  }
}
