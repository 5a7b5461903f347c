/// Text that writes a Python value, as `ast.literal_eval` reads it.
public enum PythonLiteral {
  /// The value, or nil when the text is no literal.
  public static func evaluate(_ text: String) -> Value? {
    var reader = Reader(bytes: Array(text.utf8))
    reader.skipSpace(alsoNewlines: false)
    guard reader.position == 0 || text.utf8.first == 32 || text.utf8.first == 9,
      let value = reader.tupleOrValue()
    else { return nil }
    reader.skipSpace(alsoNewlines: true)
    return reader.position == reader.bytes.count ? value : nil
  }

  private struct Reader {
    let bytes: [UInt8]
    var position = 0
    var depth = 0

    var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func skipSpace(alsoNewlines: Bool) {
      while let byte = current,
        byte == 32 || byte == 9 || byte == 12 || alsoNewlines && (byte == 10 || byte == 13)
      {
        position += 1
      }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
      skipSpace(alsoNewlines: depth > 0)
      guard current == byte else { return false }
      position += 1
      return true
    }

    mutating func tupleOrValue() -> Value? {
      guard let first = value() else { return nil }
      guard take(UInt8(ascii: ",")) else { return first }
      var items = [first]
      while true {
        skipSpace(alsoNewlines: depth > 0)
        guard let byte = current, byte != UInt8(ascii: ")"), byte != 10, let item = value() else { break }
        items.append(item)
        if !take(UInt8(ascii: ",")) { break }
      }
      return .tuple(items)
    }

    private mutating func value() -> Value? {
      skipSpace(alsoNewlines: depth > 0)
      guard let byte = current, depth < 100, !Value.isTooDeep(depth) else { return nil }
      switch byte {
      case UInt8(ascii: "["):
        guard let items = elements(UInt8(ascii: "]")) else { return nil }
        return .list(items)
      case UInt8(ascii: "("):
        position += 1
        depth += 1
        defer { depth -= 1 }
        if take(UInt8(ascii: ")")) { return .tuple([]) }
        guard let inner = tupleOrValue(), take(UInt8(ascii: ")")) else { return nil }
        return inner
      case UInt8(ascii: "{"): return braces()
      case UInt8(ascii: "-"), UInt8(ascii: "+"):
        position += 1
        skipSpace(alsoNewlines: depth > 0)
        guard let next = current, Bytes.isDigit(next) || next == UInt8(ascii: "."), let number = number()
        else {
          return nil
        }
        return try? number.applying(byte == UInt8(ascii: "-") ? .negative : .positive)
      case UInt8(ascii: "'"), UInt8(ascii: "\""): return strings()
      case _ where Bytes.isDigit(byte) || byte == UInt8(ascii: "."): return number()
      default: return word()
      }
    }

    private mutating func elements(_ end: UInt8) -> [Value]? {
      position += 1
      depth += 1
      defer { depth -= 1 }
      var items: [Value] = []
      while !take(end) {
        if !items.isEmpty {
          guard take(UInt8(ascii: ",")) else { return nil }
          if take(end) { break }
        }
        guard let item = value() else { return nil }
        items.append(item)
      }
      return items
    }

    private mutating func braces() -> Value? {
      position += 1
      depth += 1
      defer { depth -= 1 }
      let dict = DictObject()
      if take(UInt8(ascii: "}")) { return .dict(dict) }
      guard let first = value() else { return nil }
      if take(UInt8(ascii: ":")) {
        guard let item = value(), (try? dict.set(first, item)) != nil else { return nil }
        while take(UInt8(ascii: ",")) {
          skipSpace(alsoNewlines: true)
          if current == UInt8(ascii: "}") { break }
          guard let key = value(), take(UInt8(ascii: ":")), let item = value(),
            (try? dict.set(key, item)) != nil
          else { return nil }
        }
        return take(UInt8(ascii: "}")) ? .dict(dict) : nil
      }
      var items = [first]
      while take(UInt8(ascii: ",")) {
        skipSpace(alsoNewlines: true)
        if current == UInt8(ascii: "}") { break }
        guard let item = value() else { return nil }
        items.append(item)
      }
      guard take(UInt8(ascii: "}")), let set = try? SetObject(items) else { return nil }
      return .set(set)
    }

    private mutating func word() -> Value? {
      let start = position
      while let byte = current, Bytes.isNameByte(byte) { position += 1 }
      switch String(decoding: bytes[start..<position], as: UTF8.self) {
      case "True": return .bool(true)
      case "False": return .bool(false)
      case "None": return Value.none
      case "r", "u", "R", "U":
        if let byte = current, byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
          return bytes[start] | 32 == UInt8(ascii: "r") ? rawString() : strings()
        }
        return nil
      default: return nil
      }
    }

    private mutating func strings() -> Value? {
      var result: String?
      while let quote = current, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\""),
        let content = quoted(quote), let text = try? StringEscapes.decode(content)
      {
        result = (result ?? "") + text
        skipSpace(alsoNewlines: depth > 0)
      }
      return result.map { .string($0) }
    }

    private mutating func rawString() -> Value? {
      guard let quote = current, let content = quoted(quote) else { return nil }
      return .string(String(decoding: content, as: UTF8.self))
    }

    private mutating func quoted(_ quote: UInt8) -> [UInt8]? {
      let isTriple = bytes[position...].starts(with: [quote, quote, quote])
      position += isTriple ? 3 : 1
      let start = position
      while position < bytes.count {
        let byte = bytes[position]
        if byte == UInt8(ascii: "\\") {
          position += 2
          continue
        }
        if byte == UInt8(ascii: "\n"), !isTriple { return nil }
        if byte == quote, !isTriple || bytes[position...].starts(with: [quote, quote, quote]) {
          defer { position += isTriple ? 3 : 1 }
          return Array(bytes[start..<position])
        }
        position += 1
      }
      return nil
    }

    private mutating func number() -> Value? {
      let start = position
      while let byte = current, Bytes.isNameByte(byte) || byte == UInt8(ascii: ".") {
        position += 1
        let isHex =
          bytes[start] == 48 && start + 1 < bytes.count && bytes[start + 1] | 32 == UInt8(ascii: "x")
        if byte | 32 == UInt8(ascii: "e"), !isHex,
          let sign = current, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-")
        {
          position += 1
        }
      }
      let text = String(decoding: bytes[start..<position], as: UTF8.self)
      if let whole = try? NumberParsing.int(.string(text), base: 0) { return whole }
      guard
        text.utf8.allSatisfy({
          Bytes.isDigit($0) || $0 == 46 || $0 | 32 == 101 || $0 == 95 || $0 == 43 || $0 == 45
        }),
        text.utf8.contains(where: { $0 == 46 || $0 | 32 == 101 })
      else { return nil }
      return try? NumberParsing.float(.string(text))
    }
  }
}
