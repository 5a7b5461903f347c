import Jinja
import OrderedCollections
import ProjectModel

/// What `metric()` gives: a metric's entry in the manifest, and what it is made of.
final class MetricObject: JinjaObject {
  typealias Values = OrderedDictionary<String, PlainValue>
  typealias Entries = OrderedDictionary<NodeID, PlainValue>

  private let entry: Values
  /// All metrics; none while the project is parsed.
  private let metrics: Entries

  init(_ entry: Values, among metrics: Entries) {
    self.entry = entry
    self.metrics = metrics
  }

  /// A metric of which only the name is known yet.
  convenience init(named name: String, package: String?) {
    self.init(["name": .string(name), "package_name": package.map { .string($0) } ?? .null], among: [:])
  }

  /// The metric of these words, that of the package that asks before those of others.
  static func entry(_ words: [String], from package: String, among metrics: Entries) -> Values? {
    let named = metrics.values.compactMap(\.mapping).filter { $0["name"]?.string == words.last }
    func of(_ package: String) -> Values? { named.first { $0["package_name"]?.string == package } }
    return words.count > 1 ? of(words[0]) : of(package) ?? named.first
  }

  var typeName: String { "ResolvedMetricReference" }
  func text() -> String { entry["name"]?.string ?? "" }
  func representation() -> String { "<metric \(text())>" }

  func attribute(_ name: String) -> Value? {
    switch name {
    case "metric_name": return entry["name"].map { Value($0) }
    // A member of an enumeration in Python.
    case "type": return entry["type"]?.string.map { .string("MetricType." + $0.uppercased()) }
    case "full_metric_dependency": return names(name) { _ in true }
    case "base_metric_dependency": return names(name) { !Self.isMadeOfMetrics($0) }
    case "derived_metric_dependency": return names(name, where: Self.isMadeOfMetrics)
    case "derived_metric_dependency_depth":
      return .function(name) { [entry] _, _ in
        .list(self.depths(entry, 1).map { .dict([($0.name, .int($0.depth))]) })
      }
    default: return entry[name].map { Value($0) }
    }
  }

  private static func isMadeOfMetrics(_ entry: Values) -> Bool {
    ["derived", "ratio"].contains(entry["type"]?.string?.lowercased())
  }

  private func parents(of entry: Values) -> [Values] {
    (entry["depends_on"]?.mapping?["nodes"]?.strings ?? []).compactMap { metrics[NodeID($0)]?.mapping }
  }

  /// The metric and all that it is made of, each once.
  private func names(_ function: String, where isWanted: @escaping (Values) -> Bool) -> Value {
    .function(function) { [entry] _, _ in
      var seen: OrderedSet<String> = []
      func add(_ metric: Values) {
        if isWanted(metric), let name = metric["name"]?.string { seen.append(name) }
        for parent in self.parents(of: metric) { add(parent) }
      }
      add(entry)
      return .strings(Array(seen))
    }
  }

  private func depths(_ metric: Values, _ depth: Int) -> [(name: String, depth: Int)] {
    guard Self.isMadeOfMetrics(metric) else { return [] }
    return [(metric["name"]?.string ?? "", depth)] + parents(of: metric).flatMap { depths($0, depth + 1) }
  }
}
