/// A call in a template: its name, and its arguments as far as they are written.
struct CallSite: Sendable, Equatable {
  struct Argument: Sendable, Equatable {
    var name: String?
    /// The text of a literal, and the bytes between its quotes.
    var literal: String?
    var inside: Range<Int>
    /// All of it, from the comma or parenthesis in front of it on.
    var range: Range<Int>
  }

  /// `["dbt_utils", "star"]`
  var path: [String]
  var pathRange: Range<Int>
  var arguments: [Argument]
  /// Up to its closing parenthesis.
  var range: Range<Int>

  var name: String { path.last ?? "" }
  /// What is given without a name.
  var positional: [Argument] { arguments.filter { $0.name == nil } }

  func literal(named name: String) -> String? { arguments.first { $0.name == name }?.literal }

  /// The argument that a byte belongs to.
  func argument(at offset: Int) -> Argument? {
    arguments.last { $0.inside.lowerBound <= offset && offset <= $0.inside.upperBound }
  }

  /// How many commas stand between the parenthesis and a byte.
  func index(at offset: Int) -> Int { max(0, arguments.count { $0.range.lowerBound <= offset } - 1) }

  /// The innermost call around a byte.
  static func enclosing(_ offset: Int, in tokens: [Token], of bytes: [UInt8]) -> CallSite? {
    var open: [Int?] = []
    for (index, token) in tokens.enumerated() {
      guard token.range.lowerBound < offset else { break }
      switch token.kind {
      case .symbol(UInt8(ascii: "(")):
        open.append(index > 0 && tokens[index - 1].kind == .name ? index : nil)
      case .symbol(UInt8(ascii: "[")), .symbol(UInt8(ascii: "{")): open.append(nil)
      case .symbol(UInt8(ascii: ")")), .symbol(UInt8(ascii: "]")), .symbol(UInt8(ascii: "}")):
        _ = open.popLast()
      default: break
      }
    }
    return open.last(where: { $0 != nil })?.map { CallSite(tokens, parenthesis: $0, bytes) }
  }

  /// All calls, outer ones before those inside them.
  static func all(in tokens: [Token], of bytes: [UInt8]) -> [CallSite] {
    tokens.indices.compactMap { index in
      index > 0 && tokens[index].isSymbol("(") && tokens[index - 1].kind == .name
        ? CallSite(tokens, parenthesis: index, bytes) : nil
    }
  }

  private init(_ tokens: [Token], parenthesis: Int, _ bytes: [UInt8]) {
    let path = NamePath(tokens, at: parenthesis - 1, of: bytes)
    self.path = path.names
    pathRange = path.range
    var depth = 0
    var end = tokens[parenthesis].range.upperBound
    // Each argument with the byte it begins behind: nothing may be written of it yet.
    var parts: [(start: Int, tokens: [Token])] = [(end, [])]
    for token in tokens[(parenthesis + 1)...] {
      end = token.range.upperBound
      switch token.kind {
      case .symbol(UInt8(ascii: "(")), .symbol(UInt8(ascii: "[")), .symbol(UInt8(ascii: "{")): depth += 1
      case .symbol(UInt8(ascii: ")")), .symbol(UInt8(ascii: "]")), .symbol(UInt8(ascii: "}")): depth -= 1
      default: break
      }
      if depth < 0 { break }
      if depth == 0, token.isSymbol(",") {
        parts.append((end, []))
      } else {
        parts[parts.count - 1].tokens.append(token)
      }
    }
    range = path.range.lowerBound..<end
    arguments = parts.map { Argument($0.tokens, from: $0.start, bytes) }
  }
}

extension CallSite.Argument {
  fileprivate init(_ tokens: [Token], from start: Int, _ bytes: [UInt8]) {
    var value = tokens[...]
    range = start..<max(start, tokens.last?.range.upperBound ?? start)
    if tokens.count > 1, tokens[0].kind == .name, tokens[1].isSymbol("=") {
      name = String(decoding: bytes[tokens[0].range], as: UTF8.self)
      value = tokens.dropFirst(2)
    }
    if value.count == 1, case .text? = value.first?.kind, let token = value.first {
      inside = token.inside(bytes)
      literal = String(decoding: bytes[inside], as: UTF8.self)
    } else {
      let first = value.first?.range.lowerBound ?? tokens.last?.range.upperBound ?? start
      inside = first..<max(first, value.last?.range.upperBound ?? first)
    }
  }
}

/// Names with dots between them: `dbt_utils.star`, `o.order_id`.
struct NamePath: Sendable, Equatable {
  var names: [String]
  var range: Range<Int>
  /// The last name alone.
  var last: Range<Int>

  /// The path that ends with the token at `index`.
  init(_ tokens: [Token], at index: Int, of bytes: [UInt8]) {
    var first = index
    var names = [Self.text(tokens[index], bytes)]
    while first >= 2, tokens[first - 1].isSymbol("."), Self.isName(tokens[first - 2]) {
      first -= 2
      names.insert(Self.text(tokens[first], bytes), at: 0)
    }
    self.names = names
    last = tokens[index].range
    range = tokens[first].range.lowerBound..<last.upperBound
  }

  /// The path whose name a byte belongs to, its end counted.
  init?(around offset: Int, in tokens: [Token], of bytes: [UInt8]) {
    guard
      let index = tokens.firstIndex(where: {
        Self.isName($0) && $0.range.lowerBound <= offset && offset <= $0.range.upperBound
      })
    else { return nil }
    self.init(tokens, at: index, of: bytes)
  }

  /// A name, or one in double quotes.
  static func isName(_ token: Token) -> Bool {
    token.kind == .name || token.kind == .text(quote: UInt8(ascii: "\""))
  }

  static func text(_ token: Token, _ bytes: [UInt8]) -> String {
    String(decoding: bytes[token.inside(bytes)], as: UTF8.self)
  }
}
