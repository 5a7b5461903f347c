/// What `namespace()` gives: attributes that inner blocks may set.
public final class NamespaceObject: JinjaObject {
  public internal(set) var values = DictObject()

  public init(_ values: DictObject = DictObject()) { self.values = values }

  public var typeName: String { "Namespace" }
  public var qualifiedTypeName: String { "jinja2.utils.Namespace" }
  public func attribute(_ name: String) -> Value? { values[name] }
  public func item(_ key: Value) throws -> Value? { nil }
  public func representation() throws -> String { "<Namespace \(try Value.dict(values).representation())>" }
}

/// What `cycler()` gives.
final class CyclerObject: JinjaObject {
  private let items: [Value]
  private var position = 0

  init(_ items: [Value]) { self.items = items }

  var typeName: String { "Cycler" }
  var qualifiedTypeName: String { "jinja2.utils.Cycler" }

  func attribute(_ name: String) -> Value? {
    switch name {
    case "current": items[position]
    case "pos": .int(position)
    case "items": .tuple(items)
    case "next":
      .function("next") { [self] _, _ in
        defer { position = (position + 1) % items.count }
        return items[position]
      }
    case "reset":
      .function("reset") { [self] _, _ in
        position = 0
        return .none
      }
    default: nil
    }
  }
}

/// What `joiner()` gives: nothing the first time, then the separator.
final class JoinerObject: JinjaObject {
  private let separator: Value
  private var isUsed = false

  init(_ separator: Value) { self.separator = separator }

  var typeName: String { "Joiner" }
  var qualifiedTypeName: String { "jinja2.utils.Joiner" }
  var isCallable: Bool { true }

  func call(_ arguments: Arguments, _ context: CallContext) -> Value {
    defer { isUsed = true }
    return isUsed ? separator : .string("")
  }

  func attribute(_ name: String) -> Value? {
    switch name {
    case "sep": separator
    case "used": .bool(isUsed)
    default: nil
    }
  }
}

/// A parsed template as a value, for `include` and `import` of one.
public final class TemplateObject: JinjaObject {
  public let template: Template

  public init(_ template: Template) { self.template = template }

  public var typeName: String { "Template" }
  public var qualifiedTypeName: String { "jinja2.environment.Template" }
  public func representation() -> String { "<Template \(Value.representation(of: template.name))>" }
}

/// `super`, and what `self.name` gives: a block that can be rendered by calling it.
final class BlockReference: JinjaObject {
  private unowned let interpreter: Interpreter
  private let name: String
  private let stack: [(block: BlockDefinition, template: Template)]
  private let depth: Int
  private let parent: Scope

  init(
    interpreter: Interpreter, name: String, stack: [(block: BlockDefinition, template: Template)],
    depth: Int, parent: Scope
  ) {
    self.interpreter = interpreter
    self.name = name
    self.stack = stack
    self.depth = depth
    self.parent = parent
  }

  var typeName: String { "BlockReference" }
  var qualifiedTypeName: String { "jinja2.runtime.BlockReference" }
  var isCallable: Bool { true }

  func call(_ arguments: Arguments, _ context: CallContext) throws -> Value {
    let capture = try interpreter.captured {
      try interpreter.runBlock(name, stack, depth: depth, parent: parent)
    }
    interpreter.lastCapture = capture
    return context.scope.autoescape ? .markup(capture.text) : .string(capture.text)
  }

  func attribute(_ name: String) -> Value? {
    guard name == "super" else { return nil }
    if depth + 1 >= stack.count {
      return interpreter.undefined(
        name: .string("super"),
        hint: "there is no parent block called \(Value.representation(of: self.name)).")
    }
    return .object(
      BlockReference(
        interpreter: interpreter, name: self.name, stack: stack, depth: depth + 1, parent: parent))
  }
}

/// `self` in a template: its blocks by name.
final class SelfReference: JinjaObject {
  private unowned let interpreter: Interpreter
  private let state: RenderState?
  private let parent: Scope

  init(_ interpreter: Interpreter, parent: Scope) {
    self.interpreter = interpreter
    self.parent = parent
    state = interpreter.state
  }

  var typeName: String { "TemplateReference" }
  var qualifiedTypeName: String { "jinja2.runtime.TemplateReference" }

  func representation() -> String {
    let isNamed = interpreter.environment.namesTemplatesInHints
    return "<TemplateReference \(isNamed ? Value.representation(of: interpreter.template.name) : "None")>"
  }

  func item(_ key: Value) -> Value? { key.stringValue.flatMap(attribute) }

  func attribute(_ name: String) -> Value? {
    guard let state, let stack = state.blocks[name] else { return nil }
    return .object(
      BlockReference(interpreter: interpreter, name: name, stack: stack, depth: 0, parent: state.root))
  }
}
