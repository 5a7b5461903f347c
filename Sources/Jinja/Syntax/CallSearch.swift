extension Template {
  /// What stands between the parentheses of the first call of a function by its bare name, or nil.
  public func firstCall(of name: String) -> CallArguments? { CallSearch(name: name).search(statements) }
}

/// Looks through a tree in the order of the text.
private struct CallSearch {
  var name: String

  func search(_ body: [Statement]) -> CallArguments? { body.lazy.compactMap(search).first }

  private func search(_ expression: Expression) -> CallArguments? {
    if case .call(let operand, let arguments) = expression.kind, case .name(name) = operand.kind {
      return arguments
    }
    var children: [Expression] = []
    expression.kind.forEachChild { children.append($0) }
    return children.lazy.compactMap(search).first
  }

  private func search(_ statement: Statement) -> CallArguments? {
    switch statement.kind {
    case .text, .break, .continue, .extends, .include, .import, .fromImport: nil
    case .output(let value), .do(let value), .set(_, let value): search(value)
    case .if(let node):
      node.branches.lazy.compactMap { search($0.test) ?? search($0.body) }.first ?? search(node.otherwise)
    case .for(let node):
      search(node.iterable) ?? node.filter.flatMap(search) ?? search(node.body) ?? search(node.otherwise)
    case .setBlock(let node): node.filter.flatMap(search) ?? search(node.body)
    case .macro(let macro): search(macro.body)
    case .callBlock(let node): search(node.call) ?? search(node.caller.body)
    case .filterBlock(let node): search(node.filter) ?? search(node.body)
    case .with(let node): node.assignments.lazy.compactMap { search($0.value) }.first ?? search(node.body)
    case .autoescape(let value, let body): search(value) ?? search(body)
    case .block(let block): search(block.body)
    }
  }
}
