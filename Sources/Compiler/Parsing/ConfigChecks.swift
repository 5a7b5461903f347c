import Diagnostics
import OrderedCollections
import ProjectModel

/// Values of configs that dbt refuses, said with the place where they are written.
enum ConfigChecks {
  /// - Parameter place: Where the winning value of a key is written.
  static func check(_ node: Node, place: (String) -> SourceSpan?) -> [Diagnostic] {
    var diagnostics: [Diagnostic] = []
    let values = node.config.values
    func report(_ key: String, _ expected: String, _ value: PlainValue, meant: NearMiss? = nil) {
      let shown = value.string.map { "'\($0)'" } ?? value.kindName
      diagnostics.append(
        Diagnostic(
          "bad-value",
          "'\(key)' of \(node.resourceType.rawValue) '\(node.name)' must be \(expected), not \(shown)",
          meant: meant, at: place(key), label: "\(expected) expected here"))
    }
    for (key, expected, fits) in kinds {
      guard let value = values[key], !value.isNull, !fits(value) else { continue }
      report(key, expected, value)
    }
    for (key, words) in choices(node.resourceType) {
      guard let value = values[key], !value.isNull else { continue }
      guard let text = value.string else {
        report(key, words.map { "'\($0)'" }.joined(separator: ", "), value)
        continue
      }
      let isKnown = words.contains(key == "severity" ? text.lowercased() : text)
      if !isKnown {
        report(key, Self.list(words), value, meant: NearMiss(text, among: words))
      }
    }
    if let color = values["docs"]?.mapping?["node_color"], !color.isNull,
      !(color.string.map(NodeColor.isValid) ?? false)
    {
      diagnostics.append(
        Diagnostic(
          "bad-value",
          "Invalid color name for docs.node_color of \(node.resourceType.rawValue) '\(node.name)': "
            + color.pythonText,
          at: place("docs"), help: "a color is a name that HTML knows or a hexadecimal code such as #0a84ff"))
    }
    if node.resourceType == .model {
      diagnostics += model(node, place: place)
      diagnostics += buildAfter(values["freshness"]?.mapping?["build_after"]?.mapping ?? [:], node, place)
    }
    if node.resourceType == .snapshot { diagnostics += snapshot(node, place: place) }
    return diagnostics
  }

  /// Configs of a model that do not go together.
  private static func model(_ node: Node, place: (String) -> SourceSpan?) -> [Diagnostic] {
    var diagnostics: [Diagnostic] = []
    if node.config["contract"]?.mapping?["enforced"]?.bool == true, node.config.materialized == "incremental",
      let mode = node.config["on_schema_change"]?.pythonText, mode != "append_new_columns", mode != "fail"
    {
      diagnostics.append(
        Diagnostic(
          "bad-value",
          "Invalid value for on_schema_change: \(mode); incremental model '\(node.name)' enforces a contract",
          at: place("on_schema_change"),
          help: "set on_schema_change to 'append_new_columns' or 'fail'"))
    }
    if node.config["access"]?.string == "public", node.isEphemeral {
      diagnostics.append(
        Diagnostic(
          "bad-value", "model '\(node.name)' is ephemeral and cannot be public", at: place("access"),
          help: "others can read tables and views: materialize it, or give it another access"))
    }
    return diagnostics
  }

  /// `freshness: {build_after: …}` needs a count and a period, or neither.
  private static func buildAfter(
    _ values: OrderedDictionary<String, PlainValue>, _ node: Node, _ place: (String) -> SourceSpan?
  ) -> [Diagnostic] {
    [("count", "period"), ("period", "count")].compactMap { key, other in
      guard values[key].map(\.isNull) ?? true, let given = values[other], !given.isNull, given != 0 else {
        return nil
      }
      return Diagnostic(
        "bad-value",
        "`freshness.build_after` of model '\(node.name)' must have a value for `\(key)` if a `\(other)` is provided",
        at: place("freshness"))
    }
  }

  /// What a snapshot cannot do without.
  private static func snapshot(_ node: Node, place: (String) -> SourceSpan?) -> [Diagnostic] {
    func lacks(_ summary: String, _ key: String, help: String? = nil) -> [Diagnostic] {
      [Diagnostic("bad-value", "snapshot '\(node.name)' \(summary)", at: place(key), help: help)]
    }
    func isGiven(_ key: String) -> Bool {
      node.config[key].map { !$0.isNull && $0 != "" && $0 != [] } ?? false
    }
    guard isGiven("strategy") else {
      return lacks("has no 'strategy'", "strategy", help: "strategy is 'timestamp' or 'check'")
    }
    guard isGiven("unique_key") else { return lacks("has no 'unique_key'", "unique_key") }
    switch node.config["strategy"]?.string {
    case "check":
      guard isGiven("check_cols") else {
        return lacks("compares columns and names none", "strategy", help: "add check_cols: all, or a list")
      }
      if let text = node.config["check_cols"]?.string, text != "all" {
        return lacks("needs 'all' or a list of columns as 'check_cols', not '\(text)'", "check_cols")
      }
    case "timestamp":
      guard isGiven("updated_at") else {
        return lacks("goes by time and names no column", "strategy", help: "add updated_at: <column>")
      }
      if isGiven("check_cols") {
        return lacks("goes by time and has 'check_cols', too", "check_cols", help: "remove one of the two")
      }
    default: break
    }
    return []
  }

  private static func list(_ words: [String]) -> String {
    let quoted = words.map { "'\($0)'" }
    return quoted.count == 1
      ? quoted[0] : quoted.dropLast().joined(separator: ", ") + " or " + quoted[quoted.count - 1]
  }

  private static let kinds: [(key: String, expected: String, fits: @Sendable (PlainValue) -> Bool)] = [
    ("enabled", "true or false", { $0.bool != nil }),
    ("full_refresh", "true or false", { $0.bool != nil }),
    ("materialized", "text", { $0.string != nil }),
    ("tags", "a text or a list of texts", { $0.strings != nil }),
    ("meta", "a mapping", { $0.mapping != nil }),
    ("quoting", "a mapping", { $0.mapping != nil }),
    ("column_types", "a mapping", { $0.mapping != nil }),
    ("persist_docs", "a mapping", { $0.mapping != nil }),
    ("grants", "a mapping", { $0.mapping != nil }),
    ("docs", "a mapping", { $0.mapping != nil }),
    ("contract", "a mapping", { $0.mapping != nil }),
    ("unique_key", "a column or a list of columns", { $0.strings != nil }),
    ("quote_columns", "true or false", { $0.bool != nil }),
    ("delimiter", "text", { $0.string != nil }),
    ("store_failures", "true or false", { $0.bool != nil }),
    ("limit", "a whole number", { $0.int != nil }),
    ("alias", "text", { $0.string != nil || $0.int != nil }),
    ("schema", "text", { $0.string != nil || $0.int != nil }),
    ("database", "text", { $0.string != nil || $0.int != nil }),
  ]

  private static func choices(_ type: ResourceType) -> [(String, [String])] {
    switch type {
    case .model:
      [
        ("access", ["private", "protected", "public"]),
        ("on_configuration_change", ["apply", "continue", "fail"]),
        ("on_schema_change", ["ignore", "fail", "append_new_columns", "sync_all_columns"]),
      ]
    case .seed: [("materialized", ["seed"])]
    case .snapshot: [("materialized", ["snapshot"])]
    case .test: [("severity", ["warn", "error"]), ("materialized", ["test"])]
    default: []
    }
  }
}
