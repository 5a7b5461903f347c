extension Parser {
  mutating func parseExpression(allowsConditional: Bool = true) throws(TemplateError) -> Expression {
    try nested { parser throws(TemplateError) in
      allowsConditional ? try parser.parseConditional() : try parser.parseOr()
    }
  }

  /// Expressions with commas between them, as a tuple, or the one expression.
  mutating func parseTuple(
    allowsConditional: Bool = true, isParenthesised: Bool = false, endsAtRecursive: Bool = false
  ) throws(TemplateError) -> Expression {
    var offset = current.offset
    var items: [Expression] = []
    var isTuple = false
    while true {
      if !items.isEmpty { try expect(.comma) }
      if isTupleEnd || endsAtRecursive && current.isName("recursive") { break }
      items.append(try parseExpression(allowsConditional: allowsConditional))
      guard current.kind == .comma else { break }
      isTuple = true
      offset = current.offset
    }
    if !isTuple {
      if let item = items.first { return item }
      if !isParenthesised {
        throw fail("Expected an expression, got \(Value.representation(of: current.description))")
      }
    }
    return try node(.tuple(items), at: offset)
  }

  private mutating func parseConditional() throws(TemplateError) -> Expression {
    var offset = current.offset
    var expression = try parseOr()
    while try skip(name: "if") {
      let test = try parseOr()
      var otherwise: Expression?
      if try skip(name: "else") {
        otherwise = try nested { parser throws(TemplateError) in try parser.parseConditional() }
      }
      expression = try node(.conditional(test: test, then: expression, otherwise: otherwise), at: offset)
      offset = current.offset
    }
    return expression
  }

  private mutating func parseOr() throws(TemplateError) -> Expression {
    var offset = current.offset
    var left = try parseAnd()
    while try skip(name: "or") {
      left = try node(.or(left, try parseAnd()), at: offset)
      offset = current.offset
    }
    return left
  }

  private mutating func parseAnd() throws(TemplateError) -> Expression {
    var offset = current.offset
    var left = try parseNot()
    while try skip(name: "and") {
      left = try node(.and(left, try parseNot()), at: offset)
      offset = current.offset
    }
    return left
  }

  private mutating func parseNot() throws(TemplateError) -> Expression {
    guard current.isName("not") else { return try parseCompare() }
    let token = try advance()
    let operand = try nested { parser throws(TemplateError) in try parser.parseNot() }
    return try node(.not(operand), at: token)
  }

  private mutating func parseCompare() throws(TemplateError) -> Expression {
    var offset = current.offset
    let first = try parseSum()
    var rest: [(operation: Comparison, operand: Expression)] = []
    while let operation = try parseComparison() {
      rest.append((operation, try parseSum()))
      offset = current.offset
    }
    return rest.isEmpty ? first : try node(.compare(first, rest), at: offset)
  }

  private mutating func parseComparison() throws(TemplateError) -> Comparison? {
    let operation: Comparison
    switch current.kind {
    case .equal: operation = .equal
    case .notEqual: operation = .notEqual
    case .less: operation = .less
    case .lessEqual: operation = .lessOrEqual
    case .greater: operation = .greater
    case .greaterEqual: operation = .greaterOrEqual
    case .name where current.text == "in": operation = .isIn
    case .name where current.text == "not":
      guard try look().isName("in") else { return nil }
      try advance()
      operation = .notIn
    default: return nil
    }
    try advance()
    return operation
  }

  private mutating func parseSum() throws(TemplateError) -> Expression {
    var offset = current.offset
    var left = try parseConcat()
    while current.kind == .add || current.kind == .subtract {
      let operation: BinaryOperator = try advance().kind == .add ? .add : .subtract
      left = try node(.binary(operation, left, try parseConcat()), at: offset)
      offset = current.offset
    }
    return left
  }

  private mutating func parseConcat() throws(TemplateError) -> Expression {
    let offset = current.offset
    let first = try parseProduct()
    guard current.kind == .tilde else { return first }
    var parts = [first]
    while try skip(.tilde) { parts.append(try parseProduct()) }
    return try node(.concat(parts), at: offset)
  }

  private mutating func parseProduct() throws(TemplateError) -> Expression {
    var offset = current.offset
    var left = try parsePower()
    while true {
      let operation: BinaryOperator
      switch current.kind {
      case .multiply: operation = .multiply
      case .div: operation = .divide
      case .floorDiv: operation = .floorDivide
      case .mod: operation = .modulo
      default: return left
      }
      try advance()
      left = try node(.binary(operation, left, try parsePower()), at: offset)
      offset = current.offset
    }
  }

  private mutating func parsePower() throws(TemplateError) -> Expression {
    var offset = current.offset
    var left = try parseUnary()
    while try skip(.power) {
      left = try node(.binary(.power, left, try parseUnary()), at: offset)
      offset = current.offset
    }
    return left
  }

  private mutating func parseUnary(withFilters: Bool = true) throws(TemplateError) -> Expression {
    let token = current
    var result: Expression
    if token.kind == .subtract || token.kind == .add {
      try advance()
      let operand = try nested { parser throws(TemplateError) in try parser.parseUnary(withFilters: false) }
      result = try node(.unary(token.kind == .subtract ? .negative : .positive, operand), at: token)
    } else {
      result = try parsePrimary()
    }
    result = try parsePostfix(result)
    return withFilters ? try parseFilters(result) : result
  }

  mutating func parsePrimary() throws(TemplateError) -> Expression {
    let token = current
    switch token.kind {
    case .name:
      try advance()
      switch token.text {
      case "true", "True": return try node(.constant(.bool(true)), at: token)
      case "false", "False": return try node(.constant(.bool(false)), at: token)
      case "none", "None": return try node(.constant(.none), at: token)
      default: return try node(.name(token.text), at: token)
      }
    case .string:
      var text = try advance().text
      while current.kind == .string { text += try advance().text }
      return try node(.constant(.string(text)), at: token)
    case .integer:
      try advance()
      return try node(.constant(try integer(token)), at: token)
    case .float:
      try advance()
      return try node(.constant(.double(Double(token.text) ?? 0)), at: token)
    case .leftParen:
      try advance()
      let inner = try parseTuple(isParenthesised: true)
      try expect(.rightParen)
      return inner
    case .leftBracket:
      return try parseList()
    case .leftBrace:
      return try parseDict()
    default:
      throw fail("unexpected \(Value.representation(of: token.description))")
    }
  }

  /// The value of an integer literal in any base.
  private func integer(_ token: Token) throws(TemplateError) -> Constant {
    let digits = Array(token.text.utf8)
    var radix = 10
    if digits.count > 2, digits[0] == UInt8(ascii: "0") {
      switch digits[1] | 32 {
      case UInt8(ascii: "x"): radix = 16
      case UInt8(ascii: "o"): radix = 8
      case UInt8(ascii: "b"): radix = 2
      default: break
      }
    }
    if radix == 10, digits.count > 4300 {
      throw fail(
        "Exceeds the limit (4300 digits) for integer string conversion: value has \(digits.count) digits;"
          + " use sys.set_int_max_str_digits() to increase the limit", at: token.offset, kind: .value)
    }
    let text = radix == 10 ? digits[...] : digits[2...]
    if let small = Int(String(decoding: text, as: UTF8.self), radix: radix) { return .int(small) }
    return .bigInt(BigInteger(text, radix: radix) ?? .zero)
  }

  private mutating func parseList() throws(TemplateError) -> Expression {
    let token = try expect(.leftBracket)
    var items: [Expression] = []
    while current.kind != .rightBracket {
      if !items.isEmpty { try expect(.comma) }
      if current.kind == .rightBracket { break }
      items.append(try parseExpression())
    }
    try expect(.rightBracket)
    return try node(.list(items), at: token)
  }

  private mutating func parseDict() throws(TemplateError) -> Expression {
    let token = try expect(.leftBrace)
    var pairs: [(key: Expression, value: Expression)] = []
    while current.kind != .rightBrace {
      if !pairs.isEmpty { try expect(.comma) }
      if current.kind == .rightBrace { break }
      let key = try parseExpression()
      try expect(.colon)
      pairs.append((key, try parseExpression()))
    }
    try expect(.rightBrace)
    return try node(.dict(pairs), at: token)
  }

  // MARK: - What follows an operand

  private mutating func parsePostfix(_ operand: Expression) throws(TemplateError) -> Expression {
    var result = operand
    while true {
      switch current.kind {
      case .dot, .leftBracket: result = try parseSubscript(result)
      case .leftParen: result = try parseCall(result)
      default: return result
      }
    }
  }

  private mutating func parseFilters(_ operand: Expression) throws(TemplateError) -> Expression {
    var result = operand
    while true {
      switch current.kind {
      case .pipe: result = try parseFilter(result) ?? result
      case .name where current.text == "is": result = try parseTest(result)
      case .leftParen: result = try parseCall(result)
      default: return result
      }
    }
  }

  private mutating func parseSubscript(_ operand: Expression) throws(TemplateError) -> Expression {
    let token = try advance()
    if token.kind == .dot {
      let attribute = try advance()
      if attribute.kind == .name { return try node(.attribute(operand, attribute.text), at: token) }
      guard attribute.kind == .integer else { throw fail("expected name or number", at: attribute.offset) }
      let index = try node(.constant(try integer(attribute)), at: attribute)
      return try node(.item(operand, index), at: token)
    }
    var items: [Expression] = []
    while current.kind != .rightBracket {
      if !items.isEmpty { try expect(.comma) }
      items.append(try parseSubscripted())
    }
    try expect(.rightBracket)
    let key = items.count == 1 ? items[0] : try node(.tuple(items), at: token)
    return try node(.item(operand, key), at: token)
  }

  /// An index or a slice.
  private mutating func parseSubscripted() throws(TemplateError) -> Expression {
    let token = current
    var start: Expression?
    if token.kind != .colon {
      let expression = try parseExpression()
      guard current.kind == .colon else { return expression }
      start = expression
    }
    try advance()
    var stop: Expression?
    var step: Expression?
    if current.kind != .colon, current.kind != .rightBracket, current.kind != .comma {
      stop = try parseExpression()
    }
    if try skip(.colon), current.kind != .rightBracket, current.kind != .comma {
      step = try parseExpression()
    }
    return try node(.slice(start, stop, step), at: token)
  }

  private mutating func parseCall(_ operand: Expression) throws(TemplateError) -> Expression {
    let token = current
    return try node(.call(operand, try parseCallArguments()), at: token)
  }

  private mutating func parseCallArguments() throws(TemplateError) -> CallArguments {
    let token = try expect(.leftParen)
    var arguments = CallArguments()
    var needsComma = false
    func invalid() -> TemplateError {
      fail("invalid syntax for function call expression", at: token.offset)
    }
    while current.kind != .rightParen {
      if needsComma {
        try expect(.comma)
        if current.kind == .rightParen { break }
      }
      if current.kind == .multiply {
        if arguments.spread != nil || arguments.namedSpread != nil { throw invalid() }
        try advance()
        arguments.spread = try parseExpression()
      } else if current.kind == .power {
        if arguments.namedSpread != nil { throw invalid() }
        try advance()
        arguments.namedSpread = try parseExpression()
      } else if current.kind == .name, try look().kind == .assign {
        if arguments.namedSpread != nil { throw invalid() }
        let name = try advance().text
        try advance()
        arguments.named.append((name, try parseExpression()))
      } else {
        if arguments.spread != nil || arguments.namedSpread != nil || !arguments.named.isEmpty {
          throw invalid()
        }
        arguments.positional.append(try parseExpression())
      }
      needsComma = true
    }
    try expect(.rightParen)
    return arguments
  }

  /// Filters with bars before them; nil when there is neither an operand nor a filter.
  mutating func parseFilter(_ operand: Expression?) throws(TemplateError) -> Expression? {
    var result = operand
    while try skip(.pipe) { result = try parseFilterName(result) }
    return result
  }

  mutating func parseFilterName(_ operand: Expression?) throws(TemplateError) -> Expression {
    let token = try expect(.name)
    var name = token.text
    while try skip(.dot) { name += "." + (try expect(.name).text) }
    let arguments = current.kind == .leftParen ? try parseCallArguments() : CallArguments()
    return try node(.filter(operand, name, arguments), at: token)
  }

  private mutating func parseTest(_ operand: Expression) throws(TemplateError) -> Expression {
    let token = try advance()
    let isNegated = try skip(name: "not")
    var name = try expect(.name).text
    while try skip(.dot) { name += "." + (try expect(.name).text) }
    var arguments = CallArguments()
    switch current.kind {
    case .leftParen:
      arguments = try parseCallArguments()
    case .name, .string, .integer, .float, .leftBracket, .leftBrace:
      if current.isName("else") || current.isName("or") || current.isName("and") { break }
      if current.isName("is") { throw fail("You cannot chain multiple tests with is") }
      arguments.positional = [try parsePostfix(try parsePrimary())]
    default: break
    }
    let test = try node(.test(operand, name, arguments), at: token)
    return isNegated ? try node(.not(test), at: token) : test
  }
}

extension Expression.Kind {
  /// The name of Jinja's node class, in lower case, as its messages have it.
  var jinjaName: String {
    switch self {
    case .constant: "const"
    case .name: "name"
    case .attribute: "getattr"
    case .item: "getitem"
    case .slice: "slice"
    case .call: "call"
    case .filter: "filter"
    case .test: "test"
    case .list: "list"
    case .tuple: "tuple"
    case .dict: "dict"
    case .unary(.negative, _): "neg"
    case .unary(.positive, _): "pos"
    case .binary(let operation, _, _):
      switch operation {
      case .add: "add"
      case .subtract: "sub"
      case .multiply: "mul"
      case .divide: "div"
      case .floorDivide: "floordiv"
      case .modulo: "mod"
      case .power: "pow"
      }
    case .and: "and"
    case .or: "or"
    case .not: "not"
    case .concat: "concat"
    case .compare: "compare"
    case .conditional: "condexpr"
    }
  }
}
