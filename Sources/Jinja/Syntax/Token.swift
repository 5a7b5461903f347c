/// One word of a tag, or the text between tags.
struct Token {
  enum Kind: UInt8 {
    case initial, eof, data, variableBegin, variableEnd, blockBegin, blockEnd
    case name, string, integer, float
    case add, assign, colon, comma, div, dot, equal, floorDiv, greater, greaterEqual
    case leftBrace, leftBracket, leftParen, less, lessEqual, mod, multiply, notEqual, pipe, power
    case rightBrace, rightBracket, rightParen, semicolon, subtract, tilde

    /// What messages call it.
    var description: String {
      switch self {
      case .initial: "initial"
      case .eof: "end of template"
      case .data: "template data / text"
      case .variableBegin: "begin of print statement"
      case .variableEnd: "end of print statement"
      case .blockBegin: "begin of statement block"
      case .blockEnd: "end of statement block"
      case .name: "name"
      case .string: "string"
      case .integer: "integer"
      case .float: "float"
      case .add: "+"
      case .assign: "="
      case .colon: ":"
      case .comma: ","
      case .div: "/"
      case .dot: "."
      case .equal: "=="
      case .floorDiv: "//"
      case .greater: ">"
      case .greaterEqual: ">="
      case .leftBrace: "{"
      case .leftBracket: "["
      case .leftParen: "("
      case .less: "<"
      case .lessEqual: "<="
      case .mod: "%"
      case .multiply: "*"
      case .notEqual: "!="
      case .pipe: "|"
      case .power: "**"
      case .rightBrace: "}"
      case .rightBracket: "]"
      case .rightParen: ")"
      case .semicolon: ";"
      case .subtract: "-"
      case .tilde: "~"
      }
    }
  }

  var kind: Kind
  /// 0-based byte offset of the token.
  var offset: Int
  /// The end of the token's own bytes.
  var end: Int
  /// The name, or the value of a string.
  var text: String = ""

  var description: String { kind == .name ? text : kind.description }

  func isName(_ word: String) -> Bool { kind == .name && text == word }
}
