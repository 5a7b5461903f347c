/// One word or sign of a model's SQL, with a call of `ref()` as a word of its own.
struct QueryToken: Sendable, Hashable {
  enum Kind: Sendable, Hashable {
    /// A keyword or a bare name, in small letters.
    case word
    /// A name in double quotes.
    case quoted
    /// What `{{ ref(…) }}` names; `text` is the model, `package` its package where it is given.
    case reference
    /// Any other `{{ … }}`.
    case template
    case number, string
    /// One byte.
    case sign
  }

  var kind: Kind
  var text: String
  var package: String?
  /// Where it begins and ends in the file, as byte offsets.
  var range: Range<Int>

  var isName: Bool { kind == .word || kind == .quoted }
  func isSign(_ sign: String) -> Bool { kind == .sign && text == sign }
  func isWord(_ word: String) -> Bool { kind == .word && text == word }
}

/// Cuts a model's text into tokens before its templates are rendered, so that each knows its place in the user's file.
///
/// It gives up on text whose meaning depends on what is rendered: loops, alternatives, macros, dollar quotes.
struct QueryScanner {
  private let bytes: [UInt8]
  private var at = 0
  private var tokens: [QueryToken] = []

  /// - Returns: nil for a text that cannot be read without rendering it.
  static func tokens(of text: String) -> [QueryToken]? {
    var scanner = QueryScanner(bytes: Array(text.utf8))
    return scanner.scan() ? scanner.tokens : nil
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private func peek(_ offset: Int = 0) -> UInt8 { at + offset < bytes.count ? bytes[at + offset] : 0 }

  private mutating func scan() -> Bool {
    while at < bytes.count {
      let start = at
      switch (peek(), peek(1)) {
      case (0x20, _), (0x09, _), (0x0a, _), (0x0d, _): at += 1
      case (UInt8(ascii: "-"), UInt8(ascii: "-")): at = end(of: [0x0a]) ?? bytes.count
      case (UInt8(ascii: "/"), UInt8(ascii: "*")):
        guard let end = end(of: Array("*/".utf8)) else { return false }
        at = end
      case (UInt8(ascii: "{"), UInt8(ascii: "#")):
        guard let end = end(of: Array("#}".utf8)) else { return false }
        at = end
      case (UInt8(ascii: "{"), UInt8(ascii: "%")):
        guard let end = end(of: Array("%}".utf8)), isHarmless(start + 2..<end - 2) else { return false }
        at = end
      case (UInt8(ascii: "{"), UInt8(ascii: "{")):
        guard let end = end(of: Array("}}".utf8)) else { return false }
        at = end
        addExpression(start..<end)
      case (UInt8(ascii: "'"), _):
        guard quoted(by: UInt8(ascii: "'")) else { return false }
        add(.string, start..<at)
      case (UInt8(ascii: "\""), _):
        guard quoted(by: UInt8(ascii: "\"")) else { return false }
        tokens.append(
          QueryToken(kind: .quoted, text: text(start + 1..<at - 1), range: start..<at))
      case (UInt8(ascii: "$"), _): return false
      case (let byte, _) where Self.isDigit(byte):
        while Self.isDigit(peek()) || peek() == UInt8(ascii: ".") { at += 1 }
        add(.number, start..<at)
      case (let byte, _) where Self.isLetter(byte):
        while Self.isLetter(peek()) || Self.isDigit(peek()) { at += 1 }
        tokens.append(
          QueryToken(kind: .word, text: text(start..<at).lowercased(), range: start..<at))
      default:
        at += 1
        add(.sign, start..<at)
      }
    }
    return true
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
  private static func isLetter(_ byte: UInt8) -> Bool {
    (0x61...0x7a).contains(byte | 0x20) || byte == UInt8(ascii: "_") || byte >= 0x80
  }

  private func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

  private mutating func add(_ kind: QueryToken.Kind, _ range: Range<Int>) {
    tokens.append(QueryToken(kind: kind, text: text(range), range: range))
  }

  /// Behind the next `sign`; nil when there is none.
  private func end(of sign: [UInt8]) -> Int? {
    var index = at
    while index + sign.count <= bytes.count {
      if bytes[index..<index + sign.count].elementsEqual(sign) { return index + sign.count }
      index += 1
    }
    return nil
  }

  private mutating func quoted(by quote: UInt8) -> Bool {
    at += 1
    while at < bytes.count {
      if peek() == quote {
        at += 1
        if peek() != quote { return true }
      }
      at += 1
    }
    return false
  }

  /// A condition without an alternative only adds text, and an assignment adds none.
  private func isHarmless(_ range: Range<Int>) -> Bool {
    let inside = text(range).drop { $0 == "-" || $0 == "+" || $0.isWhitespace }
    let word = inside.prefix { $0.isLetter }
    return word == "if" || word == "endif" || word == "do" || (word == "set" && inside.contains("="))
  }

  private mutating func addExpression(_ range: Range<Int>) {
    let inside = text(range.lowerBound + 2..<range.upperBound - 2)
      .drop { $0 == "-" || $0 == "+" || $0.isWhitespace }
    let word = inside.prefix { $0.isLetter || $0 == "_" || $0 == "." }
    if word == "config" { return }
    guard word == "ref", let open = inside.firstIndex(of: "("), let close = inside.firstIndex(of: ")") else {
      tokens.append(QueryToken(kind: .template, text: String(inside), range: range))
      return
    }
    let names = inside[inside.index(after: open)..<close].split(separator: ",").compactMap {
      part -> String? in
      let name = part.drop { $0.isWhitespace }
      guard let quote = name.first, quote == "'" || quote == "\"" else { return nil }
      return String(name.dropFirst().prefix { $0 != quote })
    }
    guard let name = names.last else {
      tokens.append(QueryToken(kind: .template, text: String(inside), range: range))
      return
    }
    tokens.append(
      QueryToken(kind: .reference, text: name, package: names.count == 2 ? names[0] : nil, range: range))
  }
}
