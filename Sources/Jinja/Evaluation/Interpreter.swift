/// Renders templates: one at a time, on one thread.
///
///     let interpreter = Interpreter(environment: Environment(), globals: ["name": .string("Ada")])
///     let rendered = try interpreter.render(template)
public final class Interpreter {
  public let environment: Environment
  /// Variables that every template and macro sees.
  public var globals: [String: Value]
  /// Asked for a variable that neither a template nor `globals` has; the answer is not remembered.
  public var resolve: ((String) throws -> Value?)?

  /// The value that a ``MacroReturn`` on its way carries.
  var returnedValue: Value?
  /// The text written so far by the innermost capture.
  var sink = OutputSink()
  var frames: [ActiveMacro] = []
  let stackLimit: StackLimit
  let keepsMap: Bool
  /// The template whose statements run now, and its position in `templates`.
  var template = Interpreter.hostTemplate
  var templateIndex = 0
  /// The templates that the source map knows.
  var templates: [Template] = []
  /// The text that the last macro gave, so that its map can follow it into the output.
  var lastCapture: Capture?
  var state: RenderState?
  /// Whether something random was asked for, so that the next render may give another text.
  public internal(set) var usedChance = false
  /// Whether constant output is computed as Jinja does when it compiles.
  var foldsConstants = false

  static let hostTemplate = Template(empty: "<host>")

  public init(
    environment: Environment, globals: [String: Value] = [:], resolve: ((String) throws -> Value?)? = nil
  ) {
    self.environment = environment
    self.globals = globals
    self.resolve = resolve
    keepsMap = environment.keepsSourceMap
    stackLimit = StackLimit(reserve: environment.stackReserve)
  }

  /// The macros that are running, the innermost first.
  public var stack: [TemplateError.Frame] {
    frames.reversed().map {
      TemplateError.Frame(macro: $0.name, call: $0.template.location(of: $0.offset))
    }
  }

  /// Renders a template.
  ///
  /// - Parameter context: variables of this template, before the globals.
  /// - Throws: a ``TemplateError`` with the location and the stack of macros, also for errors of the host.
  public func render(
    _ template: Template, context: [String: Value] = [:]
  ) throws(TemplateError) -> Rendered {
    let (sink, used) = try guarded(template) {
      try self.renderRoot(template, scope: self.rootScope(context))
      return (self.sink, self.templates)
    }
    var map = RenderMap()
    map.templates = used
    map.segments = sink.segments
    return Rendered(output: sink.bytes, sourceMap: map)
  }

  /// Renders a template to a value, as dbt does for strings in YAML: one expression alone keeps its type,
  /// marked text is read as a Python literal.
  public func renderNative(
    _ template: Template, context: [String: Value] = [:]
  ) throws(TemplateError) -> Value {
    try guarded(template) {
      self.sink.nativeParts = []
      try self.renderRoot(template, scope: self.rootScope(context))
      return try NativeRendering.value(of: self.sink.nativeParts ?? [])
    }
  }

  /// A macro of a template as a value that can be called; its template's other code does not run.
  public func macro(_ definition: MacroDefinition, of template: Template) -> Value {
    .object(
      Macro(
        definition, template: template, scope: Scope(parent: nil, autoescape: environment.autoescape)))
  }

  /// What a template exports: its macros and top-level variables, as by `{% import %}`.
  public func module(_ template: Template) throws(TemplateError) -> Module {
    try guarded(template) { try self.makeModule(template, scope: self.rootScope([:])) }
  }

  /// Calls a macro, function or object from the host.
  ///
  /// - Throws: a ``TemplateError`` with location and stack.
  public func call(_ value: Value, _ arguments: Arguments = Arguments()) throws(TemplateError) -> Value {
    do {
      let context = CallContext(
        interpreter: self, template: template, offset: 0,
        scope: Scope(parent: nil, autoescape: environment.autoescape))
      return try call(value, arguments, context)
    } catch is MacroReturn {
      return takeReturned()
    } catch {
      throw located(error, at: nil)
    }
  }

  // MARK: - The frame of a render

  func rootScope(_ context: [String: Value]) -> Scope {
    Scope(parent: nil, autoescape: environment.autoescape, context: ContextVariables(context))
  }

  /// Runs `body` with a sink of its own and restores everything after it.
  private func guarded<Result>(
    _ template: Template, _ body: () throws -> Result
  ) throws(TemplateError) -> Result {
    let outer = (sink, self.template, templateIndex, templates, state, frames)
    sink = OutputSink()
    frames = []
    templates = []
    enter(template)
    defer {
      lastCapture = nil
      (sink, self.template, templateIndex, _, state, frames) = outer
      if !outer.5.isEmpty || !outer.3.isEmpty { templates = outer.3 }
    }
    do {
      return try body()
    } catch is MacroReturn {
      // A return outside a macro ends the template with what it has written.
      throw TemplateError(.runtime, "return is used outside a macro")
    } catch {
      throw located(error, at: nil)
    }
  }

  /// Makes a template the one whose statements run.
  func enter(_ template: Template) {
    self.template = template
    if let index = templates.firstIndex(where: { $0.text === template.text }) {
      templateIndex = index
    } else {
      templateIndex = templates.count
      templates.append(template)
    }
  }

  /// The error with the place where it happened and the macros that were running.
  func located(_ error: any Error, at offset: Int?) -> TemplateError {
    var result: TemplateError
    if let error = error as? TemplateError {
      result = error
    } else {
      result = TemplateError(.host, "\(error)", underlying: error)
    }
    if result.location == nil {
      if let offset { result.location = template.location(of: offset) }
      if result.stack.isEmpty { result.stack = stack }
    }
    return result
  }

  func takeReturned() -> Value {
    defer { returnedValue = nil }
    return returnedValue ?? .none
  }

  // MARK: - Roots

  /// Renders the statements of a template and of those it extends into the sink.
  func renderRoot(_ template: Template, scope: Scope) throws {
    let outer = (state, self.template, templateIndex)
    let state = RenderState(template, root: scope)
    self.state = state
    enter(template)
    defer { (self.state, self.template, templateIndex) = outer }

    var current = template
    while true {
      let start = sink.bytes.count
      let startSegments = sink.segments.count
      let startParts = sink.nativeParts?.count ?? 0
      _ = try execute(current.statements, scope)
      guard let parent = state.parent else { return }
      // What a child writes outside its blocks after `extends` is lost; what it wrote before stays.
      sink.bytes.removeSubrange(max(start, state.keptBytes ?? start)...)
      sink.segments.removeSubrange(max(startSegments, state.keptSegments ?? startSegments)...)
      if let parts = sink.nativeParts { sink.nativeParts = Array(parts.prefix(startParts)) }
      state.parent = nil
      state.keptBytes = nil
      state.keptSegments = nil
      current = parent
      enter(parent)
    }
  }

  func makeModule(_ template: Template, scope: Scope) throws -> Module {
    let capture = try captured { try self.renderRoot(template, scope: scope) }
    var values: [String: Value] = [:]
    for (name, value) in zip(scope.names, scope.values)
    where !name.hasPrefix("_") && !scope.imported.contains(name) {
      values[name] = value
    }
    return Module(template: template, values: values, body: capture.text)
  }

  /// Runs `body` and gives what it wrote instead of writing it.
  func captured(_ body: () throws -> Void) throws -> Capture {
    let outer = sink
    sink = OutputSink()
    defer { sink = outer }
    try body()
    return Capture(text: String(decoding: sink.bytes, as: UTF8.self), segments: sink.segments)
  }

  // MARK: - Variables

  /// The value of a variable, or nil.
  func lookup(_ name: String, in scope: Scope) throws -> Value? {
    if let value = scope.find(name) { return value }
    if let value = globals[name] { return value }
    if let resolve, let value = try resolve(name) { return value }
    return Builtins.global(name)
  }

  func undefined(
    name: Value? = nil, of object: Value? = nil, hint: String? = nil,
    errorKind: TemplateError.Kind = .undefined
  ) -> Value {
    .undefined(Undefined(environment.undefined, name: name, of: object, hint: hint, errorKind: errorKind))
  }
}
