import Diagnostics
import Jinja
import OrderedCollections
import ProjectModel

/// One render: what its template's names mean, and what it said while it was rendered.
///
/// Lives on one thread for the time of the render. The values it hands out hold it without owning it, so that
/// a render leaves nothing behind.
final class RenderContext {
  enum Mode {
    /// `execute` is false: calls are noted and give placeholders.
    case parse
    /// A name macro is called: as parse, but config and variables are real.
    case names
    /// SQL is made for a node.
    case run
    /// A macro runs for itself: `run-operation` and run hooks.
    case operation
  }

  /// What is rendered: where its text stands and whose it is.
  struct Subject {
    var text: String
    var file: String
    var firstLine = 1
    var name: String
    var packageName: String
    var fqn: [String] = []
    var resourceType: ResourceType = .model
    var node: Node?
  }

  let engine: TemplateEngine
  let mode: Mode
  let subject: Subject
  let runtime: TemplateRuntime
  /// nil while the project is parsed.
  let manifest: ManifestIndex?
  /// What the template said of itself; filled in parse mode.
  var noted = ParsedTemplate()
  /// The ephemeral models that were referred to, in order.
  var ephemerals: [NodeID] = []
  /// Names beyond the context's own: `_dbt_generic_test_kwargs`, `results`.
  var extras: [String: Value] = [:]
  /// Results of `statement` by name; none when it has been taken.
  var results: [String: Value] {
    get { runtime.results }
    set { runtime.results = newValue }
  }
  /// What `config.set` and `{% call set_sql_header(config) %}` changed while SQL is made.
  var configChanges: OrderedDictionary<String, Value> = [:]

  /// Whether something was asked that another run may answer otherwise.
  private var hasAskedTheRun = false
  /// As ``CompiledNode/flags`` has them.
  private(set) var flagsAsked: Set<String> = []
  private var known: [String: Value] = [:]
  private var macroValues: [NodeID: Value] = [:]
  private(set) var macroDepth = 0
  private(set) lazy var interpreter = Interpreter(
    environment: mode == .parse ? DbtJinja.parsing : DbtJinja.running
  ) { [unowned self] name in try self.value(named: name) }

  init(
    _ mode: Mode, subject: Subject, engine: TemplateEngine, manifest: ManifestIndex? = nil,
    runtime: TemplateRuntime = TemplateRuntime()
  ) {
    self.mode = mode
    self.subject = subject
    self.engine = engine
    self.manifest = manifest
    self.runtime = runtime
  }

  deinit { shareGraph() }

  /// Set while a model is rendered for a unit test.
  private(set) var unitTest: UnitTestNames?
  private var changedSettings: TemplateSettings?
  var settings: TemplateSettings { changedSettings ?? engine.settings }
  var library: MacroLibrary { engine.library }
  var isExecuting: Bool { mode == .run || mode == .operation }
  /// The package in which names are looked up first.
  var package: String { subject.packageName }

  /// Renders from here on as a unit test wants it.
  func take(_ names: UnitTestNames) {
    unitTest = names
    extras.merge(names.extras(library, from: package)) { $1 }
    let overrides = names.test.overrides
    guard !overrides.variables.isEmpty || !overrides.environment.isEmpty else { return }
    var settings = settings
    settings.cliVars.merge(overrides.variables) { $1 }
    settings.environment.merge(overrides.environment.map { ($0.key, $0.value.pythonText) }) { $1 }
    changedSettings = settings
  }

  // MARK: graph

  /// What others had put into `graph` when this render first looked at it.
  private var graphBefore: DictObject?

  private var sharedGraphValue: Value {
    let value = graphValue
    guard isExecuting, let shared = manifest?.sharedGraph, case .dict(let graph) = value else { return value }
    graphBefore = shared.entries()
    for (key, value) in shared.entries().pairs { try? graph.set(key, value) }
    return value
  }

  /// What the render's templates did to `graph` is there for those that follow.
  private func shareGraph() {
    guard let before = graphBefore, case .dict(let graph)? = known["graph"] else { return }
    let own = DictObject()
    for (key, value) in graph.pairs where !Self.manifestParts.contains(key.stringValue ?? "") {
      try? own.set(key, value)
    }
    manifest?.sharedGraph.take(own, before: before)
  }

  // MARK: names

  /// What a name means: a macro by dbt's order of packages, else the context's own.
  func value(named name: String) throws -> Value? {
    if let value = known[name] { return value }
    guard let value = try extras[name] ?? macro(named: name) ?? builtIn(name) else { return nil }
    known[name] = value
    return value
  }

  /// Gives a name another meaning for the rest of the render.
  func define(_ name: String, as value: Value) { known[name] = value }

  /// The context's own meaning of a name, whatever macros say: what `builtins` gives.
  func builtIn(_ name: String) throws -> Value? {
    if !Self.repeatableNames.contains(name) { noteRun() }
    switch name {
    case "ref": return refFunction
    case "source": return sourceFunction
    case "metric": return metricFunction
    case "function": return functionFunction
    case "config": return .object(ConfigObject(self))
    case "var": return .object(VariableFunction(self))
    case "env_var": return environmentFunction
    case "this": return try thisValue()
    case "defer_relation": return deferredRelation
    case "execute": return .bool(isExecuting)
    case "model": return modelValue
    case "graph": return sharedGraphValue
    case "target", "env": return Value(settings.target)
    case "schema": return .string(subject.node?.relation?.schema ?? settings.schema)
    case "database": return .string(subject.node?.relation?.database ?? settings.database)
    case "adapter": return .object(AdapterObject(self))
    case "api":
      return .dict([("Relation", relationFactory), ("Column", .object(ColumnFactory()))])
    case "column": return .object(ColumnFactory())
    case "builtins": return .object(NamesObject(self, builtInsOnly: true))
    case "context": return .object(NamesObject(self, builtInsOnly: false))
    case "flags": return .object(FlagsObject(self))
    case "exceptions": return .object(ExceptionsObject(self))
    case "project_name": return .string(settings.projectName)
    case "pre_hooks", "post_hooks": return hooksValue(name)
    case "sql", "compiled_code": return Value(optional: runtime.compiledSQL)
    case "sql_now": return .string("now()")
    case "render": return renderFunction
    default: return try runValue(name) ?? resultFunction(name) ?? PlainFunctions.function(name)
    }
  }

  /// Names whose meaning the manifest, the target and the variables settle.
  private static let repeatableNames: Set<String> = [
    "ref", "source", "metric", "function", "config", "var", "this", "execute", "model", "target", "env",
    "schema", "database", "adapter", "api", "column", "builtins", "exceptions", "project_name", "pre_hooks",
    "post_hooks", "sql_now", "render", "dbt_version", "return", "adapter_macro", "try_or_compiler_error",
    "validation", "fromjson", "tojson", "fromyaml", "toyaml", "set", "set_strict", "zip", "zip_strict",
    "local_md5", "diff_of_two_dicts", "range", "dict", "cycler", "joiner", "namespace", "caller", "varargs",
    "kwargs", "loop",
    // Which of them were asked for is noted.
    "flags",
  ]

  /// Something was asked, or told, that makes this render one of its run.
  func noteRun() { hasAskedTheRun = true }

  /// A flag was asked for, by its upper-case name.
  func note(flag name: String) {
    settings.reads.note(flag: name)
    flagsAsked.insert(name)
  }

  /// As ``CompiledNode/isRepeatable`` has it; to be asked when the text is there.
  var isRepeatable: Bool {
    mode == .run && !hasAskedTheRun && !interpreter.usedChance && configChanges.isEmpty && unitTest == nil
      && runtime.overrides.isEmpty && !runtime.isEmpty && runtime.batch == nil && settings.sample == nil
      && manifest?.deferral.counterparts.isEmpty ?? false
  }

  private func macro(named name: String) -> Value? {
    switch library.find(name, from: package) {
    case .macro(let macro): return function(of: macro)
    case .package(let package): return .object(PackageObject(package, self))
    case nil: return nil
    }
  }

  func function(of macro: LibraryMacro) -> Value { .object(MacroFunction(macro, self)) }

  // MARK: macros

  /// Calls a macro; a call from the template itself is noted as a dependency.
  func call(_ macro: LibraryMacro, _ arguments: Arguments, _ context: CallContext) throws -> Value {
    if macroDepth == 0, !noted.macros.contains(macro.id) { noted.macros.append(macro.id) }
    let callable: Value
    if let known = macroValues[macro.id] {
      callable = known
    } else {
      let parsed = try macro.parsed()
      callable = interpreter.macro(parsed.macro, of: parsed.template)
      macroValues[macro.id] = callable
    }
    macroDepth += 1
    defer { macroDepth -= 1 }
    return try context.call(callable, arguments)
  }

  // MARK: places

  /// The place in a file that a place in a template stands for; nil for the built-in macros.
  func span(of location: TemplateError.Location) -> SourceSpan? {
    if location.template == subject.file {
      return SourceSpan(
        file: subject.file, line: location.line + subject.firstLine - 1, column: location.column)
    }
    return library.span(of: location)
  }
}

extension MacroLibrary {
  /// Where in its file a place in a macro's own text stands.
  func span(of location: TemplateError.Location) -> SourceSpan? {
    guard let macro = macro(NodeID(location.template)), !macro.isBuiltIn, let start = macro.definition.span
    else { return nil }
    return SourceSpan(
      file: start.file, line: start.start.line + location.line - 1,
      column: location.line == 1 ? start.start.column + location.column - 1 : location.column)
  }
}
