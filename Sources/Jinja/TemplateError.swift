/// What went wrong in a template, where, and through which macro calls it was reached.
///
/// Lines and columns are 1-based, columns count bytes, offsets are 0-based bytes of the template's text.
/// Host functions throw this too; any other error they throw is carried in ``underlying``.
public struct TemplateError: Error, CustomStringConvertible {
  /// The class of the error, named as Python or Jinja names its exception.
  public enum Kind: String, Sendable {
    case syntax = "TemplateSyntaxError"
    case assertion = "TemplateAssertionError"
    case undefined = "UndefinedError"
    case runtime = "TemplateRuntimeError"
    case security = "SecurityError"
    case templateNotFound = "TemplateNotFound"
    case filterArgument = "FilterArgumentError"
    case type = "TypeError"
    case value = "ValueError"
    case key = "KeyError"
    case index = "IndexError"
    case attribute = "AttributeError"
    case zeroDivision = "ZeroDivisionError"
    case overflow = "OverflowError"
    case recursion = "RecursionError"
    case name = "NameError"
    case stopIteration = "StopIteration"
    case unboundLocal = "UnboundLocalError"
    case regularExpression = "re.error"
    case decimal = "decimal.InvalidOperation"
    case unknownTimeZone = "UnknownTimeZoneError"
    case rendering = "JinjaRenderingError"
    case unicode = "UnicodeError"
    case assertionFailed = "AssertionError"
    /// A host function failed with an error of its own.
    case host = "HostError"
  }

  /// A place in a template.
  public struct Location: Sendable, Hashable {
    public var template: String
    public var offset: Int
    public var line: Int
    public var column: Int

    public init(template: String, offset: Int, line: Int, column: Int) {
      self.template = template
      self.offset = offset
      self.line = line
      self.column = column
    }
  }

  /// A macro that was running, and the place that called it.
  public struct Frame: Sendable, Hashable {
    public var macro: String
    public var call: Location

    public init(macro: String, call: Location) {
      self.macro = macro
      self.call = call
    }
  }

  public var kind: Kind
  /// The text of the exception, as Python words it.
  public var message: String
  public var location: Location?
  /// The macros that were running, the innermost first.
  public var stack: [Frame]
  /// The error a host function threw.
  public var underlying: (any Error)?
  /// The line on which Jinja reports the error: that of the innermost statement.
  public var statementLine: Int?

  public init(
    _ kind: Kind, _ message: String, at location: Location? = nil, stack: [Frame] = [],
    underlying: (any Error)? = nil
  ) {
    self.kind = kind
    self.message = message
    self.location = location
    self.stack = stack
    self.underlying = underlying
  }

  /// 1-based line, when the place is known.
  public var line: Int? { location?.line }

  public var description: String {
    guard let location else { return "\(kind.rawValue): \(message)" }
    return "\(location.template):\(location.line):\(location.column): \(kind.rawValue): \(message)"
  }
}
