import Jinja

/// The calls that stand in a template, as far as its text tells: what dbt's `depends_on.macros` of macros and
/// the question whether a template asks the database are answered from.
struct MacroCalls: Sendable {
  struct Dispatch: Sendable, Hashable {
    var name: String
    var namespace: String?
  }

  /// `name` and `package.name`, each once, in the order of the text; `adapter.…` is not among them.
  private(set) var names: [String] = []
  private(set) var dispatches: [Dispatch] = []
  /// Methods called on `adapter`.
  private(set) var adapterMethods: Set<String> = []
  /// Every name that is read, called or not.
  private(set) var mentioned: Set<String> = []

  init(in template: Template) {
    visit(template.statements)
  }

  private mutating func visit(_ statements: [Statement]) {
    for statement in statements { visit(statement.kind) }
  }

  private mutating func visit(_ kind: Statement.Kind) {
    switch kind {
    case .text, .break, .continue: break
    case .output(let expression), .do(let expression), .extends(let expression): visit(expression)
    case .if(let branch):
      for branch in branch.branches {
        visit(branch.test)
        visit(branch.body)
      }
      visit(branch.otherwise)
    case .for(let loop):
      visit(loop.iterable)
      if let filter = loop.filter { visit(filter) }
      visit(loop.body)
      visit(loop.otherwise)
    case .set(_, let value): visit(value)
    case .setBlock(let block):
      if let filter = block.filter { visit(filter) }
      visit(block.body)
    case .macro(let macro):
      for parameter in macro.parameters { if let value = parameter.defaultValue { visit(value) } }
      visit(macro.body)
    case .callBlock(let block):
      visit(block.call)
      visit(.macro(block.caller))
    case .filterBlock(let block):
      visit(block.filter)
      visit(block.body)
    case .with(let block):
      for assignment in block.assignments { visit(assignment.value) }
      visit(block.body)
    case .autoescape(let expression, let body):
      visit(expression)
      visit(body)
    case .block(let block): visit(block.body)
    case .include(let include): visit(include.template)
    case .import(let include): visit(include.template)
    case .fromImport(let include): visit(include.template)
    }
  }

  private mutating func visit(_ expression: Expression) {
    switch expression.kind {
    case .name(let name): mentioned.insert(name)
    case .call(let callee, let arguments): note(callee, arguments)
    default: break
    }
    expression.kind.forEachChild { visit($0) }
  }

  private mutating func note(_ callee: Expression, _ arguments: CallArguments) {
    switch callee.kind {
    case .name(let name): add(name)
    case .attribute(let owner, let name):
      guard case .name(let package) = owner.kind else { return }
      guard package == "adapter" else { return add("\(package).\(name)") }
      adapterMethods.insert(name)
      guard name == "dispatch" else { return }
      let target = arguments.positional.first ?? arguments.named.first { $0.name == "macro_name" }?.value
      let namespace =
        arguments.positional.dropFirst().first
        ?? arguments.named.first { $0.name == "macro_namespace" }?.value
      guard let target = target?.stringLiteral else { return }
      let dispatch = Dispatch(name: target, namespace: namespace?.stringLiteral)
      if !dispatches.contains(dispatch) { dispatches.append(dispatch) }
    default: break
    }
  }

  private mutating func add(_ name: String) {
    if !names.contains(name) { names.append(name) }
  }
}
