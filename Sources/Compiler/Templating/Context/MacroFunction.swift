import Jinja

/// A macro as templates hold it: calling it runs the macro in the names of the render.
final class MacroFunction: JinjaObject {
  let macro: LibraryMacro
  private unowned let context: RenderContext

  init(_ macro: LibraryMacro, _ context: RenderContext) {
    self.macro = macro
    self.context = context
  }

  var typeName: String { "MacroGenerator" }
  var isCallable: Bool { true }

  func call(_ arguments: Arguments, _ call: CallContext) throws -> Value {
    try context.call(macro, arguments, call)
  }

  func attribute(_ name: String) -> Value? {
    switch name {
    case "name": return .string(macro.name)
    case "package_name": return .string(macro.packageName)
    case "macro":
      return .dict([
        ("name", .string(macro.name)), ("package_name", .string(macro.packageName)),
        ("unique_id", .string(macro.id.rawValue)),
      ])
    default: return nil
    }
  }

  func representation() -> String { "<macro \(macro.packageName).\(macro.name)>" }

  /// A macro that is got twice is one and the same: templates ask whether it is among others.
  func isEqual(to other: Value) -> Bool { other.object(as: MacroFunction.self)?.macro.id == macro.id }
  func hash() -> Int? { macro.id.hashValue }
}

/// A package as templates hold it: its macros by name.
final class PackageObject: JinjaObject {
  let package: String
  private unowned let context: RenderContext

  init(_ package: String, _ context: RenderContext) {
    self.package = package
    self.context = context
  }

  var typeName: String { "dict" }
  var isMapping: Bool { true }

  /// The macros are items: the sandbox forbids attributes that begin with an underscore, and macros may.
  func attribute(_ name: String) -> Value? {
    switch name {
    case "get":
      .function(name) { arguments, _ in
        self.item(arguments.value(0, "key") ?? .none) ?? arguments.value(1, "default") ?? Value.none
      }
    case "keys": .function(name) { _, _ in .strings(self.context.library.names(in: self.package)) }
    default: nil
    }
  }

  func item(_ key: Value) -> Value? {
    guard let name = key.stringValue, let macro = context.library.macro(name, in: package) else { return nil }
    if let value = context.unitTest?.override(of: name, in: package) { return value }
    return context.function(of: macro)
  }

  func makeIterator() -> (any ValueIterator)? {
    ListIterator(context.library.names(in: package).map(Value.string))
  }

  func contains(_ value: Value) -> Bool? {
    value.stringValue.map { context.library.macro($0, in: package) != nil }
  }
}

/// `context` and `builtins`: all names of a render, or the context's own without macros.
final class NamesObject: JinjaObject {
  private unowned let context: RenderContext
  private let builtInsOnly: Bool

  init(_ context: RenderContext, builtInsOnly: Bool) {
    self.context = context
    self.builtInsOnly = builtInsOnly
  }

  var typeName: String { "dict" }
  var isMapping: Bool { true }

  func attribute(_ name: String) throws -> Value? {
    switch name {
    case "get":
      return .function(name) { arguments, _ in
        try self.item(arguments.value(0, "key") ?? .none) ?? arguments.value(1, "default") ?? Value.none
      }
    case "setdefault" where !builtInsOnly:
      return .function(name) { arguments, _ in
        let key = try (arguments.value(0, "key") ?? .none).text()
        if let value = try self.item(.string(key)) { return value }
        let value = arguments.value(1, "default") ?? Value.none
        self.context.define(key, as: value)
        return value
      }
    case "update" where !builtInsOnly: return updateFunction
    default: break
    }
    if name == "keys" {
      return .function(name) { _, _ in .strings(self.names) }
    }
    return name.utf8.first == UInt8(ascii: "_") ? nil : try item(.string(name))
  }

  /// What a package puts into `context` is a name for the rest of the render.
  private var updateFunction: Value {
    .function("update") { [unowned context] arguments, call in
      let changes = DictObject()
      if let update = changes.method("update") { _ = try call.call(update, arguments) }
      for (key, value) in changes.pairs { context.define(try key.text(), as: value) }
      return Value.none
    }
  }

  func item(_ key: Value) throws -> Value? {
    guard let name = key.stringValue else { return nil }
    return builtInsOnly ? try context.builtIn(name) : try context.value(named: name)
  }

  func contains(_ value: Value) throws -> Bool? { try item(value) != nil }

  func makeIterator() -> (any ValueIterator)? { ListIterator(names.map(Value.string)) }

  private var names: [String] {
    let own = Self.contextNames.filter { (try? context.builtIn($0)) ?? nil != nil }
    if builtInsOnly { return own }
    let library = context.library
    let packages = context.settings.packages.map(\.name) + ["dbt"]
    return Set(own + packages + library.visibleNames(from: context.package)).sorted()
  }

  /// The names that a context may have; which of them it has depends on what is rendered.
  private static let contextNames = [
    "adapter", "adapter_macro", "api", "builtins", "column", "compiled_code", "config", "context",
    "context_macro_stack", "database", "dbt_metadata_envs", "dbt_version", "defer_relation",
    "diff_of_two_dicts", "doc", "env", "env_var", "exceptions", "execute", "flags", "fromjson", "fromyaml",
    "function", "graph", "invocation_args_dict", "invocation_id", "load_agate_table", "load_result",
    "local_md5", "log", "metric", "model", "modules", "post_hooks", "pre_hooks", "print", "project_name",
    "ref",
    "render", "return", "run_query", "run_started_at", "schema", "selected_resources", "set", "set_strict",
    "source", "sql", "sql_now", "statement", "store_raw_result", "store_result", "submit_python_job",
    "target",
    "this", "thread_id", "tojson", "toyaml", "try_or_compiler_error", "validation", "var", "write", "zip",
    "zip_strict",
  ]
}
