/// JSON text as values: objects become dictionaries, numbers ints or floats.
public struct JSONParser {
  private let bytes: [UInt8]
  private var position = 0
  private var depth = 0

  /// - Throws: a value error that says what was expected and where, as Python's `json` words it.
  public static func parse(_ bytes: [UInt8]) throws(TemplateError) -> Value {
    var parser = JSONParser(bytes: bytes)
    parser.skipSpace()
    let value = try parser.value()
    parser.skipSpace()
    if parser.position < bytes.count { throw parser.fail("Extra data") }
    return value
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private func fail(_ message: String, at offset: Int? = nil) -> TemplateError {
    let end = min(offset ?? position, bytes.count)
    var line = 1
    var column = 1
    var characters = 0
    for byte in bytes[..<end] where byte & 0xC0 != 0x80 {
      characters += 1
      if byte == UInt8(ascii: "\n") {
        line += 1
        column = 1
      } else {
        column += 1
      }
    }
    return TemplateError(.value, "\(message): line \(line) column \(column) (char \(characters))")
  }

  private mutating func skipSpace() {
    while position < bytes.count,
      bytes[position] == 32 || bytes[position] == 9 || bytes[position] == 10 || bytes[position] == 13
    {
      position += 1
    }
  }

  private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func word(_ word: String) -> Bool {
    guard bytes[position...].starts(with: word.utf8) else { return false }
    position += word.utf8.count
    return true
  }

  private mutating func value() throws(TemplateError) -> Value {
    depth += 1
    defer { depth -= 1 }
    if depth > 500 || Value.isTooDeep(min(depth, 299)) {
      throw TemplateError(.recursion, "JSON is nested too deeply")
    }
    switch current {
    case UInt8(ascii: "{"): return try object()
    case UInt8(ascii: "["): return try array()
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): if word("true") { return .bool(true) }
    case UInt8(ascii: "f"): if word("false") { return .bool(false) }
    case UInt8(ascii: "n"): if word("null") { return .none }
    case UInt8(ascii: "N"): if word("NaN") { return .double(.nan) }
    case UInt8(ascii: "I"): if word("Infinity") { return .double(.infinity) }
    default: break
    }
    if current == UInt8(ascii: "-"), word("-Infinity") { return .double(-.infinity) }
    if let byte = current, byte == UInt8(ascii: "-") || Bytes.isDigit(byte), let number = number() {
      return number
    }
    throw fail("Expecting value")
  }

  private mutating func number() -> Value? {
    let start = position
    var end = position
    func digits() -> Bool {
      let begin = end
      while end < bytes.count, Bytes.isDigit(bytes[end]) { end += 1 }
      return end > begin
    }
    if bytes[end] == UInt8(ascii: "-") { end += 1 }
    if end < bytes.count, bytes[end] == UInt8(ascii: "0") { end += 1 } else if !digits() { return nil }
    var isFloat = false
    if end + 1 < bytes.count, bytes[end] == UInt8(ascii: "."), Bytes.isDigit(bytes[end + 1]) {
      end += 1
      _ = digits()
      isFloat = true
    }
    if end < bytes.count, bytes[end] | 32 == UInt8(ascii: "e") {
      let mark = end
      end += 1
      if end < bytes.count, bytes[end] == UInt8(ascii: "+") || bytes[end] == UInt8(ascii: "-") { end += 1 }
      if digits() { isFloat = true } else { end = mark }
    }
    position = end
    let text = bytes[start..<end]
    if isFloat { return .double(Double(String(decoding: text, as: UTF8.self)) ?? 0) }
    if text.count < 19, let small = Int(String(decoding: text, as: UTF8.self)) { return .int(small) }
    return BigInteger(text).map { Value($0) }
  }

  private mutating func array() throws(TemplateError) -> Value {
    position += 1
    var items: [Value] = []
    skipSpace()
    if current == UInt8(ascii: "]") {
      position += 1
      return .list(items)
    }
    while true {
      skipSpace()
      items.append(try value())
      skipSpace()
      if current == UInt8(ascii: ",") {
        position += 1
      } else if current == UInt8(ascii: "]") {
        position += 1
        return .list(items)
      } else {
        throw fail("Expecting ',' delimiter")
      }
    }
  }

  private mutating func object() throws(TemplateError) -> Value {
    position += 1
    let dict = DictObject()
    skipSpace()
    if current == UInt8(ascii: "}") {
      position += 1
      return .dict(dict)
    }
    while true {
      skipSpace()
      guard current == UInt8(ascii: "\"") else {
        throw fail("Expecting property name enclosed in double quotes")
      }
      let key = try string()
      skipSpace()
      guard current == UInt8(ascii: ":") else { throw fail("Expecting ':' delimiter") }
      position += 1
      skipSpace()
      dict[key] = try value()
      skipSpace()
      if current == UInt8(ascii: ",") {
        position += 1
      } else if current == UInt8(ascii: "}") {
        position += 1
        return .dict(dict)
      } else {
        throw fail("Expecting ',' delimiter")
      }
    }
  }

  private mutating func string() throws(TemplateError) -> String {
    let start = position
    position += 1
    var result: [UInt8] = []
    var units: [UInt16] = []
    func flush() {
      if !units.isEmpty {
        result.append(contentsOf: String(decoding: units, as: UTF16.self).utf8)
        units = []
      }
    }
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      if byte == UInt8(ascii: "\"") {
        flush()
        return String(decoding: result, as: UTF8.self)
      }
      if byte == UInt8(ascii: "\\"), position < bytes.count {
        let escape = bytes[position]
        position += 1
        if escape == UInt8(ascii: "u") {
          guard position + 4 <= bytes.count,
            let unit = UInt16(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16)
          else { throw fail("Invalid \\uXXXX escape", at: position) }
          position += 4
          units.append(unit)
          continue
        }
        flush()
        switch escape {
        case UInt8(ascii: "n"): result.append(10)
        case UInt8(ascii: "t"): result.append(9)
        case UInt8(ascii: "r"): result.append(13)
        case UInt8(ascii: "b"): result.append(8)
        case UInt8(ascii: "f"): result.append(12)
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): result.append(escape)
        default: throw fail("Invalid \\escape", at: position - 2)
        }
        continue
      }
      flush()
      if byte < 32 { throw fail("Invalid control character at", at: position - 1) }
      result.append(byte)
    }
    throw fail("Unterminated string starting at", at: start)
  }
}
