/// A macro as a value: its definition and the variables that were around it.
public final class Macro: JinjaObject {
  public let definition: MacroDefinition
  public let template: Template
  let scope: Scope
  /// The body of a call block: its `return` ends the macro that called it.
  let isCaller: Bool

  init(_ definition: MacroDefinition, template: Template, scope: Scope, isCaller: Bool = false) {
    self.definition = definition
    self.template = template
    self.scope = scope
    self.isCaller = isCaller
  }

  public var name: String { definition.name }
  public var typeName: String { "Macro" }
  public var qualifiedTypeName: String { "jinja2.runtime.Macro" }
  public var isCallable: Bool { true }

  public func call(_ arguments: Arguments, _ context: CallContext) throws -> Value {
    try context.interpreter.invoke(self, arguments, from: context)
  }

  public func attribute(_ name: String) -> Value? {
    switch name {
    case "name": return .string(definition.name)
    case "arguments": return .tuple(definition.parameters.map { .string($0.name) })
    case "catch_kwargs": return .bool(definition.usesKwargs)
    case "catch_varargs": return .bool(definition.usesVarargs)
    case "caller": return .bool(definition.usesCaller)
    case "explicit_caller": return .bool(definition.parameters.contains { $0.name == "caller" })
    default: return nil
    }
  }

  public func representation() -> String {
    isCaller ? "<Macro anonymous>" : "<Macro \(Value.representation(of: definition.name))>"
  }
}

/// What a template exports to those that import it.
public final class Module: JinjaObject {
  public let template: Template
  public let values: [String: Value]
  let body: String

  init(template: Template, values: [String: Value], body: String) {
    self.template = template
    self.values = values
    self.body = body
  }

  public var typeName: String { "TemplateModule" }
  public var qualifiedTypeName: String { "jinja2.environment.TemplateModule" }
  public func attribute(_ name: String) -> Value? { values[name] }
  public func text() -> String { body }
  public func representation() -> String {
    "<TemplateModule \(Value.representation(of: template.name))>"
  }
}
