import Jinja
import OrderedCollections
import ProjectModel

/// `ref` and `source`: functions that packages also ask for the run's configuration (`builtins.ref.config`).
final class ReferenceFunction: JinjaObject {
  private let name: String
  private unowned let context: RenderContext
  private let body: (Arguments, CallContext) throws -> Value

  init(
    _ name: String, _ context: RenderContext, body: @escaping (Arguments, CallContext) throws -> Value
  ) {
    self.name = name
    self.context = context
    self.body = body
  }

  var typeName: String { "function" }
  var isCallable: Bool { true }
  func call(_ arguments: Arguments, _ call: CallContext) throws -> Value { try body(arguments, call) }
  func representation() -> String { "<function \(name)>" }

  func attribute(_ attribute: String) -> Value? {
    guard attribute == "config" else { return nil }
    context.noteRun()
    return .object(RuntimeConfigObject(context.settings))
  }
}

/// What dbt's runtime configuration tells of a project: its name, version, variables, and its packages.
final class RuntimeConfigObject: JinjaObject {
  private let settings: TemplateSettings
  /// nil when dbt itself is asked for.
  private let package: TemplateSettings.Package?

  init(_ settings: TemplateSettings) {
    self.settings = settings
    package = settings.packages.first
  }

  private init(_ settings: TemplateSettings, of package: TemplateSettings.Package) {
    self.settings = settings
    self.package = package
  }

  var typeName: String { "RuntimeConfig" }

  func attribute(_ name: String) -> Value? {
    switch name {
    case "project_name": .string(package?.name ?? settings.projectName)
    case "version": Value(optional: package?.version)
    case "project_root": .string(settings.projectRoot)
    case "profile_name", "target_name", "threads": settings.target[name].map { Value($0) } ?? Value.none
    case "credentials": Value(settings.target)
    case "cli_vars": Value(settings.cliVars)
    case "args": Value(settings.invocationArguments)
    case "vars": .object(VariablesObject(package?.vars ?? [:]))
    case "dependencies":
      .dict(settings.packages.map { ($0.name, .object(RuntimeConfigObject(settings, of: $0))) })
    default: nil
    }
  }
}

/// The `vars:` of a project as they are written.
private final class VariablesObject: JinjaObject {
  private let variables: OrderedDictionary<String, PlainValue>

  init(_ variables: OrderedDictionary<String, PlainValue>) { self.variables = variables }

  var typeName: String { "VarProvider" }

  func attribute(_ name: String) -> Value? {
    switch name {
    case "vars": return Value(variables)
    case "to_dict":
      let variables = variables
      return .function(name) { _, _ in Value(variables) }
    default: return nil
    }
  }
}
