import OrderedCollections
import ProjectModel

/// A semantic model as the manifest has it, with its parts at hand.
struct SemanticModelEntry {
  typealias Values = SemanticShapes.Values

  /// A measure, a dimension or an entity.
  struct Part {
    let values: Values

    var name: String { values["name"]?.string ?? "" }
    var type: String { (values["type"]?.string ?? "").lowercased() }
    var label: String? { values["label"]?.string }
    var isPartition: Bool { values["is_partition"]?.bool ?? false }
    var typeParameters: Values { values["type_params"]?.mapping ?? [:] }
    var grain: String? { typeParameters["time_granularity"]?.string?.lowercased() }
    var validity: Values? { typeParameters["validity_params"]?.mapping }
    var aggregation: String { (values["agg"]?.string ?? "").lowercased() }
    var expression: String? { values["expr"]?.string }
  }

  let values: Values
  let measures: [Part]
  let dimensions: [Part]
  let entities: [Part]

  init(_ values: Values) {
    self.values = values
    func parts(_ key: String) -> [Part] {
      (values[key]?.list ?? []).compactMap { $0.mapping.map { Part(values: $0) } }
    }
    measures = parts("measures")
    dimensions = parts("dimensions")
    entities = parts("entities")
  }

  var name: String { values["name"]?.string ?? "" }
  var label: String? { values["label"]?.string }

  /// The field, else the entity of that type.
  var primaryEntity: String? {
    values["primary_entity"]?.string ?? entities.first { $0.type == "primary" }?.name
  }

  var defaultTimeDimension: String? { values["defaults"]?.mapping?["agg_time_dimension"]?.string }

  var parts: [(kind: String, part: Part)] {
    measures.map { ("measures", $0) } + entities.map { ("entities", $0) }
      + dimensions.map { ("dimensions", $0) }
  }

  func isTimeDimension(_ name: String) -> Bool {
    dimensions.contains { $0.name == name && $0.type == "time" }
  }

  func finding(_ summary: String, help: String? = nil) -> SemanticRules.Finding {
    SemanticRules.Finding(
      owner: values["unique_id"]?.string, summary: "semantic model '\(name)' \(summary)", help: help)
  }

  func finding(_ kind: String, _ part: Part, _ summary: String, help: String? = nil) -> SemanticRules.Finding
  {
    let word = ["measures": "measure", "dimensions": "dimension", "entities": "entity"][kind] ?? kind
    return SemanticRules.Finding(
      owner: values["unique_id"]?.string, part: kind + " " + part.name,
      summary: "\(word) '\(part.name)' of semantic model '\(name)' \(summary)", help: help)
  }
}

/// A metric as the manifest has it.
struct MetricEntry {
  typealias Values = SemanticShapes.Values

  let values: Values

  init(_ values: Values) { self.values = values }

  var name: String { values["name"]?.string ?? "" }
  var type: String { (values["type"]?.string ?? "").lowercased() }
  var label: String? { values["label"]?.string }
  var parameters: Values { values["type_params"]?.mapping ?? [:] }
  var inputMetrics: [Values] { (parameters["metrics"]?.list ?? []).compactMap(\.mapping) }
  var inputMeasures: [Values] { (parameters["input_measures"]?.list ?? []).compactMap(\.mapping) }

  func finding(_ summary: String, help: String? = nil, isWarning: Bool = false) -> SemanticRules.Finding {
    SemanticRules.Finding(
      owner: values["unique_id"]?.string, isWarning: isWarning, summary: "metric '\(name)' \(summary)",
      help: help)
  }
}
