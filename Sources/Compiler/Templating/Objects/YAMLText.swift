import Jinja
import ProjectLoading
import ProjectModel

/// YAML as templates read and write it.
enum YAMLText {
  /// nil when the text is not YAML.
  static func parse(_ text: String) -> Value? {
    guard let document = try? YAMLParser.parse(Array(text.utf8), file: "fromyaml").document else {
      return nil
    }
    return document.root.map { Value($0.plain) } ?? Value.none
  }

  /// Block style, two spaces a level, lists at the level of their key: PyYAML's way.
  static func write(_ value: PlainValue, sortsKeys: Bool) -> String {
    var output = ""
    switch value {
    case .list(let items) where !items.isEmpty: write(items, sortsKeys, level: 0, &output)
    case .mapping(let entries) where !entries.isEmpty:
      write(Array(entries.elements), sortsKeys, level: 0, &output)
    default:
      output = scalar(value) + "\n"
      if case .list = value { break }
      if case .mapping = value { break }
      output += "...\n"
    }
    return output
  }

  private static func write(
    _ entries: [(key: String, value: PlainValue)], _ sortsKeys: Bool, level: Int, _ output: inout String,
    continuesLine: Bool = false
  ) {
    let entries = sortsKeys ? entries.sorted { $0.key < $1.key } : entries
    for (index, entry) in entries.enumerated() {
      if index > 0 || !continuesLine { output += String(repeating: "  ", count: level) }
      output += scalar(.string(entry.key)) + ":"
      switch entry.value {
      case .list(let items) where !items.isEmpty:
        output += "\n"
        write(items, sortsKeys, level: level, &output)
      case .mapping(let inner) where !inner.isEmpty:
        output += "\n"
        write(Array(inner.elements), sortsKeys, level: level + 1, &output)
      default: output += " " + scalar(entry.value) + "\n"
      }
    }
  }

  private static func write(_ items: [PlainValue], _ sortsKeys: Bool, level: Int, _ output: inout String) {
    for item in items {
      output += String(repeating: "  ", count: level) + "-"
      switch item {
      case .list(let inner) where !inner.isEmpty:
        output += "\n"
        write(inner, sortsKeys, level: level + 1, &output)
      case .mapping(let entries) where !entries.isEmpty:
        output += " "
        write(Array(entries.elements), sortsKeys, level: level + 1, &output, continuesLine: true)
      default: output += " " + scalar(item) + "\n"
      }
    }
  }

  private static func scalar(_ value: PlainValue) -> String {
    switch value {
    case .null: return "null"
    case .bool(let value): return value ? "true" : "false"
    case .int(let value): return String(value)
    case .double(let value): return "\(value)"
    case .list: return "[]"
    case .mapping: return "{}"
    case .string(let text): return isPlain(text) ? text : quoted(text)
    }
  }

  /// Whether a text may stand without quotes and is read back as text.
  private static func isPlain(_ text: String) -> Bool {
    guard let first = text.utf8.first, let last = text.utf8.last, last != UInt8(ascii: " ") else {
      return false
    }
    if " -?:,[]{}#&*!|>'\"%@`".utf8.contains(first) { return false }
    if text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) { return false }
    if text.contains(": ") || text.contains(" #") || text.hasSuffix(":") { return false }
    guard case .string(let read)? = parse(text) else { return false }
    return read == text
  }

  private static func quoted(_ text: String) -> String {
    if text.utf8.contains(where: { $0 < 0x20 }) {
      var output = ""
      JSONText.quote(text, &output)
      return output
    }
    return "'" + text.replacing("'", with: "''") + "'"
  }
}
