import OrderedCollections
import ProjectModel

/// The names that dbt makes for a generic test from its type, its target and its arguments.
struct TestName {
  /// At most 63 characters: the file's name and, when it differs from ``full``, the alias.
  var short: String
  /// The node's name.
  var full: String

  /// - Parameters:
  ///   - type: `not_null`, `dbt_utils_expression_is_true`, `source_unique`.
  ///   - arguments: The keyword arguments without `model`.
  init(type: String, target: String, arguments: OrderedDictionary<String, PlainValue>) {
    var parts: [String] = []
    for key in arguments.keys.sorted() where key != "model" {
      switch arguments[key] {
      case .mapping(let values)?: parts += values.values.map(\.pythonText)
      case .list(let values)?: parts += values.map(\.pythonText)
      case let value?: parts.append(value.pythonText)
      case nil: break
      }
    }
    let identifier = type + "_" + target
    var name = Array((identifier + "_").utf8)
    for (index, part) in parts.enumerated() {
      if index > 0 { name += [0x5F, 0x5F] }
      Self.appendWord(part, to: &name)
    }
    full = String(decoding: name, as: UTF8.self)
    short = full.unicodeScalars.count >= 64 ? Self.prefix(identifier) + "_" + MD5.hexadecimal(full) : full
  }

  /// The last ten digits of a hash over name, type and arguments: what makes the id unique.
  ///
  /// The text that is hashed is Python's representation of a mapping with sorted keys and all leaves as text.
  static func idHash(
    name: String, type: String, namespace: String?, arguments: OrderedDictionary<String, PlainValue>
  ) -> String {
    var text = Array(name.utf8)
    text += "{'kwargs': ".utf8
    appendSorted(.mapping(arguments), to: &text)
    text += ", 'name': ".utf8
    PlainValue.appendPythonQuoted(type, to: &text)
    text += ", 'namespace': ".utf8
    PlainValue.appendPythonQuoted(namespace ?? "None", to: &text)
    text.append(UInt8(ascii: "}"))
    return String(MD5.hexadecimal(text).suffix(10))
  }

  private static func appendSorted(_ value: PlainValue, to text: inout [UInt8]) {
    switch value {
    case .mapping(let entries):
      text.append(UInt8(ascii: "{"))
      for (index, key) in entries.keys.sorted().enumerated() {
        if index > 0 { text += ", ".utf8 }
        PlainValue.appendPythonQuoted(key, to: &text)
        text += ": ".utf8
        appendSorted(entries[key] ?? .null, to: &text)
      }
      text.append(UInt8(ascii: "}"))
    case .list(let items):
      text.append(UInt8(ascii: "["))
      for (index, item) in items.enumerated() {
        if index > 0 { text += ", ".utf8 }
        appendSorted(item, to: &text)
      }
      text.append(UInt8(ascii: "]"))
    default: PlainValue.appendPythonQuoted(value.pythonText, to: &text)
    }
  }

  /// Each run of bytes that are no letter, digit or underscore becomes one underscore.
  private static func appendWord(_ part: String, to name: inout [UInt8]) {
    var isInRun = false
    for byte in part.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F:
        name.append(byte)
        isInRun = false
      default:
        if !isInRun { name.append(0x5F) }
        isInRun = true
      }
    }
  }

  private static func prefix(_ identifier: String) -> String {
    var result = ""
    result.unicodeScalars.append(contentsOf: identifier.unicodeScalars.prefix(30))
    return result
  }
}
