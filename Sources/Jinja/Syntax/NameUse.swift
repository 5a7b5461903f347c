/// Which of the special names a macro's body uses before it assigns them.
struct NameUse {
  private(set) var caller = false
  private(set) var varargs = false
  private(set) var kwargs = false
  private(set) var loop = false
  /// `super` and `self` in blocks.
  private var assigned: Set<String> = []

  init(in body: [Statement], defaults: [MacroDefinition.Parameter] = []) { visit(body) }

  static func mentionsLoop(_ body: [Statement]) -> Bool { NameUse(in: body).loop }

  private mutating func note(_ name: String) {
    if !assigned.isEmpty, assigned.contains(name) { return }
    switch name {
    case "caller": caller = true
    case "varargs": varargs = true
    case "kwargs": kwargs = true
    case "loop": loop = true
    default: break
    }
  }

  private mutating func assign(_ target: Target) {
    switch target {
    case .name(let name): assign(name)
    case .attribute(let name, _, _): note(name)
    case .tuple(let targets): for target in targets { assign(target) }
    }
  }

  private mutating func assign(_ name: String) {
    switch name {
    case "caller", "varargs", "kwargs", "loop": assigned.insert(name)
    default: break
    }
  }

  private mutating func visit(_ expression: Expression) {
    if case .name(let name) = expression.kind { note(name) }
    var children: [Expression] = []
    expression.kind.forEachChild { children.append($0) }
    for child in children { visit(child) }
  }

  private mutating func visit(_ body: [Statement]) {
    for statement in body { visit(statement) }
  }

  private mutating func visit(_ statement: Statement) {
    switch statement.kind {
    case .text, .break, .continue: break
    case .block(let block): if block.isScoped { loop = true }
    case .output(let expression), .do(let expression), .extends(let expression): visit(expression)
    case .if(let node):
      for branch in node.branches {
        visit(branch.test)
        visit(branch.body)
      }
      visit(node.otherwise)
    case .for(let node):
      visit(node.iterable)
      assign(node.target)
      visit(node.body)
      visit(node.otherwise)
      if let filter = node.filter { visit(filter) }
    case .set(let target, let value):
      visit(value)
      assign(target)
    case .setBlock(let node):
      assign(node.target)
      if let filter = node.filter { visit(filter) }
      visit(node.body)
    case .macro(let macro): visit(macro)
    case .callBlock(let node):
      visit(node.call)
      visit(node.caller)
    case .filterBlock(let node):
      visit(node.body)
      visit(node.filter)
    case .with(let node):
      for assignment in node.assignments {
        visit(assignment.value)
        assign(assignment.target)
      }
      visit(node.body)
    case .autoescape(let value, let body):
      visit(value)
      visit(body)
    case .include(let node): visit(node.template)
    case .import(let node):
      visit(node.template)
      assign(node.target)
    case .fromImport(let node):
      visit(node.template)
      for name in node.names { assign(name.alias ?? name.name) }
    }
  }

  private mutating func visit(_ macro: MacroDefinition) {
    for parameter in macro.parameters {
      if let value = parameter.defaultValue { visit(value) }
    }
    visit(macro.body)
  }
}
