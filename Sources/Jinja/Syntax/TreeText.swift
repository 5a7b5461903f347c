extension Expression {
  /// The expression as Python's jinja2 3.1 prints its tree: `Call(node=Name(name='env_var', ctx='load'), …)`.
  ///
  /// dbt writes configs so where it compares them as they stand in a file.
  public var treeText: String {
    switch kind {
    case .constant(let constant): "Const(value=\(constant.treeText))"
    case .name(let name): "Name(name=\(Value.representation(of: name)), ctx='load')"
    case .attribute(let operand, let name):
      "Getattr(node=\(operand.treeText), attr=\(Value.representation(of: name)), ctx='load')"
    case .item(let operand, let index):
      "Getitem(node=\(operand.treeText), arg=\(index.treeText), ctx='load')"
    case .slice(let start, let stop, let step):
      "Slice(start=\(Self.text(start)), stop=\(Self.text(stop)), step=\(Self.text(step)))"
    case .call(let operand, let arguments): "Call(node=\(operand.treeText), \(arguments.treeText))"
    case .filter(let operand, let name, let arguments): Self.text("Filter", operand, name, arguments)
    case .test(let operand, let name, let arguments): Self.text("Test", operand, name, arguments)
    case .list(let items): "List(items=\(Self.text(items)))"
    case .tuple(let items): "Tuple(items=\(Self.text(items)), ctx='load')"
    case .dict(let pairs):
      "Dict(items=["
        + pairs.map { "Pair(key=\($0.key.treeText), value=\($0.value.treeText))" }.joined(separator: ", ")
        + "])"
    case .unary(let operation, let operand):
      "\(operation == .negative ? "Neg" : "Pos")(node=\(operand.treeText))"
    case .binary(let operation, let left, let right): Self.text(operation.treeName, left, right)
    case .and(let left, let right): Self.text("And", left, right)
    case .or(let left, let right): Self.text("Or", left, right)
    case .not(let operand): "Not(node=\(operand.treeText))"
    case .concat(let parts): "Concat(nodes=\(Self.text(parts)))"
    case .compare(let first, let rest):
      "Compare(expr=\(first.treeText), ops=["
        + rest.map { "Operand(op='\($0.operation.treeName)', expr=\($0.operand.treeText))" }
        .joined(separator: ", ") + "])"
    case .conditional(let test, let then, let otherwise):
      "CondExpr(test=\(test.treeText), expr1=\(then.treeText), expr2=\(Self.text(otherwise)))"
    }
  }

  fileprivate static func text(_ part: Expression?) -> String { part?.treeText ?? "None" }

  fileprivate static func text(_ parts: [Expression]) -> String {
    "[" + parts.map(\.treeText).joined(separator: ", ") + "]"
  }

  private static func text(_ kind: String, _ left: Expression, _ right: Expression) -> String {
    "\(kind)(left=\(left.treeText), right=\(right.treeText))"
  }

  private static func text(
    _ kind: String, _ operand: Expression?, _ name: String, _ arguments: CallArguments
  ) -> String {
    "\(kind)(node=\(text(operand)), name=\(Value.representation(of: name)), \(arguments.treeText))"
  }
}

extension CallArguments {
  fileprivate var treeText: String {
    let keywords = named.map(Self.treeText).joined(separator: ", ")
    return "args=\(Expression.text(positional)), kwargs=[\(keywords)], dyn_args=\(Expression.text(spread)), "
      + "dyn_kwargs=\(Expression.text(namedSpread))"
  }

  /// A named argument as jinja2 prints it: `Keyword(key='materialized', value=Const(value='table'))`.
  public static func treeText(_ name: String, _ value: Expression) -> String {
    "Keyword(key=\(Value.representation(of: name)), value=\(value.treeText))"
  }
}

extension Constant {
  fileprivate var treeText: String {
    switch self {
    case .none: "None"
    case .bool(let value): value ? "True" : "False"
    case .int(let value): String(value)
    case .bigInt(let value): value.description
    case .double(let value): FloatText.representation(value)
    case .string(let text): Value.representation(of: text)
    }
  }
}

extension BinaryOperator {
  fileprivate var treeName: String {
    switch self {
    case .add: "Add"
    case .subtract: "Sub"
    case .multiply: "Mul"
    case .divide: "Div"
    case .floorDivide: "FloorDiv"
    case .modulo: "Mod"
    case .power: "Pow"
    }
  }
}

extension Comparison {
  fileprivate var treeName: String {
    switch self {
    case .equal: "eq"
    case .notEqual: "ne"
    case .less: "lt"
    case .lessOrEqual: "lteq"
    case .greater: "gt"
    case .greaterOrEqual: "gteq"
    case .isIn: "in"
    case .notIn: "notin"
    }
  }
}
