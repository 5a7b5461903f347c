extension Interpreter {
  /// The value of an expression; an error takes the place of the innermost part that failed.
  func evaluate(_ expression: Expression, _ scope: Scope) throws -> Value {
    switch expression.kind {
    case .constant(let constant): return Value(constant)
    case .name(let name):
      if let value = scope.find(name) { return value }
      return try evaluateGlobal(name, expression)
    default: break
    }
    do {
      return try evaluateOperation(expression, scope)
    } catch let error as MacroReturn {
      throw error
    } catch {
      throw located(error, at: expression.offset)
    }
  }

  @inline(never)
  private func evaluateGlobal(_ name: String, _ expression: Expression) throws -> Value {
    do {
      if name == "self", let state { return .object(SelfReference(self, parent: state.root)) }
      if let value = globals[name] { return value }
      if let resolve, let value = try resolve(name) { return value }
      return Builtins.global(name) ?? undefined(name: .string(name))
    } catch {
      throw located(error, at: expression.offset)
    }
  }

  @inline(never)
  private func evaluateOperation(_ expression: Expression, _ scope: Scope) throws -> Value {
    if stackLimit.isExhausted { throw TemplateError(.recursion, "maximum recursion depth exceeded") }
    switch expression.kind {
    case .constant(let constant): return Value(constant)
    case .name(let name): return try lookup(name, in: scope) ?? undefined(name: .string(name))
    case .attribute(let operand, let name): return try attribute(name, of: evaluate(operand, scope))
    case .item(let operand, let key): return try evaluateItem(operand, key, scope)
    case .slice: return .none
    case .call(let callee, let arguments): return try evaluateCall(callee, arguments, expression, scope)
    case .filter: return try evaluateFilter(expression, operand: nil, scope)
    case .test(let operand, let name, let arguments):
      return try evaluateTest(operand, name, arguments, expression, scope)
    case .list(let items): return .list(try evaluateAll(items, scope))
    case .tuple(let items): return .tuple(try evaluateAll(items, scope))
    case .dict(let pairs):
      let dict = DictObject()
      for pair in pairs { try dict.set(try evaluate(pair.key, scope), try evaluate(pair.value, scope)) }
      return .dict(dict)
    case .unary(let operation, let operand): return try evaluate(operand, scope).applying(operation)
    case .binary(let operation, let left, let right):
      let first = try evaluate(left, scope)
      return try first.applying(operation, try evaluate(right, scope))
    case .and(let left, let right):
      let first = try evaluate(left, scope)
      return try first.isTrue() ? try evaluate(right, scope) : first
    case .or(let left, let right):
      let first = try evaluate(left, scope)
      return try first.isTrue() ? first : try evaluate(right, scope)
    case .not(let operand): return .bool(try !evaluate(operand, scope).isTrue())
    case .concat(let parts): return try evaluateConcat(parts, scope)
    case .compare(let first, let rest): return try evaluateComparison(first, rest, scope)
    case .conditional(let test, let then, let otherwise):
      if try evaluate(test, scope).isTrue() { return try evaluate(then, scope) }
      if let otherwise { return try evaluate(otherwise, scope) }
      let line = template.location(of: expression.offset).line
      return .undefined(
        Undefined(
          .standard,
          hint: "the inline if-expression on line \(line)\(positionName) evaluated to false and no else"
            + " section was defined."))
    }
  }

  /// The template's name as Jinja's hints have it.
  private var positionName: String {
    environment.namesTemplatesInHints ? " in \(Value.representation(of: template.name))" : ""
  }

  private func evaluateAll(_ items: [Expression], _ scope: Scope) throws -> [Value] {
    var values: [Value] = []
    values.reserveCapacity(items.count)
    for item in items { values.append(try evaluate(item, scope)) }
    return values
  }

  private func evaluateItem(_ operand: Expression, _ key: Expression, _ scope: Scope) throws -> Value {
    let value = try evaluate(operand, scope)
    guard case .slice(let start, let stop, let step) = key.kind else {
      return try item(try evaluate(key, scope), of: value)
    }
    let bounds = try [start, stop, step].map { try $0.map { try evaluate($0, scope) } ?? .none }
    do {
      return try value.slice(bounds[0], bounds[1], bounds[2])
    } catch let error as TemplateError where error.kind == .type && foldsConstants {
      return undefined(name: Value.none, of: value)
    }
  }

  private func evaluateConcat(_ parts: [Expression], _ scope: Scope) throws -> Value {
    let values = try evaluateAll(parts, scope)
    if scope.autoescape, values.contains(where: { if case .markup = $0 { true } else { false } }) {
      return .markup(try values.map { try Escaping.html($0) }.joined())
    }
    var result = ""
    for value in values { result += try value.text() }
    return .string(result)
  }

  private func evaluateComparison(
    _ first: Expression, _ rest: [(operation: Comparison, operand: Expression)], _ scope: Scope
  ) throws -> Value {
    var left = try evaluate(first, scope)
    for (index, part) in rest.enumerated() {
      let right = try evaluate(part.operand, scope)
      // Sets and host objects could answer with something else than a truth; none of ours does.
      if try !left.compares(part.operation, to: right) { return .bool(false) }
      if index < rest.count - 1 { left = right }
    }
    return .bool(true)
  }

  // MARK: - Calls

  func evaluate(_ arguments: CallArguments, _ scope: Scope) throws -> Arguments {
    var result = Arguments()
    if !arguments.positional.isEmpty { result.positional = try evaluateAll(arguments.positional, scope) }
    for (name, expression) in arguments.named {
      result.named.append((name, try evaluate(expression, scope)))
    }
    if let spread = arguments.spread {
      let value = try evaluate(spread, scope)
      do {
        result.positional += try value.items()
      } catch let error as TemplateError where error.kind == .type && error.location == nil {
        throw TemplateError(.type, "Value after * must be an iterable, not \(value.typeName)")
      }
    }
    if let spread = arguments.namedSpread {
      let value = try evaluate(spread, scope)
      guard case .dict(let dict) = value else {
        if case .undefined(let undefined) = value { throw undefined.error }
        throw TemplateError(.type, "argument after ** must be a mapping, not \(value.typeName)")
      }
      for (key, value) in dict.pairs {
        guard let name = key.stringValue else { throw TemplateError(.type, "keywords must be strings") }
        if result.named(name) != nil {
          throw TemplateError(.type, "got multiple values for keyword argument '\(name)'")
        }
        result.named.append((name, value))
      }
    }
    return result
  }

  private func evaluateCall(
    _ callee: Expression, _ arguments: CallArguments, _ expression: Expression, _ scope: Scope
  ) throws -> Value {
    let context = CallContext(interpreter: self, template: template, offset: expression.offset, scope: scope)
    // A method of a built-in type needs no object between its lookup and its call.
    if case .attribute(let operand, let name) = callee.kind {
      let receiver = try evaluate(operand, scope)
      if let method = Methods.find(name, of: receiver) {
        return try method(receiver, try evaluate(arguments, scope), context)
      }
      let function: Value
      do {
        function = try attribute(name, of: receiver)
      } catch {
        throw located(error, at: callee.offset)
      }
      return try call(function, try evaluate(arguments, scope), context)
    }
    let function = try evaluate(callee, scope)
    return try call(function, try evaluate(arguments, scope), context)
  }

  func call(_ function: Value, _ arguments: Arguments, _ context: CallContext) throws -> Value {
    switch function {
    case .object(let object):
      if object.isCallable { return try object.call(arguments, context) }
    case .undefined(let undefined):
      if undefined.behaviour == .propagating { return function }
      throw undefined.error
    default: break
    }
    throw TemplateError(.type, "'\(function.typeName)' object is not callable")
  }

  /// The value of a chain of filters; `operand` takes the place of the one that a block has not.
  func evaluateFilter(_ expression: Expression, operand: Value?, _ scope: Scope) throws -> Value {
    guard case .filter(let inner, let name, let arguments) = expression.kind else { return .none }
    let value: Value
    if let inner {
      if operand != nil, case .filter = inner.kind {
        value = try evaluateFilter(inner, operand: operand, scope)
      } else {
        value = try evaluate(inner, scope)
      }
    } else {
      value = operand ?? .none
    }
    guard let filter = environment.filters[name] ?? Builtins.filters[name] else {
      throw TemplateError(.runtime, "No filter named \(Value.representation(of: name)) found.")
    }
    let context = CallContext(interpreter: self, template: template, offset: expression.offset, scope: scope)
    do {
      return try filter(value, arguments.isEmpty ? Arguments() : try evaluate(arguments, scope), context)
    } catch let error as MacroReturn {
      throw error
    } catch {
      throw located(error, at: expression.offset)
    }
  }

  private func evaluateTest(
    _ operand: Expression, _ name: String, _ arguments: CallArguments, _ expression: Expression,
    _ scope: Scope
  ) throws -> Value {
    let value = try evaluate(operand, scope)
    guard let test = environment.tests[name] ?? Builtins.tests[name] else {
      throw TemplateError(.runtime, "No test named \(Value.representation(of: name)) found.")
    }
    let context = CallContext(interpreter: self, template: template, offset: expression.offset, scope: scope)
    return .bool(try test(value, arguments.isEmpty ? Arguments() : try evaluate(arguments, scope), context))
  }

  // MARK: - Attributes and items

  /// Jinja's `value.name`: the attribute, else the item, else undefined.
  public func attribute(_ name: String, of value: Value) throws -> Value {
    switch value {
    case .undefined(let undefined): return try member(.string(name), of: undefined)
    case .dict(let dict):
      if let method = Methods.bound(name, of: value) { return method }
      if isUnsafe(name, of: value) { return unsafe(name, of: value) }
      if let found = dict[name] { return found }
    case .object(let object):
      if environment.isSandboxed, name.utf8.first == UInt8(ascii: "_"), isUnsafe(name, of: value) {
        return unsafe(name, of: value)
      }
      if let found = try object.attribute(name) {
        if environment.isSandboxed, name.utf8.first == UInt8(ascii: "_") { return unsafe(name, of: value) }
        return found
      }
      if let found = try quietly({ try object.item(.string(name)) }) { return found }
    default:
      if let method = Methods.bound(name, of: value) { return method }
      if isUnsafe(name, of: value) { return unsafe(name, of: value) }
    }
    return undefined(name: .string(name), of: value)
  }

  /// Jinja's `value[key]`: the item, else the attribute, else undefined.
  public func item(_ key: Value, of value: Value) throws -> Value {
    switch value {
    case .undefined(let undefined): return try member(key, of: undefined)
    case .dict(let dict):
      if let found = try quietly({ try dict.value(for: key) }) { return found }
    case .list(let list):
      if let found = Value.element(key, list.items) { return found }
    case .tuple(let items):
      if let found = Value.element(key, items) { return found }
    case .string(let text):
      if let found = Value.character(key, of: text) { return .string(found) }
    case .markup(let text):
      if let found = Value.character(key, of: text) { return .markup(found) }
    case .object(let object):
      if let found = try quietly({ try object.item(key) }) { return found }
      if let name = key.stringValue {
        if environment.isSandboxed, name.utf8.first == UInt8(ascii: "_"), isUnsafe(name, of: value) {
          return unsafe(name, of: value)
        }
        if let found = try object.attribute(name) { return found }
      }
      return undefined(name: key, of: value)
    default: break
    }
    if let name = key.stringValue {
      if let method = Methods.bound(name, of: value) { return method }
      if isUnsafe(name, of: value) { return unsafe(name, of: value) }
    }
    return undefined(name: key, of: value)
  }

  private func member(_ key: Value, of undefined: Undefined) throws -> Value {
    if let name = key.stringValue, isUnsafe(name, of: .undefined(undefined)) {
      return unsafe(name, of: .undefined(undefined))
    }
    switch undefined.behaviour {
    case .chainable: return .undefined(undefined)
    case .propagating:
      return key.stringValue.map { .undefined(undefined.propagated($0)) } ?? .undefined(undefined)
    case .standard, .strict: throw undefined.error
    }
  }

  /// The result of a lookup where a missing key or a wrong type of key means that nothing is there.
  private func quietly(_ body: () throws -> Value?) throws -> Value? {
    do {
      return try body()
    } catch let error as TemplateError
      where error.kind == .type || error.kind == .key || error.kind == .index
    {
      return nil
    }
  }

  private func isUnsafe(_ name: String, of value: Value) -> Bool {
    guard environment.isSandboxed, name.utf8.first == UInt8(ascii: "_") else { return false }
    return Methods.exists(internal: name, on: value)
  }

  private func unsafe(_ name: String, of value: Value) -> Value {
    undefined(
      name: .string(name), of: value,
      hint: "access to attribute \(Value.representation(of: name)) of '\(value.typeName)' object is unsafe.",
      errorKind: .security)
  }
}

extension Value {
  static func element(_ key: Value, _ items: [Value]) -> Value? {
    guard var index = key.intValue else { return nil }
    if index < 0 { index += items.count }
    return items.indices.contains(index) ? items[index] : nil
  }

  static func character(_ key: Value, of text: String) -> String? {
    guard var index = key.intValue else { return nil }
    let scalars = text.unicodeScalars
    if index < 0 { index += scalars.count }
    guard index >= 0,
      let position = scalars.index(scalars.startIndex, offsetBy: index, limitedBy: scalars.endIndex),
      position < scalars.endIndex
    else { return nil }
    return String(scalars[position])
  }
}
