/// A word or a mark of an SQL text; white space and comments are none.
struct SQLToken {
  enum Kind: Equatable {
    /// A keyword or a name without quotes, in small letters.
    case word(String)
    case number
    /// A text, or a name in quotes.
    case quoted
    case mark(UInt8)
  }

  var kind: Kind
  /// 0-based byte offsets; `end` is behind the last byte.
  var start: Int
  var end: Int

  static func all(in bytes: [UInt8]) -> [SQLToken] {
    var tokens: [SQLToken] = []
    var at = 0
    while at < bytes.count {
      let byte = bytes[at]
      if let end = endOfGap(bytes, at) {
        at = end
        continue
      }
      let start = at
      let kind: Kind
      switch byte {
      case UInt8(ascii: "'"), UInt8(ascii: "\""):
        at = endOfQuoted(bytes, at)
        kind = .quoted
      case UInt8(ascii: "$"):
        at = endOfDollars(bytes, at)
        kind = at > start + 1 ? .quoted : .mark(byte)
      case _ where isDigit(byte):
        while at < bytes.count, isLetter(bytes[at]) || isDigit(bytes[at]) || bytes[at] == UInt8(ascii: ".") {
          at += 1
        }
        kind = .number
      case _ where isLetter(byte):
        while at < bytes.count, isLetter(bytes[at]) || isDigit(bytes[at]) || bytes[at] == UInt8(ascii: "$") {
          at += 1
        }
        kind = .word(String(decoding: bytes[start..<at], as: UTF8.self).lowercased())
      default:
        at += 1
        kind = .mark(byte)
      }
      tokens.append(SQLToken(kind: kind, start: start, end: at))
    }
    return tokens
  }

  /// Behind white space or a comment; nil where neither stands.
  private static func endOfGap(_ bytes: [UInt8], _ start: Int) -> Int? {
    func starts(_ first: Character, _ second: Character, _ at: Int) -> Bool {
      at + 1 < bytes.count && bytes[at] == first.asciiValue && bytes[at + 1] == second.asciiValue
    }
    if bytes[start] == 0x20 || (0x09...0x0D).contains(bytes[start]) { return start + 1 }
    if starts("-", "-", start) {
      return bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
    }
    guard starts("/", "*", start) else { return nil }
    var depth = 0
    var at = start
    while at < bytes.count {
      if starts("/", "*", at) {
        (depth, at) = (depth + 1, at + 2)
      } else if starts("*", "/", at) {
        (depth, at) = (depth - 1, at + 2)
        if depth == 0 { break }
      } else {
        at += 1
      }
    }
    return at
  }

  /// A quote that is doubled stands for itself.
  private static func endOfQuoted(_ bytes: [UInt8], _ start: Int) -> Int {
    var at = start + 1
    while at < bytes.count {
      guard bytes[at] == bytes[start] else {
        at += 1
        continue
      }
      guard at + 1 < bytes.count, bytes[at + 1] == bytes[start] else { return at + 1 }
      at += 2
    }
    return at
  }

  /// `$$ … $$`, `$tag$ … $tag$`; of a lone `$` just behind it.
  private static func endOfDollars(_ bytes: [UInt8], _ start: Int) -> Int {
    var tagEnd = start + 1
    while tagEnd < bytes.count, isLetter(bytes[tagEnd]) || isDigit(bytes[tagEnd]) { tagEnd += 1 }
    guard tagEnd < bytes.count, bytes[tagEnd] == UInt8(ascii: "$") else { return start + 1 }
    let tag = bytes[start...tagEnd]
    return bytes[(tagEnd + 1)...].firstRange(of: tag)?.upperBound ?? bytes.count
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (0x61...0x7A).contains(byte | 0x20) || byte == UInt8(ascii: "_") || byte >= 0x80
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
