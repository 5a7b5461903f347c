import Diagnostics
import ProjectLoading
import ProjectModel

extension ManifestBuilder {
  /// What dbt demands of the semantic layer as a whole.
  mutating func checkSemanticRules() {
    guard !diagnostics.contains(where: { $0.severity == .error }) else { return }
    func entries(_ type: ResourceType) -> [SemanticRules.Values] {
      (manifest.opaque[type] ?? [:]).values.compactMap(\.mapping)
    }
    let models = entries(.semanticModel)
    let spines = manifest.nodes.values.compactMap { node -> SemanticRules.TimeSpine? in
      guard let spine = node.timeSpine?.mapping, let column = spine["standard_granularity_column"]?.string
      else {
        return nil
      }
      return SemanticRules.TimeSpine(
        name: node.name, grain: (node.columns[column]?.granularity ?? "day").lowercased(),
        customGrains: (spine["custom_granularities"]?.list ?? []).compactMap { $0.mapping?["name"]?.string })
    }
    let hasOlderSpine = manifest.nodes.values.contains {
      $0.resourceType == .model && $0.name == "metricflow_time_spine"
    }
    let days = SemanticRules.grains.prefix { $0 != "week" }
    if let first = models.first, !hasOlderSpine, !spines.contains(where: { days.contains($0.grain) }) {
      diagnostics.append(
        Diagnostic(
          "no-time-spine", "there are semantic models, and no time spine that lists days",
          at: semanticSpans[NodeID(first["unique_id"]?.string ?? "")], label: "the first of them",
          help: "make a model of all days, and say 'time_spine:' in its properties"))
    }
    let metrics = entries(.metric)
    if !models.isEmpty, !metrics.isEmpty { reportOlderForms(metrics, spines) }
    let rules = SemanticRules(
      models: models, metrics: metrics, savedQueries: entries(.savedQuery), timeSpines: spines)
    for finding in rules.findings() {
      let owner = finding.owner ?? ""
      let span =
        finding.part.flatMap { semanticSpans[NodeID("\(owner) \($0)")] } ?? semanticSpans[NodeID(owner)]
      diagnostics.append(
        Diagnostic(
          "bad-semantics", severity: finding.isWarning ? .warning : .error, finding.summary, at: span,
          help: finding.help))
    }
  }

  /// What dbt still takes of the semantic layer, and gives up.
  private mutating func reportOlderForms(
    _ metrics: [SemanticRules.Values], _ spines: [SemanticRules.TimeSpine]
  ) {
    let older = metrics.filter { metric in
      let parameters = metric["type_params"]?.mapping
      return ["window", "grain_to_date"].contains { !(parameters?[$0]?.isNull ?? true) }
    }
    let isError = flag("require_nested_cumulative_type_params", otherwise: false)
    for metric in isError ? older[...] : older.prefix(1) {
      let name = metric["name"]?.string ?? ""
      diagnostics.append(
        Diagnostic(
          isError ? "bad-semantics" : "mf-cumulative-type-params", severity: isError ? .error : .warning,
          "metric '\(name)' has its window or grain_to_date right below type_params",
          at: semanticSpans[NodeID(metric["unique_id"]?.string ?? "")],
          help: "put it below type_params.cumulative_type_params"))
    }
    let spine = manifest.nodes.values.first {
      $0.resourceType == .model && $0.name == "metricflow_time_spine" && $0.timeSpine == nil
    }
    guard let spine, !spines.contains(where: { $0.grain == "day" }),
      !flag("require_yaml_configuration_for_mf_time_spines", otherwise: false)
    else { return }
    diagnostics.append(
      Diagnostic(
        "mf-timespine-without-yaml-configuration", severity: .warning,
        "model '\(spine.name)' is a time spine by its name alone", at: spine.patchSpan ?? place(of: spine),
        help: "say 'time_spine: {standard_granularity_column: date_day}' in its properties"))
  }

  /// Notes where the parts of a semantic model stand.
  mutating func notePlaces(ofPartsOf id: NodeID, _ node: YAMLNode, _ file: PropertiesFile) {
    for kind in ["entities", "measures", "dimensions"] {
      for item in node[kind]?.sequence ?? [] {
        guard let name = item["name"], let text = name.string else { continue }
        semanticSpans[NodeID("\(id) \(kind) \(text)")] = file.span(name)
      }
    }
  }
}
