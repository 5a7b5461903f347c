/// Reads the JSON that libpg_query writes. It is well formed; what is not ends the reading with nil.
///
/// A reader of its own, and not that of the artifacts: a tree has tens of small objects a line of SQL, for which a
/// dictionary each would be most of the work, and nobody is to be told of a mistake in it.
struct SyntaxDecoder {
  /// A tree that is deeper is not read: a thread's stack ends.
  private static let deepest = 700

  private let bytes: UnsafeBufferPointer<UInt8>
  private var at = 0

  static func decode(_ bytes: UnsafeBufferPointer<UInt8>) -> SyntaxNode? {
    var decoder = SyntaxDecoder(bytes: bytes)
    return decoder.value(depth: 0)
  }

  private init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  private mutating func value(depth: Int) -> SyntaxNode? {
    guard depth < Self.deepest, at < bytes.count else { return nil }
    switch bytes[at] {
    case UInt8(ascii: "{"): return object(depth: depth)
    case UInt8(ascii: "["): return array(depth: depth)
    case UInt8(ascii: "\""): return string().map { .string($0) }
    case UInt8(ascii: "t"): return word(4, .bool(true))
    case UInt8(ascii: "f"): return word(5, .bool(false))
    case UInt8(ascii: "n"): return word(4, .null)
    default: return number()
    }
  }

  private mutating func object(depth: Int) -> SyntaxNode? {
    var fields: [SyntaxNode.Field] = []
    at += 1
    if take(UInt8(ascii: "}")) { return .fields(fields) }
    while true {
      guard let name = string(), take(UInt8(ascii: ":")), let value = value(depth: depth + 1) else {
        return nil
      }
      fields.append(SyntaxNode.Field(name: name, value: value))
      if take(UInt8(ascii: ",")) { continue }
      return take(UInt8(ascii: "}")) ? .fields(fields) : nil
    }
  }

  private mutating func array(depth: Int) -> SyntaxNode? {
    var items: [SyntaxNode] = []
    at += 1
    if take(UInt8(ascii: "]")) { return .list(items) }
    while true {
      guard let item = value(depth: depth + 1) else { return nil }
      items.append(item)
      if take(UInt8(ascii: ",")) { continue }
      return take(UInt8(ascii: "]")) ? .list(items) : nil
    }
  }

  private mutating func string() -> String? {
    guard take(UInt8(ascii: "\"")) else { return nil }
    let start = at
    while at < bytes.count, bytes[at] != UInt8(ascii: "\""), bytes[at] != UInt8(ascii: "\\") { at += 1 }
    guard at < bytes.count else { return nil }
    if bytes[at] == UInt8(ascii: "\"") {
      defer { at += 1 }
      return String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<at]), as: UTF8.self)
    }
    var text = Array(bytes[start..<at])
    while at < bytes.count, bytes[at] != UInt8(ascii: "\"") {
      let byte = bytes[at]
      at += 1
      guard byte == UInt8(ascii: "\\") else {
        text.append(byte)
        continue
      }
      guard at < bytes.count else { return nil }
      let escape = bytes[at]
      at += 1
      switch escape {
      case UInt8(ascii: "n"): text.append(UInt8(ascii: "\n"))
      case UInt8(ascii: "t"): text.append(UInt8(ascii: "\t"))
      case UInt8(ascii: "r"): text.append(UInt8(ascii: "\r"))
      case UInt8(ascii: "b"): text.append(8)
      case UInt8(ascii: "f"): text.append(12)
      case UInt8(ascii: "u"):
        // Only ASCII is written so: the rest stands as UTF-8.
        guard at + 4 <= bytes.count,
          let code = UInt8(String(decoding: bytes[at..<(at + 4)], as: UTF8.self), radix: 16)
        else { return nil }
        text.append(code)
        at += 4
      default: text.append(escape)
      }
    }
    guard take(UInt8(ascii: "\"")) else { return nil }
    return String(decoding: text, as: UTF8.self)
  }

  private mutating func number() -> SyntaxNode? {
    let isNegative = take(UInt8(ascii: "-"))
    var result = 0
    let start = at
    while at < bytes.count, case let digit = bytes[at], digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9")
    {
      let (shifted, overflows) = result.multipliedReportingOverflow(by: 10)
      guard !overflows else { return nil }
      result = shifted + Int(digit - UInt8(ascii: "0"))
      at += 1
    }
    guard at > start else { return nil }
    // Cost estimates are the only numbers with a fraction; nobody reads them.
    while at < bytes.count, ![UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]")].contains(bytes[at]) {
      at += 1
    }
    return .integer(isNegative ? -result : result)
  }

  private mutating func word(_ count: Int, _ value: SyntaxNode) -> SyntaxNode? {
    guard at + count <= bytes.count else { return nil }
    at += count
    return value
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard at < bytes.count, bytes[at] == byte else { return false }
    at += 1
    return true
  }
}
