/// Values as JSON text, as Python's `json` module writes and reads it.
public struct JSONText {
  var sortKeys = false
  /// The text of one level, or nil for one line.
  var indent: String?
  var escapesNonASCII = true

  init(sortKeys: Bool = false, indent: String? = nil) {
    self.sortKeys = sortKeys
    self.indent = indent
  }

  /// - Throws: a type error for what JSON cannot hold, and for keys that it cannot have.
  public static func write(_ value: Value, sortsKeys: Bool = false) throws -> String {
    try JSONText(sortKeys: sortsKeys).write(value)
  }

  /// nil when the text is not JSON.
  public static func parse(_ text: String) -> Value? { try? JSONParser.parse(Array(text.utf8)) }

  /// A string literal in ASCII.
  public static func quote(_ text: String, _ output: inout String) { quote(text, &output, ascii: true) }

  func write(_ value: Value) throws -> String {
    var output = ""
    try write(value, &output, depth: 0)
    return output
  }

  private func write(_ value: Value, _ output: inout String, depth: Int) throws {
    if Value.isTooDeep(depth) { throw TemplateError(.value, "Circular reference detected") }
    switch value {
    case .none: output += "null"
    case .bool(let flag): output += flag ? "true" : "false"
    case .int(let number): output += String(number)
    case .bigInt(let number): output += number.description
    case .double(let number):
      output +=
        number.isNaN
        ? "NaN"
        : number.isInfinite
          ? (number < 0 ? "-Infinity" : "Infinity")
          : FloatText.representation(number)
    case .string(let text), .markup(let text): JSONText.quote(text, &output, ascii: escapesNonASCII)
    case .list(let list): try write(list.items, &output, depth)
    case .tuple(let items): try write(items, &output, depth)
    case .dict(let dict): try write(dict.pairs, &output, depth)
    case .object(let object):
      if let tuple = object as? NamedTuple { return try write(tuple.items, &output, depth) }
      if let marked = object as? MarkedText {
        return JSONText.quote(marked.content, &output, ascii: escapesNonASCII)
      }
      if let encodable = try (object as? any JSONEncodableObject)?.jsonValue() {
        return try write(encodable, &output, depth: depth + 1)
      }
      throw unserializable(value)
    case .undefined, .set: throw unserializable(value)
    }
  }

  private func unserializable(_ value: Value) -> TemplateError {
    TemplateError(.type, "Object of type \(value.typeName) is not JSON serializable")
  }

  private func write(_ items: [Value], _ output: inout String, _ depth: Int) throws {
    if items.isEmpty {
      output += "[]"
      return
    }
    output += "["
    for (index, item) in items.enumerated() {
      if index > 0 { output += indent == nil ? ", " : "," }
      newline(&output, depth + 1)
      try write(item, &output, depth: depth + 1)
    }
    newline(&output, depth)
    output += "]"
  }

  private func write(_ pairs: [(key: Value, value: Value)], _ output: inout String, _ depth: Int) throws {
    if pairs.isEmpty {
      output += "{}"
      return
    }
    var pairs = pairs
    if sortKeys {
      let order = try Sorting.sorted(pairs.indices.map { .int($0) }, keys: pairs.map(\.key))
      pairs = order.compactMap(\.intValue).map { pairs[$0] }
    }
    output += "{"
    for (index, pair) in pairs.enumerated() {
      if index > 0 { output += indent == nil ? ", " : "," }
      newline(&output, depth + 1)
      JSONText.quote(try key(pair.key), &output, ascii: escapesNonASCII)
      output += ": "
      try write(pair.value, &output, depth: depth + 1)
    }
    newline(&output, depth)
    output += "}"
  }

  private func key(_ key: Value) throws -> String {
    switch key {
    case .string(let text), .markup(let text): return text
    case .none: return "null"
    case .bool(let flag): return flag ? "true" : "false"
    case .int, .bigInt, .double: return try key.text()
    default:
      throw TemplateError(
        .type, "keys must be str, int, float, bool or None, not \(key.typeName)")
    }
  }

  private func newline(_ output: inout String, _ depth: Int) {
    guard let indent else { return }
    output += "\n"
    for _ in 0..<depth { output += indent }
  }

  static func quote(_ text: String, _ output: inout String, ascii: Bool) {
    output += "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": output += "\\\""
      case "\\": output += "\\\\"
      case "\n": output += "\\n"
      case "\r": output += "\\r"
      case "\t": output += "\\t"
      case "\u{8}": output += "\\b"
      case "\u{C}": output += "\\f"
      default:
        if scalar.value < 32 || ascii && scalar.value > 126 {
          for unit in String(scalar).utf16 { output += "\\u" + hex(UInt32(unit), 4) }
        } else {
          output.unicodeScalars.append(scalar)
        }
      }
    }
    output += "\""
  }

  static func hex(_ value: UInt32, _ width: Int) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
  }

  /// The text with everything beyond ASCII as Python escapes.
  static func escapedASCII(_ text: String) -> String {
    text.unicodeScalars.map { scalar in
      scalar.value < 0x80
        ? String(scalar)
        : scalar.value < 0x100
          ? "\\x" + hex(scalar.value, 2)
          : scalar.value < 0x10000 ? "\\u" + hex(scalar.value, 4) : "\\U" + hex(scalar.value, 8)
    }.joined()
  }
}

/// A host object that JSON can hold as another value.
public protocol JSONEncodableObject: JinjaObject {
  func jsonValue() throws -> Value?
}
