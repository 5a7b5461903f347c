import OrderedCollections
import ProjectModel

/// What counts as a change of metrics, semantic models, saved queries and unit tests, which the manifest keeps as they
/// were written.
///
/// dbt 1.11 names for each kind the entries that it compares (`same_contents` of its graph's nodes) and leaves out others
/// that one would expect: a metric's filter and parameters, a semantic model's label.
enum SemanticComparison {
  typealias Entries = OrderedDictionary<String, PlainValue>

  /// - Parameter old: nil for one that is new; of these only a unit test counts as modified for that.
  static func areSame(_ type: ResourceType, _ new: PlainValue, _ old: PlainValue?) -> Bool {
    guard let old = old?.mapping else { return type != .unitTest }
    let new = new.mapping ?? [:]
    func agree(on keys: String...) -> Bool { keys.allSatisfy { new[$0] == old[$0] } }
    return switch type {
    case .metric: agree(on: "type", "description", "label") && areConfigsSame(type, new, old)
    case .semanticModel:
      agree(
        on: "model", "description", "defaults", "entities", "dimensions", "measures", "config",
        "primary_entity", "group")
    case .savedQuery:
      agree(on: "description", "label", "config", "group", "tags")
        && ["metrics", "group_by", "where"].allSatisfy { query(new)[$0] == query(old)[$0] }
        && exports(new) == exports(old)
    default: agree(on: "checksum")
    }
  }

  /// nil for a kind of which dbt does not ask whether its config changed.
  static func areConfigsSame(_ type: ResourceType, _ new: PlainValue, _ old: PlainValue?) -> Bool? {
    guard [.metric, .semanticModel, .savedQuery].contains(type) else { return nil }
    guard let old else { return false }
    return areConfigsSame(type, new.mapping ?? [:], old.mapping ?? [:])
  }

  private static func areConfigsSame(_ type: ResourceType, _ new: Entries, _ old: Entries) -> Bool {
    guard type == .metric else { return new["config"] == old["config"] }
    return written(new) == written(old)
  }

  /// A metric's group is no config that dbt compares.
  private static func written(_ entries: Entries) -> PlainValue {
    .mapping((entries["unrendered_config"]?.mapping ?? [:]).filter { $0.key != "group" })
  }

  private static func query(_ entries: Entries) -> Entries { entries["query_params"]?.mapping ?? [:] }

  /// Names and what was stated, which the target does not change.
  private static func exports(_ entries: Entries) -> [[PlainValue?]] {
    (entries["exports"]?.list ?? []).map { export in
      let stated = export.mapping?["unrendered_config"]?.mapping ?? [:]
      return [export.mapping?["name"]] + ["export_as", "schema", "alias"].map { stated[$0] }
    }
  }
}
