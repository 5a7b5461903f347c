/// What Jinja finds when it compiles a tree that parsed well: unknown filters and tests, blocks
/// defined twice, `loop` as a target.
struct TreeChecker {
  let syntax: Syntax
  let text: TemplateText
  private(set) var blocks: [String: BlockDefinition] = [:]
  /// Blocks whose bodies are checked after the rest, in the order of the text.
  private var pending: [BlockDefinition] = []
  /// Whether the statements stand in a loop of the same macro or block.
  private var isInLoop = false

  init(syntax: Syntax, text: TemplateText) {
    self.syntax = syntax
    self.text = text
  }

  mutating func check(_ statements: [Statement]) throws(TemplateError) {
    try collectBlocks(statements)
    try visit(statements, isSoft: false, isTop: true)
    for block in pending { try visit(block.body, isSoft: false, isTop: false) }
  }

  private func fail(
    _ message: String, at offset: Int, kind: TemplateError.Kind = .assertion
  ) -> TemplateError {
    TemplateError(kind, message, at: text.location(of: offset))
  }

  private mutating func collectBlocks(_ body: [Statement]) throws(TemplateError) {
    for statement in body {
      if case .block(let block) = statement.kind {
        if blocks[block.name] != nil {
          throw fail("block \(Value.representation(of: block.name)) defined twice", at: block.offset)
        }
        blocks[block.name] = block
        pending.append(block)
      }
      for inner in statement.kind.bodies { try collectBlocks(inner) }
    }
  }

  private mutating func visit(_ body: [Statement], isSoft: Bool, isTop: Bool) throws(TemplateError) {
    for statement in body { try visit(statement, isSoft: isSoft, isTop: isTop) }
  }

  private mutating func visit(_ statement: Statement, isSoft: Bool, isTop: Bool) throws(TemplateError) {
    switch statement.kind {
    case .text, .block: break
    case .break: if !isInLoop { throw fail("'break' outside loop", at: statement.offset, kind: .syntax) }
    case .continue:
      if !isInLoop { throw fail("'continue' not properly in loop", at: statement.offset, kind: .syntax) }
    case .output(let expression), .do(let expression): try visit(expression, isSoft)
    case .extends(let expression):
      if !isTop { throw fail("cannot use extend from a non top-level scope", at: statement.offset) }
      try visit(expression, isSoft)
    case .if(let node):
      for branch in node.branches {
        try visit(branch.test, true)
        try visit(branch.body, isSoft: true, isTop: isTop)
      }
      try visit(node.otherwise, isSoft: true, isTop: isTop)
    case .for(let node):
      try visit(node)
    case .set(_, let value): try visit(value, isSoft)
    case .setBlock(let node):
      try visit(node.body, isSoft: false, isTop: false)
      if let filter = node.filter { try visit(filter, false) }
    case .macro(let macro): try visit(macro)
    case .callBlock(let node):
      try visit(node.caller)
      try visit(node.call, isSoft)
    case .filterBlock(let node):
      try visit(node.body, isSoft: false, isTop: false)
      try visit(node.filter, false)
    case .with(let node):
      for assignment in node.assignments { try visit(assignment.value, isSoft) }
      try visit(node.body, isSoft: false, isTop: false)
    case .autoescape(let value, let body):
      try visit(value, false)
      try visit(body, isSoft: false, isTop: false)
    case .include(let node): try visit(node.template, isSoft)
    case .import(let node): try visit(node.template, isSoft)
    case .fromImport(let node): try visit(node.template, isSoft)
    }
  }

  private mutating func visit(_ node: ForStatement) throws(TemplateError) {
    if let filter = node.filter { try visit(filter, false) }
    if node.target.assigns("loop") || Statement.assign("loop", in: node.body + node.otherwise) {
      throw fail("Can't assign to special loop variable in for-loop target", at: node.offset)
    }
    try visit(node.iterable, false)
    let outer = isInLoop
    isInLoop = true
    try visit(node.body, isSoft: false, isTop: false)
    isInLoop = outer
    try visit(node.otherwise, isSoft: false, isTop: false)
  }

  private mutating func visit(_ macro: MacroDefinition) throws(TemplateError) {
    if macro.usesCaller, let caller = macro.parameters.first(where: { $0.name == "caller" }),
      caller.defaultValue == nil
    {
      throw fail(
        "When defining macros or call blocks the special \"caller\" argument must be omitted or be given"
          + " a default.", at: macro.offset)
    }
    for parameter in macro.parameters {
      if let value = parameter.defaultValue { try visit(value, false) }
    }
    let outer = isInLoop
    isInLoop = false
    try visit(macro.body, isSoft: false, isTop: false)
    isInLoop = outer
  }

  private func visit(_ expression: Expression, _ isSoft: Bool) throws(TemplateError) {
    var isSoft = isSoft
    switch expression.kind {
    case .filter(_, let name, _):
      if !isSoft, let known = syntax.filterNames, !known.contains(name) {
        throw fail("No filter named \(Value.representation(of: name)).", at: expression.offset)
      }
    case .test(_, let name, _):
      if !isSoft, let known = syntax.testNames, !known.contains(name) {
        throw fail("No test named \(Value.representation(of: name)).", at: expression.offset)
      }
    case .conditional: isSoft = true
    default: break
    }
    var children: [Expression] = []
    expression.kind.forEachChild { children.append($0) }
    for child in children { try visit(child, isSoft) }
  }
}

extension Target {
  func assigns(_ name: String) -> Bool {
    switch self {
    case .name(let own): own == name
    case .attribute: false
    case .tuple(let parts): parts.contains { $0.assigns(name) }
    }
  }
}

extension Statement {
  /// Whether a name is assigned anywhere in the statements.
  static func assign(_ name: String, in body: [Statement]) -> Bool {
    body.contains { statement in
      switch statement.kind {
      case .set(let target, _): if target.assigns(name) { return true }
      case .setBlock(let node): if node.target.assigns(name) { return true }
      case .for(let node): if node.target.assigns(name) { return true }
      default: break
      }
      return statement.kind.bodies.contains { assign(name, in: $0) }
    }
  }
}

extension Statement.Kind {
  /// The statements inside, body by body.
  public var bodies: [[Statement]] {
    switch self {
    case .if(let node): node.branches.map(\.body) + [node.otherwise]
    case .for(let node): [node.body, node.otherwise]
    case .setBlock(let node): [node.body]
    case .macro(let node): [node.body]
    case .callBlock(let node): [node.caller.body]
    case .filterBlock(let node): [node.body]
    case .with(let node): [node.body]
    case .autoescape(_, let body): [body]
    case .block(let node): [node.body]
    default: []
    }
  }
}
