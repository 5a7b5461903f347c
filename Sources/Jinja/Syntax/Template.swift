/// A template: its text and the tree it was parsed to, once.
///
///     let template = try Template(parsing: Array("Hello {{ name }}".utf8), name: "hello")
///
/// Offsets are 0-based bytes of the text as given, also where its line ends were normalised.
public struct Template: Sendable {
  public let name: String
  public let statements: [Statement]
  /// The macros at the top level, in the order of the text.
  public let macros: [MacroDefinition]
  /// The blocks by name, wherever they stand.
  let blocks: [String: BlockDefinition]
  let text: TemplateText

  /// - Throws: a ``TemplateError`` of the kind `syntax` or `assertion`, with its location.
  public init(parsing source: [UInt8], name: String, syntax: Syntax = Syntax()) throws(TemplateError) {
    let text = TemplateText(source, name: name, keepTrailingNewline: syntax.keepTrailingNewline)
    var parser = try Parser(text, syntax: syntax)
    let statements = try parser.parseTemplate()
    var checker = TreeChecker(syntax: syntax, text: text)
    try checker.check(statements)
    self.name = name
    self.text = text
    self.statements = statements
    self.blocks = checker.blocks
    macros = statements.compactMap { if case .macro(let macro) = $0.kind { macro } else { nil } }
  }

  public init(parsing source: String, name: String, syntax: Syntax = Syntax()) throws(TemplateError) {
    try self.init(parsing: Array(source.utf8), name: name, syntax: syntax)
  }

  /// A template without any text.
  init(empty name: String) {
    self.name = name
    text = TemplateText([], name: name, keepTrailingNewline: true)
    statements = []
    macros = []
    blocks = [:]
  }

  /// The 1-based line and column of a byte offset.
  public func location(of offset: Int) -> TemplateError.Location { text.location(of: offset) }
}

/// The bytes of a template as the lexer reads them, and the way back to the original.
final class TemplateText: Sendable {
  let name: String
  let bytes: [UInt8]
  /// Positions in `bytes` after which one more byte was left out of the original, ascending.
  private let shortened: [Int]

  init(_ source: [UInt8], name: String, keepTrailingNewline: Bool) {
    self.name = name
    var bytes = source
    var shortened: [Int] = []
    if source.contains(UInt8(ascii: "\r")) {
      bytes = []
      bytes.reserveCapacity(source.count)
      var index = 0
      while index < source.count {
        if source[index] == UInt8(ascii: "\r") {
          bytes.append(UInt8(ascii: "\n"))
          if index + 1 < source.count, source[index + 1] == UInt8(ascii: "\n") {
            shortened.append(bytes.count)
            index += 1
          }
        } else {
          bytes.append(source[index])
        }
        index += 1
      }
    }
    if !keepTrailingNewline, bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
    self.bytes = bytes
    self.shortened = shortened
  }

  /// The offset in the text as it was given.
  func original(_ offset: Int) -> Int {
    if shortened.isEmpty { return offset }
    var low = 0
    var high = shortened.count
    while low < high {
      let middle = (low + high) / 2
      if shortened[middle] <= offset { low = middle + 1 } else { high = middle }
    }
    return offset + low
  }

  func location(of offset: Int) -> TemplateError.Location {
    var line = 1
    var lineStart = 0
    let end = min(max(offset, 0), bytes.count)
    for index in 0..<end where bytes[index] == UInt8(ascii: "\n") {
      line += 1
      lineStart = index + 1
    }
    return TemplateError.Location(
      template: name, offset: original(end), line: line, column: end - lineStart + 1)
  }
}
