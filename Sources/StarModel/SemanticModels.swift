import OrderedCollections
public import ProjectModel

/// The star in dbt's language of metrics: a semantic model for each fact and dimension, as YAML that dbt reads.
///
/// Keys are entities, so that MetricFlow finds the joins; attributes are dimensions; measures keep their additivity.
/// Measures that are not additive have an average, since a sum of them means nothing.
public struct SemanticModels: Sendable {
  let star: Star
  let manifest: Manifest

  public init(_ star: Star, _ manifest: Manifest) {
    self.star = star
    self.manifest = manifest
  }

  /// - Parameter facts: those to write, with the dimensions that they use.
  public func text(_ facts: [Fact]) -> String {
    var used: OrderedSet<NodeID> = []
    for fact in facts { used.append(contentsOf: star.lookups(of: fact, manifest).map(\.target.node)) }
    let texts = facts.compactMap(model) + used.compactMap(model)
    guard !texts.isEmpty else { return "semantic_models: []\n" }
    return "semantic_models:\n" + texts.joined(separator: "\n")
  }

  /// Names of dbt's semantic layer: small letters, digits and single underscores, a letter first; names of periods are
  /// taken.
  private func word(_ text: String) -> String {
    let plain = text.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }
    let parts = String(plain).split(separator: "_")
    let name = parts.joined(separator: "_")
    if ["day", "week", "month", "quarter", "year", "hour", "minute", "second"].contains(name) {
      return "calendar_" + name
    }
    return name.first?.isLetter == true ? name : "m_" + name
  }

  // MARK: Facts

  private func model(_ fact: Fact) -> String? {
    // Measures need a time to be added up by.
    guard let time = time(of: fact) else { return nil }
    var lines = head(fact.name, description: nil)
    lines += ["    defaults:", "      agg_time_dimension: \(word(time.name))", "    entities:"]
    // A star has one primary entity a model; that of a fact is a row of it, and nobody joins on it.
    lines += entity(
      fact.name + "_row", "primary",
      fact.grain.count == 1 ? quoted(fact.grain[0]) : concatenated(fact.grain))
    var names: Set<String> = []
    for (edge, target) in star.lookups(of: fact, manifest) {
      let key = edge.foreignKey(target.surrogateKey.name)
      // Two roles of one dimension are two ways to it, and an entity is one: the first role has its name.
      let name = names.insert(target.surrogateKey.name).inserted ? target.surrogateKey.name : key
      lines += entity(name, "foreign", quoted(key))
    }
    lines.append("    dimensions:")
    lines += timeDimension(time)
    let taken = Set(star.lookups(of: fact, manifest).map { $0.edge.foreignKey($0.target.surrogateKey.name) })
    for name in fact.degenerate where !taken.contains(name) && name != time.name { lines += category(name) }
    let measures = fact.measures.flatMap { measure(fact, $0, time: time.name) }
    lines.append("    measures:")
    lines +=
      ["      - name: \(word(fact.name))_rows", "        agg: count", "        expr: \"1\""] + measures
    return lines.joined(separator: "\n") + "\n"
  }

  private func time(of fact: Fact) -> (name: String, granularity: String)? {
    if let period = fact.periodic?.period { return (PeriodicSnapshot.startColumn, period.rawValue) }
    return (fact.eventTime ?? fact.accumulating?.milestones.first?.at).map { ($0, "day") }
  }

  private func measure(_ fact: Fact, _ measure: Fact.Measure, time: String) -> [String] {
    var lines = ["      - name: \(word(fact.name))_\(word(measure.name))"]
    if let unit = measure.unit { lines.append("        description: \(quoted("In " + unit))") }
    lines.append("        agg: \(measure.additivity == .non ? "average" : "sum")")
    lines.append("        expr: \(quoted(measure.name))")
    if measure.additivity == .semi {
      lines += [
        "        non_additive_dimension:", "          name: \(word(time))", "          window_choice: max",
      ]
    }
    return lines
  }

  // MARK: Dimensions

  private func model(_ node: NodeID) -> String? {
    guard let properties = manifest.nodes[node] else { return nil }
    var lines: [String]
    var attributes: [String]
    if let dimension = star.dimensions[node] {
      lines = head(dimension.name, description: properties.description)
      lines.append("    entities:")
      lines += entity(dimension.surrogateKey.name, "primary", nil)
      let hidden = Set([dimension.surrogateKey.name])
      attributes = (dimension.naturalKey + properties.columns.keys).filter {
        !hidden.contains($0) && !dimension.isSystemColumn($0)
      }
    } else if let dates = star.dateDimensions[node] {
      lines = head(dates.name, description: properties.description)
      lines.append("    entities:")
      lines += entity(dates.surrogateKey, "primary", nil)
      attributes = DateDimension.categories
    } else if let times = star.timeDimensions[node] {
      lines = head(times.name, description: properties.description)
      lines.append("    entities:")
      lines += entity(times.surrogateKey, "primary", nil)
      attributes = times.categories
    } else if let junk = star.junkDimensions[node] {
      lines = head(junk.name, description: properties.description)
      lines.append("    entities:")
      lines += entity(junk.surrogateKey, "primary", nil)
      attributes = junk.flags
    } else {
      return nil
    }
    lines.append("    dimensions:")
    lines += OrderedSet(attributes).flatMap(category)
    return lines.joined(separator: "\n") + "\n"
  }

  // MARK: YAML

  private func head(_ name: String, description: String?) -> [String] {
    var lines = ["  - name: \(word(name))", "    model: ref('\(name)')"]
    if let description, !description.isEmpty { lines.append("    description: \(quoted(description))") }
    return lines
  }

  private func entity(_ name: String, _ type: String, _ expression: String?) -> [String] {
    ["      - name: \(word(name))", "        type: \(type)"]
      + (expression ?? quoted(name)).lines(unlessName: word(name))
  }

  private func category(_ name: String) -> [String] {
    ["      - name: \(word(name))", "        type: categorical"] + quoted(name).lines(unlessName: word(name))
  }

  private func timeDimension(_ time: (name: String, granularity: String)) -> [String] {
    ["      - name: \(word(time.name))", "        type: time", "        type_params:"]
      + ["          time_granularity: \(time.granularity)"]
      + quoted(time.name).lines(unlessName: word(time.name))
  }

  private func concatenated(_ columns: [String]) -> String {
    quoted(columns.map { "\($0)::text" }.joined(separator: " || '-' || "))
  }

  /// A YAML text in double quotes.
  private func quoted(_ text: String) -> String {
    "\""
      + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: " ") + "\""
  }
}

extension String {
  /// An `expr:` line, where the name alone does not say it.
  fileprivate func lines(unlessName name: String) -> [String] {
    self == "\"\(name)\"" ? [] : ["        expr: \(self)"]
  }
}

extension DateDimension {
  /// Columns to group by.
  static let categories = [
    "date", "day_name", "is_weekend", "week", "month", "month_name", "quarter", "year", "fiscal_year",
  ]
}

extension TimeDimension {
  /// Columns to group by.
  fileprivate var categories: [String] {
    ["hour", "am_pm", "time_24"] + (parts.isEmpty ? [] : ["part_of_day"])
  }
}
