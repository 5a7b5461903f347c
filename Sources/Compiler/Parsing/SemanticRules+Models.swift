import OrderedCollections
import ProjectModel

/// The rules that a semantic model has to keep by itself.
extension SemanticRules {
  func modelFindings(_ model: SemanticModelEntry) -> [Finding] {
    var found = names(model)
    found += primaryEntity(model)
    found += validity(model)
    found += labels(model)
    found += times(model)
    for measure in model.measures {
      found += aggregation(measure, model)
      found += nonAdditive(measure, model)
    }
    return found
  }

  private func names(_ model: SemanticModelEntry) -> [Finding] {
    var found: [Finding] = []
    if let fault = Self.fault(inName: model.name) {
      found.append(model.finding("has no good name: \(fault)"))
    }
    let relation = model.values["node_relation"]?.mapping ?? [:]
    let words = ["database", "schema_name", "alias"].compactMap { relation[$0]?.string }
    if let word = words.first(where: Self.isReserved) {
      found.append(model.finding("reads a relation whose name holds the reserved word '\(word)'"))
    }
    var taken: [String: String] = [:]
    for (kind, part) in model.parts {
      if let other = taken.updateValue(kind, forKey: part.name) {
        found.append(model.finding(kind, part, "has a name that is taken among its \(other)"))
      }
      if let fault = Self.fault(inName: part.name) {
        found.append(model.finding(kind, part, "has no good name: \(fault)"))
      } else if Self.isReserved(part.name) {
        found.append(model.finding(kind, part, "has the name of a reserved word of SQL"))
      }
    }
    return found
  }

  private func primaryEntity(_ model: SemanticModelEntry) -> [Finding] {
    let field = model.values["primary_entity"]?.string
    let primary = model.entities.filter { $0.type == "primary" }.map(\.name)
    if primary.count > 1 {
      return [model.finding("has \(primary.count) primary entities: \(primary.joined(separator: ", "))")]
    }
    if let entity = primary.first, let field {
      return [
        model.finding(
          "has the primary entity '\(entity)', and 'primary_entity: \(field)' beside it",
          help: "leave one of them")
      ]
    }
    if !model.dimensions.isEmpty, primary.isEmpty, field == nil {
      return [
        model.finding(
          "has dimensions and no primary entity",
          help: "add an entity of type primary, or 'primary_entity: …'")
      ]
    }
    return []
  }

  private func validity(_ model: SemanticModelEntry) -> [Finding] {
    var found: [Finding] = []
    let bounds = model.dimensions.filter { $0.validity != nil }
    let natural = Set(model.entities.filter { $0.type == "natural" }.map(\.name)).sorted()
    if natural.count > 1 {
      found.append(model.finding("has \(natural.count) natural entities: \(natural.joined(separator: ", "))"))
    }
    if let entity = natural.first, bounds.isEmpty {
      found.append(
        model.finding(
          "has the natural entity '\(entity)' and no validity window",
          help: "give two time dimensions 'validity_params', one with is_start, one with is_end"))
    }
    guard !bounds.isEmpty else { return found }
    let names = bounds.map(\.name).joined(separator: ", ")
    let starts = bounds.filter { $0.validity?["is_start"]?.bool == true }
    let ends = bounds.filter { $0.validity?["is_end"]?.bool == true }
    if bounds.count != 2 || starts.count != 1 || ends.count != 1 || starts[0].name == ends[0].name {
      found.append(
        model.finding(
          "has validity_params on \(names); a window has one dimension that starts it and one that ends it"))
    }
    if natural.isEmpty {
      found.append(model.finding("has a validity window (\(names)) and no natural entity"))
    }
    if model.entities.contains(where: { ["primary", "unique"].contains($0.type) }) {
      found.append(model.finding("has a validity window (\(names)) and a primary or unique entity"))
    }
    if !model.measures.isEmpty {
      found.append(model.finding("has a validity window (\(names)) and measures"))
    }
    return found
  }

  private func labels(_ model: SemanticModelEntry) -> [Finding] {
    var found: [Finding] = []
    var seen: [String: String] = [:]
    for (kind, part) in model.parts {
      guard let label = part.label else { continue }
      if let other = seen.updateValue(part.name, forKey: kind + " " + label) {
        found.append(model.finding(kind, part, "has the label '\(label)', as '\(other)' has"))
      }
    }
    return found
  }

  private func times(_ model: SemanticModelEntry) -> [Finding] {
    var found: [Finding] = []
    if let name = model.defaultTimeDimension, !model.isTimeDimension(name) {
      found.append(
        model.finding("has the default agg_time_dimension '\(name)', which is no time dimension of it"))
    }
    for measure in model.measures {
      guard let name = measure.values["agg_time_dimension"]?.string ?? model.defaultTimeDimension else {
        found.append(
          model.finding(
            "measures", measure, "has no agg_time_dimension",
            help: "give it one, or the semantic model 'defaults: {agg_time_dimension: …}'"))
        continue
      }
      if measure.values["agg_time_dimension"]?.string != nil, !model.isTimeDimension(name) {
        found.append(
          model.finding(
            "measures", measure, "has the agg_time_dimension '\(name)', which is no time dimension"))
      }
    }
    return found
  }

  private func aggregation(_ measure: SemanticModelEntry.Part, _ model: SemanticModelEntry) -> [Finding] {
    let given = measure.values["agg_params"]?.mapping
    let percentile = given?["percentile"].flatMap { Double($0.pythonText) }
    let flags = ["use_discrete_percentile", "use_approximate_percentile"].filter { given?[$0]?.bool == true }
    func broken(_ summary: String, help: String? = nil) -> [Finding] {
      [model.finding("measures", measure, summary, help: help)]
    }
    switch measure.aggregation {
    case "count":
      guard let expression = measure.expression else {
        return broken("is a count and has no expr", help: "write 'expr: 1' to count all rows")
      }
      return expression.lowercased().hasPrefix("distinct ")
        ? broken("is a count of '\(expression)'", help: "write agg: count_distinct") : []
    case "percentile":
      guard let percentile else {
        return broken(
          "is a percentile and has no agg_params.percentile", help: "write agg_params: {percentile: 0.9}")
      }
      return percentile <= 0 || percentile >= 1
        ? broken("has the percentile \(percentile), which is not between 0 and 1") : []
    case "median":
      if let percentile, percentile != 0.5 { return broken("is a median with the percentile \(percentile)") }
      return flags.contains("use_discrete_percentile")
        ? broken("is a median with use_discrete_percentile") : []
    default:
      let wrong = (percentile.map { $0 != 0 } == true ? ["percentile"] : []) + flags
      return wrong.isEmpty
        ? []
        : broken(
          "aggregates by \(measure.aggregation), for which \(wrong.joined(separator: ", ")) means nothing")
    }
  }

  private func nonAdditive(_ measure: SemanticModelEntry.Part, _ model: SemanticModelEntry) -> [Finding] {
    guard let stated = measure.values["non_additive_dimension"]?.mapping else { return [] }
    var found: [Finding] = []
    func broken(_ summary: String) { found.append(model.finding("measures", measure, summary)) }
    let name = stated["name"]?.string ?? ""
    let time = measure.values["agg_time_dimension"]?.string ?? model.defaultTimeDimension
    let base = model.dimensions.first { $0.name == time }
    if let dimension = model.dimensions.first(where: { $0.name == name }) {
      if dimension.type != "time" {
        broken("has the non_additive_dimension '\(name)', which is no time dimension")
      } else if let base, let grain = base.grain, let own = dimension.grain, own != grain {
        broken(
          "has the non_additive_dimension '\(name)' by \(own), and its agg_time_dimension is by \(grain)")
      }
    } else {
      broken("has the non_additive_dimension '\(name)', which semantic model '\(model.name)' does not have")
    }
    let choice = stated["window_choice"]?.string ?? "min"
    if !["min", "max"].contains(choice.lowercased()) {
      broken("has the window_choice '\(choice)'; it is min or max")
    }
    let entities = Set(model.entities.map(\.name))
    for grouping in stated["window_groupings"]?.strings ?? [] where !entities.contains(grouping) {
      broken("has '\(grouping)' in its window_groupings, which is no entity of it")
    }
    return found
  }
}
