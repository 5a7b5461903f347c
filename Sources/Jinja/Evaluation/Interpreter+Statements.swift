extension Interpreter {
  enum Flow { case next, breakLoop, continueLoop }

  func execute(_ body: [Statement], _ scope: Scope) throws -> Flow {
    for statement in body {
      do {
        let flow = try execute(statement, scope)
        if flow != .next { return flow }
      } catch let error as MacroReturn {
        throw error
      } catch {
        var error = located(error, at: statement.offset)
        if error.statementLine == nil { error.statementLine = template.location(of: statement.offset).line }
        throw error
      }
    }
    return .next
  }

  private func execute(_ statement: Statement, _ scope: Scope) throws -> Flow {
    switch statement.kind {
    case .text(let bytes): write(bytes, at: statement.offset)
    case .output(let expression): try output(expression, scope)
    case .if(let node):
      for (index, branch) in node.branches.enumerated() {
        if try holds(branch.test, scope, isFirst: index == 0) { return try execute(branch.body, scope) }
      }
      return try execute(node.otherwise, scope)
    case .for(let node): try executeFor(node, scope)
    case .set(let target, let expression):
      try checkNamespaces(target, scope)
      try assign(target, try evaluate(expression, scope), scope)
    case .setBlock(let node): try executeSetBlock(node, scope)
    case .macro(let macro):
      scope.set(macroName(macro), .object(Macro(macro, template: template, scope: scope)))
    case .callBlock(let node): try executeCallBlock(node, scope, at: statement.offset)
    case .filterBlock(let node):
      let inner = Scope(within: scope)
      let capture = try captured { _ = try self.execute(node.body, inner) }
      let text: Value = scope.autoescape ? .markup(capture.text) : .string(capture.text)
      try write(try evaluateFilter(node.filter, operand: text, inner), scope, at: statement.offset)
    case .do(let expression): _ = try evaluate(expression, scope)
    case .with(let node):
      let inner = Scope(within: scope)
      for assignment in node.assignments {
        try assign(assignment.target, try evaluate(assignment.value, scope), inner)
      }
      return try execute(node.body, inner)
    case .autoescape(let value, let body):
      let inner = Scope(within: scope)
      inner.autoescape = try evaluate(value, scope).isTrue()
      return try execute(body, inner)
    case .block(let block): try executeBlock(block, scope)
    case .extends(let expression): try executeExtends(expression, scope)
    case .include(let node): try executeInclude(node, scope)
    case .import(let node):
      scope.set(node.target, .object(try importModule(node.template, withContext: node.withContext, scope)))
      scope.imported.insert(node.target)
    case .fromImport(let node): try executeFromImport(node, scope, at: statement.offset)
    case .break: return .breakLoop
    case .continue: return .continueLoop
    }
    return .next
  }

  /// Whether a branch is taken; an error in an `elif` is reported on its own line.
  private func holds(_ test: Expression, _ scope: Scope, isFirst: Bool) throws -> Bool {
    do {
      return try evaluate(test, scope).isTrue()
    } catch let error as TemplateError where !isFirst {
      var error = located(error, at: test.offset)
      if error.statementLine == nil { error.statementLine = template.location(of: test.start).line }
      throw error
    }
  }

  private func macroName(_ macro: MacroDefinition) -> String {
    environment.macroPrefix.isEmpty || macro.tag != "macro"
      ? macro.name : environment.macroPrefix + macro.name
  }

  // MARK: - Assignment

  func assign(_ target: Target, _ value: Value, _ scope: Scope) throws {
    switch target {
    case .name(let name): scope.set(name, value)
    case .attribute(let name, let attribute, _):
      guard let namespace = try lookup(name, in: scope)?.object(as: NamespaceObject.self) else {
        throw TemplateError(.runtime, "cannot assign attribute on non-namespace object")
      }
      namespace.values[attribute] = value
    case .tuple(let targets):
      let values = try unpack(value, count: targets.count)
      for (target, value) in zip(targets, values) { try assign(target, value, scope) }
    }
  }

  private func checkNamespaces(_ target: Target, _ scope: Scope) throws {
    switch target {
    case .name: break
    case .attribute(let name, _, _):
      if try lookup(name, in: scope)?.object(as: NamespaceObject.self) == nil {
        throw TemplateError(.runtime, "cannot assign attribute on non-namespace object")
      }
    case .tuple(let targets): for target in targets { try checkNamespaces(target, scope) }
    }
  }

  private func unpack(_ value: Value, count: Int) throws -> [Value] {
    var values: [Value] = []
    switch value {
    case .list(let list): values = list.items
    case .tuple(let items): values = items
    default:
      let iterator: any ValueIterator
      do {
        iterator = try value.makeIterator()
      } catch let error as TemplateError where error.kind == .type {
        throw TemplateError(.type, "cannot unpack non-iterable \(value.typeName) object")
      }
      while values.count <= count, let item = try iterator.next() { values.append(item) }
    }
    if values.count > count {
      throw TemplateError(.value, "too many values to unpack (expected \(count))")
    }
    if values.count < count {
      throw TemplateError(.value, "not enough values to unpack (expected \(count), got \(values.count))")
    }
    return values
  }

  private func executeSetBlock(_ node: SetBlock, _ scope: Scope) throws {
    try checkNamespaces(node.target, scope)
    let inner = Scope(within: scope)
    let capture = try captured { _ = try self.execute(node.body, inner) }
    lastCapture = capture
    var value: Value = scope.autoescape ? .markup(capture.text) : .string(capture.text)
    if let filter = node.filter {
      value = try evaluateFilter(filter, operand: value, inner)
      if scope.autoescape { value = .markup(try value.text()) }
    }
    try assign(node.target, value, scope)
  }

  // MARK: - Loops

  private func executeFor(_ node: ForStatement, _ scope: Scope) throws {
    if node.isRecursive {
      let text = try recurse(node, over: try evaluate(node.iterable, scope), depth: 0, scope)
      try write(text, scope, at: node.offset)
      return
    }
    try loop(node, over: try evaluate(node.iterable, scope), depth: 0, scope)
  }

  /// The text of a recursive loop over these items.
  func recurse(_ node: ForStatement, over items: Value, depth: Int, _ scope: Scope) throws -> Value {
    try checkDepth()
    let capture = try captured { try self.loop(node, over: items, depth: depth, scope) }
    lastCapture = capture
    return scope.autoescape ? .markup(capture.text) : .string(capture.text)
  }

  private func loop(_ node: ForStatement, over items: Value, depth: Int, _ scope: Scope) throws {
    let iterator: any ValueIterator
    do {
      iterator = try filtered(node, try items.makeIterator(), scope)
    }
    var object: LoopObject?
    var source = iterator
    if node.usesLoop {
      let loop = LoopObject(
        node: node, items: node.filter == nil ? items : nil, iterator: iterator, depth: depth,
        scope: scope, interpreter: self)
      object = loop
      source = loop
    }
    var inner = Scope(within: scope)
    var isEmpty = true
    while let item = try source.next() {
      isEmpty = false
      if !isKnownUniquelyReferenced(&inner) {
        inner = Scope(within: scope)
      } else {
        inner.removeAll()
      }
      if let object { inner.set("loop", .object(object)) }
      try assign(node.target, item, inner)
      if try execute(node.body, inner) == .breakLoop { break }
    }
    if isEmpty, !node.otherwise.isEmpty {
      _ = try execute(node.otherwise, Scope(within: scope))
    }
  }

  private func filtered(
    _ node: ForStatement, _ iterator: any ValueIterator, _ scope: Scope
  ) throws -> any ValueIterator {
    guard let filter = node.filter else { return iterator }
    return GeneratedIterator {
      while let item = try iterator.next() {
        let inner = Scope(within: scope)
        try self.assign(node.target, item, inner)
        if try self.evaluate(filter, inner).isTrue() { return item }
      }
      return nil
    }
  }

  // MARK: - Blocks and other templates

  private func executeCallBlock(_ node: CallBlock, _ scope: Scope, at offset: Int) throws {
    guard case .call(let callee, let arguments) = node.call.kind else { return }
    let caller = Macro(node.caller, template: template, scope: scope, isCaller: true)
    let function = try evaluate(callee, scope)
    var values = try evaluate(arguments, scope)
    values.named.append(("caller", .object(caller)))
    let context = CallContext(interpreter: self, template: template, offset: node.call.offset, scope: scope)
    let result: Value
    do {
      result = try call(function, values, context)
    } catch let error as TemplateError {
      throw located(error, at: node.call.offset)
    }
    try write(result, scope, at: offset)
  }

  private func executeBlock(_ block: BlockDefinition, _ scope: Scope) throws {
    guard let state else { return }
    if scope === state.root, state.parent != nil { return }
    let stack = state.blocks[block.name] ?? []
    if block.isRequired, stack.count <= 1 {
      throw TemplateError(.runtime, "Required block \(Value.representation(of: block.name)) not found")
    }
    try runBlock(block.name, stack, depth: 0, parent: block.isScoped ? scope : state.root)
  }

  func runBlock(
    _ name: String, _ stack: [(block: BlockDefinition, template: Template)], depth: Int, parent: Scope
  ) throws {
    guard depth < stack.count else { return }
    try checkDepth()
    let outer = (template, templateIndex)
    enter(stack[depth].template)
    defer { (template, templateIndex) = outer }
    let inner = Scope(within: parent)
    inner.set("super", superBlock(name, stack, depth: depth, parent: parent))
    inner.set("self", .object(SelfReference(self, parent: parent)))
    _ = try execute(stack[depth].block.body, inner)
  }

  private func superBlock(
    _ name: String, _ stack: [(block: BlockDefinition, template: Template)], depth: Int, parent: Scope
  ) -> Value {
    if depth + 1 >= stack.count {
      return undefined(
        name: .string("super"), hint: "there is no parent block called \(Value.representation(of: name)).")
    }
    return .object(
      BlockReference(interpreter: self, name: name, stack: stack, depth: depth + 1, parent: parent))
  }

  private func executeExtends(_ expression: Expression, _ scope: Scope) throws {
    guard let state else { return }
    if state.parent != nil { throw TemplateError(.runtime, "extended multiple times") }
    let parent = try load(try evaluate(expression, scope))
    state.add(parent)
    state.parent = parent
    state.keptBytes = sink.bytes.count
    state.keptSegments = sink.segments.count
  }

  private func load(_ name: Value) throws -> Template {
    switch name {
    case .undefined(let undefined): throw undefined.error
    case .list, .tuple:
      let names = try name.items()
      for name in names { if let template = try find(name) { return template } }
      let listed = names.map { (try? $0.text()) ?? "" }.joined(separator: ", ")
      throw TemplateError(
        .templateNotFound,
        names.isEmpty
          ? "Tried to select from an empty list of templates."
          : "none of the templates given were found: \(listed)")
    default:
      guard let template = try find(name) else {
        if environment.loader == nil {
          throw TemplateError(.type, "no loader for this environment specified")
        }
        throw TemplateError(.templateNotFound, try name.text())
      }
      return template
    }
  }

  private func find(_ name: Value) throws -> Template? {
    if let module = name.object(as: TemplateObject.self) { return module.template }
    return try environment.loader?.template(named: name.text())
  }

  private func executeInclude(_ node: IncludeStatement, _ scope: Scope) throws {
    try checkDepth()
    let included: Template
    do {
      included = try load(try evaluate(node.template, scope))
    } catch let error as TemplateError where error.kind == .templateNotFound && node.ignoresMissing {
      return
    }
    let root =
      node.withContext ? Scope(within: scope) : Scope(parent: nil, autoescape: environment.autoescape)
    try renderRoot(included, scope: root)
  }

  private func importModule(_ expression: Expression, withContext: Bool, _ scope: Scope) throws -> Module {
    try checkDepth()
    let template = try load(try evaluate(expression, scope))
    let root = withContext ? Scope(within: scope) : Scope(parent: nil, autoescape: environment.autoescape)
    return try makeModule(template, scope: root)
  }

  private func executeFromImport(_ node: FromImportStatement, _ scope: Scope, at offset: Int) throws {
    let module = try importModule(node.template, withContext: node.withContext, scope)
    for (name, alias) in node.names {
      let line = template.location(of: offset).line
      let value =
        module.values[name]
        ?? undefined(
          name: .string(name),
          hint: "the template \(Value.representation(of: module.template.name)) (imported on line \(line)"
            + " in \(Value.representation(of: template.name))) does not export the requested name "
            + Value.representation(of: name))
      scope.set(alias ?? name, value)
      scope.imported.insert(alias ?? name)
    }
  }

  // MARK: - Limits

  func checkDepth() throws {
    if stackLimit.isExhausted {
      throw TemplateError(.recursion, "maximum recursion depth exceeded")
    }
  }
}
