import Diagnostics
import OrderedCollections
import ProjectLoading
import ProjectModel

/// A properties file as the parse stage goes through it.
struct PropertiesFile {
  var package: Int
  var packageName: String
  /// As spans name it.
  var display: String
  /// `models/staging/schema.yml`
  var originalFilePath: String
  /// Below its folder: `staging/schema.yml`.
  var relativePath: String
  var root: YAMLNode
  /// `root` before its templates were rendered.
  var written: YAMLNode
  var checksum: Checksum

  var id: String { packageName + "://" + originalFilePath }
  func span(_ node: YAMLNode) -> SourceSpan { node.place.span(in: display) }
}

/// What properties say of a node, a macro or a source's table, with `config` in one place.
struct PropertiesEntry {
  typealias Values = OrderedDictionary<String, PlainValue>

  var name: String
  var nameSpan: SourceSpan
  var node: YAMLNode
  var description: String
  var descriptionSpan: SourceSpan?
  /// `config:` with the keys that may also stand beside it (`meta`, `docs`, `group`, `contract`, `access`).
  var config: Values
  var configSpans: [String: SourceSpan]
  var columns: [ColumnEntry]
  /// `data_tests:` of the node itself.
  var tests: [YAMLNode]
  var quotesColumns: Bool?
}

struct ColumnEntry {
  var properties: ColumnProperties
  var tests: [YAMLNode]
}

/// Takes entries out of a properties file and collects what is wrong with them.
struct PropertiesReader {
  let file: PropertiesFile
  var diagnostics: [Diagnostic] = []

  init(_ file: PropertiesFile) { self.file = file }

  // MARK: Entries

  /// The mappings under one key of the file, each with a name.
  mutating func entries(_ key: String) -> [(name: String, node: YAMLNode)] {
    guard let value = file.root[key], !value.isNull else { return [] }
    guard let items = value.sequence else {
      report("bad-value", "'\(key)' must be a list, not \(value.kindName)", at: value)
      return []
    }
    return items.compactMap { item in
      guard item.mapping != nil else {
        report("bad-value", "an entry of '\(key)' must be a mapping, not \(item.kindName)", at: item)
        return nil
      }
      guard let name = name(item) else { return nil }
      return (name, item)
    }
  }

  private mutating func name(_ item: YAMLNode) -> String? {
    guard let node = item["name"], !node.isNull else {
      report("bad-value", "this entry has no name", at: item, label: "'name:' is required")
      return nil
    }
    guard let name = node.scalar?.pythonText, node.string != nil || node.scalar?.int != nil else {
      report("bad-value", "a name must be text, not \(node.kindName)", at: node)
      return nil
    }
    return name
  }

  /// - Parameter moving: the keys beside `config` that mean the same as in it.
  mutating func entry(
    _ name: String, _ node: YAMLNode, known: [String], in place: String,
    moving: [String] = ["meta", "docs", "group", "contract", "access"]
  ) -> PropertiesEntry {
    checkKeys(node, known: known, in: place)
    var entry = PropertiesEntry(
      name: name, nameSpan: file.span(node["name"] ?? node), node: node,
      description: text(node, "description") ?? "",
      descriptionSpan: node["description"].map(file.span), config: [:], configSpans: [:],
      columns: columns(node), tests: tests(node), quotesColumns: node["quote_columns"]?.scalar?.bool)
    (entry.config, entry.configSpans) = config(node, moving: moving, known)
    return entry
  }

  /// `config` with the keys beside it that mean the same.
  mutating func config(
    _ node: YAMLNode, moving keys: [String] = [], _ known: [String] = []
  ) -> (PropertiesEntry.Values, [String: SourceSpan]) {
    var values: PropertiesEntry.Values = [:]
    var spans: [String: SourceSpan] = [:]
    if let config = node["config"], !config.isNull {
      guard let entries = config.mapping else {
        report("bad-value", "'config' must be a mapping, not \(config.kindName)", at: config)
        return (values, spans)
      }
      for entry in entries {
        values[entry.key] = entry.value.plain
        spans[entry.key] = entry.keyPlace.span(in: file.display)
        checkConfigKey(entry)
      }
    }
    for entry in node.mapping ?? [] where keys.contains(entry.key) && known.contains(entry.key) {
      if entry.value.isNull { continue }
      if let other = spans[entry.key] {
        diagnostics.append(
          Diagnostic(
            "bad-value", "'\(entry.key)' stands both in 'config' and beside it",
            at: entry.keyPlace.span(in: file.display), label: "remove this one",
            secondary: [.init(span: other, text: "the other one")]))
        continue
      }
      values[entry.key] = entry.value.plain
      spans[entry.key] = entry.keyPlace.span(in: file.display)
    }
    return (values, spans)
  }

  mutating func columns(_ node: YAMLNode) -> [ColumnEntry] {
    guard let value = node["columns"], !value.isNull else { return [] }
    guard let items = value.sequence else {
      report("bad-value", "'columns' must be a list, not \(value.kindName)", at: value)
      return []
    }
    var result: [ColumnEntry] = []
    result.reserveCapacity(items.count)
    for item in items where item["include"] == nil && item["exclude"] == nil {
      if let column = column(item) { result.append(column) }
    }
    return result
  }

  private mutating func column(_ item: YAMLNode) -> ColumnEntry? {
    guard item.mapping != nil else {
      report("bad-value", "a column must be a mapping, not \(item.kindName)", at: item)
      return nil
    }
    guard let name = name(item) else { return nil }
    checkKeys(item, known: PropertyKeys.column, in: "a column")
    var column = ColumnProperties(name: name, description: text(item, "description") ?? "")
    column.span = file.span(item["name"] ?? item)
    column.dataType = text(item, "data_type")
    column.quote = item["quote"]?.scalar?.bool
    column.granularity = item["granularity"]?.string
    column.constraints = Self.constraints(item)
    column.tags = strings(item, "tags")
    column.meta = item["meta"]?.plain.mapping ?? [:]
    if let config = item["config"], let values = config.plain.mapping {
      column.config = values
      for tag in values["tags"]?.strings ?? [] where !column.tags.contains(tag) { column.tags.append(tag) }
      for (key, value) in values["meta"]?.mapping ?? [:] { column.meta[key] = value }
    }
    if !column.meta.isEmpty { column.config["meta"] = .mapping(column.meta) }
    if !column.tags.isEmpty { column.config["tags"] = .list(column.tags.map { .string($0) }) }
    if let star = column.meta["whc"]?.mapping {
      for (key, value) in star where column.config[key] == nil { column.config[key] = value }
    }
    return ColumnEntry(properties: column, tests: tests(item))
  }

  /// `constraints` with dbt's defaults filled in.
  ///
  /// - Parameter ofModel: Whether they may name columns.
  static func constraints(_ node: YAMLNode, ofModel: Bool = false) -> [PlainValue] {
    (node["constraints"]?.sequence ?? []).map { item in
      guard case .mapping(let given) = item.plain else { return item.plain }
      var result: PropertiesEntry.Values = [
        "type": nil, "name": nil, "expression": nil, "warn_unenforced": true, "warn_unsupported": true,
        "to": nil,
        "to_columns": [],
      ]
      if ofModel { result["columns"] = [] }
      for (key, value) in given { result[key] = value }
      return .mapping(result)
    }
  }

  /// `data_tests`, or `tests` as it was called.
  mutating func tests(_ node: YAMLNode) -> [YAMLNode] {
    let old = node["tests"].flatMap { $0.isNull ? nil : $0 }
    let new = node["data_tests"].flatMap { $0.isNull ? nil : $0 }
    if let old, new != nil {
      report(
        "bad-value", "'tests' and 'data_tests' are one thing under two names", at: old, label: "merge them")
    }
    guard let value = new ?? old else { return [] }
    guard let items = value.sequence else {
      report("bad-value", "'data_tests' must be a list, not \(value.kindName)", at: value)
      return []
    }
    return items
  }

  // MARK: Values

  mutating func text(_ node: YAMLNode, _ key: String) -> String? {
    guard let value = node[key], !value.isNull else { return nil }
    if let text = value.string { return text }
    if let scalar = value.scalar, scalar.bool == nil { return scalar.pythonText }
    report("bad-value", "'\(key)' must be text, not \(value.kindName)", at: value)
    return nil
  }

  /// A list of texts, or one.
  mutating func strings(_ node: YAMLNode, _ key: String) -> [String] {
    guard let value = node[key], !value.isNull else { return [] }
    if let strings = value.plain.strings { return strings }
    report("bad-value", "'\(key)' must be a list of texts, not \(value.kindName)", at: value)
    return []
  }

  // MARK: Messages

  mutating func report(
    _ code: DiagnosticCode, _ summary: String, meant: NearMiss? = nil, at node: YAMLNode,
    severity: Severity = .error,
    label: String? = nil
  ) {
    diagnostics.append(
      Diagnostic(code, severity: severity, summary, meant: meant, at: file.span(node), label: label))
  }

  /// dbt keeps or passes over keys that it does not know, so this is a warning.
  mutating func checkKeys(_ node: YAMLNode, known: [String], in place: String) {
    for entry in node.mapping ?? [] where !known.contains(entry.key) {
      let isConfig = PropertyKeys.config.contains(entry.key)
      diagnostics.append(
        Diagnostic(
          "unknown-key", severity: .warning,
          "'\(entry.key)' is not a key of \(place)",
          meant: isConfig ? nil : NearMiss(entry.key, among: known),
          at: entry.keyPlace.span(in: file.display), label: "this key has no effect",
          help: isConfig ? "write it under 'config:'" : nil))
    }
  }

  /// Any key may stand in `config`; one that is nearly a known one is probably a slip.
  private mutating func checkConfigKey(_ entry: YAMLEntry) {
    guard !PropertyKeys.config.contains(entry.key), entry.key.utf8.count > 4,
      let meant = NearMiss(entry.key, among: PropertyKeys.config)
    else { return }
    diagnostics.append(
      Diagnostic(
        "unknown-key", severity: .warning,
        "'\(entry.key)' is not a config that dbt knows", meant: meant,
        at: entry.keyPlace.span(in: file.display), label: "kept, but nothing reads it"))
  }
}
