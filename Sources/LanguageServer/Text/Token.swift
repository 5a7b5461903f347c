/// A word of a template tag or of SQL, as far as an editor must know it.
struct Token: Sendable, Equatable {
  enum Kind: Sendable, Equatable {
    case name
    /// In quotes of one kind; the last one may be missing.
    case text(quote: UInt8)
    /// One byte that is nothing else.
    case symbol(UInt8)
    /// A tag in the midst of SQL.
    case tag
  }

  var kind: Kind
  /// 0-based bytes.
  var range: Range<Int>

  func isSymbol(_ character: Unicode.Scalar) -> Bool { kind == .symbol(UInt8(ascii: character)) }

  /// The bytes between the quotes.
  func inside(_ bytes: [UInt8]) -> Range<Int> {
    guard case .text(let quote) = kind else { return range }
    let isClosed = range.count > 1 && bytes[range.upperBound - 1] == quote
    return range.lowerBound + 1..<(isClosed ? range.upperBound - 1 : range.upperBound)
  }
}

/// Cuts the inside of a tag, or a line of YAML, into tokens.
enum TagTokens {
  static func read(_ bytes: [UInt8], in range: Range<Int>) -> [Token] {
    var tokens: [Token] = []
    var index = range.lowerBound
    while index < range.upperBound {
      let byte = bytes[index]
      var end = index + 1
      if byte.isSpace {
        index = end
        continue
      }
      let kind: Token.Kind
      if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
        kind = .text(quote: byte)
        end = Self.end(ofText: byte, in: bytes, from: end, to: range.upperBound)
      } else if byte.isWord {
        kind = .name
        while end < range.upperBound, bytes[end].isWord { end += 1 }
      } else {
        kind = .symbol(byte)
      }
      tokens.append(Token(kind: kind, range: index..<end))
      index = end
    }
    return tokens
  }

  /// Behind the closing quote; a text that nobody closed ends with its line, where one is being written.
  private static func end(ofText quote: UInt8, in bytes: [UInt8], from start: Int, to limit: Int) -> Int {
    var index = start
    while index < limit {
      if bytes[index] == UInt8(ascii: "\\") {
        index += 2
        continue
      }
      if bytes[index] == quote { return index + 1 }
      index += 1
    }
    return bytes[start..<limit].firstIndex(of: UInt8(ascii: "\n")) ?? limit
  }
}
