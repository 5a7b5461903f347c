/// An expression of a template, with its place in the text.
public final class Expression: Sendable {
  /// 0-based byte offset of the token that names the operation: the name itself, the dot of an
  /// attribute, the parenthesis of a call.
  public let offset: Int
  public let kind: Kind
  /// Levels of nesting below and including this node.
  let depth: Int

  public enum Kind: Sendable {
    case constant(Constant)
    case name(String)
    case attribute(Expression, String)
    case item(Expression, Expression)
    case slice(Expression?, Expression?, Expression?)
    case call(Expression, CallArguments)
    /// The operand is nil for the filters of a filter block or of a block `set`.
    case filter(Expression?, String, CallArguments)
    case test(Expression, String, CallArguments)
    case list([Expression])
    case tuple([Expression])
    case dict([(key: Expression, value: Expression)])
    case unary(UnaryOperator, Expression)
    case binary(BinaryOperator, Expression, Expression)
    case and(Expression, Expression)
    case or(Expression, Expression)
    case not(Expression)
    case concat([Expression])
    case compare(Expression, [(operation: Comparison, operand: Expression)])
    case conditional(test: Expression, then: Expression, otherwise: Expression?)
  }

  init(_ kind: Kind, at offset: Int) {
    self.kind = kind
    self.offset = offset
    var deepest = 0
    kind.forEachChild { deepest = max(deepest, $0.depth) }
    self.depth = deepest + 1
  }

  /// The first byte of the expression's own text, as far as the tree tells.
  public var start: Int {
    switch kind {
    case .attribute(let operand, _), .item(let operand, _), .call(let operand, _),
      .test(let operand, _, _), .binary(_, let operand, _), .and(let operand, _), .or(let operand, _),
      .compare(let operand, _):
      return min(offset, operand.start)
    case .filter(let operand?, _, _):
      return min(offset, operand.start)
    case .concat(let parts):
      return parts.first.map { min(offset, $0.start) } ?? offset
    case .conditional(_, let then, _):
      return min(offset, then.start)
    default:
      return offset
    }
  }

  /// The text of a string literal, or nil for anything else.
  public var stringLiteral: String? {
    if case .constant(.string(let text)) = kind { return text }
    return nil
  }
}

/// A literal.
public enum Constant: Sendable, Equatable {
  case none
  case bool(Bool)
  case int(Int)
  case bigInt(BigInteger)
  case double(Double)
  case string(String)
}

public enum UnaryOperator: Sendable { case negative, positive }

public enum BinaryOperator: String, Sendable {
  case add = "+"
  case subtract = "-"
  case multiply = "*"
  case divide = "/"
  case floorDivide = "//"
  case modulo = "%"
  case power = "**"
}

public enum Comparison: String, Sendable {
  case equal = "=="
  case notEqual = "!="
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="
  case isIn = "in"
  case notIn = "not in"
}

/// What stands between the parentheses of a call, filter or test.
public struct CallArguments: Sendable {
  public var positional: [Expression] = []
  public var named: [(name: String, value: Expression)] = []
  /// The operand of `*`.
  public var spread: Expression?
  /// The operand of `**`.
  public var namedSpread: Expression?

  public var isEmpty: Bool {
    positional.isEmpty && named.isEmpty && spread == nil && namedSpread == nil
  }

  public func forEachExpression(_ body: (Expression) -> Void) {
    positional.forEach(body)
    for argument in named { body(argument.value) }
    if let spread { body(spread) }
    if let namedSpread { body(namedSpread) }
  }
}

extension Expression.Kind {
  /// Calls `body` with each direct part of the expression, in the order of the text.
  public func forEachChild(_ body: (Expression) -> Void) {
    switch self {
    case .constant, .name: break
    case .attribute(let operand, _), .unary(_, let operand), .not(let operand): body(operand)
    case .item(let a, let b), .binary(_, let a, let b), .and(let a, let b), .or(let a, let b):
      body(a)
      body(b)
    case .slice(let a, let b, let c):
      for part in [a, b, c] { if let part { body(part) } }
    case .call(let operand, let arguments), .test(let operand, _, let arguments):
      body(operand)
      arguments.forEachExpression(body)
    case .filter(let operand, _, let arguments):
      if let operand { body(operand) }
      arguments.forEachExpression(body)
    case .list(let items), .tuple(let items), .concat(let items): items.forEach(body)
    case .dict(let pairs):
      for pair in pairs {
        body(pair.key)
        body(pair.value)
      }
    case .compare(let first, let rest):
      body(first)
      for part in rest { body(part.operand) }
    case .conditional(let test, let then, let otherwise):
      body(then)
      body(test)
      if let otherwise { body(otherwise) }
    }
  }
}
