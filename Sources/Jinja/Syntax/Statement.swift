/// A statement of a template, with the byte offset of its tag's name.
public struct Statement: Sendable {
  /// 0-based byte offset in the template: the tag's name, the first byte of text, or the expression.
  public let offset: Int
  public let kind: Kind

  public enum Kind: Sendable {
    case text([UInt8])
    case output(Expression)
    case `if`(IfStatement)
    case `for`(ForStatement)
    case set(Target, Expression)
    case setBlock(SetBlock)
    case macro(MacroDefinition)
    case callBlock(CallBlock)
    case filterBlock(FilterBlock)
    case `do`(Expression)
    case with(WithBlock)
    case autoescape(Expression, [Statement])
    case block(BlockDefinition)
    case extends(Expression)
    case include(IncludeStatement)
    case `import`(ImportStatement)
    case fromImport(FromImportStatement)
    case `break`
    case `continue`
  }

  init(_ kind: Kind, at offset: Int) {
    self.kind = kind
    self.offset = offset
  }
}

/// What a value is assigned to.
public indirect enum Target: Sendable {
  case name(String)
  /// An attribute of a `namespace()` object.
  case attribute(name: String, attribute: String, offset: Int)
  case tuple([Target])
}

public struct IfStatement: Sendable {
  public let branches: [(test: Expression, body: [Statement])]
  public let otherwise: [Statement]
}

public final class ForStatement: Sendable {
  public let target: Target
  public let iterable: Expression
  public let filter: Expression?
  public let isRecursive: Bool
  public let body: [Statement]
  public let otherwise: [Statement]
  /// Whether the body mentions `loop`, so that the object is worth making.
  let usesLoop: Bool
  let offset: Int

  init(
    target: Target, iterable: Expression, filter: Expression?, isRecursive: Bool, body: [Statement],
    otherwise: [Statement], usesLoop: Bool, offset: Int
  ) {
    self.target = target
    self.iterable = iterable
    self.filter = filter
    self.isRecursive = isRecursive
    self.body = body
    self.otherwise = otherwise
    self.usesLoop = usesLoop
    self.offset = offset
  }
}

public struct SetBlock: Sendable {
  public let target: Target
  /// A chain of filters whose innermost operand is nil, or nil.
  public let filter: Expression?
  public let body: [Statement]
}

/// A macro, or a block that an extension's tag defined as one.
public final class MacroDefinition: Sendable {
  /// The name as the template states it; an extension gives the whole name.
  public let name: String
  public let parameters: [Parameter]
  public let body: [Statement]
  /// Byte offset of the tag's name.
  public let offset: Int
  /// The tag: `macro`, `call` or the extension's.
  public let tag: String
  let usesCaller: Bool
  let usesVarargs: Bool
  let usesKwargs: Bool

  public struct Parameter: Sendable {
    public let name: String
    public let defaultValue: Expression?
    /// The type annotation that dbt allows, as written, or nil.
    public let type: String?

    public init(name: String, defaultValue: Expression? = nil, type: String? = nil) {
      self.name = name
      self.defaultValue = defaultValue
      self.type = type
    }
  }

  public init(
    name: String, parameters: [Parameter], body: [Statement], offset: Int, tag: String = "macro"
  ) {
    self.name = name
    self.parameters = parameters
    self.body = body
    self.offset = offset
    self.tag = tag
    let used = NameUse(in: body, defaults: parameters)
    usesCaller = used.caller
    usesVarargs = used.varargs
    usesKwargs = used.kwargs
  }
}

public struct CallBlock: Sendable {
  /// A ``Expression/Kind/call(_:_:)``.
  public let call: Expression
  public let caller: MacroDefinition
}

public struct FilterBlock: Sendable {
  /// A chain of filters whose innermost operand is nil.
  public let filter: Expression
  public let body: [Statement]
}

public struct WithBlock: Sendable {
  public let assignments: [(target: Target, value: Expression)]
  public let body: [Statement]
}

public final class BlockDefinition: Sendable {
  public let name: String
  public let isScoped: Bool
  public let isRequired: Bool
  public let body: [Statement]
  public let offset: Int

  init(name: String, isScoped: Bool, isRequired: Bool, body: [Statement], offset: Int) {
    self.name = name
    self.isScoped = isScoped
    self.isRequired = isRequired
    self.body = body
    self.offset = offset
  }
}

public struct IncludeStatement: Sendable {
  public let template: Expression
  public let ignoresMissing: Bool
  public let withContext: Bool
}

public struct ImportStatement: Sendable {
  public let template: Expression
  public let target: String
  public let withContext: Bool
}

public struct FromImportStatement: Sendable {
  public let template: Expression
  public let names: [(name: String, alias: String?)]
  public let withContext: Bool
}
