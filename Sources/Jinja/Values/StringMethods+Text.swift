extension StringMethods {
  static func strip(
    _ text: String, _ characters: Value, start: Bool, end: Bool, name: String = "strip"
  ) throws -> String {
    if characters.isNone {
      let bytes = Array(text.utf8)
      let from = start ? Bytes.skipSpace(bytes, from: 0) : 0
      let to = end ? Bytes.trimEnd(bytes, from: from, to: bytes.count) : bytes.count
      return String(decoding: bytes[from..<to], as: UTF8.self)
    }
    guard let set = characters.stringValue?.unicodeScalars else {
      throw TemplateError(.type, "\(name) arg must be None or str")
    }
    var scalars = text.unicodeScalars[...]
    if start { while let first = scalars.first, set.contains(first) { scalars.removeFirst() } }
    if end { while let last = scalars.last, set.contains(last) { scalars.removeLast() } }
    return String(String.UnicodeScalarView(scalars))
  }

  static func center(_ text: String, _ width: Int, _ fill: String) -> String {
    let missing = width - text.unicodeScalars.count
    if missing <= 0 { return text }
    let left = missing / 2 + (missing & width & 1)
    return String(repeating: fill, count: left) + text + String(repeating: fill, count: missing - left)
  }

  static func replace(_ text: String, _ old: String, _ new: String, _ count: Int) -> String {
    if count == 0 { return text }
    let limit = count < 0 ? Int.max : count
    if old.isEmpty {
      var result = ""
      var done = 0
      for scalar in text.unicodeScalars {
        if done < limit {
          result += new
          done += 1
        }
        result.unicodeScalars.append(scalar)
      }
      return done < limit ? result + new : result
    }
    let bytes = Array(text.utf8)
    let part = Array(old.utf8)
    var result: [UInt8] = []
    var position = 0
    var done = 0
    while done < limit, let found = StringSearch.find(part, in: bytes, from: position) {
      result += bytes[position..<found]
      result += new.utf8
      position = found + part.count
      done += 1
    }
    if done == 0 { return text }
    result += bytes[position...]
    return String(decoding: result, as: UTF8.self)
  }

  private static func separator(_ value: Value) throws -> [UInt8] {
    guard let text = value.stringValue else {
      throw TemplateError(.type, "must be str or None, not \(value.typeName)")
    }
    if text.isEmpty { throw TemplateError(.value, "empty separator") }
    return Array(text.utf8)
  }

  static func split(_ text: String, _ separator: Value, _ limit: Int) throws -> [String] {
    if separator.isNone { return splitWhitespace(text, limit) }
    let part = try self.separator(separator)
    let bytes = Array(text.utf8)
    var result: [String] = []
    var position = 0
    while limit < 0 || result.count < limit, let found = StringSearch.find(part, in: bytes, from: position) {
      result.append(String(decoding: bytes[position..<found], as: UTF8.self))
      position = found + part.count
    }
    result.append(String(decoding: bytes[position...], as: UTF8.self))
    return result
  }

  static func splitRight(_ text: String, _ separator: Value, _ limit: Int) throws -> [String] {
    if limit < 0 { return try split(text, separator, -1) }
    let bytes = Array(text.utf8)
    var result: [String] = []
    if separator.isNone {
      var end = Bytes.trimEnd(bytes, from: 0, to: bytes.count)
      while end > 0, result.count < limit {
        var start = end
        while start > 0, !isSpaceBefore(bytes, start) { start -= 1 }
        result.append(String(decoding: bytes[start..<end], as: UTF8.self))
        end = Bytes.trimEnd(bytes, from: 0, to: start)
      }
      if end > 0 { result.append(String(decoding: bytes[..<end], as: UTF8.self)) }
      return result.reversed()
    }
    let part = try self.separator(separator)
    var end = bytes.count
    while result.count < limit, let found = StringSearch.findLast(part, in: bytes, before: end) {
      result.append(String(decoding: bytes[(found + part.count)..<end], as: UTF8.self))
      end = found
    }
    result.append(String(decoding: bytes[..<end], as: UTF8.self))
    return result.reversed()
  }

  private static func isSpaceBefore(_ bytes: [UInt8], _ index: Int) -> Bool {
    Bytes.trimEnd(bytes, from: 0, to: index) < index
  }

  static func splitWhitespace(_ text: String, _ limit: Int = -1) -> [String] {
    let bytes = Array(text.utf8)
    var result: [String] = []
    var position = Bytes.skipSpace(bytes, from: 0)
    while position < bytes.count {
      if limit >= 0, result.count >= limit {
        result.append(String(decoding: bytes[position...], as: UTF8.self))
        return result
      }
      var end = position
      while end < bytes.count, Bytes.skipSpace(bytes, from: end) == end { end += 1 }
      result.append(String(decoding: bytes[position..<end], as: UTF8.self))
      position = Bytes.skipSpace(bytes, from: end)
    }
    return result
  }

  /// Python's line boundaries: more than the newline.
  static func splitLines(_ text: String, keepEnds: Bool) -> [String] {
    var lines: [String] = []
    var line = String.UnicodeScalarView()
    let scalars = Array(text.unicodeScalars)
    var index = 0
    while index < scalars.count {
      let scalar = scalars[index]
      index += 1
      switch scalar {
      case "\n", "\u{0B}", "\u{0C}", "\r", "\u{1C}", "\u{1D}", "\u{1E}", "\u{85}", "\u{2028}", "\u{2029}":
        if keepEnds { line.append(scalar) }
        if scalar == "\r", index < scalars.count, scalars[index] == "\n" {
          if keepEnds { line.append("\n") }
          index += 1
        }
        lines.append(String(line))
        line = String.UnicodeScalarView()
      default: line.append(scalar)
      }
    }
    if !line.isEmpty { lines.append(String(line)) }
    return lines
  }
}

/// Python's `bytes`, as far as `str.encode` and `bytes.decode` need it.
final class BytesObject: JinjaObject {
  let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var typeName: String { "bytes" }
  var isSequence: Bool { true }
  func count() -> Int? { bytes.count }
  func item(_ key: Value) -> Value? { Value.element(key, bytes.map { .int(Int($0)) }) }
  func hash() -> Int? { bytes.hashValue }
  func isEqual(to other: Value) -> Bool { other.object(as: BytesObject.self)?.bytes == bytes }

  func attribute(_ name: String) -> Value? {
    switch name {
    case "decode":
      return .function("decode") { [bytes] _, _ in .string(String(decoding: bytes, as: UTF8.self)) }
    case "hex":
      return .function("hex") { [bytes] _, _ in
        .string(bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined())
      }
    default: return nil
    }
  }

  func representation() -> String {
    let hasSingle = bytes.contains(UInt8(ascii: "'")) && !bytes.contains(UInt8(ascii: "\""))
    var result = hasSingle ? "b\"" : "b'"
    for byte in bytes {
      switch byte {
      case UInt8(ascii: "\\"): result += "\\\\"
      case UInt8(ascii: "\n"): result += "\\n"
      case UInt8(ascii: "\r"): result += "\\r"
      case UInt8(ascii: "\t"): result += "\\t"
      case UInt8(ascii: "'") where !hasSingle: result += "\\'"
      case 32..<127: result.unicodeScalars.append(Unicode.Scalar(byte))
      default: result += "\\x" + String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
      }
    }
    return result + (hasSingle ? "\"" : "'")
  }
}
