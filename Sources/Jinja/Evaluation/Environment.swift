/// What rendering takes for granted: the syntax, the kind of undefined, filters, tests and limits.
///
/// An environment does not change while it is used and may be shared by all threads.
public struct Environment: Sendable {
  public typealias Filter =
    @Sendable (_ value: Value, _ arguments: Arguments, _ context: CallContext) throws
    -> Value
  public typealias Test =
    @Sendable (_ value: Value, _ arguments: Arguments, _ context: CallContext) throws
    -> Bool

  public var syntax = Syntax()
  public var undefined = Undefined.Behaviour.standard
  /// Whether `{{ … }}` escapes HTML unless told otherwise.
  public var autoescape = false
  /// Whether Jinja's sandbox is on: no attributes that begin with an underscore, no huge ranges.
  public var isSandboxed = true
  /// Filters and tests beyond Jinja's own, or in their place.
  public private(set) var filters: [String: Filter] = [:]
  public private(set) var tests: [String: Test] = [:]
  /// Finds templates for `include`, `import` and `extends`.
  public var loader: (any TemplateLoader)?
  /// Put before the names of macros, so that a template cannot call its own by their plain names: dbt's
  /// `dbt_macro__`.
  public var macroPrefix = ""
  /// Whether hints about a place name the template as well as the line.
  public var namesTemplatesInHints = true
  /// Macro calls that may be active at once.
  public var macroDepthLimit = 1000
  /// Bytes of the thread's stack that must stay free; a render that needs more ends with an error.
  public var stackReserve = 96 * 1024
  /// Whether rendering keeps a source map.
  public var keepsSourceMap = true

  public init() {}

  /// Adds a filter, or replaces one.
  public mutating func add(filter name: String, _ body: @escaping Filter) {
    filters[name] = body
    syntax.filterNames?.insert(name)
  }

  /// Adds a test, or replaces one.
  public mutating func add(test name: String, _ body: @escaping Test) {
    tests[name] = body
    syntax.testNames?.insert(name)
  }
}

/// Finds the template that another one names.
public protocol TemplateLoader: Sendable {
  /// - Returns: the parsed template, or nil when there is none of this name.
  func template(named name: String) throws -> Template?
}

/// Templates by name, in memory.
public struct DictionaryLoader: TemplateLoader {
  private let templates: [String: Template]

  public init(_ templates: [Template]) {
    self.templates = Dictionary(templates.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
  }

  public func template(named name: String) -> Template? { templates[name] }
}
