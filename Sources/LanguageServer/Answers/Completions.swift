import Compiler
import ProjectModel

/// What may stand at a place that is being written.
struct Completion: Sendable {
  var label: String
  var kind: LSP.CompletionItem.Kind
  var detail: String?
  var documentation: String?
  /// The nearer ones first: 0 before 1.
  var rank = 0
}

extension FileReader {
  /// What may stand at a byte, and the bytes that it takes the place of.
  func completions(at offset: Int) -> (range: Range<Int>, items: [Completion]) {
    let text = TemplateText(bytes)
    if let tokens = tagTokens(at: offset, text) {
      if let call = CallSite.enclosing(offset, in: tokens, of: bytes),
        let argument = call.argument(at: offset),
        let items = arguments(of: call, argument)
      {
        // Up to the end of the word: a text that nobody has closed yet goes on to the end of its line.
        var end = offset
        while end < argument.inside.upperBound, bytes[end].isWord { end += 1 }
        return (argument.inside.lowerBound..<end, items)
      }
      let isText = tokens.contains {
        if case .text = $0.kind {
          $0.range.lowerBound < offset && offset < $0.range.upperBound
        } else {
          false
        }
      }
      if text.tag(at: offset) != nil || !isProperties {
        return (word(before: offset), isText ? [] : names(before: offset, tokens, text))
      }
    }
    if isProperties { return properties(at: offset) }
    if isMarkdown || text.tag(at: offset) != nil { return (word(before: offset), []) }
    return (word(before: offset), sql(at: offset, text))
  }

  private func word(before offset: Int) -> Range<Int> {
    var start = offset
    while start > 0, bytes[start - 1].isWord { start -= 1 }
    return start..<offset
  }

  // MARK: Tags

  /// What an argument of a call may be; nil where nothing is known of it.
  private func arguments(of call: CallSite, _ argument: CallSite.Argument) -> [Completion]? {
    let isText = argument.literal != nil
    let index = call.positional.firstIndex(of: argument)
    let words = call.positional.compactMap(\.literal)
    switch (call.name, index) {
    case ("ref", 0?) where isText && words.count < 2:
      return nodes(view.referableNames)
    case ("ref", 0?) where isText:
      return packages()
    case ("ref", 1?) where isText:
      return nodes(view.referableNames.filter { $0.packageName == words[0] })
    case ("source", 0?) where isText:
      return Set(view.manifest.sources.values.map(\.sourceName)).sorted().map {
        Completion(label: $0, kind: .module, detail: "source")
      }
    case ("source", 1?) where isText:
      return view.manifest.sources.values.filter { $0.sourceName == words[0] }.map {
        Completion(
          label: $0.name, kind: .structure, detail: HoverText.name($0.relation),
          documentation: HoverText(view: view).text(of: .source($0)))
      }
    case ("doc", _?) where isText:
      return view.manifest.docs.values.filter { !$0.packageName.hasPrefix("dbt") }.map {
        Completion(label: $0.name, kind: .value, detail: $0.packageName, documentation: $0.contents)
      }
    case ("config", nil) where isText:
      return argument.name.flatMap(values)
    case ("config", 0?) where !isText:
      return ProjectVocabulary.configKeys.map { Completion(label: $0, kind: .property) }
    default: return nil
    }
  }

  private func nodes(_ nodes: [Node]) -> [Completion] {
    nodes.map { node in
      Completion(
        label: node.name, kind: .structure,
        detail: node.resourceType == .model ? node.config.materialized : node.resourceType.rawValue,
        documentation: HoverText(view: view).text(of: .node(node)), rank: node.packageName == package ? 0 : 1)
    }
  }

  private func packages() -> [Completion] {
    view.packages.keys.sorted().map { Completion(label: $0, kind: .module, detail: "package") }
  }

  /// The values that a key of `config` may have; nil: any.
  private func values(of key: String) -> [Completion]? {
    ProjectVocabulary.values(of: key).map { $0.map { Completion(label: $0, kind: .value) } }
  }

  /// Macros, and the names that every template has.
  private func names(before offset: Int, _ tokens: [Token], _ text: TemplateText) -> [Completion] {
    guard text.tag(at: offset)?.kind != .comment else { return [] }
    let before = word(before: offset).lowerBound
    if let dot = tokens.last(where: { $0.range.upperBound <= before }), dot.isSymbol("."),
      dot.range.upperBound == before
    {
      let owner = tokens.last { $0.range.upperBound <= dot.range.lowerBound }
      guard let owner, owner.kind == .name else { return [] }
      let name = NamePath.text(owner, bytes)
      return macros { $0.packageName == name || name == "dbt" && $0.packageName == "dbt" }
    }
    let own = macros { [package, view.manifest.projectName].contains($0.packageName) }
    let context = ProjectVocabulary.contextNames.map {
      Completion(label: $0, kind: .variable, detail: "context", rank: 1)
    }
    let builtIn = macros { $0.packageName == "dbt" && !$0.name.contains("__") }.map { macro in
      var macro = macro
      macro.rank = 2
      return macro
    }
    return own + context + packages() + builtIn
  }

  private func macros(_ isMeant: (MacroDefinition) -> Bool) -> [Completion] {
    view.manifest.macros.values.filter {
      isMeant($0) && !$0.name.hasPrefix("test_") && !$0.name.hasPrefix("materialization_")
    }.map {
      Completion(
        label: $0.name, kind: .function, detail: HoverText.signature($0),
        documentation: HoverText(view: view).text(of: $0))
    }
  }

  // MARK: SQL

  /// The columns of what the query reads; behind a dot those of one relation.
  private func sql(at offset: Int, _ text: TemplateText) -> [Completion] {
    let outline = QueryOutline(text)
    let start = word(before: offset).lowerBound
    let sources = outline.sources(around: offset)
    func columns(_ source: QueryOutline.Source) -> [Completion] {
      self.columns(of: source, outline).map {
        Completion(
          label: $0.name, kind: .field,
          detail: [$0.type, source.alias].compactMap { $0 }.joined(separator: " · "),
          documentation: $0.description.isEmpty ? nil : $0.description)
      }
    }
    if start > 0, bytes[start - 1] == UInt8(ascii: ".") {
      var end = start - 1
      if end > 0, bytes[end - 1] == UInt8(ascii: "\"") { end -= 1 }
      let alias = String(decoding: bytes[word(before: end)], as: UTF8.self).lowercased()
      return sources.first { $0.alias?.lowercased() == alias }.map(columns) ?? []
    }
    let isRelation = Self.opensRelation(text.sql.last { $0.range.upperBound <= start }, bytes)
    let tables = outline.commonTables.map {
      Completion(label: $0.name, kind: .reference, detail: "CTE", rank: isRelation ? 0 : 1)
    }
    if isRelation { return tables }
    let aliases = sources.compactMap(\.alias).map { Completion(label: $0, kind: .reference, rank: 1) }
    var seen: Set<String> = []
    return (sources.flatMap(columns) + aliases + tables).filter { seen.insert($0.label).inserted }
  }

  private static func opensRelation(_ token: Token?, _ bytes: [UInt8]) -> Bool {
    guard let token, token.kind == .name else { return false }
    return ["from", "join"].contains(String(decoding: bytes[token.range], as: UTF8.self).lowercased())
  }

  // MARK: Properties

  private func properties(at offset: Int) -> (range: Range<Int>, items: [Completion]) {
    let text = PropertiesText(bytes)
    let way = text.path(to: offset)
    let keys = way.map(\.key)
    let value = text.scalar(at: offset)
    let range = value.map { $0.range.lowerBound..<max(offset, $0.range.upperBound) } ?? word(before: offset)
    if keys.suffix(3) == ["columns", nil, "name"] {
      let owner = owner(of: way, text)
      return (
        range,
        (owner.map(view.columns) ?? []).map { Completion(label: $0.name, kind: .field, detail: $0.type) }
      )
    }
    if keys.last == "name", keys.count == 3 {
      switch keys[0] {
      case "models": return (range, nodes(view.referableNames.filter { $0.resourceType == .model }))
      case "seeds": return (range, nodes(view.referableNames.filter { $0.resourceType == .seed }))
      case "snapshots": return (range, nodes(view.referableNames.filter { $0.resourceType == .snapshot }))
      default: return (range, [])
      }
    }
    if let list = keys.lastIndex(where: { $0 == "data_tests" || $0 == "tests" }), list >= keys.count - 2 {
      let tests = view.manifest.macros.values.filter {
        $0.name.hasPrefix("test_") && !$0.name.hasPrefix("test_whc_")
      }
      return (
        range,
        tests.map { macro in
          let name = String(macro.name.dropFirst(5))
          let isOwn = [package, "dbt", view.manifest.projectName].contains(macro.packageName)
          return Completion(
            label: isOwn ? name : macro.packageName + "." + name, kind: .function, detail: "generic test",
            documentation: HoverText(view: view).text(of: macro), rank: isOwn ? 0 : 1)
        }
      )
    }
    if let key = keys.last ?? nil, let values = values(of: key) { return (range, values) }
    return (
      word(before: offset),
      ProjectVocabulary.properties(under: keys).map { Completion(label: $0, kind: .property) }
    )
  }
}
