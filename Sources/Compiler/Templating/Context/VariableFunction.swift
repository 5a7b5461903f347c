import Jinja
import OrderedCollections
import ProjectModel

/// `var`: `--vars` first, then the root project's variables for the package, the root project's, and the package's own.
final class VariableFunction: JinjaObject {
  private unowned let context: RenderContext

  init(_ context: RenderContext) { self.context = context }

  var typeName: String { "RuntimeVar" }
  var isCallable: Bool { true }

  func call(_ arguments: Arguments, _ call: CallContext) throws -> Value {
    let bound = try arguments.bind("var", ["var_name", "default"], required: 1)
    let name = try bound[0]?.text() ?? ""
    let settings = context.settings
    if let value = settings.variable(name, for: context.package) {
      guard case .string(let text) = value else { return Value(value) }
      return .string(try context.rendered(text, as: "var('\(name)')"))
    }
    if let fallback = bound[1] { return fallback }
    // While the project is parsed a missing variable is nothing; it may stand in a branch that is never taken.
    if context.mode == .parse { return .none }
    throw HostFailure(
      "unknown-var", "the variable '\(name)' is not set",
      help: "set it under vars: in dbt_project.yml or with --vars, or give var() a default")
  }

  func attribute(_ name: String) -> Value? {
    guard name == "has_var" else { return nil }
    return .function(name) { [unowned context] arguments, _ in
      .bool(
        context.settings.variable(try arguments.value(0, "var_name")?.text() ?? "", for: context.package)
          != nil)
    }
  }
}

extension TemplateSettings {
  /// A variable as a package sees it, unrendered; nil when nobody set it.
  func variable(_ name: String, for package: String) -> PlainValue? {
    if let value = cliVars[name] { return value }
    func search(_ project: Package) -> PlainValue? {
      project.vars[package]?.mapping?[name] ?? project.vars[name]
    }
    if let root = packages.first, let value = search(root) { return value }
    guard package != projectName, let own = packages.first(where: { $0.name == package }) else { return nil }
    return search(own)
  }
}

extension RenderContext {
  /// Text rendered with this render's names: the value of a variable, a hook.
  func rendered(_ text: String, as name: String) throws -> String {
    guard JinjaText.hasTags(text) else { return text }
    let template = try Template(parsing: text, name: name, syntax: DbtJinja.syntax)
    return try interpreter.render(template).text
  }

  /// `render(text)`
  var renderFunction: Value {
    .function("render") { [unowned self] arguments, _ in
      .string(try self.rendered(try arguments.value(0, "string")?.text() ?? "", as: "render"))
    }
  }

  /// `env_var('NAME', default)`
  var environmentFunction: Value {
    .function("env_var") { [unowned self] arguments, _ in
      try EnvironmentVariables.value(
        arguments, settings.environment, settings.reads, secretsAllowed: false)
    }
  }
}

/// The rules of `env_var`, the same in templates and in YAML.
enum EnvironmentVariables {
  static let secretPrefix = "DBT_ENV_SECRET_"

  static func value(
    _ arguments: Arguments, _ environment: [String: String], _ reads: ParseReads, secretsAllowed: Bool
  ) throws -> Value {
    let bound = try arguments.bind("env_var", ["var", "default"], required: 1)
    guard let name = bound[0]?.stringValue else {
      throw HostFailure("bad-env-var", "env_var() takes the variable's name as a string")
    }
    if name.hasPrefix(secretPrefix), !secretsAllowed {
      throw HostFailure(
        "secret-env-var", "the secret environment variable '\(name)' cannot be read here",
        help: "names that begin with \(secretPrefix) may be used in profiles.yml and packages.yml only")
    }
    reads.note(environment: name)
    if let value = environment[name] { return .string(value) }
    if let fallback = bound[1], !fallback.isNone { return fallback }
    throw HostFailure(
      "missing-env-var", "the environment variable '\(name)' is not set",
      help: "set it, or give a default: env_var('\(name)', '…')")
  }
}

/// Questions to text before it is parsed as a template.
enum JinjaText {
  /// Whether a template is worth parsing: it has an opening or closing mark of Jinja.
  static func hasTags(_ text: String) -> Bool {
    var before: UInt8 = 0
    for byte in text.utf8 {
      switch (before, byte) {
      case (UInt8(ascii: "{"), UInt8(ascii: "{")), (UInt8(ascii: "{"), UInt8(ascii: "%")),
        (UInt8(ascii: "{"), UInt8(ascii: "#")), (UInt8(ascii: "}"), UInt8(ascii: "}")),
        (UInt8(ascii: "%"), UInt8(ascii: "}")), (UInt8(ascii: "#"), UInt8(ascii: "}")):
        return true
      default: before = byte
      }
    }
    return false
  }
}
