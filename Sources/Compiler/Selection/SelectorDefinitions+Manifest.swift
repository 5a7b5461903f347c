public import OrderedCollections
public import ProjectModel

extension SelectorDefinitions {
  /// The entries of selectors.yml as the manifest keeps them: each definition with its methods spelled out, and
  /// definitions that others name in their place.
  ///
  /// - Parameter contents: what ``init(_:indirect:)`` has read.
  public static func manifestEntries(_ contents: PlainValue) -> OrderedDictionary<String, PlainValue> {
    var result: OrderedDictionary<String, PlainValue> = [:]
    for entry in contents.mapping?["selectors"]?.list ?? [] {
      guard var selector = entry.mapping, let name = selector["name"]?.string else { continue }
      selector["definition"] = selector["definition"].map { spelledOut($0, result) } ?? .null
      result[name] = .mapping(selector)
    }
    return result
  }

  private static func spelledOut(
    _ definition: PlainValue, _ known: OrderedDictionary<String, PlainValue>
  ) -> PlainValue {
    if let text = definition.string { return spelledOut(text) }
    guard let mapping = definition.mapping, let (key, value) = mapping.elements.first else {
      return definition
    }
    for group in ["union", "intersection"] {
      if let parts = mapping[group]?.list {
        return .mapping([group: .list(parts.map { spelledOut($0, known) })])
      }
    }
    if key == "exclude" || mapping.count == 1 {
      let value = value.list.map { .list($0.map { spelledOut($0, known) }) } ?? value
      return key == "exclude" ? .mapping([key: value]) : .mapping(["method": .string(key), "value": value])
    }
    if key == "method", value.string == "selector", let name = mapping["value"]?.string {
      return known[name]?.mapping?["definition"] ?? definition
    }
    return definition
  }

  /// `2+tag:nightly+` by its parts.
  private static func spelledOut(_ text: String) -> PlainValue {
    guard let criterion = try? SelectionCriterion(text) else { return ["error": "Invalid selector spec"] }
    var result: OrderedDictionary<String, PlainValue> = [:]
    if criterion.withChildrensParents { result["childrens_parents"] = true }
    if criterion.withParents { result["parents"] = true }
    if let depth = criterion.parentsDepth { result["parents_depth"] = .string(String(depth)) }
    result["method"] = .string(([criterion.method.rawValue] + criterion.arguments).joined(separator: "."))
    result["value"] = criterion.value
    if criterion.withChildren { result["children"] = true }
    if let depth = criterion.childrenDepth { result["children_depth"] = .string(String(depth)) }
    return .mapping(result)
  }
}
