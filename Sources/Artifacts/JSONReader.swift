public import Diagnostics
import OrderedCollections
public import ProjectModel

/// Reads JSON from bytes; mappings keep their order, a key given twice keeps its last value.
///
/// As Python's reader it takes `NaN` and `Infinity`, which Python's writer may have left in an artifact.
public struct JSONReader: Sendable {
  private let bytes: [UInt8]
  private let file: String
  private var at = 0

  /// - Parameter file: the name that a diagnostic gives.
  public init(_ bytes: [UInt8], file: String) {
    self.bytes = bytes
    self.file = file
  }

  /// The whole text as one value.
  ///
  /// - Throws: `broken-json` at the first byte that does not fit.
  public static func read(_ bytes: [UInt8], file: String) throws(DiagnosticsError) -> PlainValue {
    var reader = JSONReader(bytes, file: file)
    let value = try reader.value(depth: 0)
    reader.skipSpace()
    guard reader.at == bytes.count else { throw reader.broken("text after the end of the value") }
    return value
  }

  private mutating func value(depth: Int) throws(DiagnosticsError) -> PlainValue {
    guard depth < 512 else { throw broken("more than 512 levels") }
    skipSpace()
    guard at < bytes.count else { throw broken("the text ends where a value should be") }
    switch bytes[at] {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "N"): return try word("NaN", .double(.nan))
    case UInt8(ascii: "I"): return try word("Infinity", .double(.infinity))
    default: return try number()
    }
  }

  private mutating func object(depth: Int) throws(DiagnosticsError) -> PlainValue {
    var entries: OrderedDictionary<String, PlainValue> = [:]
    at += 1
    skipSpace()
    if take(UInt8(ascii: "}")) { return .mapping(entries) }
    while true {
      skipSpace()
      guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else { throw broken("a key should be here") }
      let key = try string()
      skipSpace()
      guard take(UInt8(ascii: ":")) else { throw broken("':' should be here") }
      entries[key] = try value(depth: depth + 1)
      skipSpace()
      if take(UInt8(ascii: ",")) { continue }
      guard take(UInt8(ascii: "}")) else { throw broken("',' or '}' should be here") }
      return .mapping(entries)
    }
  }

  private mutating func array(depth: Int) throws(DiagnosticsError) -> PlainValue {
    var items: [PlainValue] = []
    at += 1
    skipSpace()
    if take(UInt8(ascii: "]")) { return .list(items) }
    while true {
      items.append(try value(depth: depth + 1))
      skipSpace()
      if take(UInt8(ascii: ",")) { continue }
      guard take(UInt8(ascii: "]")) else { throw broken("',' or ']' should be here") }
      return .list(items)
    }
  }

  private mutating func string() throws(DiagnosticsError) -> String {
    at += 1
    let start = at
    while at < bytes.count, bytes[at] != UInt8(ascii: "\""), bytes[at] != UInt8(ascii: "\\") { at += 1 }
    guard at < bytes.count else { throw broken("a string has no end") }
    if bytes[at] == UInt8(ascii: "\"") {
      at += 1
      return String(decoding: bytes[start..<at - 1], as: UTF8.self)
    }
    var text = Array(bytes[start..<at])
    while at < bytes.count {
      let byte = bytes[at]
      at += 1
      if byte == UInt8(ascii: "\"") { return String(decoding: text, as: UTF8.self) }
      guard byte == UInt8(ascii: "\\") else {
        text.append(byte)
        continue
      }
      guard at < bytes.count else { break }
      let escaped = bytes[at]
      at += 1
      switch escaped {
      case UInt8(ascii: "n"): text.append(0x0A)
      case UInt8(ascii: "r"): text.append(0x0D)
      case UInt8(ascii: "t"): text.append(0x09)
      case UInt8(ascii: "b"): text.append(0x08)
      case UInt8(ascii: "f"): text.append(0x0C)
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(escaped)
      case UInt8(ascii: "u"): text.append(contentsOf: String(try scalar()).utf8)
      default: throw broken("an unknown escape")
      }
    }
    throw broken("a string has no end")
  }

  /// What follows `\u`; half a surrogate pair alone becomes the replacement character.
  private mutating func scalar() throws(DiagnosticsError) -> Unicode.Scalar {
    let first = try fourDigits()
    guard (0xD800..<0xE000).contains(first) else { return Unicode.Scalar(first) ?? "\u{FFFD}" }
    guard first < 0xDC00, at + 1 < bytes.count, bytes[at] == UInt8(ascii: "\\"),
      bytes[at + 1] == UInt8(ascii: "u")
    else { return "\u{FFFD}" }
    let mark = at
    at += 2
    let second = try fourDigits()
    guard (0xDC00..<0xE000).contains(second) else {
      at = mark
      return "\u{FFFD}"
    }
    return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)) ?? "\u{FFFD}"
  }

  private mutating func fourDigits() throws(DiagnosticsError) -> UInt32 {
    guard at + 4 <= bytes.count,
      let value = UInt32(String(decoding: bytes[at..<at + 4], as: UTF8.self), radix: 16)
    else { throw broken("four hexadecimal digits should be here") }
    at += 4
    return value
  }

  private mutating func number() throws(DiagnosticsError) -> PlainValue {
    let start = at
    while at < bytes.count {
      switch bytes[at] {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."),
        UInt8(ascii: "e"), UInt8(ascii: "E"):
        at += 1
        continue
      case UInt8(ascii: "I") where at == start + 1: return try word("Infinity", .double(-.infinity))
      default: break
      }
      break
    }
    let text = String(decoding: bytes[start..<at], as: UTF8.self)
    if let value = Int(text) { return .int(value) }
    guard let value = Double(text) else {
      at = start
      throw broken("no value begins like this")
    }
    return .double(value)
  }

  private mutating func word(_ text: StaticString, _ value: PlainValue) throws(DiagnosticsError) -> PlainValue
  {
    let count = text.utf8CodeUnitCount
    let expected = UnsafeBufferPointer(start: text.utf8Start, count: count)
    guard at + count <= bytes.count, bytes[at..<at + count].elementsEqual(expected) else {
      throw broken("no value begins like this")
    }
    at += count
    return value
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard at < bytes.count, bytes[at] == byte else { return false }
    at += 1
    return true
  }

  private mutating func skipSpace() {
    while at < bytes.count, bytes[at] == 0x20 || (0x09...0x0D).contains(bytes[at]) { at += 1 }
  }

  private func broken(_ reason: String) -> DiagnosticsError {
    let before = bytes.prefix(at)
    let line = before.count { $0 == 0x0A } + 1
    let column = at - (before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0) + 1
    return DiagnosticsError(
      Diagnostic(
        "broken-json", "'\(file)' is not JSON: \(reason)",
        at: SourceSpan(file: file, line: line, column: column)))
  }
}
