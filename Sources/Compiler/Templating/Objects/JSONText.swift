import Jinja

/// JSON as Python's `json` module reads and writes it.
enum JSONText {
  /// nil when the text is not JSON.
  static func parse(_ text: String) -> Value? {
    var reader = Reader(bytes: Array(text.utf8))
    guard let value = reader.value(depth: 0) else { return nil }
    reader.skipSpace()
    return reader.isAtEnd ? value : nil
  }

  static func write(_ value: Value, sortsKeys: Bool = false) throws -> String {
    var output = ""
    try write(value, sortsKeys, &output, depth: 0)
    return output
  }

  private static func write(_ value: Value, _ sortsKeys: Bool, _ output: inout String, depth: Int) throws {
    guard depth < 200 else { throw TemplateError(.value, "Circular reference detected") }
    func list(_ items: [Value]) throws {
      output += "["
      for (index, item) in items.enumerated() {
        if index > 0 { output += ", " }
        try write(item, sortsKeys, &output, depth: depth + 1)
      }
      output += "]"
    }
    switch value {
    case .none: output += "null"
    case .bool(let value): output += value ? "true" : "false"
    case .int, .bigInt: output += try value.text()
    case .double(let number):
      output +=
        number.isNaN ? "NaN" : number.isInfinite ? (number < 0 ? "-Infinity" : "Infinity") : try value.text()
    case .string(let text), .markup(let text): quote(text, &output)
    case .list(let items): try list(items.items)
    case .tuple(let items): try list(items)
    case .dict(let dict):
      var entries = try dict.pairs.map { (try key($0.key), $0.value) }
      if sortsKeys { entries.sort { $0.0 < $1.0 } }
      output += "{"
      for (index, entry) in entries.enumerated() {
        if index > 0 { output += ", " }
        quote(entry.0, &output)
        output += ": "
        try write(entry.1, sortsKeys, &output, depth: depth + 1)
      }
      output += "}"
    case .object(let object as NodeObject):
      try write(.dict(object.dictionary()), sortsKeys, &output, depth: depth)
    case .set, .object, .undefined:
      throw TemplateError(.type, "Object of type \(value.typeName) is not JSON serializable")
    }
  }

  private static func key(_ key: Value) throws -> String {
    switch key {
    case .string(let text), .markup(let text): text
    case .bool(let value): value ? "true" : "false"
    case .none: "null"
    default: try key.text()
    }
  }

  static func quote(_ text: String, _ output: inout String) {
    output += "\""
    for unit in text.utf16 {
      switch unit {
      case 0x22: output += "\\\""
      case 0x5c: output += "\\\\"
      case 0x0a: output += "\\n"
      case 0x0d: output += "\\r"
      case 0x09: output += "\\t"
      case 0x08: output += "\\b"
      case 0x0c: output += "\\f"
      case 0x20...0x7e: output.unicodeScalars.append(Unicode.Scalar(UInt8(unit)))
      default:
        let digits = String(unit, radix: 16)
        output += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      }
    }
    output += "\""
  }

  private struct Reader {
    let bytes: [UInt8]
    var position = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }
    private var byte: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func skipSpace() {
      while let byte, [0x20, 0x09, 0x0a, 0x0d].contains(byte) { position += 1 }
    }

    private mutating func take(_ expected: Character) -> Bool {
      guard let byte, byte == expected.asciiValue else { return false }
      position += 1
      return true
    }

    private mutating func take(word: String) -> Bool {
      guard bytes[position...].starts(with: word.utf8) else { return false }
      position += word.utf8.count
      return true
    }

    mutating func value(depth: Int) -> Value? {
      guard depth < 500 else { return nil }
      skipSpace()
      switch byte {
      case UInt8(ascii: "{"): return object(depth)
      case UInt8(ascii: "["): return array(depth)
      case UInt8(ascii: "\""): return string().map(Value.string)
      case UInt8(ascii: "t"): return take(word: "true") ? .bool(true) : nil
      case UInt8(ascii: "f"): return take(word: "false") ? .bool(false) : nil
      case UInt8(ascii: "n"): return take(word: "null") ? Value.none : nil
      case UInt8(ascii: "N"): return take(word: "NaN") ? .double(.nan) : nil
      case UInt8(ascii: "I"): return take(word: "Infinity") ? .double(.infinity) : nil
      default: return number()
      }
    }

    private mutating func object(_ depth: Int) -> Value? {
      position += 1
      let dict = DictObject()
      skipSpace()
      if take("}") { return .dict(dict) }
      while true {
        skipSpace()
        guard byte == UInt8(ascii: "\""), let key = string() else { return nil }
        skipSpace()
        guard take(":"), let value = value(depth: depth + 1) else { return nil }
        dict[key] = value
        skipSpace()
        if take("}") { return .dict(dict) }
        guard take(",") else { return nil }
      }
    }

    private mutating func array(_ depth: Int) -> Value? {
      position += 1
      var items: [Value] = []
      skipSpace()
      if take("]") { return .list(items) }
      while true {
        guard let value = value(depth: depth + 1) else { return nil }
        items.append(value)
        skipSpace()
        if take("]") { return .list(items) }
        guard take(",") else { return nil }
      }
    }

    private mutating func string() -> String? {
      position += 1
      var units: [UInt8] = []
      while let byte {
        position += 1
        switch byte {
        case UInt8(ascii: "\""): return String(decoding: units, as: UTF8.self)
        case UInt8(ascii: "\\"):
          guard let scalar = escape() else { return nil }
          units.append(contentsOf: String(scalar).utf8)
        case 0..<0x20: return nil
        default: units.append(byte)
        }
      }
      return nil
    }

    private mutating func escape() -> Unicode.Scalar? {
      guard let byte else { return nil }
      position += 1
      switch byte {
      case UInt8(ascii: "n"): return "\n"
      case UInt8(ascii: "t"): return "\t"
      case UInt8(ascii: "r"): return "\r"
      case UInt8(ascii: "b"): return "\u{8}"
      case UInt8(ascii: "f"): return "\u{c}"
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
      case UInt8(ascii: "u"):
        guard let high = unit() else { return nil }
        guard (0xd800..<0xdc00).contains(high) else { return Unicode.Scalar(high) ?? "\u{fffd}" }
        guard take("\\"), take("u"), let low = unit(), (0xdc00..<0xe000).contains(low) else {
          return "\u{fffd}"
        }
        return Unicode.Scalar(0x10000 + (high - 0xd800) << 10 + (low - 0xdc00))
      default: return nil
      }
    }

    private mutating func unit() -> UInt32? {
      guard position + 4 <= bytes.count else { return nil }
      defer { position += 4 }
      return UInt32(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16)
    }

    private mutating func number() -> Value? {
      let start = position
      if take("-"), take(word: "Infinity") { return .double(-.infinity) }
      var isInteger = true
      while let byte {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): break
        case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "+"), UInt8(ascii: "-"):
          isInteger = false
        default:
          return finish(start, isInteger)
        }
        position += 1
      }
      return finish(start, isInteger)
    }

    private func finish(_ start: Int, _ isInteger: Bool) -> Value? {
      let text = String(decoding: bytes[start..<position], as: UTF8.self)
      if isInteger, let value = Int(text) { return .int(value) }
      return Double(text).map(Value.double)
    }
  }
}
