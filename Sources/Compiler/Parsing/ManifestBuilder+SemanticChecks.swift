import Diagnostics
import OrderedCollections
import ProjectLoading
import ProjectModel

/// What dbt refuses in metrics, semantic models and saved queries.
extension ManifestBuilder {
  /// What an entry says by itself, whatever else there is.
  mutating func checkMetric(_ name: String, _ node: YAMLNode, _ file: PropertiesFile) {
    let place = file.span(node["name"] ?? node)
    var faults: [String] = []
    if name.contains(" ") { faults.append("cannot contain spaces") }
    if name.unicodeScalars.count > 250 { faults.append("cannot contain more than 250 characters") }
    let first = name.unicodeScalars.first
    if !(first.map { $0.isASCII && $0.properties.isAlphabetic } ?? false) {
      faults.append("must begin with a letter")
    }
    let isWord = name.unicodeScalars.allSatisfy {
      $0 == "_" || $0.properties.isAlphabetic || $0.properties.numericType != nil
    }
    if !isWord { faults.append("must contain only letters, numbers and underscores") }
    if !faults.isEmpty {
      diagnostics.append(
        Diagnostic("bad-value", "the metric name '\(name)' \(faults.joined(separator: ", "))", at: place))
    }
    for key in ["label", "type", "type_params"] where node[key].map(\.isNull) ?? true {
      diagnostics.append(
        Diagnostic("bad-value", "metric '\(name)' has no '\(key)'", at: place, label: "'\(key):' is required")
      )
    }
    if let value = node["config"]?["enabled"], !value.isNull, value.scalar?.bool == nil {
      diagnostics.append(
        Diagnostic(
          "bad-value", "'enabled' of metric '\(name)' must be true or false, not \(value.kindName)",
          at: file.span(value)))
    }
    guard let type = node["type"]?.string else { return }
    let types = ["simple", "ratio", "cumulative", "derived", "conversion"]
    if !types.contains(type.lowercased()) {
      diagnostics.append(
        Diagnostic(
          "bad-value", "'\(type)' is no type of metric", meant: NearMiss(type, among: types),
          at: file.span(node["type"] ?? node), label: types.joined(separator: ", ")))
    }
  }

  /// Metrics that name others, or measures, which are not there.
  mutating func checkMetricInputs(
    _ metrics: [String: SemanticShapes.Values], measures: Set<String>
  ) {
    for (name, entry) in metrics.sorted(by: { $0.key < $1.key }) {
      let id = NodeID(entry["unique_id"]?.string ?? "")
      let parameters = entry["type_params"]?.mapping ?? [:]
      for input in Self.inputs(of: parameters) where metrics[input] == nil {
        let isOff = disabledMetrics.contains(input)
        diagnostics.append(
          Diagnostic(
            "unknown-metric",
            isOff
              ? "The metric `\(input)` is disabled and thus cannot be referenced by metric '\(name)'"
              : "The metric `\(input)` does not exist but was referenced by metric '\(name)'",
            meant: NearMiss(input, among: metrics.keys.sorted()),
            at: semanticSpans[id]))
      }
      let named = Self.ownMeasures(parameters).compactMap { $0.mapping?["name"]?.string }
      for measure in named where !measures.contains(measure) {
        diagnostics.append(
          Diagnostic(
            "unknown-measure",
            "no semantic model has the measure '\(measure)', which metric '\(name)' names",
            meant: NearMiss(measure, among: measures.sorted()),
            at: semanticSpans[id]))
      }
    }
  }

  /// Semantic models of models that are not there.
  mutating func checkSemanticModels() {
    for entry in (manifest.opaque[.semanticModel] ?? [:]).values.compactMap(\.mapping) {
      let name = entry["name"]?.string ?? ""
      let span = semanticSpans[NodeID(entry["unique_id"]?.string ?? "")]
      guard let text = entry["model"]?.string, case .ref(let call)? = ReferenceText(text, span: span) else {
        diagnostics.append(
          Diagnostic("bad-value", "'model' of semantic model '\(name)' must be one ref(…)", at: span))
        continue
      }
      _ = edges(
        [call], [], of: name, package: entry["package_name"]?.string ?? "", title: "semantic model '\(name)'",
        severity: .error)
    }
  }

  /// Saved queries of metrics that are not there.
  mutating func checkSavedQueries(_ metrics: [String: SemanticShapes.Values]) {
    for entry in (manifest.opaque[.savedQuery] ?? [:]).values.compactMap(\.mapping) {
      let name = entry["name"]?.string ?? ""
      for metric in entry["query_params"]?.mapping?["metrics"]?.strings ?? [] where metrics[metric] == nil {
        diagnostics.append(
          Diagnostic(
            "unknown-metric",
            "saved query '\(name)' depends on a metric named '\(metric)' which "
              + (disabledMetrics.contains(metric) ? "is disabled" : "was not found"),
            meant: NearMiss(metric, among: metrics.keys.sorted()),
            at: semanticSpans[NodeID(entry["unique_id"]?.string ?? "")]))
      }
    }
  }

  /// Puts docs blocks into the descriptions of semantic models, metrics, saved queries and their parts.
  mutating func describeSemantics() {
    for type in [ResourceType.semanticModel, .metric, .savedQuery] {
      for (id, value) in manifest.opaque[type] ?? [:] {
        let package = project.packages.firstIndex { $0.name == value.mapping?["package_name"]?.string } ?? 0
        let entry = described(value, package, semanticSpans[id])
        manifest.opaque[type]?[id] = entry
      }
    }
  }

  private mutating func described(_ value: PlainValue, _ package: Int, _ span: SourceSpan?) -> PlainValue {
    switch value {
    case .list(let items):
      var result: [PlainValue] = []
      for item in items { result.append(described(item, package, span)) }
      return .list(result)
    case .mapping(var entries):
      for (key, entry) in entries {
        if key == "description", let text = entry.string {
          entries[key] = .string(describe(text, at: span, package: package).0)
        } else if entry.mapping != nil || entry.list != nil {
          entries[key] = described(entry, package, span)
        }
      }
      return .mapping(entries)
    default: return value
    }
  }
}
