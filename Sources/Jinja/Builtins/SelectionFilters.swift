extension Builtins {
  static let selectionFilters: [String: Environment.Filter] = [
    "map": { value, arguments, context in
      var transform: ((Value) throws -> Value)?
      var iterator: (any ValueIterator)?
      return .generator("sync_do_map") {
        if iterator == nil {
          guard try value.isTrue() else {
            iterator = ArrayIterator([])
            return nil
          }
          transform = try mapping(arguments, context)
          iterator = try value.makeIterator()
        }
        guard let transform, let item = try iterator?.next() else { return nil }
        return try transform(item)
      }
    },
    "select": { value, arguments, context in
      selection("sync_do_select", value, arguments, context, byAttribute: false, keeps: true)
    },
    "reject": { value, arguments, context in
      selection("sync_do_reject", value, arguments, context, byAttribute: false, keeps: false)
    },
    "selectattr": { value, arguments, context in
      selection("sync_do_selectattr", value, arguments, context, byAttribute: true, keeps: true)
    },
    "rejectattr": { value, arguments, context in
      selection("sync_do_rejectattr", value, arguments, context, byAttribute: true, keeps: false)
    },
  ]

  /// What `map` does with each item: an attribute, or a filter by name.
  private static func mapping(
    _ arguments: Arguments, _ context: CallContext
  ) throws -> (Value) throws -> Value {
    if arguments.positional.isEmpty, let attribute = arguments.named("attribute") {
      if let other = arguments.named.first(where: { $0.name != "attribute" && $0.name != "default" }) {
        throw TemplateError(
          .filterArgument, "Unexpected keyword argument \(Value.representation(of: other.name))")
      }
      var fallback = arguments.named("default")
      if let value = fallback, value.isNone { fallback = nil }
      let path = try AttributePath(attribute, default: fallback)
      return { try path.value(of: $0, context.interpreter) }
    }
    guard let name = arguments.positional.first else {
      throw TemplateError(.filterArgument, "map requires a filter argument")
    }
    let filter = try find(filter: name, context)
    let rest = Arguments(Array(arguments.positional.dropFirst()), named: arguments.named)
    return { try filter($0, rest, context) }
  }

  private static func find(filter name: Value, _ context: CallContext) throws -> Environment.Filter {
    if let text = name.stringValue, let filter = context.environment.filters[text] ?? filters[text] {
      return filter
    }
    if case .undefined(let undefined) = name { throw undefined.error }
    throw TemplateError(.runtime, "No filter named \(name.representationOrPlaceholder).")
  }

  private static func find(test name: Value, _ context: CallContext) throws -> Environment.Test {
    if let text = name.stringValue, let test = context.environment.tests[text] ?? tests[text] { return test }
    if case .undefined(let undefined) = name { throw undefined.error }
    throw TemplateError(.runtime, "No test named \(name.representationOrPlaceholder).")
  }

  private static func selection(
    _ name: String, _ value: Value, _ arguments: Arguments, _ context: CallContext, byAttribute: Bool,
    keeps: Bool
  ) -> Value {
    var decide: ((Value) throws -> Bool)?
    var iterator: (any ValueIterator)?
    return .generator(name) {
      if iterator == nil {
        guard try value.isTrue() else {
          iterator = ArrayIterator([])
          return nil
        }
        decide = try condition(arguments, context, byAttribute: byAttribute)
        iterator = try value.makeIterator()
      }
      guard let decide, let source = iterator else { return nil }
      while let item = try source.next() {
        if try decide(item) == keeps { return item }
      }
      return nil
    }
  }

  /// Whether an item passes: a test by name of the item or its attribute, or its truth.
  private static func condition(
    _ arguments: Arguments, _ context: CallContext, byAttribute: Bool
  ) throws -> (Value) throws -> Bool {
    var positional = arguments.positional[...]
    var path: AttributePath?
    if byAttribute {
      guard let attribute = positional.popFirst() else {
        throw TemplateError(.filterArgument, "Missing parameter for attribute name")
      }
      path = try AttributePath(attribute)
    }
    let lookup: (Value) throws -> Value = { item in
      try path?.value(of: item, context.interpreter) ?? item
    }
    guard let name = positional.popFirst() else { return { try lookup($0).isTrue() } }
    let test = try find(test: name, context)
    let rest = Arguments(Array(positional), named: arguments.named)
    return { try test(lookup($0), rest, context) }
  }
}
