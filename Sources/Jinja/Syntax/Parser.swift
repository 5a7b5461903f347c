/// Reads tokens into the tree, with Jinja's grammar and Jinja's messages.
///
/// Statements are in `Parser+Statements.swift`, expressions in `Parser+Expressions.swift`.
struct Parser {
  let text: TemplateText
  let syntax: Syntax
  let extensions: [String: TagExtension]
  private var lexer: Lexer
  private(set) var current = Token(kind: .initial, offset: 0, end: 0)
  private var ahead: Token?
  /// The tags that are being read, the outermost first.
  var tags: [String] = []
  /// The end tags that each open block waits for.
  var endTags: [[String]] = []
  private var nesting = 0
  private let stack: StackLimit

  init(_ text: TemplateText, syntax: Syntax) throws(TemplateError) {
    self.text = text
    self.syntax = syntax
    lexer = Lexer(text, syntax: syntax)
    stack = StackLimit(reserve: 64 * 1024)
    extensions = Dictionary(syntax.extensions.map { ($0.tag, $0) }, uniquingKeysWith: { $1 })
    try advance()
  }

  // MARK: - The token stream

  /// Goes one token on and gives the one that was current.
  @discardableResult
  mutating func advance() throws(TemplateError) -> Token {
    let old = current
    if let token = ahead {
      ahead = nil
      current = token
    } else if current.kind != .eof {
      current = try lexer.next() ?? Token(kind: .eof, offset: current.offset, end: text.bytes.count)
    }
    return old
  }

  /// The token after the current one.
  mutating func look() throws(TemplateError) -> Token {
    if let ahead { return ahead }
    let old = try advance()
    let result = current
    ahead = result
    current = old
    return result
  }

  mutating func skip(_ kind: Token.Kind) throws(TemplateError) -> Bool {
    guard current.kind == kind else { return false }
    try advance()
    return true
  }

  mutating func skip(name: String) throws(TemplateError) -> Bool {
    guard current.isName(name) else { return false }
    try advance()
    return true
  }

  @discardableResult
  mutating func expect(_ kind: Token.Kind) throws(TemplateError) -> Token {
    guard current.kind == kind else { throw unexpected(kind.description) }
    return try advance()
  }

  @discardableResult
  mutating func expect(name: String) throws(TemplateError) -> Token {
    guard current.isName(name) else { throw unexpected(name) }
    return try advance()
  }

  private func unexpected(_ expected: String) -> TemplateError {
    if current.kind == .eof {
      return fail("unexpected end of template, expected \(Value.representation(of: expected)).")
    }
    return fail(
      "expected token \(Value.representation(of: expected)), "
        + "got \(Value.representation(of: current.description))")
  }

  // MARK: - Errors and limits

  func fail(_ message: String, at offset: Int? = nil, kind: TemplateError.Kind = .syntax) -> TemplateError {
    TemplateError(kind, message, at: text.location(of: offset ?? current.offset))
  }

  /// Counts a level of nesting while `body` runs.
  mutating func nested<Result>(
    _ body: (inout Parser) throws(TemplateError) -> Result
  ) throws(TemplateError) -> Result {
    nesting += 1
    defer { nesting -= 1 }
    if nesting > syntax.nestingLimit || stack.isExhausted {
      throw fail("template is nested too deeply", kind: .recursion)
    }
    return try body(&self)
  }

  func node(_ kind: Expression.Kind, at token: Token) throws(TemplateError) -> Expression {
    try node(kind, at: token.offset)
  }

  func node(_ kind: Expression.Kind, at offset: Int) throws(TemplateError) -> Expression {
    let node = Expression(kind, at: offset)
    if node.depth > syntax.chainLimit {
      throw fail("expression is too long", at: offset, kind: .recursion)
    }
    return node
  }

  /// The bytes of a text token.
  func bytes(of token: Token) -> [UInt8] { Array(text.bytes[token.offset..<token.end]) }
}
