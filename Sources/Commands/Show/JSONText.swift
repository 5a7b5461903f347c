import Artifacts
import OrderedCollections
import ProjectModel

/// JSON for people: two spaces a level, escapes as Python writes them.
enum JSONText {
  static func quoted(_ text: String) -> String {
    var writer = JSONWriter()
    writer.string(text)
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  static func compact(_ value: PlainValue) -> String {
    var writer = JSONWriter()
    writer.value(value)
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  static func indented(_ value: PlainValue, level: Int = 0) -> String {
    let inner = String(repeating: "  ", count: level + 1)
    let outer = String(repeating: "  ", count: level)
    switch value {
    case .list(let items) where !items.isEmpty:
      return "[\n" + items.map { inner + indented($0, level: level + 1) }.joined(separator: ",\n")
        + "\n\(outer)]"
    case .mapping(let entries) where !entries.isEmpty:
      return "{\n"
        + entries.map { inner + quoted($0.key) + ": " + indented($0.value, level: level + 1) }
        .joined(separator: ",\n") + "\n\(outer)}"
    default: return compact(value)
    }
  }
}
