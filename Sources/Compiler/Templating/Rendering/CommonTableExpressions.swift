/// Puts the CTEs of ephemeral models in front of a query, where dbt puts them.
enum CommonTableExpressions {
  struct Expression {
    var name: String
    var query: MappedText
  }

  /// `with` is made when the query has none; otherwise the new ones come before the query's own, after a
  /// `recursive`.
  static func inject(_ expressions: [Expression], into query: MappedText) -> MappedText {
    guard !expressions.isEmpty else { return query }
    var result = MappedText()
    let head = Head(query.bytes)
    let cut = head.afterWith ?? head.start
    result.append(query, to: cut)
    if head.afterWith == nil { result.append("with") }
    for (index, expression) in expressions.enumerated() {
      result.append("\(index > 0 ? ", " : "") \(expression.name) as (\n")
      result.append(expression.query)
      result.append("\n)")
    }
    result.append(head.afterWith == nil ? " " : ", ")
    result.append(query, from: cut)
    return result
  }

  /// Where a query begins.
  private struct Head {
    /// The first byte that is no white space.
    var start: Int
    /// The first byte of the query's own expressions, after `with` or `with recursive`; nil when it begins otherwise.
    var afterWith: Int?

    init(_ bytes: [UInt8]) {
      start = Self.skipSpace(bytes, 0)
      var position = start
      // Comments may stand before the keyword.
      while let end = Self.commentEnd(bytes, position) { position = Self.skipSpace(bytes, end) }
      guard let with = Self.keyword("with", bytes, position) else { return }
      let next = Self.skipSpace(bytes, with)
      afterWith = Self.keyword("recursive", bytes, next).map { Self.skipSpace(bytes, $0) } ?? next
    }

    private static func skipSpace(_ bytes: [UInt8], _ start: Int) -> Int {
      var position = start
      while position < bytes.count, [0x20, 0x09, 0x0a, 0x0b, 0x0c, 0x0d].contains(bytes[position]) {
        position += 1
      }
      return position
    }

    private static func commentEnd(_ bytes: [UInt8], _ start: Int) -> Int? {
      guard start + 1 < bytes.count else { return nil }
      switch (bytes[start], bytes[start + 1]) {
      case (UInt8(ascii: "-"), UInt8(ascii: "-")):
        return bytes[start...].firstIndex(of: 0x0a) ?? bytes.count
      case (UInt8(ascii: "/"), UInt8(ascii: "*")):
        var position = start + 2
        while position + 1 < bytes.count {
          if bytes[position] == UInt8(ascii: "*"), bytes[position + 1] == UInt8(ascii: "/") {
            return position + 2
          }
          position += 1
        }
        return bytes.count
      default: return nil
      }
    }

    private static func keyword(_ word: String, _ bytes: [UInt8], _ start: Int) -> Int? {
      let end = start + word.utf8.count
      guard end <= bytes.count, zip(bytes[start..<end], word.utf8).allSatisfy({ $0 | 0x20 == $1 }) else {
        return nil
      }
      if end < bytes.count {
        switch bytes[end] {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...:
          return nil
        default: break
        }
      }
      return end
    }
  }
}
