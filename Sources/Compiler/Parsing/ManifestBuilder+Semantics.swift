import Diagnostics
import OrderedCollections
import ProjectLoading
import ProjectModel

/// Semantic models, metrics and saved queries: their edges, and the form of dbt's manifest.
extension ManifestBuilder {
  mutating func shapeSemantics() {
    guard
      !manifest.opaque.isEmpty || !manifest.disabledOthers.isEmpty
        || manifest.exposures.values.contains(where: { !$0.metrics.isEmpty })
        || manifest.nodes.values.contains(where: { !$0.metrics.isEmpty })
    else { return }
    describeSemantics()
    checkSemanticModels()
    shape(.semanticModel) { builder, entry in builder.semanticModel(entry) }
    let measures = measuresByName()
    let written = (manifest.opaque[.metric] ?? [:]).values.compactMap(\.mapping)
    let metrics = Dictionary(
      written.compactMap { entry in entry["name"]?.string.map { ($0, entry) } },
      uniquingKeysWith: { first, _ in first })
    checkMetricInputs(metrics, measures: Set(measures.keys))
    shape(.metric) { _, entry in Self.metric(entry, metrics, measures) }
    tieMetrics(metrics)
    checkSavedQueries(metrics)
    shape(.savedQuery) { builder, entry in builder.savedQuery(entry, metrics) }
    shapeDisabled()
    checkSemanticRules()
  }

  /// The edges to metrics that models, tests and exposures name.
  private mutating func tieMetrics(_ metrics: [String: Values]) {
    for index in manifest.exposures.values.indices {
      let exposure = manifest.exposures.values[index]
      manifest.exposures.values[index].dependsOn += parents(
        exposure.metrics, metrics, of: "exposure '\(exposure.name)'", severity: .error, at: exposure.span)
    }
    for index in manifest.nodes.values.indices where !manifest.nodes.values[index].metrics.isEmpty {
      let node = manifest.nodes.values[index]
      let found = parents(
        node.metrics, metrics, of: "\(node.resourceType.rawValue) '\(node.name)'",
        severity: node.resourceType == .test ? .warning : .error, at: node.patchSpan ?? place(of: node))
      manifest.nodes.values[index].dependsOn += found.filter { !node.dependsOn.contains($0) }
      if found.isEmpty { manifest.nodes.values[index].config["enabled"] = false }
    }
  }

  private mutating func parents(
    _ calls: [[String]], _ metrics: [String: Values], of title: String, severity: Severity,
    at span: SourceSpan?
  ) -> [NodeID] {
    var result: [NodeID] = []
    for words in calls {
      let name = words.last ?? ""
      if let entry = metrics[name], words.count < 2 || entry["package_name"]?.string == words[0] {
        let id = NodeID(entry["unique_id"]?.string ?? "")
        if !result.contains(id) { result.append(id) }
        continue
      }
      diagnostics.append(
        Diagnostic(
          "unknown-metric", severity: severity,
          "\(title) depends on a metric named '\(name)' which "
            + (disabledMetrics.contains(name) ? "is disabled" : "was not found"),
          meant: NearMiss(name, among: metrics.keys.sorted()), at: span))
    }
    return result
  }

  private mutating func shape(
    _ type: ResourceType, _ form: (ManifestBuilder, Values) -> Values
  ) {
    for (id, value) in manifest.opaque[type] ?? [:] {
      guard let entry = value.mapping else { continue }
      let shaped = form(self, entry)
      manifest.opaque[type]?[id] = .mapping(shaped)
    }
  }

  /// What is turned off has its form, and nothing that it depends on.
  private mutating func shapeDisabled() {
    for (id, entries) in manifest.disabledOthers {
      let shaped = entries.compactMap(\.mapping).map { entry -> PlainValue in
        var form =
          switch entry["resource_type"]?.string {
          case "semantic_model": semanticModel(entry)
          case "metric": Self.metric(entry, [:], [:])
          default: savedQuery(entry, [:])
          }
        form["depends_on"] = SemanticShapes.dependsOn([])
        if form["node_relation"] != nil { form["node_relation"] = PlainValue.null }
        if var parameters = form["type_params"]?.mapping {
          parameters["input_measures"] = []
          form["type_params"] = .mapping(parameters)
        }
        return .mapping(form)
      }
      manifest.disabledOthers[id] = shaped
    }
  }

  private func node(_ text: String?, from entry: Values) -> (call: RefCall, node: Node?)? {
    guard let text, case .ref(let call)? = ReferenceText(text) else { return nil }
    guard case .found(let id) = resolver.resolve(call, from: entry["package_name"]?.string ?? "") else {
      return (call, nil)
    }
    return (call, manifest.nodes[id])
  }

  // MARK: Semantic models

  private func semanticModel(_ entry: Values) -> Values {
    var result = SemanticShapes.head(entry)
    let model = node(entry["model"]?.string, from: entry)
    result["model"] = entry["model"] ?? PlainValue.null
    result["node_relation"] = model?.node.flatMap(\.relation).map { relation -> PlainValue in
      let parts = [relation.database, relation.schema, relation.identifier].compactMap { $0 }
      return [
        "alias": .string(relation.identifier), "schema_name": .string(relation.schema ?? ""),
        "database": relation.database.map { .string($0) } ?? .null,
        "relation_name": .string(parts.map { "\"\($0)\"" }.joined(separator: ".")),
      ]
    }
    for key in ["description", "label", "defaults"] { result[key] = entry[key] ?? PlainValue.null }
    if let defaults = entry["defaults"]?.mapping {
      result["defaults"] = .mapping(SemanticShapes.filled(defaults, ["agg_time_dimension": nil]))
    }
    let meta = entry["config"]?.mapping?["meta"]?.mapping ?? [:]
    result["entities"] = .list((entry["entities"]?.list ?? []).map { SemanticShapes.entity($0, below: meta) })
    result["measures"] = .list(
      (entry["measures"]?.list ?? []).map { SemanticShapes.measure($0, below: meta) })
    result["dimensions"] = .list(
      (entry["dimensions"]?.list ?? []).map { SemanticShapes.dimension($0, below: meta) })
    result["metadata"] = PlainValue.null
    result["depends_on"] = SemanticShapes.dependsOn([model?.node?.id].compactMap { $0 })
    result["refs"] = .list(
      [model?.call].compactMap { $0 }.map {
        [
          "name": .string($0.name), "package": $0.package.map { .string($0) } ?? .null,
          "version": $0.version.map { .string($0) } ?? .null,
        ]
      })
    result["config"] = SemanticShapes.config(entry)
    result["unrendered_config"] = entry["unrendered_config"] ?? [:]
    result["primary_entity"] = entry["primary_entity"] ?? PlainValue.null
    result["group"] = entry["config"]?.mapping?["group"] ?? PlainValue.null
    return result
  }

  /// The semantic model of each measure.
  private func measuresByName() -> [String: NodeID] {
    var result: [String: NodeID] = [:]
    for (id, entry) in manifest.opaque[.semanticModel] ?? [:] {
      for measure in entry.mapping?["measures"]?.list ?? [] {
        if let name = measure.mapping?["name"]?.string { result[name] = id }
      }
    }
    return result
  }

  // MARK: Metrics

  private static func metric(
    _ entry: Values, _ metrics: [String: Values], _ measures: [String: NodeID]
  ) -> Values {
    let parameters = entry["type_params"]?.mapping ?? [:]
    let used = ownMeasures(parameters)
    var parents: [NodeID] = []
    for name in used.compactMap({ $0.mapping?["name"]?.string }) {
      if let id = measures[name], !parents.contains(id) { parents.append(id) }
    }
    for name in inputs(of: parameters) {
      guard let text = metrics[name]?["unique_id"]?.string, !parents.contains(NodeID(text)) else { continue }
      parents.append(NodeID(text))
    }
    var path: Set<String> = []
    let all = inputMeasures(parameters, metrics, &path)
    var result = SemanticShapes.head(entry)
    result["description"] = entry["description"] ?? ""
    for key in ["label", "type"] { result[key] = entry[key] ?? PlainValue.null }
    result["type_params"] = SemanticShapes.typeParameters(
      parameters, type: entry["type"]?.string, inputMeasures: all)
    result["filter"] = SemanticShapes.filter(entry["filter"])
    result["metadata"] = PlainValue.null
    result["time_granularity"] = entry["time_granularity"] ?? PlainValue.null
    let config = entry["config"]?.mapping
    let ownMeta = config?["meta"]?.mapping ?? [:]
    result["meta"] = ownMeta.isEmpty ? entry["meta"] ?? [:] : .mapping(ownMeta)
    result["tags"] = .list((entry["tags"]?.strings ?? []).map { .string($0) })
    var configured = entry
    configured["tags"] = nil
    result["config"] = SemanticShapes.config(configured)
    result["unrendered_config"] = entry["unrendered_config"] ?? [:]
    result["sources"] = []
    result["depends_on"] = SemanticShapes.dependsOn(parents)
    result["refs"] = []
    result["metrics"] = []
    result["group"] = config?["group"] ?? PlainValue.null
    return result
  }

  /// The measures that a metric names itself.
  static func ownMeasures(_ parameters: Values) -> [PlainValue] {
    let conversion = parameters["conversion_type_params"]?.mapping
    return [parameters["measure"], conversion?["base_measure"], conversion?["conversion_measure"]]
      .compactMap { SemanticShapes.measureInput($0) }
  }

  /// The names of the metrics that a metric is made of.
  static func inputs(of parameters: Values) -> [String] {
    let values =
      [parameters["numerator"], parameters["denominator"]].compactMap { $0 }
      + (parameters["metrics"]?.list ?? [])
    return values.compactMap { SemanticShapes.metricInput($0)?.mapping?["name"]?.string }
  }

  /// The measures below a metric, each once.
  private static func inputMeasures(
    _ parameters: Values, _ metrics: [String: Values], _ path: inout Set<String>
  ) -> [PlainValue] {
    var result = ownMeasures(parameters)
    for name in inputs(of: parameters) where path.insert(name).inserted {
      let below = metrics[name]?["type_params"]?.mapping ?? [:]
      for measure in inputMeasures(below, metrics, &path) where !result.contains(measure) {
        result.append(measure)
      }
    }
    return result
  }

  // MARK: Saved queries

  private func savedQuery(_ entry: Values, _ metrics: [String: Values]) -> Values {
    let query = entry["query_params"]?.mapping ?? [:]
    let names = query["metrics"]?.strings ?? []
    var result = SemanticShapes.head(entry)
    var parameters = SemanticShapes.filled(
      query, ["metrics": [], "group_by": [], "where": nil, "order_by": [], "limit": nil])
    parameters["where"] = SemanticShapes.filter(query["where"])
    result["query_params"] = .mapping(parameters)
    result["exports"] = .list(
      (entry["exports"]?.list ?? []).map { self.export($0, below: entry["config"]?.mapping ?? [:]) })
    for key in ["description", "label"] { result[key] = entry[key] ?? PlainValue.null }
    result["metadata"] = PlainValue.null
    result["config"] = SemanticShapes.config(
      entry, also: ["export_as": nil, "schema": nil, "cache": ["enabled": false]])
    result["unrendered_config"] = entry["unrendered_config"] ?? [:]
    result["group"] = entry["config"]?.mapping?["group"] ?? PlainValue.null
    result["depends_on"] = SemanticShapes.dependsOn(
      names.compactMap { metrics[$0]?["unique_id"]?.string.map { NodeID($0) } })
    result["refs"] = []
    result["tags"] = .list(SemanticShapes.tags(entry))
    return result
  }

  /// - Parameter query: the saved query's config, which holds for exports that say nothing themselves.
  private func export(_ value: PlainValue, below query: Values) -> PlainValue {
    let written = value.mapping?["config"]?.mapping ?? [:]
    func stated(_ key: String) -> PlainValue? {
      [written[key], query[key]].compactMap(\.self).first { !$0.isNull }
    }
    let name = value.mapping?["name"] ?? PlainValue.null
    let config: Values = [
      "export_as": stated("export_as") ?? "table",
      "schema_name": stated("schema") ?? .string(settings.schema),
      "alias": written["alias"] ?? name,
      "database": written["database"] ?? .string(settings.database),
    ]
    return ["name": name, "config": .mapping(config), "unrendered_config": .mapping(written)]
  }
}
