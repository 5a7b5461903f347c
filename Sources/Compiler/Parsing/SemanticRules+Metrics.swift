import OrderedCollections
import ProjectModel

/// The rules that metrics and saved queries have to keep.
extension SemanticRules {
  func metricFindings() -> [Finding] {
    var found: [Finding] = []
    var labels: [String: String] = [:]
    var aliases: [String: String] = [:]
    let measures = Set(models.flatMap { $0.measures.map(\.name) })
    for metric in metrics {
      if let fault = Self.fault(inName: metric.name) {
        found.append(metric.finding("has no good name: \(fault)"))
      }
      if let label = metric.label {
        if let other = labels[label] {
          found.append(metric.finding("has the label '\(label)', as metric '\(other)' has"))
        } else {
          labels[label] = metric.name
        }
      }
      found += inputs(metric)
      for input in metric.inputMeasures {
        guard let alias = input["alias"]?.string else { continue }
        if measures.contains(alias) {
          found.append(
            metric.finding("gives a measure the alias '\(alias)', which is another measure's name"))
        }
        if let other = aliases.updateValue(metric.name, forKey: alias), other != metric.name {
          found.append(metric.finding("gives a measure the alias '\(alias)', as metric '\(other)' does"))
        }
      }
      found += filterFindings(metric.values["filter"]).map {
        metric.finding("has a filter \($0.text)", isWarning: $0.isWarning)
      }
      switch metric.type {
      case "cumulative": found += cumulative(metric)
      case "derived": found += derived(metric)
      case "conversion": found += conversion(metric)
      default: break
      }
    }
    return found
  }

  /// One measure taken twice must be told apart.
  private func inputs(_ metric: MetricEntry) -> [Finding] {
    var found: [Finding] = []
    let named = Dictionary(grouping: metric.inputMeasures) { $0["name"]?.string ?? "" }
    for (name, inputs) in named.sorted(by: { $0.key < $1.key }) where inputs.count > 1 {
      let bare = inputs.filter { !($0["filter"]?.isNull ?? true) && $0["alias"]?.string == nil }
      if !bare.isEmpty, inputs.contains(where: { $0 != inputs[0] }) {
        found.append(
          metric.finding(
            "takes the measure '\(name)' with several filters", help: "give each an 'alias'"))
      }
    }
    return found
  }

  private var customGrains: Set<String> { Set(timeSpines.flatMap(\.customGrains)) }

  private func windowFault(_ window: PlainValue?, allowsCustom: Bool = false) -> String? {
    guard let window = window?.mapping, var grain = window["granularity"]?.string else { return nil }
    if grain.hasSuffix("s"), customGrains.contains(String(grain.dropLast())) { grain.removeLast() }
    if Self.grains.contains(grain) || (allowsCustom && customGrains.contains(grain)) { return nil }
    let text = "\(window["count"]?.pythonText ?? "") \(grain)"
    return "has the window '\(text)', whose granularity "
      + (customGrains.contains(grain) ? "cannot be a custom one here" : "is not known")
  }

  private func cumulative(_ metric: MetricEntry) -> [Finding] {
    let nested = metric.parameters["cumulative_type_params"]?.mapping ?? [:]
    let window = nested["window"].flatMap { $0.isNull ? nil : $0 } ?? metric.parameters["window"]
    let grain = nested["grain_to_date"]?.string ?? metric.parameters["grain_to_date"]?.string
    var found: [Finding] = []
    if let outer = metric.parameters["window"], !outer.isNull, let inner = nested["window"], !inner.isNull,
      outer != inner
    {
      found.append(
        metric.finding("has two windows", help: "leave the one in type_params.cumulative_type_params"))
    }
    if let grain, !Self.grains.contains(grain.lowercased()) {
      found.append(metric.finding("has the grain_to_date '\(grain)', which is no standard granularity"))
    }
    if grain != nil, window?.mapping != nil {
      found.append(metric.finding("has both window and grain_to_date", help: "leave one of them"))
    }
    if let fault = windowFault(window) { found.append(metric.finding(fault)) }
    return found
  }

  private func derived(_ metric: MetricEntry) -> [Finding] {
    var found: [Finding] = []
    if metric.inputMetrics.isEmpty {
      found.append(metric.finding("is derived and names no metrics in type_params.metrics"))
    }
    var used = Set(metric.inputMetrics.compactMap { $0["name"]?.string })
    let expression = metric.parameters["expr"]?.string ?? ""
    if expression.isEmpty { found.append(metric.finding("is derived and has no expr", isWarning: true)) }
    for input in metric.inputMetrics {
      let name = input["name"]?.string ?? ""
      let alias = input["alias"]?.string
      if let alias {
        if let fault = Self.fault(inName: alias) {
          found.append(metric.finding("gives '\(name)' the alias '\(alias)': \(fault)"))
        }
        if !used.insert(alias).inserted {
          found.append(metric.finding("gives '\(name)' the alias '\(alias)', which is taken"))
        }
      }
      if !expression.isEmpty, !expression.contains(alias ?? name) {
        found.append(metric.finding("does not use '\(alias ?? name)' in its expr", isWarning: true))
      }
      if let fault = windowFault(input["offset_window"], allowsCustom: true) {
        found.append(metric.finding(fault))
      }
      if let grain = input["offset_to_grain"]?.string {
        if !Self.grains.contains(grain.lowercased()) {
          found.append(metric.finding("has the offset_to_grain '\(grain)', which is no standard granularity"))
        }
        if input["offset_window"]?.mapping != nil {
          found.append(metric.finding("has both offset_window and offset_to_grain for '\(name)'"))
        }
      }
    }
    return found
  }

  private func conversion(_ metric: MetricEntry) -> [Finding] {
    guard let parameters = metric.parameters["conversion_type_params"]?.mapping else {
      return [metric.finding("is a conversion and has no type_params.conversion_type_params")]
    }
    var found: [Finding] = []
    let entity = parameters["entity"]?.string ?? ""
    for (key, property) in [("base_measure", "base_property"), ("conversion_measure", "conversion_property")]
    {
      guard let input = parameters[key]?.mapping, let name = input["name"]?.string,
        let model = models.first(where: { $0.measures.contains { $0.name == name } }),
        let measure = model.measures.first(where: { $0.name == name })
      else {
        found.append(metric.finding("has a \(key) that no semantic model has"))
        continue
      }
      if !model.entities.contains(where: { $0.name == entity }) {
        found.append(
          metric.finding("converts by entity '\(entity)', which semantic model '\(model.name)' does not have")
        )
      }
      let isCount =
        ["count", "count_distinct"].contains(measure.aggregation)
        || (measure.aggregation == "sum" && measure.expression == "1")
      if !isCount {
        found.append(
          metric.finding(
            "has the \(key) '\(name)', which aggregates by \(measure.aggregation)",
            help: "a conversion counts: count, count_distinct, or sum of 1"))
      }
      if key == "conversion_measure", let filter = input["filter"], !filter.isNull {
        found.append(metric.finding("has a filter on its conversion_measure", isWarning: true))
      }
      let known = Set((model.entities + model.dimensions).map(\.name))
      for constant in parameters["constant_properties"]?.list ?? [] {
        guard let name = constant.mapping?[property]?.string, !known.contains(name) else { continue }
        found.append(
          metric.finding(
            "has the constant property '\(name)', which semantic model '\(model.name)' does not have"))
      }
    }
    if let fault = windowFault(parameters["window"]) { found.append(metric.finding(fault)) }
    return found
  }

  // MARK: Saved queries

  func savedQueryFindings() -> [Finding] {
    var grouped: Set<String> = ["metric_time"]
    for model in models { grouped.formUnion((model.dimensions + model.entities).map(\.name)) }
    grouped.formUnion(metrics.map(\.name))
    return savedQueries.flatMap { query -> [Finding] in
      let name = query["name"]?.string ?? ""
      let parameters = query["query_params"]?.mapping ?? [:]
      func finding(_ summary: String, isWarning: Bool = false) -> Finding {
        Finding(
          owner: query["unique_id"]?.string, isWarning: isWarning, summary: "saved query '\(name)' \(summary)"
        )
      }
      var found: [Finding] = []
      if let fault = Self.fault(inName: name) { found.append(finding("has no good name: \(fault)")) }
      let groups = parameters["group_by"]?.strings ?? []
      for group in groups {
        let calls = SemanticCall.all(in: group)
        if calls.count != 1 || !grouped.contains(calls[0].element) {
          found.append(finding("groups by \(group), which is no dimension, entity or metric"))
        }
      }
      let listed = Set(groups + (parameters["metrics"]?.strings ?? []).map { "Metric('\($0)')" })
        .map(SemanticCall.withoutSpaces)
      for order in parameters["order_by"]?.strings ?? [] {
        let plain = SemanticCall.withoutSpaces(order)
        let bare = plain.firstRange(of: ".descending(").map { String(plain[..<$0.lowerBound]) } ?? plain
        if !listed.contains(bare) {
          found.append(finding("orders by \(order), which is none of its metrics and group_by"))
        }
      }
      if let limit = parameters["limit"]?.int, limit < 0 { found.append(finding("has the limit \(limit)")) }
      return found
        + filterFindings(parameters["where"]).map {
          finding("has a filter \($0.text)", isWarning: $0.isWarning)
        }
    }
  }

  // MARK: Filters

  private func filterFindings(_ filter: PlainValue?) -> [(text: String, isWarning: Bool)] {
    let texts = (filter?.mapping?["where_filters"]?.list ?? []).compactMap {
      $0.mapping?["where_sql_template"]?.string
    }
    let known = Set(Self.grains).union(customGrains)
    return texts.flatMap { text -> [(text: String, isWarning: Bool)] in
      guard SemanticCall.isTemplate(text) else { return [("that is no template: \(text)", false)] }
      return SemanticCall.all(in: text).compactMap { call -> (text: String, isWarning: Bool)? in
        if ["Dimension", "TimeDimension"].contains(call.kind), !call.name.contains("__"),
          call.name != "metric_time"
        {
          return ("on \(call.kind)('\(call.name)'), which does not name its entity", false)
        }
        if call.kind == "TimeDimension", let grain = call.grain, !known.contains(grain.lowercased()) {
          return ("by the granularity '\(grain)', which is not known", true)
        }
        return nil
      }
    }
  }
}
