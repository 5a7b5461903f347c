/// What a host function knows of the place it was called from.
public struct CallContext {
  public let interpreter: Interpreter
  /// The template whose text holds the call.
  public let template: Template
  /// 0-based byte offset of the call in that template.
  public let offset: Int
  let scope: Scope

  public var environment: Environment { interpreter.environment }

  /// Line and column of the call.
  public var location: TemplateError.Location { template.location(of: offset) }

  /// The macros that are running, the innermost first.
  public var stack: [TemplateError.Frame] { interpreter.stack }

  /// A variable as the calling place sees it.
  public func lookup(_ name: String) throws -> Value? { try interpreter.lookup(name, in: scope) }

  /// Calls a macro, function or object.
  public func call(_ value: Value, _ arguments: Arguments = Arguments()) throws -> Value {
    try interpreter.call(value, arguments, self)
  }

  /// Ends the running macro with a value: `throw context.returning(value)`.
  public func returning(_ value: Value) -> MacroReturn {
    interpreter.returnedValue = value
    return MacroReturn()
  }
}

/// Thrown to end the running macro with a value that ``CallContext/returning(_:)`` left.
public struct MacroReturn: Error {}
