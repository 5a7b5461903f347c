import Jinja
import OrderedCollections
import ProjectModel

/// How dbt fills in and merges `config`: defaults by resource, one rule of merging a key.
enum ConfigRules {
  typealias Values = OrderedDictionary<String, PlainValue>

  /// All keys that dbt knows for a kind of resource, in the order of its manifest, with their defaults.
  static func defaults(_ type: ResourceType) -> Values {
    switch type {
    case .model: model
    case .seed: seed
    case .snapshot: snapshot
    case .test: test
    case .function: function
    case .source: source
    case .exposure: exposure
    case .group: ["meta": .mapping([:])]
    case .semanticModel, .metric, .savedQuery, .unitTest: exposure
    default: node
    }
  }

  /// `partial` over `base`, key by key.
  static func merge(_ partial: Values, into base: inout Values, of type: ResourceType) {
    for (written, value) in partial {
      let key = canonical(written)
      // Those of sources are worked out before they come here; for exposures the nearest one counts.
      if type == .source && key == "tags" || type == .exposure && (key == "tags" || key == "meta") {
        base[key] = value
        continue
      }
      guard let known = base[key] else {
        base[key] = key == "grants" ? grants([:], value) : normalized(key, value)
        continue
      }
      base[key] = merged(key, known, value)
    }
  }

  /// As ``merge(_:into:)`` does for the calls of `config()` in one template and for versions of one model: nothing
  /// is normalized, absent keys are taken as they are.
  static func mergeCalls(_ partial: Values, into base: inout Values) {
    if base.isEmpty {
      base = partial
      return
    }
    for (key, value) in partial {
      if appending.contains(key) {
        base[key] = .list((base[key].map(listed) ?? []) + listed(value))
      } else if updating.contains(key), case .mapping(let more) = value, case .mapping(var known)? = base[key]
      {
        for (name, item) in more { known[name] = item }
        base[key] = .mapping(known)
      } else {
        base[key] = value
      }
    }
  }

  /// Mappings merged at every depth, anything else replaced: a version's config over its model's.
  static func deepMerge(_ partial: Values, into base: inout Values) {
    for (key, value) in partial {
      if case .mapping(let more) = value, case .mapping(var known)? = base[key] {
        deepMerge(more, into: &known)
        base[key] = .mapping(known)
      } else {
        base[key] = value
      }
    }
  }

  /// The names under which a key is stored: hooks are written in two ways, names of the adapter have aliases.
  static func canonical(_ key: String) -> String {
    switch key {
    case "pre_hook": "pre-hook"
    case "post_hook": "post-hook"
    case "dbname": "database"
    default: key
    }
  }

  /// A hook as dbt keeps it: text becomes a mapping with defaults.
  ///
  /// `before_begin` and `after_commit` write the mapping as JSON, with lines around it.
  static func hook(_ value: PlainValue) -> PlainValue {
    var result: Values = ["sql": "", "transaction": true, "index": nil]
    if case .mapping(let given) = value {
      for (key, item) in given { result[key] = item }
    } else if case .string(let text) = value, mayBeJSON(text), case .dict(let dict)? = JSONText.parse(text),
      case .mapping(let given)? = try? Value.dict(dict).plain()
    {
      for (key, item) in given { result[key] = item }
    } else {
      result["sql"] = .string(value.pythonText)
    }
    return .mapping(result)
  }

  /// A mapping's brace, not one of a tag.
  private static func mayBeJSON(_ text: String) -> Bool {
    let start = text.utf8.drop { [0x20, 0x09, 0x0a, 0x0d].contains($0) }.prefix(2)
    return start.first == UInt8(ascii: "{") && start.last != UInt8(ascii: "{")
      && start.last != UInt8(ascii: "%") && start.last != UInt8(ascii: "#")
  }

  private static let appending: Set<String> = [
    "pre-hook", "pre_hook", "post-hook", "post_hook", "tags", "packages",
  ]
  private static let updating: Set<String> = [
    "quoting", "column_types", "meta", "docs", "contract", "star_rules", "sql_rules",
  ]

  private static func merged(_ key: String, _ known: PlainValue, _ value: PlainValue) -> PlainValue {
    switch key {
    case "tags", "packages": return .list(listed(known) + listed(value))
    case "pre-hook", "post-hook": return .list(listed(known) + listed(value).map(hook))
    case "meta", "quoting", "column_types", "docs", "contract", "star_rules", "sql_rules":
      guard case .mapping(var base) = known, case .mapping(let more) = value else { return value }
      for (name, item) in more { base[name] = item }
      return .mapping(base)
    case "grants":
      guard case .mapping(let base) = known else { return value }
      return grants(base, value)
    default: return normalized(key, value)
    }
  }

  private static func normalized(_ key: String, _ value: PlainValue) -> PlainValue {
    switch key {
    case "pre-hook", "post-hook": return .list(listed(value).map(hook))
    case "snapshot_meta_column_names":
      guard let given = value.mapping, var names = snapshot[key]?.mapping else { return value }
      for (name, column) in given { names[name] = column }
      return .mapping(names)
    // YAML reads the words on and off as booleans.
    case "static_analysis": return value.bool.map { .string($0 ? "on" : "off") } ?? value
    default: return value
    }
  }

  /// A key with a plus adds to the list that is there, one without replaces it.
  private static func grants(_ base: Values, _ value: PlainValue) -> PlainValue {
    guard case .mapping(let more) = value else { return value }
    var result = base.mapValues { PlainValue.list(listed($0)) }
    for (written, grantees) in more {
      let adds = written.hasPrefix("+")
      let key = String(written.drop { $0 == "+" })
      result[key] = .list((adds ? result[key].map(listed) ?? [] : []) + listed(grantees))
    }
    return .mapping(result)
  }

  private static func listed(_ value: PlainValue) -> [PlainValue] {
    if case .list(let items) = value { return items }
    return [value]
  }

  // MARK: Defaults

  private static let common: Values = [
    "enabled": true, "alias": nil, "schema": nil, "database": nil, "tags": [], "meta": [:], "group": nil,
    "static_analysis": nil,
  ]

  private static let node: Values = common.adding([
    "materialized": "view", "incremental_strategy": nil, "batch_size": nil, "lookback": 1, "begin": nil,
    "persist_docs": [:], "post-hook": [], "pre-hook": [], "quoting": [:], "column_types": [:],
    "full_refresh": nil, "unique_key": nil, "on_schema_change": "ignore", "on_configuration_change": "apply",
    "grants": [:], "packages": [], "docs": ["show": true, "node_color": nil],
    "contract": ["enforced": false, "alias_types": true], "event_time": nil, "concurrent_batches": nil,
  ])

  private static let model: Values = node.adding(["access": "protected", "freshness": nil])

  private static let function: Values = node.adding([
    "materialized": "function", "type": "scalar", "volatility": nil, "runtime_version": nil,
    "entry_point": nil,
  ])

  private static let seed: Values = node.adding([
    "materialized": "seed", "delimiter": ",", "quote_columns": nil,
  ])

  private static let snapshot: Values = node.adding([
    "materialized": "snapshot", "strategy": nil, "target_schema": nil, "target_database": nil,
    "updated_at": nil,
    "check_cols": nil,
    "snapshot_meta_column_names": [
      "dbt_valid_to": nil, "dbt_valid_from": nil, "dbt_scd_id": nil, "dbt_updated_at": nil,
      "dbt_is_deleted": nil,
    ],
    "dbt_valid_to_current": nil,
  ])

  private static let test: Values = common.adding([
    "schema": "dbt_test__audit", "materialized": "test", "severity": "ERROR", "store_failures": nil,
    "store_failures_as": nil, "where": nil, "limit": nil, "fail_calc": "count(*)", "warn_if": "!= 0",
    "error_if": "!= 0",
  ])

  static let noFreshness: PlainValue = [
    "warn_after": ["count": nil, "period": nil], "error_after": ["count": nil, "period": nil], "filter": nil,
  ]

  private static let source: Values = [
    "enabled": true, "event_time": nil, "freshness": noFreshness, "loaded_at_field": nil,
    "loaded_at_query": nil,
    "meta": [:], "tags": [], "static_analysis": nil,
  ]

  private static let exposure: Values = ["enabled": true, "tags": [], "meta": [:]]
}

extension OrderedDictionary where Key == String, Value == PlainValue {
  fileprivate func adding(_ more: OrderedDictionary) -> OrderedDictionary {
    merging(more) { _, new in new }
  }
}
