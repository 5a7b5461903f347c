extension Interpreter {
  /// Runs a macro: binds its arguments, captures what it writes and gives that or what it returns.
  func invoke(_ macro: Macro, _ arguments: Arguments, from context: CallContext) throws -> Value {
    try checkDepth()
    if frames.count >= environment.macroDepthLimit {
      throw TemplateError(.recursion, "maximum recursion depth exceeded")
    }
    let definition = macro.definition
    let inner = Scope(within: macro.scope)
    let missing = try bind(arguments, to: macro, inner)

    frames.append(
      ActiveMacro(
        name: macro.isCaller ? "caller" : definition.name, template: context.template,
        offset: context.offset))
    let outer = (template, templateIndex, state, sink)
    enter(macro.template)
    sink = OutputSink()
    defer {
      (template, templateIndex, state, sink) = outer
      frames.removeLast()
    }
    do {
      if !missing.isEmpty { try bindDefaults(definition, missing, inner) }
      _ = try execute(definition.body, inner)
    } catch is MacroReturn where !macro.isCaller {
      return takeReturned()
    }
    let text = String(decoding: sink.bytes, as: UTF8.self)
    if keepsMap { lastCapture = Capture(text: text, segments: sink.segments) }
    return context.scope.autoescape ? .markup(text) : .string(text)
  }

  private func bind(_ arguments: Arguments, to macro: Macro, _ scope: Scope) throws -> [Int] {
    let definition = macro.definition
    let parameters = definition.parameters
    var named = arguments.named
    func take(_ name: String) -> Value? {
      guard let index = named.firstIndex(where: { $0.name == name }) else { return nil }
      return named.remove(at: index).value
    }
    var foundCaller = false
    var missing: [Int] = []
    for (index, parameter) in parameters.enumerated() {
      if index < arguments.positional.count {
        scope.set(parameter.name, arguments.positional[index])
        if parameter.name == "caller" { foundCaller = true }
      } else {
        if parameter.name == "caller" { foundCaller = true }
        if let value = take(parameter.name) {
          scope.set(parameter.name, value)
        } else {
          scope.set(parameter.name, undefined(name: .string(parameter.name)))
          missing.append(index)
        }
      }
    }
    let shown = macro.isCaller ? "None" : Value.representation(of: definition.name)
    if definition.usesCaller, !foundCaller {
      scope.set(
        "caller", take("caller") ?? undefined(name: .string("caller"), hint: "No caller defined"))
    }
    if definition.usesKwargs, !parameters.contains(where: { $0.name == "kwargs" }) {
      scope.set("kwargs", .dict(named.map { ($0.name, $0.value) }))
    } else if let first = named.first {
      if named.contains(where: { $0.name == "caller" }) {
        throw TemplateError(
          .type,
          "macro \(shown) was invoked with two values for the special caller argument."
            + " This is most likely a bug.")
      }
      throw TemplateError(
        .type, "macro \(shown) takes no keyword argument \(Value.representation(of: first.name))")
    }
    if definition.usesVarargs, !parameters.contains(where: { $0.name == "varargs" }) {
      scope.set("varargs", .tuple(Array(arguments.positional.dropFirst(parameters.count))))
    } else if arguments.positional.count > parameters.count {
      throw TemplateError(.type, "macro \(shown) takes not more than \(parameters.count) argument(s)")
    }
    return missing
  }

  /// Fills the parameters that were not given, in order: a default sees those before it, later ones
  /// are undefined.
  private func bindDefaults(_ definition: MacroDefinition, _ missing: [Int], _ scope: Scope) throws {
    for index in missing {
      let parameter = definition.parameters[index]
      if let expression = parameter.defaultValue {
        scope.set(parameter.name, try evaluate(expression, scope))
      } else {
        scope.set(
          parameter.name,
          undefined(
            name: .string(parameter.name),
            hint: "parameter \(Value.representation(of: parameter.name)) was not provided"))
      }
    }
  }
}
