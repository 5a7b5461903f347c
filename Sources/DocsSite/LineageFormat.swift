import Artifacts
public import ProjectModel

/// The lineage graph for other programs.
public enum LineageFormat: String, Sendable, CaseIterable {
  /// Graphviz.
  case dot
  /// A Mermaid flowchart, which many Markdown readers draw.
  case mermaid
  /// Nodes and edges.
  case json

  /// - Parameter only: the nodes to show, all when nil.
  public func render(_ manifest: Manifest, only: Set<NodeID>? = nil) -> String {
    let lineage = Lineage(manifest)
    let shown = lineage.members.indices.filter { only?.contains(lineage.members[$0].id) ?? true }
    let isShown = Set(shown)
    let edges = lineage.edges.filter { isShown.contains($0.from) && isShown.contains($0.to) }
    switch self {
    case .dot: return dot(lineage, shown, edges)
    case .mermaid: return mermaid(lineage, shown, edges)
    case .json: return json(lineage, shown, edges)
    }
  }

  private func dot(_ lineage: Lineage, _ shown: [Int], _ edges: [(from: Int, to: Int)]) -> String {
    func quoted(_ text: String) -> String {
      "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
    var lines = ["digraph lineage {", "  rankdir=LR;", "  node [shape=box, style=\"rounded,filled\"];"]
    for member in shown.map({ lineage.members[$0] }) {
      lines.append(
        "  \(quoted(member.id.rawValue)) [label=\(quoted(member.name)), fillcolor=\(quoted(member.kind.fill))];"
      )
    }
    for edge in edges {
      lines.append(
        "  \(quoted(lineage.members[edge.from].id.rawValue)) -> \(quoted(lineage.members[edge.to].id.rawValue));"
      )
    }
    return (lines + ["}", ""]).joined(separator: "\n")
  }

  private func mermaid(_ lineage: Lineage, _ shown: [Int], _ edges: [(from: Int, to: Int)]) -> String {
    var lines = ["flowchart LR"]
    for index in shown {
      let member = lineage.members[index]
      let label = member.name.replacing("\"", with: "#quot;")
      lines.append("  n\(index)[\"\(label)\"]:::\(member.kind.rawValue)")
    }
    for edge in edges { lines.append("  n\(edge.from) --> n\(edge.to)") }
    let kinds = Set(shown.map { lineage.members[$0].kind })
    for kind in NodeKind.allCases where kinds.contains(kind) {
      lines.append("  classDef \(kind.rawValue) fill:\(kind.fill),stroke:#5b6470,color:#16202c")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func json(_ lineage: Lineage, _ shown: [Int], _ edges: [(from: Int, to: Int)]) -> String {
    var json = JSONWriter()
    json.beginObject()
    json.beginArray("nodes")
    for member in shown.map({ lineage.members[$0] }) {
      json.beginObject()
      json.field("id", member.id.rawValue)
      json.field("name", member.name)
      json.field("type", member.resourceType.rawValue)
      json.field("kind", member.kind.rawValue)
      json.endObject()
    }
    json.endArray()
    json.beginArray("edges")
    for edge in edges {
      json.beginObject()
      json.field("from", lineage.members[edge.from].id.rawValue)
      json.field("to", lineage.members[edge.to].id.rawValue)
      json.endObject()
    }
    json.endArray()
    json.endObject()
    return String(decoding: json.bytes, as: UTF8.self) + "\n"
  }
}

extension NodeKind {
  /// A light tint, readable under dark text.
  fileprivate var fill: String {
    switch self {
    case .source: "#d9e8d8"
    case .seed: "#e6efd0"
    case .staging: "#dbe5f2"
    case .model, .analysis: "#e7e9ed"
    case .dimension: "#f6e3c5"
    case .fact: "#d3e9ea"
    case .mart: "#e8dcf1"
    case .snapshot: "#f3dccf"
    case .exposure, .metric: "#f3d6e0"
    }
  }
}
