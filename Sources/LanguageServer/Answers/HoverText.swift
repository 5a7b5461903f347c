import ProjectAnalysis
import ProjectModel

/// What an editor shows of a place, in Markdown.
struct HoverText: Sendable {
  let view: ProjectView

  func text(of meaning: Place.Meaning) -> String {
    switch meaning {
    case .node(let node): text(of: node)
    case .source(let source):
      Self.joined([
        "**\(source.sourceName).\(source.name)** · source · `\(Self.name(source.relation))`",
        source.description, table(view.columns(of: source.id)),
      ])
    case .sources(let name):
      Self.joined([
        "**\(name)** · source",
        view.manifest.sources.values.first { $0.sourceName == name }?.sourceDescription ?? "",
        view.manifest.sources.values.filter { $0.sourceName == name }.map { "- `\($0.name)`" }
          .joined(separator: "\n"),
      ])
    case .macro(let macro): text(of: macro)
    case .block(let block): block.contents
    case .column(let column, let known): text(of: column, known)
    case .ownColumn(let column, let table):
      "**\(column.name)**" + (column.type.map { " `\($0)`" } ?? "") + " · column of `\(table)`"
    case .commonTable(let table): "**\(table.name)** · CTE of this query"
    }
  }

  private func text(of node: Node) -> String {
    let kind =
      node.resourceType == .model ? "model (\(node.config.materialized))" : node.resourceType.rawValue
    let version = node.version.map { " v\($0.pythonText)" } ?? ""
    let relation = node.isRelational ? node.relation.map { " · `\(Self.name($0))`" } ?? "" : ""
    return Self.joined([
      "**\(node.name)**\(version) · \(kind)\(relation)", node.description, table(view.columns(of: node.id)),
    ])
  }

  static func signature(_ macro: MacroDefinition) -> String {
    let head = TagTokens.read(Array(macro.text.utf8), in: 0..<min(macro.text.utf8.count, 2_000))
    let bytes = Array(macro.text.utf8)
    guard let open = head.firstIndex(where: { $0.isSymbol("(") }),
      let call = CallSite.all(in: head, of: bytes).first, open > 0
    else { return macro.name + "()" }
    let start = head[open].range.lowerBound
    let parameters = String(decoding: bytes[start..<min(call.range.upperBound, bytes.count)], as: UTF8.self)
    let name = macro.name.hasPrefix("test_") ? String(macro.name.dropFirst(5)) : macro.name
    return name + parameters.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  func text(of macro: MacroDefinition) -> String {
    let kind = macro.name.hasPrefix("test_") ? "generic test" : "macro"
    let arguments = macro.arguments.compactMap { argument -> String? in
      guard let entry = argument.mapping, let name = entry["name"]?.string else { return nil }
      let said = entry["description"]?.string ?? ""
      return "- `\(name)`" + (said.isEmpty ? "" : ": \(said)")
    }
    return Self.joined([
      "```\n\(Self.signature(macro))\n```", "\(kind) of `\(macro.packageName)`", macro.description,
      arguments.joined(separator: "\n"),
    ])
  }

  private func text(of column: ProjectColumn, _ known: ProjectView.Column) -> String {
    let origins = view.analysis?.tables[column.node]?.origins[column.name] ?? [:]
    let lines = origins.sorted { $0.key < $1.key }.map { origin, use in
      "- \(use.rawValue) from `\(owner(of: origin)).\(origin.name)`"
    }
    return Self.joined([
      "**\(known.name)**" + (known.type.map { " `\($0)`" } ?? "") + " · column of `\(owner(of: column))`",
      known.description, lines.joined(separator: "\n"),
    ])
  }

  private func owner(of column: ProjectColumn) -> String {
    view.manifest.nodes[column.node]?.name
      ?? view.manifest.sources[column.node].map { "\($0.sourceName).\($0.name)" } ?? ""
  }

  /// Columns as a table; long ones are cut off.
  private func table(_ columns: [ProjectView.Column]) -> String {
    guard !columns.isEmpty else { return "" }
    let rows = columns.prefix(40).map { column in
      let said = column.description.split(separator: "\n").first.map(String.init) ?? ""
      return "| `\(column.name)` | \(column.type ?? "") | \(said.replacing("|", with: "\\|")) |"
    }
    let rest = columns.count > 40 ? "\n\n… and \(columns.count - 40) more" : ""
    return "| column | type | |\n|---|---|---|\n" + rows.joined(separator: "\n") + rest
  }

  static func name(_ relation: RelationName) -> String {
    [relation.database, relation.schema, relation.identifier].compactMap { $0 }.joined(separator: ".")
  }

  static func joined(_ parts: [String]) -> String { parts.filter { !$0.isEmpty }.joined(separator: "\n\n") }
}
