import OrderedCollections
public import ProjectModel

/// `semantic_manifest.json`: what MetricFlow reads of semantic models, metrics and saved queries.
///
/// The keys are those that dbt-semantic-interfaces 0.9 knows; what else the manifest says of an entry stays there.
public struct SemanticManifestArtifact {
  private typealias Values = OrderedDictionary<String, PlainValue>

  private let manifest: Manifest

  public init(_ manifest: Manifest) { self.manifest = manifest }

  public func write() -> [UInt8] {
    var json = JSONWriter()
    json.value(value)
    return json.bytes
  }

  var value: PlainValue {
    let models = entries(.semanticModel)
    return [
      "semantic_models": .list(models.map(semanticModel)),
      "metrics": .list(entries(.metric).map(metric)),
      "project_configuration": [
        "time_spine_table_configurations": .list(models.isEmpty ? [] : olderTimeSpine),
        "metadata": nil,
        "dsi_package_version": ["major_version": "0", "minor_version": "9", "patch_version": "0"],
        "time_spines": .list(timeSpines),
      ],
      "saved_queries": .list(entries(.savedQuery).map(savedQuery)),
    ]
  }

  private func entries(_ type: ResourceType) -> [Values] {
    (manifest.opaque[type] ?? [:]).values.compactMap(\.mapping)
  }

  private func picked(_ keys: [String], of value: PlainValue?) -> PlainValue {
    guard let values = value?.mapping else { return .null }
    return .mapping(picked(keys, of: values))
  }

  private func picked(_ keys: [String], of values: Values) -> Values {
    Values(uniqueKeysWithValues: keys.map { ($0, values[$0] ?? .null) })
  }

  private func all(_ value: PlainValue?, _ form: (Values) -> Values) -> PlainValue {
    .list((value?.list ?? []).compactMap { $0.mapping.map { .mapping(form($0)) } })
  }

  /// Of a config only what people noted.
  private func config(_ values: Values) -> PlainValue {
    guard let config = values["config"]?.mapping else { return .null }
    return ["meta": config["meta"] ?? [:]]
  }

  // MARK: Semantic models

  private func semanticModel(_ entry: Values) -> PlainValue {
    var result = picked(
      [
        "name", "defaults", "description", "node_relation", "primary_entity", "entities", "measures",
        "dimensions",
        "label", "metadata",
      ], of: entry)
    result["entities"] = all(entry["entities"]) { part($0, ["type", "role", "expr"]) }
    result["measures"] = all(entry["measures"]) {
      var result = picked(
        [
          "name", "agg", "description", "create_metric", "expr", "agg_params", "metadata",
          "non_additive_dimension", "agg_time_dimension", "label",
        ], of: $0)
      result["config"] = config($0)
      return result
    }
    result["dimensions"] = all(entry["dimensions"]) {
      part($0, ["type", "is_partition", "type_params", "expr"])
    }
    result["config"] = config(entry)
    return .mapping(result)
  }

  private func part(_ values: Values, _ keys: [String]) -> Values {
    var result = picked(["name", "description"] + keys + ["metadata", "label"], of: values)
    result["config"] = config(values)
    return result
  }

  // MARK: Metrics

  private func metric(_ entry: Values) -> PlainValue {
    var result = picked(
      ["name", "description", "type", "type_params", "filter", "metadata", "label"], of: entry)
    var parameters = picked(
      [
        "measure", "numerator", "denominator", "expr", "window", "grain_to_date", "metrics",
        "conversion_type_params", "cumulative_type_params", "input_measures",
      ], of: entry["type_params"]?.mapping ?? [:])
    parameters["cumulative_type_params"] = picked(
      ["window", "grain_to_date", "period_agg"], of: parameters["cumulative_type_params"])
    result["type_params"] = .mapping(parameters)
    result["config"] = config(entry)
    result["time_granularity"] = entry["time_granularity"] ?? .null
    return .mapping(result)
  }

  // MARK: Saved queries

  private func savedQuery(_ entry: Values) -> PlainValue {
    var result = picked(["name", "query_params", "description", "metadata", "label"], of: entry)
    result["query_params"] = picked(
      ["metrics", "group_by", "order_by", "limit", "where"], of: entry["query_params"])
    result["exports"] = all(entry["exports"]) { export in
      [
        "name": export["name"] ?? .null,
        "config": picked(["export_as", "schema_name", "alias"], of: export["config"]),
      ]
    }
    result["tags"] = entry["tags"] ?? []
    return .mapping(result)
  }

  // MARK: Time spines

  private func relation(of node: Node) -> PlainValue {
    guard let relation = node.relation else { return .null }
    return [
      "alias": .string(relation.identifier), "schema_name": .string(relation.schema ?? ""),
      "database": relation.database.map { .string($0) } ?? .null,
      "relation_name": .string(name(of: relation)),
    ]
  }

  private func name(of relation: RelationName) -> String {
    [relation.database, relation.schema, relation.identifier].compactMap { $0 }.map { "\"\($0)\"" }
      .joined(separator: ".")
  }

  private var timeSpines: [PlainValue] {
    manifest.nodes.values.compactMap { node in
      guard let spine = node.timeSpine?.mapping, let column = spine["standard_granularity_column"]?.string
      else {
        return nil
      }
      return [
        "node_relation": relation(of: node),
        "primary_column": [
          "name": .string(column),
          "time_granularity": node.columns[column]?.granularity.map { .string($0) } ?? .null,
        ],
        "custom_granularities": all(spine["custom_granularities"]) {
          picked(["name", "column_name"], of: $0)
        },
      ]
    }
  }

  /// A model of the name that was the rule before time spines were configured.
  private var olderTimeSpine: [PlainValue] {
    guard
      let node = manifest.nodes.values.first(where: {
        $0.resourceType == .model && $0.name == "metricflow_time_spine"
      }), node.timeSpine == nil, let relation = node.relation
    else { return [] }
    return [["location": .string(name(of: relation)), "column_name": "date_day", "grain": "day"]]
  }
}
