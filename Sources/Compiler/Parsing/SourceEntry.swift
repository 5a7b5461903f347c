import Diagnostics
import OrderedCollections
import ProjectLoading
import ProjectModel

/// A source's table as properties declare it: what the source says, what the table says.
struct SourceEntry {
  typealias Values = OrderedDictionary<String, PlainValue>

  var sourceName: String
  var source: YAMLNode
  var table: YAMLNode
  var tableName: String
  var file: PropertiesFile
  /// Set when the root project overrides the source.
  var patch: YAMLNode?
  var patchTable: YAMLNode?

  /// A key of the source, the override's first.
  func sourceValue(_ key: String) -> YAMLNode? { patch?[key] ?? source[key] }
  func tableValue(_ key: String) -> YAMLNode? { patchTable?[key] ?? table[key] }

  func sourceText(_ key: String) -> String? {
    sourceValue(key)?.scalar.flatMap { $0.isNull ? nil : $0.pythonText }
  }
  func tableText(_ key: String) -> String? {
    tableValue(key)?.scalar.flatMap { $0.isNull ? nil : $0.pythonText }
  }

  private func values(_ node: YAMLNode?) -> Values { node?.plain.mapping ?? [:] }

  var sourceConfig: Values { values(sourceValue("config")) }
  var tableConfig: Values { values(tableValue("config")) }

  var sourceMeta: Values { Self.over(values(sourceValue("meta")), sourceConfig["meta"]) }

  /// The config that goes over dbt_project.yml's: the source's, then the table's, a few keys by rules of their own.
  func config(_ reader: inout PropertiesReader) -> Values {
    var result = sourceConfig
    for (key, value) in tableConfig { result[key] = value }
    result.removeValue(forKey: "freshness")
    if let freshness = freshness { result["freshness"] = freshness }
    for (key, value) in loadedAt(&reader) { result[key] = value }
    result["meta"] = .mapping(
      Self.over(Self.over(sourceMeta, tableValue("meta")?.plain), tableConfig["meta"]))
    result["tags"] = .list(Set(sourceTags + tableTags).sorted().map { .string($0) })
    return result
  }

  var sourceTags: [String] { Self.tags(sourceValue("tags")?.plain) + Self.tags(sourceConfig["tags"]) }
  var tableTags: [String] { Self.tags(tableValue("tags")?.plain) + Self.tags(tableConfig["tags"]) }

  private static func tags(_ value: PlainValue?) -> [String] { value?.strings ?? [] }

  private static func over(_ base: Values, _ value: PlainValue?) -> Values {
    base.merging(value?.mapping ?? [:]) { _, new in new }
  }

  /// The quoting that is stated, the table's over the source's.
  var statedQuoting: Values {
    var result: Values = [:]
    for node in [sourceValue("quoting"), tableValue("quoting")] {
      for (key, value) in values(node) where !value.isNull { result[key] = value }
    }
    return result
  }

  // MARK: Freshness

  /// What the four places say together: nil when none says anything, null when the last one takes it away.
  private var freshness: PlainValue? {
    var result: PlainValue = ConfigRules.noFreshness
    let places: [PlainValue?] = [
      sourceValue("freshness")?.plain, sourceConfig["freshness"], tableValue("freshness")?.plain,
      tableConfig["freshness"],
    ]
    for (index, place) in places.enumerated() {
      let update = place.map { $0.isNull ? PlainValue.null : Self.threshold($0) } ?? ConfigRules.noFreshness
      if index == 0 {
        result = update
      } else if let base = result.mapping, let more = update.mapping {
        result = .mapping(Self.merged(base, more))
      } else {
        result = result.isNull && update.mapping.map(Self.isSet) == true ? update : .null
      }
    }
    guard case .mapping(let values) = result else { return .null }
    // A ternary would make nil a null of YAML.
    if Self.isSet(values) { return result }
    return nil
  }

  private static func isSet(_ values: Values) -> Bool {
    isSet(time: values["warn_after"]) || isSet(time: values["error_after"])
  }

  private static func isSet(time: PlainValue?) -> Bool {
    guard let values = time?.mapping else { return false }
    return values["count"]?.isNull == false && values["period"]?.isNull == false
  }

  private static func merged(_ base: Values, _ update: Values) -> Values {
    var result = base
    for key in ["warn_after", "error_after"] {
      guard let more = update[key], !more.isNull else {
        result[key] = .null
        continue
      }
      if isSet(time: more) { result[key] = more }
    }
    if let filter = update["filter"], !filter.isNull { result["filter"] = filter }
    return result
  }

  private static func threshold(_ value: PlainValue) -> PlainValue {
    guard case .mapping(let given) = value else { return ConfigRules.noFreshness }
    func time(_ key: String) -> PlainValue {
      guard let value = given[key] else { return ["count": nil, "period": nil] }
      guard let times = value.mapping else { return .null }
      return .mapping(["count": times["count"] ?? .null, "period": times["period"] ?? .null])
    }
    return .mapping([
      "warn_after": time("warn_after"), "error_after": time("error_after"),
      "filter": given["filter"] ?? .null,
    ])
  }

  /// `loaded_at_field` and `loaded_at_query`: the table's, else the source's.
  private func loadedAt(_ reader: inout PropertiesReader) -> Values {
    func both(_ key: String, _ node: YAMLNode?, _ config: Values) -> PlainValue {
      if let value = node?.plain, !value.isNull { return value }
      return config[key] ?? .null
    }
    let tableField = both("loaded_at_field", tableValue("loaded_at_field"), tableConfig)
    let tableQuery = both("loaded_at_query", tableValue("loaded_at_query"), tableConfig)
    let sourceField = both("loaded_at_field", sourceValue("loaded_at_field"), sourceConfig)
    let sourceQuery = both("loaded_at_query", sourceValue("loaded_at_query"), sourceConfig)
    let statesField = tableValue("loaded_at_field") != nil
    if tableValue("loaded_at_field")?.string == "" {
      reader.report(
        "bad-value", "'loaded_at_field' is empty", at: table["loaded_at_field"] ?? table,
        label: "name a column; null where there is none")
    }
    for (field, query, node) in [
      (tableField, tableQuery, table["loaded_at_query"] ?? table),
      (sourceField, sourceQuery, source["loaded_at_query"] ?? source),
    ] where !field.isNull && !query.isNull {
      reader.report("bad-value", "'loaded_at_field' and 'loaded_at_query' exclude each other", at: node)
    }
    return [
      "loaded_at_field": statesField || !tableField.isNull ? tableField : sourceField,
      "loaded_at_query": !tableQuery.isNull ? tableQuery : (statesField ? .null : sourceQuery),
    ]
  }
}
