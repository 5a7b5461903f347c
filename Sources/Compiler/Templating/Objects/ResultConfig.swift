import Jinja

/// The config of a node in `results`: unlike in `graph`, a key that is not there is none.
final class ResultConfig: JinjaObject {
  private let values: DictObject

  init(_ values: DictObject) { self.values = values }

  var typeName: String { "NodeConfig" }

  func attribute(_ name: String) -> Value? {
    switch name {
    case "get", "meta_get":
      return .function(name) { arguments, _ in
        let key = arguments.value(0, "key") ?? .none
        let found = name == "get" ? self.value(key) : self.meta?[key.stringValue ?? ""]
        return found ?? arguments.value(1, "default") ?? .none
      }
    case "to_dict": return .function(name) { _, _ in .dict(self.values) }
    default: return value(.string(name))
    }
  }

  func item(_ key: Value) -> Value? { value(key) ?? Value.none }
  func makeIterator() -> (any ValueIterator)? { ListIterator(values.keys) }
  func count() -> Int? { values.count }
  func representation() throws -> String { try Value.dict(values).representation() }

  /// Hooks are called by either spelling.
  private func value(_ key: Value) -> Value? {
    guard let name = key.stringValue else { return nil }
    return values[name] ?? (name.hasSuffix("_hook") ? values[name.replacing("_", with: "-")] : nil)
  }

  private var meta: DictObject? {
    guard case .dict(let meta)? = values["meta"] else { return nil }
    return meta
  }
}
