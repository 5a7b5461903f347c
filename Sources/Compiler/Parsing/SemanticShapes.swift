import OrderedCollections
import ProjectModel

/// The forms that dbt's manifest gives what the semantic layer declares: short ways of writing are spelt out, and
/// every key is there.
enum SemanticShapes {
  typealias Values = OrderedDictionary<String, PlainValue>

  /// The keys of `shape` in its order, each with the written value or the default.
  static func filled(_ written: Values, _ shape: Values) -> Values {
    var result: Values = [:]
    for (key, standard) in shape { result[key] = written[key] ?? standard }
    return result
  }

  /// What identifies any resource, as ``ManifestBuilder`` has noted it.
  static func head(_ entry: Values) -> Values {
    var result: Values = [:]
    let keys = ["name", "resource_type", "package_name", "path", "original_file_path", "unique_id", "fqn"]
    for key in keys { result[key] = entry[key] }
    return result
  }

  static func dependsOn(_ nodes: [NodeID]) -> PlainValue {
    ["macros": [], "nodes": .list(nodes.map { .string($0.rawValue) })]
  }

  static func config(_ entry: Values, also more: Values = [:]) -> PlainValue {
    var shape: Values = ["enabled": true, "group": nil, "meta": [:]]
    for (key, value) in more { shape[key] = value }
    let tags = tags(entry)
    if !tags.isEmpty { shape["tags"] = .list(tags) }
    return .mapping(filled(entry["config"]?.mapping ?? [:], shape))
  }

  /// Each once, sorted.
  static func tags(_ entry: Values) -> [PlainValue] {
    let own = entry["tags"]?.strings ?? []
    let configured = entry["config"]?.mapping?["tags"]?.strings ?? []
    return Set(own + configured).sorted().map { .string($0) }
  }

  // MARK: Semantic models

  static func entity(_ value: PlainValue, below meta: Values) -> PlainValue {
    part(value, meta, ["name": nil, "type": nil, "description": nil, "label": nil, "role": nil, "expr": nil])
  }

  static func measure(_ value: PlainValue, below meta: Values) -> PlainValue {
    part(
      value, meta,
      [
        "name": nil, "agg": nil, "description": nil, "label": nil, "create_metric": false, "expr": nil,
        "agg_params": nil, "non_additive_dimension": nil, "agg_time_dimension": nil,
      ]
    ) { measure in
      // What it says has made a metric; dbt takes the word away.
      measure["create_metric"] = false
      if let given = measure["agg_params"]?.mapping {
        measure["agg_params"] = .mapping(
          filled(
            given,
            ["percentile": nil, "use_discrete_percentile": false, "use_approximate_percentile": false]))
      }
      if let given = measure["non_additive_dimension"]?.mapping {
        measure["non_additive_dimension"] = .mapping(
          filled(given, ["name": nil, "window_choice": "min", "window_groupings": []]))
      }
    }
  }

  static func dimension(_ value: PlainValue, below meta: Values) -> PlainValue {
    part(
      value, meta,
      [
        "name": nil, "type": nil, "description": nil, "label": nil, "is_partition": false,
        "type_params": nil, "expr": nil, "metadata": nil,
      ]
    ) { dimension in
      if let given = dimension["type_params"]?.mapping {
        dimension["type_params"] = .mapping(filled(given, ["time_granularity": nil, "validity_params": nil]))
      }
    }
  }

  private static func part(
    _ value: PlainValue, _ meta: Values, _ shape: Values, _ change: (inout Values) -> Void = { _ in }
  ) -> PlainValue {
    let written = value.mapping ?? [:]
    var result = filled(written, shape)
    if shape["expr"] != nil { result["expr"] = text(result["expr"]) }
    change(&result)
    let own = written["config"]?.mapping?["meta"]?.mapping ?? [:]
    result["config"] = ["meta": .mapping(meta.merging(own) { $1 })]
    return .mapping(result)
  }

  // MARK: Metrics

  /// A measure that a metric takes: its name, or a mapping.
  static func measureInput(_ value: PlainValue?) -> PlainValue? {
    input(
      value,
      ["name": nil, "filter": nil, "alias": nil, "join_to_timespine": false, "fill_nulls_with": nil])
  }

  /// A metric that a metric takes: its name, or a mapping.
  static func metricInput(_ value: PlainValue?) -> PlainValue? {
    input(
      value, ["name": nil, "filter": nil, "alias": nil, "offset_window": nil, "offset_to_grain": nil])
  }

  private static func input(_ value: PlainValue?, _ shape: Values) -> PlainValue? {
    guard let value, !value.isNull else { return nil }
    var result = filled(value.mapping ?? ["name": value], shape)
    result["filter"] = filter(result["filter"])
    if let window = result["offset_window"] { result["offset_window"] = self.window(window) }
    return .mapping(result)
  }

  /// `where` text, or a list of it, as dbt's filter.
  static func filter(_ value: PlainValue?) -> PlainValue {
    guard let value, !value.isNull else { return .null }
    if let written = value.mapping { return .mapping(written) }
    let texts = value.strings ?? []
    return ["where_filters": .list(texts.map { ["where_sql_template": .string($0)] })]
  }

  private static let grains: Set<String> = [
    "nanosecond", "microsecond", "millisecond", "second", "minute", "hour", "day", "week", "month", "quarter",
    "year",
  ]

  /// `7 days` as count and grain.
  static func window(_ value: PlainValue?) -> PlainValue {
    guard let text = value?.string else { return value ?? .null }
    let parts = text.split(separator: " ")
    guard parts.count == 2, let count = Int(parts[0]) else { return .null }
    var grain = parts[1].lowercased()
    // Only dbt's own grains have a plural.
    if grain.hasSuffix("s"), grains.contains(String(grain.dropLast())) { grain.removeLast() }
    return ["count": .int(count), "granularity": .string(grain)]
  }

  static func typeParameters(
    _ written: Values, type: String?, inputMeasures: [PlainValue]
  ) -> PlainValue {
    var cumulative: PlainValue = .null
    let given = written["cumulative_type_params"]?.mapping
    if type == "cumulative" || given != nil {
      var values = filled(
        given ?? [:], ["window": nil, "grain_to_date": nil, "period_agg": "first", "metric": nil])
      // The older place of both is beside the measure.
      for key in ["window", "grain_to_date"] where values[key]?.isNull ?? true {
        values[key] = written[key] ?? PlainValue.null
      }
      values["window"] = window(values["window"])
      values["metric"] = metricInput(values["metric"]) ?? .null
      cumulative = .mapping(values)
    }
    var conversion: PlainValue = .null
    if let given = written["conversion_type_params"]?.mapping {
      var values = filled(
        given,
        [
          "base_measure": nil, "conversion_measure": nil, "entity": nil, "calculation": "conversion_rate",
          "window": nil, "constant_properties": nil,
        ])
      values["base_measure"] = measureInput(values["base_measure"]) ?? .null
      values["conversion_measure"] = measureInput(values["conversion_measure"]) ?? .null
      values["window"] = window(values["window"])
      conversion = .mapping(values)
    }
    var result: Values = [:]
    result["measure"] = measureInput(written["measure"]) ?? PlainValue.null
    result["input_measures"] = .list(inputMeasures)
    result["numerator"] = metricInput(written["numerator"]) ?? PlainValue.null
    result["denominator"] = metricInput(written["denominator"]) ?? PlainValue.null
    result["expr"] = text(written["expr"])
    result["window"] = window(written["window"])
    result["grain_to_date"] = written["grain_to_date"] ?? PlainValue.null
    result["metrics"] = .list((written["metrics"]?.list ?? []).compactMap { metricInput($0) })
    result["conversion_type_params"] = conversion
    result["cumulative_type_params"] = cumulative
    result["metric_aggregation_params"] = PlainValue.null
    return .mapping(result)
  }

  /// An expression: YAML reads `expr: 1` as a number.
  private static func text(_ value: PlainValue?) -> PlainValue {
    guard let value, !value.isNull else { return .null }
    return .string(value.pythonText)
  }
}
