/// Cuts a template into tokens, one at a time, as Jinja's lexer does.
struct Lexer {
  private enum Mode { case text, variable, block }

  let text: TemplateText
  private let bytes: [UInt8]
  private let trimBlocks: Bool
  private let lstripBlocks: Bool
  private var position = 0
  private var mode = Mode.text
  /// The closing brackets that are due.
  private var open: [UInt8] = []
  /// Whether the text at `position` begins a line.
  private var isLineStart = true
  /// A tag that begins where the text just given ended.
  private var pending: Token?

  init(_ text: TemplateText, syntax: Syntax) {
    self.text = text
    bytes = text.bytes
    trimBlocks = syntax.trimBlocks
    lstripBlocks = syntax.lstripBlocks
  }

  /// The next token, or nil at the end.
  mutating func next() throws(TemplateError) -> Token? {
    if let token = pending {
      pending = nil
      return token
    }
    while true {
      switch mode {
      case .text:
        if position >= bytes.count { return nil }
        if let token = try textToken() { return token }
      case .variable, .block:
        return try tagToken()
      }
    }
  }

  private func fail(_ message: String, at offset: Int) -> TemplateError {
    TemplateError(.syntax, message, at: text.location(of: offset))
  }

  // MARK: - Text

  /// The text up to the next tag, or the tag itself; nil when both were empty, as after a comment.
  private mutating func textToken() throws(TemplateError) -> Token? {
    let start = position
    var index = start
    let count = bytes.count
    while index + 1 < count {
      if bytes[index] == UInt8(ascii: "{") {
        let second = bytes[index + 1]
        if second == UInt8(ascii: "{") || second == UInt8(ascii: "%") || second == UInt8(ascii: "#") { break }
      }
      index += 1
    }
    if index + 1 >= count {
      position = count
      return data(start, count)
    }

    let second = bytes[index + 1]
    if second == UInt8(ascii: "%"), let raw = rawBegin(at: index) {
      let token = data(start, textEnd(start, index, sign: raw.sign, isVariable: false))
      position = raw.end
      isLineStart = raw.end > 0 && bytes[raw.end - 1] == UInt8(ascii: "\n")
      let content = try rawContent()
      if let token {
        pending = content
        return token
      }
      return content
    }
    let sign = index + 2 < count ? bytes[index + 2] : 0
    let isSigned = sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+")
    let isVariable = second == UInt8(ascii: "{")
    let token = data(start, textEnd(start, index, sign: isSigned ? sign : 0, isVariable: isVariable))
    position = index + (isSigned ? 3 : 2)
    isLineStart = false
    if second == UInt8(ascii: "#") {
      try skipComment()
      return token
    }
    mode = isVariable ? .variable : .block
    let begin = Token(kind: isVariable ? .variableBegin : .blockBegin, offset: index, end: position)
    if let token {
      pending = begin
      return token
    }
    return begin
  }

  private func data(_ start: Int, _ end: Int) -> Token? {
    start < end ? Token(kind: .data, offset: start, end: end) : nil
  }

  /// Where the text before a tag ends once white space control is done.
  private func textEnd(_ start: Int, _ end: Int, sign: UInt8, isVariable: Bool) -> Int {
    if sign == UInt8(ascii: "-") { return Bytes.trimEnd(bytes, from: start, to: end) }
    guard sign != UInt8(ascii: "+"), lstripBlocks, !isVariable else { return end }
    var lineStart = end
    while lineStart > start, bytes[lineStart - 1] != UInt8(ascii: "\n") { lineStart -= 1 }
    guard lineStart > start || isLineStart else { return end }
    return Bytes.skipSpace(bytes, from: lineStart) >= end && lineStart < end ? lineStart : end
  }

  private mutating func skipComment() throws(TemplateError) {
    let start = position
    var index = position
    while index + 1 < bytes.count {
      if bytes[index] == UInt8(ascii: "#"), bytes[index + 1] == UInt8(ascii: "}") {
        let sign = index > start ? bytes[index - 1] : 0
        position = index + 2
        if sign == UInt8(ascii: "-") {
          position = Bytes.skipSpace(bytes, from: position)
        } else if sign != UInt8(ascii: "+") {
          skipNewline()
        }
        isLineStart = bytes[position - 1] == UInt8(ascii: "\n")
        return
      }
      index += 1
    }
    // Jinja has nothing to say about a comment that opens at the very end.
    position = bytes.count
    if start < bytes.count { throw fail("Missing end of comment tag", at: start) }
  }

  /// The newline that `trim_blocks` removes after a tag.
  private mutating func skipNewline() {
    if trimBlocks, position < bytes.count, bytes[position] == UInt8(ascii: "\n") { position += 1 }
  }

  private func rawBegin(at start: Int) -> (sign: UInt8, end: Int)? {
    var index = start + 2
    var sign: UInt8 = 0
    if index < bytes.count, bytes[index] == UInt8(ascii: "-") || bytes[index] == UInt8(ascii: "+") {
      sign = bytes[index]
      index += 1
    }
    index = Bytes.skipSpace(bytes, from: index)
    guard matches("raw", at: index) else { return nil }
    index = Bytes.skipSpace(bytes, from: index + 3)
    if matches("-%}", at: index) { return (sign, Bytes.skipSpace(bytes, from: index + 3)) }
    return matches("%}", at: index) ? (sign, index + 2) : nil
  }

  private mutating func rawContent() throws(TemplateError) -> Token? {
    let start = position
    var index = start
    while index + 1 < bytes.count {
      if bytes[index] == UInt8(ascii: "{"), bytes[index + 1] == UInt8(ascii: "%") {
        var inner = index + 2
        var sign: UInt8 = 0
        if inner < bytes.count, bytes[inner] == UInt8(ascii: "-") || bytes[inner] == UInt8(ascii: "+") {
          sign = bytes[inner]
          inner += 1
        }
        inner = Bytes.skipSpace(bytes, from: inner)
        if matches("endraw", at: inner) {
          inner = Bytes.skipSpace(bytes, from: inner + 6)
          var end: Int?
          if matches("+%}", at: inner) {
            end = inner + 3
          } else if matches("-%}", at: inner) {
            end = Bytes.skipSpace(bytes, from: inner + 3)
          } else if matches("%}", at: inner) {
            end = inner + 2
          }
          if let end {
            let token = data(start, textEnd(start, index, sign: sign, isVariable: false))
            position = end
            if end == inner + 2 { skipNewline() }
            isLineStart = bytes[position - 1] == UInt8(ascii: "\n")
            return token
          }
        }
      }
      index += 1
    }
    position = bytes.count
    if start < bytes.count { throw fail("Missing end of raw directive", at: start) }
    return nil
  }

  private func matches(_ word: StaticString, at index: Int) -> Bool {
    let count = word.utf8CodeUnitCount
    guard index + count <= bytes.count else { return false }
    for offset in 0..<count where word.utf8Start[offset] != bytes[index + offset] { return false }
    return true
  }

  // MARK: - Tags

  private mutating func tagToken() throws(TemplateError) -> Token? {
    while true {
      if open.isEmpty, let end = tagEnd() { return end }
      guard position < bytes.count else { return nil }
      let byte = bytes[position]
      if Bytes.isSpace(byte) {
        position += 1
        continue
      }
      if Bytes.isDigit(byte) { return try number() }
      if Bytes.isNameByte(byte) { return try name() }
      if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") { return try string(quote: byte) }
      if byte >= 0x80 {
        let (scalar, length) = Bytes.scalar(bytes, at: position)
        if Bytes.isSpace(scalar) {
          position += length
          continue
        }
        if Bytes.isWord(scalar) { return try name() }
        throw unexpected()
      }
      return try operatorToken(byte)
    }
  }

  private mutating func tagEnd() -> Token? {
    guard position < bytes.count else { return nil }
    let start = position
    let byte = bytes[start]
    if mode == .variable {
      if byte == UInt8(ascii: "}"), matches("}}", at: start) {
        position = start + 2
      } else if byte == UInt8(ascii: "-"), matches("-}}", at: start) {
        position = Bytes.skipSpace(bytes, from: start + 3)
      } else {
        return nil
      }
    } else {
      if byte == UInt8(ascii: "%"), matches("%}", at: start) {
        position = start + 2
        skipNewline()
      } else if byte == UInt8(ascii: "-"), matches("-%}", at: start) {
        position = Bytes.skipSpace(bytes, from: start + 3)
      } else if byte == UInt8(ascii: "+"), matches("+%}", at: start) {
        position = start + 3
      } else {
        return nil
      }
    }
    let kind: Token.Kind = mode == .variable ? .variableEnd : .blockEnd
    mode = .text
    isLineStart = bytes[position - 1] == UInt8(ascii: "\n")
    return Token(kind: kind, offset: start, end: position)
  }

  private func unexpected() -> TemplateError {
    let (scalar, _) = Bytes.scalar(bytes, at: position)
    let characters = bytes[..<position].reduce(0) { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 }
    return fail("unexpected char \(Value.representation(of: String(scalar))) at \(characters)", at: position)
  }

  private mutating func name() throws(TemplateError) -> Token {
    let start = position
    var isASCII = true
    while position < bytes.count {
      if Bytes.isNameByte(bytes[position]) {
        position += 1
      } else if bytes[position] >= 0x80 {
        let (scalar, length) = Bytes.scalar(bytes, at: position)
        guard Bytes.isWord(scalar) else { break }
        isASCII = false
        position += length
      } else {
        break
      }
    }
    let word = String(decoding: bytes[start..<position], as: UTF8.self)
    if !isASCII {
      let scalars = word.unicodeScalars
      let isIdentifier =
        scalars.first.map { $0 == "_" || $0.properties.isXIDStart } ?? false
        && scalars.dropFirst().allSatisfy { $0.properties.isXIDContinue }
      if !isIdentifier { throw fail("Invalid character in identifier", at: start) }
    }
    return Token(kind: .name, offset: start, end: position, text: word)
  }

  /// A number as Jinja writes it; a letter right after it begins a token of its own.
  private mutating func number() throws(TemplateError) -> Token {
    let start = position
    func digits(from index: Int, _ isDigit: (UInt8) -> Bool) -> Int {
      var index = index
      while index < bytes.count {
        if isDigit(bytes[index]) {
          index += 1
        } else if bytes[index] == UInt8(ascii: "_"), index + 1 < bytes.count, isDigit(bytes[index + 1]) {
          index += 2
        } else {
          break
        }
      }
      return index
    }
    func byte(_ index: Int) -> UInt8 { index < bytes.count ? bytes[index] : 0 }

    // A float: digits, then a fraction or an exponent or both; not right after a dot.
    if start == 0 || bytes[start - 1] != UInt8(ascii: ".") {
      let whole = digits(from: start, Bytes.isDigit)
      var end = whole
      if byte(end) == UInt8(ascii: "."), Bytes.isDigit(byte(end + 1)) {
        end = digits(from: end + 1, Bytes.isDigit)
      }
      if byte(end) | 32 == UInt8(ascii: "e") {
        let sign = byte(end + 1) == UInt8(ascii: "+") || byte(end + 1) == UInt8(ascii: "-") ? 1 : 0
        if Bytes.isDigit(byte(end + 1 + sign)) { end = digits(from: end + 1 + sign, Bytes.isDigit) }
      }
      if end > whole { return numberToken(.float, to: end) }
    }

    let prefix = byte(start + 1) | 32
    if bytes[start] == UInt8(ascii: "0"), prefix == 98 || prefix == 111 || prefix == 120 {
      let isDigit: (UInt8) -> Bool =
        switch prefix {
        case 98: { $0 == 48 || $0 == 49 }
        case 111: { $0 &- 48 < 8 }
        default: { Bytes.isDigit($0) || ($0 | 32) &- 97 < 6 }
        }
      let begin = byte(start + 2) == UInt8(ascii: "_") ? start + 3 : start + 2
      if isDigit(byte(begin)) { return numberToken(.integer, to: digits(from: begin, isDigit)) }
    }
    if bytes[start] == UInt8(ascii: "0") {
      return numberToken(.integer, to: digits(from: start + 1) { $0 == UInt8(ascii: "0") })
    }
    return numberToken(.integer, to: digits(from: start + 1, Bytes.isDigit))
  }

  private mutating func numberToken(_ kind: Token.Kind, to end: Int) -> Token {
    let word = String(
      decoding: bytes[position..<end].filter { $0 != UInt8(ascii: "_") }, as: UTF8.self)
    defer { position = end }
    return Token(kind: kind, offset: position, end: end, text: word)
  }

  private mutating func string(quote: UInt8) throws(TemplateError) -> Token {
    let start = position
    var index = start + 1
    var hasEscapes = false
    while index < bytes.count, bytes[index] != quote {
      if bytes[index] == UInt8(ascii: "\\") {
        hasEscapes = true
        index += 1
      }
      index += 1
    }
    guard index < bytes.count else { throw unexpected() }
    let content = Array(bytes[start + 1..<index])
    position = index + 1
    let value: String
    if hasEscapes {
      do {
        value = try StringEscapes.decode(content)
      } catch {
        throw fail(error.message, at: start)
      }
    } else {
      value = String(decoding: content, as: UTF8.self)
    }
    return Token(kind: .string, offset: start, end: position, text: value)
  }

  private mutating func operatorToken(_ byte: UInt8) throws(TemplateError) -> Token {
    let start = position
    let second = start + 1 < bytes.count ? bytes[start + 1] : 0
    let equals = second == UInt8(ascii: "=")
    var length = 1
    let kind: Token.Kind
    switch byte {
    case UInt8(ascii: "+"): kind = .add
    case UInt8(ascii: "-"): kind = .subtract
    case UInt8(ascii: "/"):
      kind = second == byte ? .floorDiv : .div
      length = second == byte ? 2 : 1
    case UInt8(ascii: "*"):
      kind = second == byte ? .power : .multiply
      length = second == byte ? 2 : 1
    case UInt8(ascii: "%"): kind = .mod
    case UInt8(ascii: "~"): kind = .tilde
    case UInt8(ascii: "["): kind = .leftBracket
    case UInt8(ascii: "]"): kind = .rightBracket
    case UInt8(ascii: "("): kind = .leftParen
    case UInt8(ascii: ")"): kind = .rightParen
    case UInt8(ascii: "{"): kind = .leftBrace
    case UInt8(ascii: "}"): kind = .rightBrace
    case UInt8(ascii: "="):
      kind = equals ? .equal : .assign
      length = equals ? 2 : 1
    case UInt8(ascii: "!") where equals:
      kind = .notEqual
      length = 2
    case UInt8(ascii: ">"):
      kind = equals ? .greaterEqual : .greater
      length = equals ? 2 : 1
    case UInt8(ascii: "<"):
      kind = equals ? .lessEqual : .less
      length = equals ? 2 : 1
    case UInt8(ascii: "."): kind = .dot
    case UInt8(ascii: ":"): kind = .colon
    case UInt8(ascii: "|"): kind = .pipe
    case UInt8(ascii: ","): kind = .comma
    case UInt8(ascii: ";"): kind = .semicolon
    default: throw unexpected()
    }
    switch byte {
    case UInt8(ascii: "{"): open.append(UInt8(ascii: "}"))
    case UInt8(ascii: "("): open.append(UInt8(ascii: ")"))
    case UInt8(ascii: "["): open.append(UInt8(ascii: "]"))
    case UInt8(ascii: "}"), UInt8(ascii: ")"), UInt8(ascii: "]"):
      let sign = String(Unicode.Scalar(byte))
      guard let expected = open.popLast() else { throw fail("unexpected '\(sign)'", at: start) }
      if expected != byte {
        throw fail("unexpected '\(sign)', expected '\(Unicode.Scalar(expected))'", at: start)
      }
    default: break
    }
    position = start + length
    return Token(kind: kind, offset: start, end: position)
  }
}
