/// A template as written: where its tags are, and the SQL around them as tokens.
///
/// It never fails: a text that is being written is seldom whole.
struct TemplateText: Sendable {
  struct Tag: Sendable, Equatable {
    enum Kind: Sendable { case expression, statement, comment }
    var kind: Kind
    /// With its braces; up to the end of the text when nobody closed it.
    var range: Range<Int>
    var inside: Range<Int>
  }

  let bytes: [UInt8]
  let tags: [Tag]

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    tags = Self.tags(in: bytes)
  }

  /// The tag around a byte, its braces not counted.
  func tag(at offset: Int) -> Tag? {
    tags.first { $0.inside.lowerBound <= offset && offset <= $0.inside.upperBound }
  }

  func tokens(of tag: Tag) -> [Token] { TagTokens.read(bytes, in: tag.inside) }

  private static func tags(in bytes: [UInt8]) -> [Tag] {
    var tags: [Tag] = []
    var index = 0
    var isRaw = false
    while let start = bytes[index...].firstIndex(of: UInt8(ascii: "{")), start + 1 < bytes.count {
      let kind: Tag.Kind
      let closing: UInt8
      switch bytes[start + 1] {
      case UInt8(ascii: "{"): (kind, closing) = (.expression, UInt8(ascii: "}"))
      case UInt8(ascii: "%"): (kind, closing) = (.statement, UInt8(ascii: "%"))
      case UInt8(ascii: "#"): (kind, closing) = (.comment, UInt8(ascii: "#"))
      default:
        index = start + 1
        continue
      }
      let inside = start + 2..<end(of: kind, closing, in: bytes, from: start + 2)
      let tag = Tag(kind: kind, range: start..<min(inside.upperBound + 2, bytes.count), inside: inside)
      let word = kind == .statement ? TagTokens.read(bytes, in: inside).first { $0.kind == .name } : nil
      let name = word.map { String(decoding: bytes[$0.range], as: UTF8.self) }
      if !isRaw || name == "endraw" { tags.append(tag) }
      isRaw = name == "raw" || isRaw && name != "endraw"
      index = isRaw && name != "raw" ? start + 2 : tag.range.upperBound
    }
    return tags
  }

  /// Where the inside of a tag ends.
  private static func end(of kind: Tag.Kind, _ closing: UInt8, in bytes: [UInt8], from start: Int) -> Int {
    var index = start
    var quote: UInt8?
    while index + 1 < bytes.count {
      let byte = bytes[index]
      if let open = quote {
        if byte == UInt8(ascii: "\\") {
          index += 1
        } else if byte == open {
          quote = nil
        } else if byte == closing, bytes[index + 1] == UInt8(ascii: "}"), isLast(open, in: bytes, from: index)
        {
          // A text that nobody has closed yet.
          return index
        }
      } else if byte == closing, bytes[index + 1] == UInt8(ascii: "}") {
        return index
      } else if kind != .comment, byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
        quote = byte
      }
      index += 1
    }
    return bytes.count
  }

  private static func isLast(_ quote: UInt8, in bytes: [UInt8], from index: Int) -> Bool {
    let line = bytes[index...].prefix { $0 != UInt8(ascii: "\n") }
    return !line.contains(quote)
  }

  // MARK: SQL

  /// The SQL between the tags; a tag is one token, comments are none.
  var sql: [Token] {
    var tokens: [Token] = []
    var rest = tags[...]
    var index = 0
    func inTag() -> Tag? {
      while let tag = rest.first, tag.range.upperBound <= index { rest = rest.dropFirst() }
      return rest.first.flatMap { $0.range.lowerBound <= index ? $0 : nil }
    }
    /// Past all bytes up to the one that ends it; tags inside are left out.
    func skip(until isEnd: (Int) -> Int?) {
      while index < bytes.count {
        if let tag = inTag() {
          index = tag.range.upperBound
        } else if let end = isEnd(index) {
          index = end
          return
        } else {
          index += 1
        }
      }
    }
    while index < bytes.count {
      if let tag = inTag() {
        if tag.kind != .comment { tokens.append(Token(kind: .tag, range: tag.range)) }
        index = tag.range.upperBound
        continue
      }
      let byte = bytes[index]
      let next = index + 1 < bytes.count ? bytes[index + 1] : 0
      let start = index
      if byte.isSpace {
        index += 1
      } else if byte == UInt8(ascii: "-"), next == byte {
        skip { bytes[$0] == UInt8(ascii: "\n") ? $0 : nil }
      } else if byte == UInt8(ascii: "/"), next == UInt8(ascii: "*") {
        skip {
          $0 > start + 2 && bytes[$0] == UInt8(ascii: "/") && bytes[$0 - 1] == UInt8(ascii: "*")
            ? $0 + 1 : nil
        }
      } else if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
        index += 1
        skip { bytes[$0] == byte ? $0 + 1 : nil }
        tokens.append(Token(kind: .text(quote: byte), range: start..<index))
      } else if byte.isWord {
        while index < bytes.count, bytes[index].isWord, inTag() == nil { index += 1 }
        tokens.append(Token(kind: .name, range: start..<index))
      } else {
        index += 1
        tokens.append(Token(kind: .symbol(byte), range: start..<index))
      }
    }
    return tokens
  }
}
