/// What operators, functions and clauses make of the types that they meet, and what none of them takes.
extension SelectAnalyzer {
  /// The type that an operator gives; nil when it is not known.
  ///
  /// - Parameter place: where to note that no operator takes these operands; nil to leave it
  func apply(_ name: String, _ operands: [Expression], at place: Int?) -> SQLType? {
    resolve(name, operands, at: place).result
  }

  /// The type that an operator gives, and that which it takes its first operand for; nil where it is not known.
  func resolve(_ name: String, _ operands: [Expression], at place: Int?) -> (
    result: SQLType?, first: SQLType?
  ) {
    switch CallResolution.ofOperator(name, operands.map(\.argument)) {
    case nil: return (nil, nil)
    case .found(let type, let first): return (type?.unmodified, first?.unmodified)
    case .some(.none):
      if let place {
        let types = operands.map(\.typeName)
        analyzer.note(
          .unknownOperator(name, left: types.count > 1 ? types[0] : nil, right: types.last ?? ""), at: place)
      }
      return (["=", "<>", "<", ">", "<=", ">=", "~~", "!~~"].contains(name) ? .boolean : nil, nil)
    }
  }

  /// The type that a function gives; nil when it is not known.
  func apply(function name: String, _ arguments: [Expression], isStar: Bool, at place: Int?) -> SQLType? {
    let catalogue = ServerCatalogue.shared
    // A type's name with one argument is a cast.
    let cast = arguments.count == 1 ? SQLType(text: name).flatMap { catalogue.knows($0) ? $0 : nil } : nil
    if let cast, arguments[0].isUntyped { return cast }
    switch CallResolution.ofFunction(name, isStar ? [] : arguments.map(\.argument)) {
    case nil: return nil
    case .found(let type, _): return type?.unmodified ?? cast
    case .some(.none):
      if let cast, arguments[0].type.map({ catalogue.casts($0, to: cast) }) ?? true { return cast }
      let routines = catalogue.functions[name] ?? []
      if let place {
        analyzer.note(
          .unknownFunction(
            name, arguments.map(\.typeName),
            candidates: routines.map { $0.arguments.map(\.description).joined(separator: ", ") }),
          at: place)
      }
      let results = Set(routines.map(\.result))
      return results.count == 1 ? results.first : nil
    }
  }

  /// The type that values in one place share; nil when it is not known.
  func common(_ values: [Expression], of construct: String, at place: Int?) -> SQLType? {
    switch CommonType(of: values) {
    case .type(let type): return type
    case .none(let first, let second):
      if let place {
        analyzer.note(.unlikeTypes(first.description, second.description, of: construct), at: place)
      }
      return nil
    }
  }

  /// An expression that has to be true or false.
  func test(_ node: SyntaxNode, of clause: String, isNoted: Bool) -> Expression {
    var value = expression(node, isNoted: isNoted)
    if isNoted, !value.isUntyped, let type = value.type, type != .boolean, ServerCatalogue.shared.knows(type)
    {
      analyzer.note(.wrongType(type.description, wanted: "boolean", in: clause), at: node.place)
    }
    value.type = .boolean
    return value
  }

  /// Notes a type that PostgreSQL cannot compare, where rows are told apart.
  func checkEquality(_ type: SQLType?, at place: Int?) {
    guard let type, !type.isArray, ServerCatalogue.shared.knows(type) else { return }
    _ = apply("=", [Expression(type: type), Expression(type: type)], at: place)
  }

  func note(castOf value: Expression, to type: SQLType?, at place: Int?) {
    guard let type, let source = value.type, !value.isUntyped else { return }
    if !ServerCatalogue.shared.casts(source.unmodified, to: type.unmodified) {
      analyzer.note(.unknownCast(source.description, to: type.description), at: place)
    }
  }
}

extension Expression {
  static let null = {
    var null = Expression(isNullable: true)
    null.isUntyped = true
    return null
  }()

  /// Whether it is the literal NULL.
  var isNull: Bool { isUntyped && isNullable == true }

  var argument: CallResolution.Argument {
    isUntyped ? .untyped : type.map { .type($0) } ?? .unknown
  }

  /// As PostgreSQL's messages name it.
  var typeName: String { isUntyped ? "unknown" : type?.unmodified.description ?? "?" }
}

extension SyntaxNode {
  /// Where an expression begins that may have no place of its own.
  var place: Int? {
    if let own = node?.fields["location"].integer, own > 0 { return own }
    return node?.fields.inner.lazy.compactMap(\.place).min() ?? node?.fields.location
  }
}
