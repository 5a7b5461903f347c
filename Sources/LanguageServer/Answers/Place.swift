import Diagnostics
import ProjectAnalysis
import ProjectModel

/// What stands at a byte of a file.
struct Place: Sendable {
  enum Meaning: Sendable {
    case node(Node)
    case source(SourceDefinition)
    /// All tables of a source.
    case sources(String)
    case macro(MacroDefinition)
    case block(DocBlock)
    case column(ProjectColumn, ProjectView.Column)
    /// A column of a CTE.
    case ownColumn(ProjectView.Column, of: String)
    case commonTable(QueryOutline.CommonTable)
  }

  let meaning: Meaning
  /// The bytes that say it.
  let range: Range<Int>
}

/// A file of a project with what the project knows: answers what stands where.
struct FileReader: Sendable {
  let view: ProjectView
  /// Absolute.
  let path: String
  let bytes: [UInt8]
  let package: String

  init(_ view: ProjectView, path: String, bytes: [UInt8]) {
    self.view = view
    self.path = path
    self.bytes = bytes
    package = view.package(of: path)
  }

  var isProperties: Bool { path.hasSuffix(".yml") || path.hasSuffix(".yaml") }
  var isMarkdown: Bool { path.hasSuffix(".md") }

  func place(at offset: Int) -> Place? {
    isProperties ? placeInProperties(offset) : placeInTemplate(offset)
  }

  // MARK: Calls

  /// The tokens in which a call around a byte would stand.
  func tagTokens(at offset: Int, _ text: TemplateText) -> [Token]? {
    if let tag = text.tag(at: offset) { return tag.kind == .comment ? nil : text.tokens(of: tag) }
    guard isProperties else { return nil }
    // `to: ref('orders')` is a template without braces.
    let start = bytes[..<offset].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    let end = bytes[offset...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
    return TagTokens.read(bytes, in: start..<end)
  }

  func call(at offset: Int, _ text: TemplateText) -> CallSite? {
    tagTokens(at: offset, text).flatMap { CallSite.enclosing(offset, in: $0, of: bytes) }
  }

  /// What a literal in the call of `ref`, `source` or `doc` names.
  func meaning(of call: CallSite, at offset: Int) -> Place? {
    guard let argument = call.argument(at: offset), argument.literal != nil else { return nil }
    let words = call.positional.compactMap(\.literal)
    switch call.name {
    case "ref":
      guard argument.name == nil, let node = referred(by: call) else { return nil }
      return Place(meaning: .node(node), range: argument.inside)
    case "source":
      if words.count == 2, argument == call.positional.last, let found = view.source(words[0], words[1]) {
        return Place(meaning: .source(found), range: argument.inside)
      }
      return words.first.map { Place(meaning: .sources($0), range: argument.inside) }
    case "doc":
      let block = view.manifest.docs.values.first {
        $0.name == words.last && (words.count < 2 || $0.packageName == words[0])
      }
      return block.map { Place(meaning: .block($0), range: argument.inside) }
    default: return nil
    }
  }

  func referred(by call: CallSite) -> Node? {
    let words = call.positional.compactMap(\.literal)
    guard let name = words.last else { return nil }
    let stated = call.arguments.first { $0.name == "v" || $0.name == "version" }
    let version = stated.map { $0.literal ?? String(decoding: bytes[$0.inside], as: UTF8.self) }
    return view.node(
      named: name, package: words.count == 2 ? words[0] : nil, version: version, from: package)
  }

  private func called(at offset: Int, _ tokens: [Token]) -> Place? {
    guard let name = NamePath(around: offset, in: tokens, of: bytes),
      let macro = view.macro(name.names, from: package)
    else { return nil }
    return Place(meaning: .macro(macro), range: name.last)
  }

  // MARK: Templates

  private func placeInTemplate(_ offset: Int) -> Place? {
    let text = TemplateText(bytes)
    if let tokens = tagTokens(at: offset, text) {
      if let call = CallSite.enclosing(offset, in: tokens, of: bytes),
        let place = meaning(of: call, at: offset)
      {
        return place
      }
      return called(at: offset, tokens)
    }
    guard !isMarkdown, text.tag(at: offset) == nil,
      let name = NamePath(around: offset, in: text.sql, of: bytes)
    else { return nil }
    let outline = QueryOutline(text)
    if let table = outline.commonTables.first(where: { $0.nameRange == name.last }) {
      return Place(meaning: .commonTable(table), range: name.last)
    }
    let word = name.names.last ?? ""
    if name.names.count == 1 {
      if let place = relation(word, name.last, outline, offset) { return place }
    }
    let alias = name.names.count > 1 ? name.names[name.names.count - 2] : nil
    return column(word, of: alias, name.last, outline, offset)
  }

  /// An alias, or a CTE where it is read.
  private func relation(_ word: String, _ range: Range<Int>, _ outline: QueryOutline, _ offset: Int) -> Place?
  {
    let source = outline.sources(around: offset).first {
      $0.alias?.lowercased() == word.lowercased() || $0.relation == .name([word])
    }
    if let source, case .call(let call) = source.relation {
      if call.name == "ref" { return referred(by: call).map { Place(meaning: .node($0), range: range) } }
      let words = call.positional.compactMap(\.literal)
      guard words.count == 2 else { return nil }
      return view.source(words[0], words[1]).map { Place(meaning: .source($0), range: range) }
    }
    let name: String? = if let source, case .name(let names) = source.relation { names.last } else { nil }
    guard let table = outline.commonTable(named: name ?? word) else { return nil }
    return source == nil && table.name.lowercased() != word.lowercased()
      ? nil : Place(meaning: .commonTable(table), range: range)
  }

  private func column(
    _ name: String, of alias: String?, _ range: Range<Int>, _ outline: QueryOutline, _ offset: Int
  ) -> Place? {
    for source in outline.sources(around: offset)
    where alias == nil || source.alias?.lowercased() == alias?.lowercased() {
      let columns = columns(of: source, outline)
      guard let column = columns.first(where: { $0.name.lowercased() == name.lowercased() }) else { continue }
      if let id = relation(of: source) {
        return Place(meaning: .column(ProjectColumn(node: id, name: column.name), column), range: range)
      }
      guard case .name(let names) = source.relation else { continue }
      return Place(meaning: .ownColumn(column, of: names.last ?? ""), range: range)
    }
    return nil
  }

  /// The node or source that is read.
  func relation(of source: QueryOutline.Source) -> NodeID? {
    guard case .call(let call) = source.relation else { return nil }
    if call.name == "ref" { return referred(by: call)?.id }
    let words = call.positional.compactMap(\.literal)
    return words.count == 2 ? view.source(words[0], words[1])?.id : nil
  }

  /// The columns of what is read, as far as they are known: those of a CTE as its node was compiled last.
  func columns(of source: QueryOutline.Source, _ outline: QueryOutline) -> [ProjectView.Column] {
    if let id = relation(of: source) { return view.columns(of: id) }
    guard case .name(let names) = source.relation, names.count == 1,
      let node = view.nodes(in: path).first, let query = view.query(of: node)
    else { return [] }
    return (query.commonTables[names[0].lowercased()] ?? []).map {
      ProjectView.Column(name: $0.name, type: $0.type?.description)
    }
  }

  // MARK: Properties

  private func placeInProperties(_ offset: Int) -> Place? {
    let template = TemplateText(bytes)
    if let tokens = tagTokens(at: offset, template),
      let call = CallSite.enclosing(offset, in: tokens, of: bytes), let place = meaning(of: call, at: offset)
    {
      return place
    }
    let text = PropertiesText(bytes)
    let way = text.path(to: offset)
    let keys = way.map(\.key)
    if keys.last == "name", let value = text.scalar(at: offset) {
      if keys.count == 3, ["models", "seeds", "snapshots"].contains(keys[0]),
        let node = view.node(named: value.text, from: package)
      {
        return Place(meaning: .node(node), range: value.range)
      }
      if keys.count == 3, keys[0] == "macros", let macro = view.macro([value.text], from: package) {
        return Place(meaning: .macro(macro), range: value.range)
      }
      if keys.suffix(3) == ["columns", nil, "name"], let owner = owner(of: way, text) {
        let known = view.columns(of: owner).first { $0.name.lowercased() == value.text.lowercased() }
        return known.map {
          Place(meaning: .column(ProjectColumn(node: owner, name: $0.name), $0), range: value.range)
        }
      }
      if keys.suffix(3) == ["tables", nil, "name"], let source = text.value("name", of: way[1]),
        let table = view.source(source, value.text)
      {
        return Place(meaning: .source(table), range: value.range)
      }
    }
    // A test, with arguments or without.
    let isTest = keys.contains("data_tests") || keys.contains("tests")
    if isTest, let word = text.key(at: offset) ?? text.scalar(at: offset), let macro = test(word.text) {
      return Place(meaning: .macro(macro), range: word.range)
    }
    return nil
  }

  /// The generic test that a name means: `unique`, or `dbt_utils.equal_rowcount`.
  func test(_ name: String) -> MacroDefinition? {
    var parts = name.split(separator: ".").map(String.init)
    guard let last = parts.popLast() else { return nil }
    return view.macro(parts + ["test_" + last], from: package)
  }

  /// The model or table of a source whose properties stand around a place.
  func owner(of way: [PropertiesText.Step], _ text: PropertiesText) -> NodeID? {
    guard way.count >= 2, let section = way[0].key, let name = text.value("name", of: way[1]) else {
      return nil
    }
    if section == "sources" {
      guard way.count >= 4, way[2].key == "tables", let table = text.value("name", of: way[3]) else {
        return nil
      }
      return view.source(name, table)?.id
    }
    return view.node(named: name, from: package)?.id
  }
}
