import Diagnostics
import OrderedCollections
import ProjectModel

/// Reads a star declaration out of a node's config, key by key, and collects what is wrong with it.
///
/// `config.meta.whc` holds the same keys for readers that refuse unknown ones; a key under `config` wins.
struct ConfigReader {
  let node: Node
  let values: OrderedDictionary<String, PlainValue>
  var diagnostics: [Diagnostic] = []

  init(_ node: Node) {
    self.node = node
    var merged = node.config["meta"]?.mapping?["whc"]?.mapping ?? [:]
    for (key, value) in node.config.values where !value.isNull { merged[key] = value }
    values = merged
  }

  func span(_ key: String) -> SourceSpan? {
    node.config.origins[key] ?? node.config.origins["meta"] ?? node.config.origins["materialized"]
      ?? node.patchSpan
  }

  func value(_ key: String) -> PlainValue? { values[key].flatMap { $0.isNull ? nil : $0 } }

  // MARK: Single values

  mutating func word<Word: RawRepresentable & CaseIterable>(_ key: String, default fallback: Word) -> Word
  where Word.RawValue == String {
    guard let value = value(key) else { return fallback }
    return word(value, key: key, at: key, of: Word.self) ?? fallback
  }

  mutating func word<Word: RawRepresentable & CaseIterable>(
    _ value: PlainValue, key: String, at origin: String, of type: Word.Type
  ) -> Word? where Word.RawValue == String {
    // YAML reads a bare `off` as a boolean.
    let text = value.string ?? value.bool.map { $0 ? "on" : "off" }
    if let text, let word = Word(rawValue: text) { return word }
    let words = Word.allCases.map(\.rawValue)
    bad(key, value, at: origin, expected: "one of \(words.joined(separator: ", "))", known: words)
    return nil
  }

  /// One word or a list of them.
  mutating func words<Word: RawRepresentable & CaseIterable>(_ key: String, of type: Word.Type) -> [Word]
  where Word.RawValue == String {
    guard let value = value(key) else { return [] }
    return (value.list ?? [value]).compactMap { word($0, key: key, at: key, of: type) }
  }

  mutating func text(_ key: String) -> String? {
    guard let value = value(key) else { return nil }
    if let text = value.string, !text.isEmpty { return text }
    bad(key, value, at: key, expected: "a name")
    return nil
  }

  /// A name under a key of a mapping, if it is given.
  mutating func name(
    in mapping: OrderedDictionary<String, PlainValue>, _ key: String, of place: String
  ) -> String? {
    guard let value = mapping[key], !value.isNull else { return nil }
    if let text = value.string, !text.isEmpty { return text }
    bad("\(place).\(key)", value, at: place, expected: "a name")
    return nil
  }

  mutating func flag(_ key: String, default fallback: Bool = false) -> Bool {
    guard let value = value(key) else { return fallback }
    if let flag = value.bool { return flag }
    bad(key, value, at: key, expected: "true or false")
    return fallback
  }

  /// One column name or a list of different ones.
  mutating func columns(_ key: String) -> [String]? {
    guard let value = value(key) else { return nil }
    return columns(value, key: key, at: key)
  }

  mutating func columns(_ value: PlainValue, key: String, at origin: String) -> [String]? {
    guard let names = value.strings, !names.isEmpty, !names.contains("") else {
      bad(key, value, at: origin, expected: "a column or a list of columns")
      return nil
    }
    if let twice = names.first(where: { name in names.filter { $0 == name }.count > 1 }) {
      report("bad-config-value", "\(key) of \(node.name) names the column \(twice) twice", at: origin)
      return nil
    }
    return names
  }

  mutating func scdType(_ value: PlainValue, key: String, at span: SourceSpan?) -> SCDType? {
    let number = value.int ?? value.string.flatMap { Int($0) }
    guard let number, let type = SCDType(rawValue: number) else {
      bad(key, value, span: span, expected: "one of 0, 1, 2, 3, 6, 7")
      return nil
    }
    return type
  }

  // MARK: What is wrong

  /// Complains of keys in a mapping that nobody reads.
  mutating func refuseUnknown(
    _ mapping: OrderedDictionary<String, PlainValue>, known: [String], in place: String, at origin: String
  ) {
    for key in mapping.keys where !known.contains(key) {
      unknown(key, known: known, in: place, at: origin)
    }
  }

  /// Top-level config may hold keys of packages and users, so only a near miss of a known key is refused there;
  /// below `meta.whc` everything unknown is.
  mutating func refuseUnknown(known: [String]) {
    let meta = node.config["meta"]?.mapping?["whc"]?.mapping ?? [:]
    refuseUnknown(
      meta, known: known + ["materialized", "star_rules", "star_tests", "sql_rules", "physical"],
      in: "config.meta.whc of \(node.name)", at: "meta")
    for key in node.config.values.keys where !known.contains(key) && !Self.commonKeys.contains(key) {
      if NearMiss.best(for: key, among: known) != nil {
        unknown(key, known: known, in: "the config of \(node.name)", at: key)
      }
    }
  }

  private mutating func unknown(_ key: String, known: [String], in place: String, at origin: String) {
    let meant = NearMiss(key, among: known)
    report(
      "unknown-config-key", "'\(key)' in \(place) is not a key", meant: meant, at: origin,
      help: meant == nil ? "known keys: \(known.joined(separator: ", "))" : nil)
  }

  mutating func bad(
    _ key: String, _ value: PlainValue, at origin: String, expected: String, known: [String] = []
  ) {
    bad(key, value, span: span(origin), expected: expected, known: known)
  }

  private mutating func bad(
    _ key: String, _ value: PlainValue, span: SourceSpan?, expected: String, known: [String] = []
  ) {
    let near = value.string.flatMap { NearMiss.best(for: $0, among: known) }
    diagnostics.append(
      Diagnostic(
        "bad-config-value", "\(key) of \(node.name) is \(describe(value)), and must be \(expected)", at: span,
        help: near.map { "did you mean '\($0)'?" }))
  }

  mutating func missing(_ key: String, _ why: String) {
    report(
      "missing-config-key", "\(node.name) has no \(key): \(why)", at: "materialized",
      help: "add '\(key):' to its config")
  }

  mutating func report(
    _ code: DiagnosticCode, _ summary: String, meant: NearMiss? = nil, at origin: String, help: String? = nil
  ) {
    diagnostics.append(Diagnostic(code, summary, meant: meant, at: span(origin), help: help))
  }

  private func describe(_ value: PlainValue) -> String {
    switch value {
    case .string(let text): "'\(text)'"
    case .int(let number): "\(number)"
    case .bool(let flag): "\(flag)"
    default: value.kindName
    }
  }

  /// dbt's own keys of a model's config, which are near to some of ours and are not meant.
  static let commonKeys: Set<String> = [
    "access", "alias", "batch_size", "begin", "column_types", "concurrent_batches", "contract", "database",
    "docs", "enabled", "event_time", "freshness", "full_refresh", "grants", "group", "incremental_strategy",
    "indexes", "lookback", "materialized", "meta", "name", "on_configuration_change", "on_schema_change",
    "packages", "persist_docs", "physical", "post-hook", "post_hook", "pre-hook", "pre_hook", "publish",
    "quoting",
    "schema", "tags", "unique_key", "unlogged",
  ]
}
