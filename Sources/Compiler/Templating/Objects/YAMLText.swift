import Jinja
import ProjectLoading
public import ProjectModel

/// YAML as templates read and write it.
public enum YAMLText {
  /// nil when the text is not YAML.
  static func parse(_ text: String) -> Value? {
    guard let document = try? YAMLParser.parse(Array(text.utf8), file: "fromyaml").document else {
      return nil
    }
    return document.root.map { Value($0.plain) } ?? Value.none
  }

  /// Block style, two spaces a level: PyYAML's way.
  ///
  /// - Parameter indentsLists: false puts lists at the level of their key.
  public static func write(_ value: PlainValue, sortsKeys: Bool, indentsLists: Bool = false) -> String {
    var output = ""
    let writer = YAMLWriter(sortsKeys: sortsKeys, indentsLists: indentsLists)
    switch value {
    case .list(let items) where !items.isEmpty: writer.write(items, level: 0, &output)
    case .mapping(let entries) where !entries.isEmpty:
      writer.write(Array(entries.elements), level: 0, &output)
    default:
      output = scalar(value) + "\n"
      if case .list = value { break }
      if case .mapping = value { break }
      output += "...\n"
    }
    return output
  }

  fileprivate static func scalar(_ value: PlainValue) -> String {
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

/// The levels of one text.
private struct YAMLWriter {
  var sortsKeys: Bool
  var indentsLists: Bool

  func write(
    _ entries: [(key: String, value: PlainValue)], level: Int, _ output: inout String,
    continuesLine: Bool = false
  ) {
    let entries = sortsKeys ? entries.sorted { $0.key < $1.key } : entries
    for (index, entry) in entries.enumerated() {
      if index > 0 || !continuesLine { output += String(repeating: "  ", count: level) }
      output += YAMLText.scalar(.string(entry.key)) + ":"
      switch entry.value {
      case .list(let items) where !items.isEmpty:
        output += "\n"
        write(items, level: indentsLists ? level + 1 : level, &output)
      case .mapping(let inner) where !inner.isEmpty:
        output += "\n"
        write(Array(inner.elements), level: level + 1, &output)
      default: output += " " + YAMLText.scalar(entry.value) + "\n"
      }
    }
  }

  func write(_ items: [PlainValue], level: Int, _ output: inout String) {
    for item in items {
      output += String(repeating: "  ", count: level) + "-"
      switch item {
      case .list(let inner) where !inner.isEmpty:
        output += "\n"
        write(inner, level: level + 1, &output)
      case .mapping(let entries) where !entries.isEmpty:
        output += " "
        write(Array(entries.elements), level: level + 1, &output, continuesLine: true)
      default: output += " " + YAMLText.scalar(item) + "\n"
      }
    }
  }
}
