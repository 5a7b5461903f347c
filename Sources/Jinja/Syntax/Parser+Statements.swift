extension Parser {
  mutating func parseTemplate() throws(TemplateError) -> [Statement] {
    try parseBody(until: nil)
  }

  // MARK: - Bodies

  /// Text, output and statements up to one of the end tags, which becomes the current token.
  private mutating func parseBody(until ends: [String]?) throws(TemplateError) -> [Statement] {
    var body: [Statement] = []
    if let ends { endTags.append(ends) }
    while current.kind != .eof {
      switch current.kind {
      case .data:
        body.append(Statement(.text(bytes(of: current)), at: current.offset))
        try advance()
      case .variableBegin:
        try advance()
        let expression = try parseTuple()
        body.append(Statement(.output(expression), at: expression.offset))
        try expect(.variableEnd)
      case .blockBegin:
        try advance()
        if let ends, current.kind == .name, ends.contains(current.text) {
          endTags.removeLast()
          return body
        }
        let statements = try nested { parser throws(TemplateError) in try parser.parseStatement() }
        body.append(contentsOf: statements)
        try expect(.blockEnd)
      default:
        throw fail("internal parsing error")
      }
    }
    if ends != nil { endTags.removeLast() }
    return body
  }

  private mutating func parseStatements(
    until ends: [String], dropEnd: Bool = false
  ) throws(TemplateError) -> [Statement] {
    _ = try skip(.colon)
    try expect(.blockEnd)
    let body = try parseBody(until: ends)
    if current.kind == .eof { throw unfinished(tag: nil, waiting: endTags + [ends]) }
    if dropEnd { try advance() }
    return body
  }

  private func unfinished(tag: String?, waiting: [[String]]) -> TemplateError {
    let looking = waiting.last.map { $0.map { "'\($0)'" }.joined(separator: " or ") }
    var parts: [String] = []
    if let tag {
      parts.append("Encountered unknown tag \(Value.representation(of: tag)).")
    } else {
      parts.append("Unexpected end of template.")
    }
    if let looking {
      if let tag, waiting.contains(where: { $0.contains(tag) }) {
        parts.append(
          "You probably made a nesting mistake. Jinja is expecting this tag,"
            + " but currently looking for \(looking).")
      } else {
        parts.append("Jinja was looking for the following tags: \(looking).")
      }
    }
    if let tag = tags.last {
      parts.append("The innermost block that needs to be closed is '\(tag)'.")
    }
    return fail(parts.joined(separator: " "))
  }

  // MARK: - Statements

  private mutating func parseStatement() throws(TemplateError) -> [Statement] {
    let token = current
    guard token.kind == .name else { throw fail("tag name expected") }
    tags.append(token.text)
    let kind: Statement.Kind
    switch token.text {
    case "for": kind = try parseFor()
    case "if": kind = try parseIf()
    case "set": kind = try parseSet()
    case "macro": kind = try parseMacro()
    case "call": kind = try parseCallBlock()
    case "filter": kind = try parseFilterBlock()
    case "with": kind = try parseWith()
    case "block": kind = try parseBlock()
    case "extends":
      try advance()
      kind = .extends(try parseExpression())
    case "include": kind = try parseInclude()
    case "import": kind = try parseImport()
    case "from": kind = try parseFromImport()
    case "autoescape":
      try advance()
      let value = try parseExpression()
      kind = .autoescape(value, try parseStatements(until: ["endautoescape"], dropEnd: true))
    case "print":
      let printed = try parsePrint()
      tags.removeLast()
      return printed
    case "do" where syntax.allowsDo:
      try advance()
      kind = .do(try parseTuple())
    case "break" where syntax.allowsLoopControls:
      try advance()
      kind = .break
    case "continue" where syntax.allowsLoopControls:
      try advance()
      kind = .continue
    default:
      guard let tag = extensions[token.text] else {
        tags.removeLast()
        throw unfinished(tag: token.text, waiting: endTags)
      }
      kind = .macro(try parseExtension(tag))
    }
    tags.removeLast()
    return [Statement(kind, at: token.offset)]
  }

  private mutating func parsePrint() throws(TemplateError) -> [Statement] {
    try advance()
    var printed: [Statement] = []
    while current.kind != .blockEnd {
      if !printed.isEmpty { try expect(.comma) }
      let expression = try parseExpression()
      printed.append(Statement(.output(expression), at: expression.offset))
    }
    return printed
  }

  private mutating func parseSet() throws(TemplateError) -> Statement.Kind {
    try advance()
    let target = try parseTarget(allowsNamespace: true)
    if try skip(.assign) { return .set(target, try parseTuple()) }
    let filter = try parseFilter(nil)
    let body = try parseStatements(until: ["endset"], dropEnd: true)
    return .setBlock(SetBlock(target: target, filter: filter, body: body))
  }

  private mutating func parseFor() throws(TemplateError) -> Statement.Kind {
    let offset = try expect(name: "for").offset
    let target = try parseTarget(endsAtIn: true)
    try expect(name: "in")
    let iterable = try parseTuple(allowsConditional: false, endsAtRecursive: true)
    var filter: Expression?
    if try skip(name: "if") { filter = try parseExpression() }
    let isRecursive = try skip(name: "recursive")
    let body = try parseStatements(until: ["endfor", "else"])
    var otherwise: [Statement] = []
    if try advance().text != "endfor" {
      otherwise = try parseStatements(until: ["endfor"], dropEnd: true)
    }
    return .for(
      ForStatement(
        target: target, iterable: iterable, filter: filter, isRecursive: isRecursive, body: body,
        otherwise: otherwise, usesLoop: isRecursive || NameUse.mentionsLoop(body), offset: offset))
  }

  private mutating func parseIf() throws(TemplateError) -> Statement.Kind {
    try expect(name: "if")
    var branches: [(test: Expression, body: [Statement])] = []
    var otherwise: [Statement] = []
    while true {
      let test = try parseTuple(allowsConditional: false)
      branches.append((test, try parseStatements(until: ["elif", "else", "endif"])))
      let end = try advance()
      if end.text == "elif" { continue }
      if end.text == "else" { otherwise = try parseStatements(until: ["endif"], dropEnd: true) }
      break
    }
    return .if(IfStatement(branches: branches, otherwise: otherwise))
  }

  private mutating func parseWith() throws(TemplateError) -> Statement.Kind {
    try advance()
    var assignments: [(target: Target, value: Expression)] = []
    while current.kind != .blockEnd {
      if !assignments.isEmpty { try expect(.comma) }
      let target = try parseTarget()
      try expect(.assign)
      assignments.append((target, try parseExpression()))
    }
    return .with(
      WithBlock(
        assignments: assignments, body: try parseStatements(until: ["endwith"], dropEnd: true)))
  }

  private mutating func parseBlock() throws(TemplateError) -> Statement.Kind {
    let offset = try advance().offset
    let name = try expect(.name).text
    let isScoped = try skip(name: "scoped")
    let isRequired = try skip(name: "required")
    if current.kind == .subtract {
      throw fail(
        "Block names in Jinja have to be valid Python identifiers and may not"
          + " contain hyphens, use an underscore instead.")
    }
    let body = try parseStatements(until: ["endblock"], dropEnd: true)
    if isRequired {
      for statement in body {
        if case .text(let bytes) = statement.kind, Bytes.skipSpace(bytes, from: 0) == bytes.count { continue }
        throw fail("Required blocks can only contain comments or whitespace")
      }
    }
    _ = try skip(name: name)
    return .block(
      BlockDefinition(name: name, isScoped: isScoped, isRequired: isRequired, body: body, offset: offset))
  }

  private mutating func parseContext(default withContext: Bool) throws(TemplateError) -> Bool {
    guard current.isName("with") || current.isName("without"), try look().isName("context") else {
      return withContext
    }
    let result = try advance().text == "with"
    try advance()
    return result
  }

  private mutating func parseInclude() throws(TemplateError) -> Statement.Kind {
    try advance()
    let template = try parseExpression()
    var ignoresMissing = false
    if current.isName("ignore"), try look().isName("missing") {
      ignoresMissing = true
      try advance()
      try advance()
    }
    return .include(
      IncludeStatement(
        template: template, ignoresMissing: ignoresMissing, withContext: try parseContext(default: true)))
  }

  private mutating func parseImport() throws(TemplateError) -> Statement.Kind {
    try advance()
    let template = try parseExpression()
    try expect(name: "as")
    let target = try parseName()
    return .import(
      ImportStatement(
        template: template, target: target.text, withContext: try parseContext(default: false)))
  }

  private mutating func parseFromImport() throws(TemplateError) -> Statement.Kind {
    try advance()
    let template = try parseExpression()
    try expect(name: "import")
    var names: [(name: String, alias: String?)] = []
    var withContext = false
    while true {
      if !names.isEmpty { try expect(.comma) }
      guard current.kind == .name else {
        try expect(.name)
        break
      }
      if let context = try parseTrailingContext() {
        withContext = context
        break
      }
      let target = try parseName()
      if target.text.hasPrefix("_") {
        throw fail(
          "names starting with an underline can not be imported", at: target.offset, kind: .assertion)
      }
      var alias: String?
      if try skip(name: "as") { alias = try parseName().text }
      names.append((target.text, alias))
      if let context = try parseTrailingContext() {
        withContext = context
        break
      }
      if current.kind != .comma { break }
    }
    return .fromImport(FromImportStatement(template: template, names: names, withContext: withContext))
  }

  private mutating func parseTrailingContext() throws(TemplateError) -> Bool? {
    guard current.isName("with") || current.isName("without"), try look().isName("context") else {
      return nil
    }
    let result = try advance().text == "with"
    try advance()
    return result
  }

  // MARK: - Macros

  private mutating func parseMacro() throws(TemplateError) -> Statement.Kind {
    let offset = try advance().offset
    let name = try parseName().text
    let parameters = try parseSignature()
    let body = try parseStatements(until: ["endmacro"], dropEnd: true)
    return .macro(MacroDefinition(name: name, parameters: parameters, body: body, offset: offset))
  }

  private mutating func parseCallBlock() throws(TemplateError) -> Statement.Kind {
    let offset = try advance().offset
    let parameters = current.kind == .leftParen ? try parseSignature() : []
    let call = try parseExpression()
    guard case .call = call.kind else { throw fail("expected call", at: offset) }
    let body = try parseStatements(until: ["endcall"], dropEnd: true)
    return .callBlock(
      CallBlock(
        call: call,
        caller: MacroDefinition(
          name: "caller", parameters: parameters, body: body, offset: offset, tag: "call")))
  }

  private mutating func parseFilterBlock() throws(TemplateError) -> Statement.Kind {
    try advance()
    let filter = try parseFilterName(nil)
    guard let chain = try parseFilter(filter) else { throw fail("filter expected") }
    return .filterBlock(
      FilterBlock(filter: chain, body: try parseStatements(until: ["endfilter"], dropEnd: true)))
  }

  private mutating func parseExtension(_ tag: TagExtension) throws(TemplateError) -> MacroDefinition {
    let offset = try advance().offset
    let name = try parseName().text
    var parameters: [MacroDefinition.Parameter] = []
    var options: [TagExtension.Option] = []
    switch tag.header {
    case .nameOnly: break
    case .signature: parameters = try parseSignature()
    case .options:
      while try skip(.comma) {
        let option = try parseName()
        let value: Expression? = try skip(.assign) ? try parseExpression() : nil
        options.append(TagExtension.Option(name: option.text, value: value, offset: option.offset))
      }
    }
    let definition: TagExtension.Definition
    do {
      definition = try tag.define(name, parameters, options)
    } catch {
      var error = error
      if error.location == nil { error.location = text.location(of: offset) }
      throw error
    }
    let body = try parseStatements(until: [tag.endTag], dropEnd: true)
    return MacroDefinition(
      name: definition.name, parameters: definition.parameters, body: body, offset: offset, tag: tag.tag)
  }

  private mutating func parseSignature() throws(TemplateError) -> [MacroDefinition.Parameter] {
    try expect(.leftParen)
    var parameters: [MacroDefinition.Parameter] = []
    var sawDefault = false
    while current.kind != .rightParen {
      if !parameters.isEmpty { try expect(.comma) }
      let name = try parseName().text
      var type: String?
      if syntax.allowsParameterTypes, try skip(.colon) { type = try parseType() }
      var value: Expression?
      if try skip(.assign) {
        value = try parseExpression()
        sawDefault = true
      } else if sawDefault {
        throw fail("non-default argument follows default argument")
      }
      parameters.append(MacroDefinition.Parameter(name: name, defaultValue: value, type: type))
    }
    try expect(.rightParen)
    return parameters
  }

  private mutating func parseType() throws(TemplateError) -> String {
    try nested { parser throws(TemplateError) in
      let name = try parser.expect(.name).text
      guard try parser.skip(.leftBracket) else { return name }
      var inner: [String] = []
      while parser.current.kind != .rightBracket {
        if !inner.isEmpty { try parser.expect(.comma) }
        inner.append(try parser.parseType())
      }
      try parser.expect(.rightBracket)
      return "\(name)[\(inner.joined(separator: ", "))]"
    }
  }

  // MARK: - Targets

  /// A name alone.
  private mutating func parseName() throws(TemplateError) -> Token {
    let token = try expect(.name)
    if Parser.literalNames.contains(token.text) { throw fail("can't assign to 'name'", at: token.offset) }
    return token
  }

  static let literalNames: Set<String> = ["true", "false", "none", "True", "False", "None"]

  private mutating func parseTarget(
    allowsNamespace: Bool = false, endsAtIn: Bool = false
  ) throws(TemplateError) -> Target {
    var targets: [Target] = []
    var isTuple = false
    while true {
      if !targets.isEmpty { try expect(.comma) }
      if isTupleEnd || endsAtIn && current.isName("in") { break }
      targets.append(try parseSimpleTarget(allowsNamespace: allowsNamespace, isLone: !isTuple))
      guard current.kind == .comma else { break }
      isTuple = true
    }
    if !isTuple {
      if let target = targets.first { return target }
      throw fail("Expected an expression, got \(Value.representation(of: current.description))")
    }
    return .tuple(targets)
  }

  private mutating func parseSimpleTarget(
    allowsNamespace: Bool, isLone: Bool
  ) throws(TemplateError) -> Target {
    let token = current
    if token.kind == .name, !Parser.literalNames.contains(token.text) {
      try advance()
      if allowsNamespace, try skip(.dot) {
        let attribute = try expect(.name).text
        return .attribute(name: token.text, attribute: attribute, offset: token.offset)
      }
      return .name(token.text)
    }
    let expression = try parsePrimary()
    if let target = Parser.target(expression) { return target }
    // A tuple fails as a whole, so the whole of it has to be read first.
    if !isLone || current.kind == .comma {
      while try skip(.comma) {
        if isTupleEnd || current.isName("in") { break }
        _ = try parsePrimary()
      }
      throw fail("can't assign to 'tuple'", at: token.offset)
    }
    throw fail("can't assign to '\(expression.kind.jinjaName)'", at: expression.offset)
  }

  /// The target that a parenthesised expression is, if it is one.
  private static func target(_ expression: Expression) -> Target? {
    switch expression.kind {
    case .name(let name): return .name(name)
    case .tuple(let items):
      let targets = items.compactMap(target)
      return targets.count == items.count ? .tuple(targets) : nil
    default: return nil
    }
  }

  var isTupleEnd: Bool {
    current.kind == .variableEnd || current.kind == .blockEnd || current.kind == .rightParen
  }
}
