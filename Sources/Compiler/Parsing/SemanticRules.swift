import OrderedCollections
import ProjectModel

/// What dbt demands of the semantic layer as a whole: semantic models, metrics and saved queries in their forms of the
/// manifest, against each other.
///
/// As in dbt nothing is demanded while there are no metrics, or no semantic models.
struct SemanticRules {
  typealias Values = SemanticShapes.Values

  /// A broken rule.
  struct Finding: Equatable {
    /// The unique id of what breaks it; nil for the layer as a whole.
    var owner: String?
    /// `measures revenue`: the part of a semantic model.
    var part: String?
    var isWarning = false
    var summary: String
    var help: String?
  }

  /// A model that lists days, months, …
  struct TimeSpine {
    var name: String
    var grain: String
    var customGrains: [String]
  }

  let models: [SemanticModelEntry]
  let metrics: [MetricEntry]
  let savedQueries: [Values]
  let timeSpines: [TimeSpine]

  init(models: [Values], metrics: [Values], savedQueries: [Values], timeSpines: [TimeSpine]) {
    self.models = models.map(SemanticModelEntry.init)
    self.metrics = metrics.map(MetricEntry.init)
    self.savedQueries = savedQueries
    self.timeSpines = timeSpines
  }

  /// In dbt's order, from the shortest grain to the longest.
  static let grains = [
    "nanosecond", "microsecond", "millisecond", "second", "minute", "hour", "day", "week", "month", "quarter",
    "year",
  ]

  func findings() -> [Finding] {
    guard !models.isEmpty, !metrics.isEmpty else { return [] }
    var found = models.flatMap(modelFindings)
    found += namesAcrossModels()
    found += metricFindings()
    found += savedQueryFindings()
    found += timeSpineFindings()
    return found
  }

  // MARK: Names

  private static let reserved: Set<String> = [
    "and", "as", "create", "distinct", "for", "from", "full", "having", "in", "inner", "into", "is", "join",
    "left", "like", "natural", "not", "null", "on", "or", "right", "select", "union", "using", "where",
    "with",
  ]

  static func isReserved(_ name: String) -> Bool { reserved.contains(name.lowercased()) }

  /// - Returns: what is wrong with a name; nil for a good one.
  static func fault(inName name: String) -> String? {
    let bytes = Array(name.utf8)
    let isWord = bytes.allSatisfy { $0 == UInt8(ascii: "_") || isDigit($0) || isLower($0) }
    let endsWell = bytes.last.map { $0 != UInt8(ascii: "_") } ?? false
    if bytes.count < 2 || !isWord || !isLower(bytes[0]) || !endsWell || name.contains("__") {
      return
        "a name has two or more lower case letters, digits and single underscores, begins with a letter and "
        + "does not end with an underscore"
    }
    if grains.contains(name.lowercased()) { return "it is the name of a time granularity" }
    if ["metric_time", "mf_internal_uuid"].contains(name.lowercased()) {
      return "MetricFlow keeps it for itself"
    }
    return nil
  }

  private static func isLower(_ byte: UInt8) -> Bool {
    byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z")
  }
  private static func isDigit(_ byte: UInt8) -> Bool {
    byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
  }

  // MARK: Across semantic models

  private func namesAcrossModels() -> [Finding] {
    var found: [Finding] = []
    var measures: [String: String] = [:]
    var dimensions: [String: (model: String, type: String, isPartition: Bool, grain: String?)] = [:]
    var pairs: [String: String] = [:]
    var kinds: [String: [String: String]] = [:]
    var modelLabels: [String: String] = [:]
    var entityLabels: [String: (label: String, model: String)] = [:]
    for model in models {
      for measure in model.measures {
        if let other = measures[measure.name] {
          found.append(
            model.finding(
              "measures", measure, "is in semantic model '\(other)', too", help: "rename one of them"))
        } else {
          measures[measure.name] = model.name
        }
      }
      for dimension in model.dimensions {
        if let first = dimensions[dimension.name] {
          if first.type != dimension.type {
            found.append(
              model.finding(
                "dimensions", dimension,
                "is of type \(dimension.type), and in semantic model '\(first.model)' of type \(first.type)"))
          }
          if first.isPartition != dimension.isPartition {
            found.append(
              model.finding(
                "dimensions", dimension,
                "\(dimension.isPartition ? "is" : "is not") a partition, other than in '\(first.model)'"))
          }
        } else {
          dimensions[dimension.name] = (model.name, dimension.type, dimension.isPartition, dimension.grain)
        }
        guard let entity = model.primaryEntity else { continue }
        let pair = entity + "__" + dimension.name
        if let other = pairs[pair] {
          found.append(
            model.finding(
              "dimensions", dimension,
              "belongs to the primary entity '\(entity)', which has one of that name in semantic model '\(other)'"
            ))
        } else {
          pairs[pair] = model.name
        }
      }
      for (kind, part) in model.parts { kinds[part.name, default: [:]][kind] = model.name }
      if let label = model.label {
        if let other = modelLabels[label] {
          found.append(model.finding("has the label '\(label)', as '\(other)' has"))
        } else {
          modelLabels[label] = model.name
        }
      }
      for entity in model.entities {
        guard let label = entity.label else { continue }
        let first = entityLabels[entity.name] ?? (label, model.name)
        entityLabels[entity.name] = first
        if first.label != label {
          found.append(
            model.finding(
              "entities", entity,
              "has the label '\(label)', and in semantic model '\(first.model)' '\(first.label)'"))
        }
      }
    }
    for model in models {
      for (kind, part) in model.parts {
        let others = (kinds[part.name] ?? [:]).filter { $0.key != kind && $0.value != model.name }
        guard let other = others.min(by: { $0.key < $1.key }) else { continue }
        found.append(
          model.finding(
            kind, part, "has a name that stands among the \(other.key) of semantic model '\(other.value)'"))
      }
    }
    return found
  }

  // MARK: Time spines

  private func timeSpineFindings() -> [Finding] {
    guard !timeSpines.isEmpty else { return [] }
    var found: [Finding] = []
    for grain in Self.grains {
      let spines = timeSpines.filter { $0.grain == grain }.map(\.name)
      if spines.count > 1 {
        found.append(
          Finding(
            isWarning: true,
            summary:
              "more than one time spine has the granularity \(grain): \(spines.joined(separator: ", "))"))
      }
    }
    let used = models.flatMap(\.dimensions).compactMap(\.grain).compactMap(Self.grains.firstIndex(of:)).min()
    let there = timeSpines.compactMap { Self.grains.firstIndex(of: $0.grain) }.min()
    if let used, let there, used < there {
      found.append(
        Finding(
          isWarning: true,
          summary: "a time dimension has the granularity \(Self.grains[used]), and no time spine goes below "
            + Self.grains[there],
          help: "configure a time spine of \(Self.grains[used])s"))
    }
    var taken: [String: String] = [:]
    for model in models {
      for (kind, part) in model.parts { taken[part.name] = kind }
      taken[model.name] = "semantic models"
    }
    for metric in metrics { taken[metric.name] = "metrics" }
    var seen: Set<String> = []
    for spine in timeSpines {
      for grain in spine.customGrains {
        let head = "custom granularity '\(grain)' of time spine '\(spine.name)'"
        if let fault = Self.fault(inName: grain) {
          found.append(Finding(summary: "\(head) cannot be called so: \(fault)"))
        }
        if let kind = taken[grain] {
          found.append(Finding(summary: "\(head) has a name of one of the \(kind)"))
        }
        if !seen.insert(grain).inserted { found.append(Finding(summary: "\(head) is defined twice")) }
      }
    }
    return found
  }
}
