import ArgumentParser
import Artifacts
import OrderedCollections
import ProjectAnalysis
import ProjectModel

/// Writes what a change does, for people, for programs, and for the page of a pull request.
struct ImpactListing {
  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json, markdown }

  private let impact: Impact
  private let manifest: Manifest
  private let names: [NodeID: String]

  init(_ impact: Impact, _ manifest: Manifest) {
    self.impact = impact
    self.manifest = manifest
    names = LineageListing.names(manifest)
  }

  func text(as format: Format) -> String {
    switch format {
    case .text: plain
    case .json: json
    case .markdown: markdown
    }
  }

  // MARK: Words

  private func name(_ id: NodeID) -> String {
    names[id] ?? manifest.nodes[id]?.name ?? manifest.exposures[id]?.name
      ?? id.rawValue.split(separator: ".").last.map(String.init) ?? id.rawValue
  }

  private func name(_ column: ProjectColumn) -> String {
    column.name.isEmpty ? name(column.node) : "\(name(column.node)).\(column.name)"
  }

  private func words(_ change: Impact.Change) -> [String] {
    var words = change.added.map { "+ \($0)" } + change.removed.map { "- \($0)" }
    words += change.renamed.map { "\($0.before) → \($0.now)" }
    words += change.retyped.map { "\($0.name): \($0.before) → \($0.now)" }
    words += change.redefined.map { "\($0): made of other columns" }
    if change.isPartial { words.append("not all of its columns are known") }
    return words
  }

  private func subject(_ touched: Impact.Touched) -> String {
    touched.column.map { "\(name(touched.node)).\($0)" } ?? name(touched.node)
  }

  private static func title(_ kind: Impact.Touched.Kind) -> String {
    switch kind {
    case .column: "columns"
    case .test: "tests"
    case .exposure: "exposures"
    case .metric: "metrics"
    case .semanticModel: "semantic models"
    }
  }

  /// The things of a kind, each once, with all that reaches them.
  private func groups(_ kind: Impact.Touched.Kind) -> [(subject: String, isBreaking: Bool, why: [String])] {
    var found: OrderedDictionary<String, (isBreaking: Bool, why: [String])> = [:]
    for touched in impact.touched where touched.kind == kind {
      let why = "\(name(touched.cause)) \(touched.what)"
      found[subject(touched), default: (false, [])].isBreaking =
        found[subject(touched)]?.isBreaking ?? false || touched.isBreaking
      if found[subject(touched)]?.why.contains(why) == false { found[subject(touched)]?.why.append(why) }
    }
    return found.map { ($0.key, $0.value.isBreaking, $0.value.why) }
  }

  private var verdict: String {
    if impact.isEmpty { return "no column is another" }
    let breaking = Impact.Touched.Kind.allCases.flatMap { groups($0) }.count(where: \.isBreaking)
    let promises = impact.promises.count
    if breaking == 0, promises == 0 { return "nothing that reads them breaks" }
    return [
      breaking == 0
        ? nil : breaking == 1 ? "1 thing that reads them breaks" : "\(breaking) things that read them break",
      promises == 0
        ? nil : promises == 1 ? "1 promised column is gone" : "\(promises) promised columns are gone",
    ].compactMap { $0 }.joined(separator: ", ")
  }

  // MARK: Text

  private var plain: String {
    var lines: [String] = []
    lines += impact.added.map { "+ \(name($0))" }
    lines += impact.removed.map { "- \(name($0))" }
    for change in impact.changes {
      lines.append("~ \(name(change.node))")
      lines += words(change).map { "    \($0)" }
    }
    for kind in Impact.Touched.Kind.allCases {
      let found = groups(kind)
      if found.isEmpty { continue }
      lines += ["", "\(Self.title(kind)) that this reaches"]
      for item in found {
        lines.append("  \(item.isBreaking ? "!" : " ") \(item.subject)  \(Self.some(item.why))")
      }
    }
    if !impact.promises.isEmpty {
      lines += ["", "promised to others (public, or by contract), and gone"]
      lines += impact.promises.map { "  ! \(name($0))" }
    }
    return (lines + (lines.isEmpty ? [] : [""]) + [verdict]).joined(separator: "\n")
  }

  private static func some(_ why: [String]) -> String {
    why.prefix(3).joined(separator: "; ") + (why.count > 3 ? "; and \(why.count - 3) more" : "")
  }

  // MARK: Markdown

  private var markdown: String {
    var lines = [
      "### Impact", "", impact.isBreaking ? "**Breaking**: \(verdict)." : "Not breaking: \(verdict).",
    ]
    if !impact.isEmpty {
      lines += ["", "| Relation | Columns |", "|---|---|"]
      lines += impact.added.map { "| `\(name($0))` | new |" }
      lines += impact.removed.map { "| `\(name($0))` | removed |" }
      lines += impact.changes.map { change in
        "| `\(name(change.node))` | \(words(change).map(Self.cell).joined(separator: "<br>")) |"
      }
    }
    for kind in Impact.Touched.Kind.allCases {
      let found = groups(kind)
      if found.isEmpty { continue }
      let breaking = found.count(where: \.isBreaking)
      let open = breaking > 0 ? " open" : ""
      lines += [
        "",
        "<details\(open)><summary>\(Self.title(kind)): \(found.count)"
          + (breaking > 0 ? ", \(breaking) breaking" : "") + "</summary>", "",
        "| | | Because of |", "|---|---|---|",
      ]
      lines += found.prefix(100).map { item in
        "| \(item.isBreaking ? "⚠️" : "") | `\(item.subject)` | \(Self.cell(Self.some(item.why))) |"
      }
      if found.count > 100 { lines.append("| | and \(found.count - 100) more | |") }
      lines += ["", "</details>"]
    }
    if !impact.promises.isEmpty {
      lines += ["", "Promised to others (public, or by contract), and gone:", ""]
      lines += impact.promises.map { "- `\(name($0))`" }
    }
    return lines.joined(separator: "\n")
  }

  private static func cell(_ text: String) -> String {
    text.replacing("|", with: "\\|").replacing("<", with: "&lt;").replacing("\n", with: " ")
  }

  // MARK: JSON

  private var json: String {
    var json = JSONWriter()
    json.beginObject()
    json.field("breaking", impact.isBreaking)
    json.field("added", impact.added.map(\.rawValue))
    json.field("removed", impact.removed.map(\.rawValue))
    json.beginArray("changed")
    for change in impact.changes {
      json.beginObject()
      json.field("node", change.node.rawValue)
      json.field("added", change.added)
      json.field("removed", change.removed)
      json.beginArray("renamed")
      for pair in change.renamed {
        json.beginObject()
        json.field("before", pair.before)
        json.field("now", pair.now)
        json.endObject()
      }
      json.endArray()
      json.beginArray("retyped")
      for column in change.retyped {
        json.beginObject()
        json.field("column", column.name)
        json.field("before", column.before.description)
        json.field("now", column.now.description)
        json.endObject()
      }
      json.endArray()
      json.field("redefined", change.redefined)
      json.field("partial", change.isPartial)
      json.endObject()
    }
    json.endArray()
    json.beginArray("touched")
    for touched in impact.touched {
      json.beginObject()
      json.field("kind", touched.kind.rawValue)
      json.field("node", touched.node.rawValue)
      json.field("column", touched.column)
      json.beginObject("cause")
      json.field("node", touched.cause.node.rawValue)
      json.field("column", touched.cause.name.isEmpty ? nil : touched.cause.name)
      json.field("what", touched.what)
      json.endObject()
      json.field("breaking", touched.isBreaking)
      json.endObject()
    }
    json.endArray()
    json.beginArray("promises")
    for column in impact.promises {
      json.beginObject()
      json.field("node", column.node.rawValue)
      json.field("column", column.name.isEmpty ? nil : column.name)
      json.endObject()
    }
    json.endArray()
    json.endObject()
    return String(decoding: json.bytes, as: UTF8.self)
  }
}
