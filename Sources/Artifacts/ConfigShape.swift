import OrderedCollections
import ProjectModel

/// The keys that `config` has in the manifest for one kind of resource, in dbt's order, with the value of
/// each that nothing sets; keys of the user's own follow.
struct ConfigShape: Sendable {
  private let defaults: OrderedDictionary<String, PlainValue>

  private init(_ defaults: OrderedDictionary<String, PlainValue>) { self.defaults = defaults }

  func write(
    _ key: StaticString, _ values: OrderedDictionary<String, PlainValue>, to json: inout JSONWriter
  ) {
    json.key(key)
    json.shared(values) { writeWhole(values, to: &$0) }
  }

  private func writeWhole(_ values: OrderedDictionary<String, PlainValue>, to json: inout JSONWriter) {
    // A config that is already whole and in order, as the parser leaves it, needs no looking up.
    if values.count >= defaults.count, zip(defaults.keys, values.keys).allSatisfy(==),
      values["tags"]?.string == nil
    {
      json.mapping(values)
      return
    }
    json.beginObject()
    for (key, standard) in defaults {
      json.key(named: key)
      let value = values[key] ?? standard
      // One tag may be written as a string.
      if key == "tags", let one = value.string { json.strings([one]) } else { json.value(value) }
    }
    for (key, value) in values where defaults[key] == nil { json.field(named: key, value) }
    json.endObject()
  }

  static func of(_ type: ResourceType) -> ConfigShape {
    switch type {
    case .model: model
    case .seed: seed
    case .snapshot: snapshot
    case .test: test
    case .function: function
    case .source: source
    case .exposure: exposure
    case .macro: macro
    case .group: group
    default: node
    }
  }

  private static let common: OrderedDictionary<String, PlainValue> = [
    "enabled": true, "alias": nil, "schema": nil, "database": nil, "tags": [], "meta": [:], "group": nil,
    "static_analysis": nil,
  ]

  private static let node = ConfigShape(
    common.adding([
      "materialized": "view", "incremental_strategy": nil, "batch_size": nil, "lookback": 1, "begin": nil,
      "persist_docs": [:], "post-hook": [], "pre-hook": [], "quoting": [:], "column_types": [:],
      "full_refresh": nil, "unique_key": nil, "on_schema_change": "ignore",
      "on_configuration_change": "apply", "grants": [:], "packages": [],
      "docs": ["show": true, "node_color": nil], "contract": ["enforced": false, "alias_types": true],
      "event_time": nil, "concurrent_batches": nil,
    ]))

  private static let model = ConfigShape(
    node.defaults.adding(["access": "protected", "freshness": nil]))

  private static let function = ConfigShape(
    node.defaults.adding([
      "materialized": "function", "type": "scalar", "volatility": nil, "runtime_version": nil,
      "entry_point": nil,
    ]))

  private static let seed = ConfigShape(
    node.defaults.adding(["materialized": "seed", "delimiter": ",", "quote_columns": nil]))

  private static let snapshot = ConfigShape(
    node.defaults.adding([
      "materialized": "snapshot", "strategy": nil, "target_schema": nil, "target_database": nil,
      "updated_at": nil, "check_cols": nil,
      "snapshot_meta_column_names": [
        "dbt_valid_to": nil, "dbt_valid_from": nil, "dbt_scd_id": nil, "dbt_updated_at": nil,
        "dbt_is_deleted": nil,
      ],
      "dbt_valid_to_current": nil,
    ]))

  private static let test = ConfigShape(
    common.adding([
      "schema": "dbt_test__audit", "materialized": "test", "severity": "ERROR", "store_failures": nil,
      "store_failures_as": nil, "where": nil, "limit": nil, "fail_calc": "count(*)", "warn_if": "!= 0",
      "error_if": "!= 0",
    ]))

  private static let source = ConfigShape([
    "enabled": true, "event_time": nil, "freshness": SourceFreshness.none, "loaded_at_field": nil,
    "loaded_at_query": nil, "meta": [:], "tags": [], "static_analysis": nil,
  ])

  private static let exposure = ConfigShape(["enabled": true, "tags": [], "meta": [:]])
  private static let macro = ConfigShape(["meta": [:], "docs": ["show": true, "node_color": nil]])
  private static let group = ConfigShape(["meta": [:]])
}

/// A source's `freshness` where nothing is said.
enum SourceFreshness {
  static let none: PlainValue = [
    "warn_after": ["count": nil, "period": nil], "error_after": ["count": nil, "period": nil],
    "filter": nil,
  ]
}

extension OrderedDictionary<String, PlainValue> {
  /// Later values win, the place of a key stays.
  fileprivate func adding(_ others: OrderedDictionary) -> OrderedDictionary {
    merging(others) { _, new in new }
  }
}
