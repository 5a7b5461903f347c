public import ProjectModel

/// Facts and their dimensions as a diagram for other programs: keys, measures, and a crow's foot for each lookup.
public enum StarDiagram: String, Sendable, CaseIterable {
  /// A Mermaid entity diagram, which many Markdown readers draw.
  case mermaid
  /// Graphviz.
  case dot
  /// The language of dbdiagram.io.
  case dbml
  /// A picture.
  case svg

  /// - Parameter facts: those to draw, with the dimensions that they use.
  public func render(_ facts: [Fact], of star: Star, _ manifest: Manifest) -> String {
    let entities = Self.entities(facts, star, manifest)
    let references = facts.flatMap { fact in
      star.lookups(of: fact, manifest).map { edge, target in
        Reference(
          fact: fact.name, key: edge.foreignKey(target.surrogateKey.name), dimension: target.name,
          surrogateKey: target.surrogateKey.name)
      }
    }
    switch self {
    case .mermaid: return mermaid(entities, references)
    case .dot: return dot(entities, references)
    case .dbml: return dbml(entities, references)
    case .svg: return svg(entities, references)
    }
  }

  // MARK: What is drawn

  struct Entity {
    struct Column {
      var name: String
      var type: String
      /// `PK`, `FK` or nothing.
      var key = ""
    }

    var name: String
    var note: String
    var isFact: Bool
    var columns: [Column]
  }

  struct Reference {
    var fact: String
    var key: String
    var dimension: String
    var surrogateKey: String
  }

  private static func entities(_ facts: [Fact], _ star: Star, _ manifest: Manifest) -> [Entity] {
    var entities: [Entity] = []
    for target in facts.flatMap({ star.lookups(of: $0, manifest).map(\.target) })
    where !entities.contains(where: { $0.name == target.name }) {
      let columns = manifest.nodes[target.node]?.columns
      var all = [Entity.Column(name: target.surrogateKey.name, type: target.keyType, key: "PK")]
      all += target.naturalKey.map {
        .init(name: $0, type: columns?[$0]?.dataType ?? (target.naturalType))
      }
      let taken = Set(all.map(\.name))
      all += (columns?.values.filter { !taken.contains($0.name) } ?? []).map {
        .init(name: $0.name, type: $0.dataType ?? "attribute")
      }
      entities.append(
        Entity(
          name: target.name, note: target.isVersioned ? "one row for each version" : "", isFact: false,
          columns: all))
    }
    for fact in facts {
      let declared = manifest.nodes[fact.node]?.columns
      var columns = star.lookups(of: fact, manifest).map { edge, target in
        Entity.Column(name: edge.foreignKey(target.surrogateKey.name), type: target.keyType, key: "FK")
      }
      func add(_ names: [String], _ type: String) {
        for name in names where !columns.contains(where: { $0.name == name }) {
          columns.append(.init(name: name, type: declared?[name]?.dataType ?? type))
        }
      }
      add(fact.grain, "grain")
      add(fact.degenerate, "degenerate")
      add(fact.accumulating?.milestones.map(\.at) ?? [], "milestone")
      add(fact.accumulating?.lags.map(\.name) ?? [], "lag")
      add(fact.measures.map(\.name), "measure")
      entities.append(
        Entity(
          name: fact.name, note: "one row for each \(fact.grain.joined(separator: ", "))", isFact: true,
          columns: columns))
    }
    return entities
  }

  // MARK: Languages

  private func mermaid(_ entities: [Entity], _ references: [Reference]) -> String {
    // A type is one word there.
    func word(_ text: String) -> String {
      String(text.map { $0.isLetter || $0.isNumber || $0 == "_" ? $0 : "_" })
    }
    var lines = ["erDiagram"]
    for entity in entities {
      lines.append("  \(word(entity.name)) {")
      lines += entity.columns.map {
        "    \(word($0.type)) \(word($0.name))" + ($0.key.isEmpty ? "" : " \($0.key)")
      }
      lines.append("  }")
    }
    lines += references.map { "  \(word($0.dimension)) ||--o{ \(word($0.fact)) : \($0.key)" }
    return lines.joined(separator: "\n") + "\n"
  }

  private func dot(_ entities: [Entity], _ references: [Reference]) -> String {
    func quoted(_ text: String) -> String {
      "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
    var lines = [
      "digraph star {", "  rankdir=LR;", "  node [shape=box, style=\"rounded,filled\"];",
      "  edge [dir=both, arrowtail=crow, arrowhead=tee];",
    ]
    for entity in entities {
      let columns = entity.columns.map { "\($0.name)\($0.key.isEmpty ? "" : " \($0.key)")" }
      let label = ([entity.name, ""] + columns).joined(separator: "\n")
      lines.append(
        "  \(quoted(entity.name)) [label=\(quoted(label).replacing("\n", with: "\\l"))\(entity.isFact ? ", fillcolor=\"#cfe8e8\"" : ", fillcolor=\"#f3ead3\"")];"
      )
    }
    lines += references.map { "  \(quoted($0.fact)) -> \(quoted($0.dimension)) [label=\(quoted($0.key))];" }
    return (lines + ["}", ""]).joined(separator: "\n")
  }

  private func dbml(_ entities: [Entity], _ references: [Reference]) -> String {
    func quoted(_ text: String) -> String { "\"" + text.replacing("\"", with: "\\\"") + "\"" }
    var lines: [String] = []
    for entity in entities {
      lines.append("Table \(quoted(entity.name)) {")
      lines += entity.columns.map {
        "  \(quoted($0.name)) \(quoted($0.type))" + ($0.key == "PK" ? " [pk]" : "")
      }
      if !entity.note.isEmpty { lines.append("  Note: '\(entity.note.replacing("'", with: "\\'"))'") }
      lines += ["}", ""]
    }
    lines += references.map {
      "Ref: \(quoted($0.fact)).\(quoted($0.key)) > \(quoted($0.dimension)).\(quoted($0.surrogateKey))"
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

extension Star.Target {
  /// What is said of the natural key's type where nobody declares it.
  fileprivate var naturalType: String {
    switch kind {
    case .date: "date"
    case .time: "time"
    case .described, .junk: "natural_key"
    }
  }
}
