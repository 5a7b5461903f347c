public import Diagnostics
import Jinja
public import OrderedCollections
public import ProjectModel

/// Renders the strings of YAML files natively: `"{{ env_var('PORT') | int }}"` gives an integer.
///
/// Each kind of file has its own few names: see ``Scope``.
///
///     let renderer = YAMLRenderer(.secrets, environment: ["PORT": "5432"])
///     try renderer.render("{{ env_var('PORT') | as_number }}")  // .int(5432)
public struct YAMLRenderer: Sendable {
  public enum Scope: Sendable {
    /// profiles.yml and packages.yml: env_var (secrets too), var.
    case secrets
    /// dbt_project.yml and selectors: env_var, var (`--vars` only), target.
    case project
    /// Properties files of a package: env_var, var, target, and `doc` in descriptions.
    case properties(package: String)
  }

  public let scope: Scope
  public let cliVars: OrderedDictionary<String, PlainValue>
  public let environment: [String: String]
  /// Where it is noted which variables of the environment were asked for.
  public let reads: ParseReads
  public let target: OrderedDictionary<String, PlainValue>
  /// `vars` of the package and the root project merged, for ``Scope/properties(package:)``.
  public let vars: OrderedDictionary<String, PlainValue>

  public init(
    _ scope: Scope, cliVars: OrderedDictionary<String, PlainValue> = [:], environment: [String: String] = [:],
    reads: ParseReads = ParseReads(), target: OrderedDictionary<String, PlainValue> = [:],
    vars: OrderedDictionary<String, PlainValue> = [:]
  ) {
    self.scope = scope
    self.cliVars = cliVars
    self.environment = environment
    self.reads = reads
    self.target = target
    self.vars = vars
  }

  /// A string's value; of text without Jinja only the newline at its end goes.
  ///
  /// - Throws: when the text is no template, or names what is not there: a variable, an environment variable.
  public func render(_ text: String, at span: SourceSpan? = nil) throws(DiagnosticsError) -> PlainValue {
    guard JinjaText.hasTags(text) || text.utf8.last == UInt8(ascii: "\n") else { return .string(text) }
    do throws(TemplateError) {
      let template = try Template(parsing: text, name: "yaml", syntax: DbtJinja.syntax)
      return try interpreter().renderNative(template).renderedPlain()
    } catch {
      throw failure(error, text, span)
    }
  }

  /// Every string in a value, keys left alone.
  public func render(_ value: PlainValue, at span: SourceSpan? = nil) throws(DiagnosticsError) -> PlainValue {
    switch value {
    case .string(let text): return try render(text, at: span)
    case .list(let items):
      var rendered: [PlainValue] = []
      for item in items { rendered.append(try render(item, at: span)) }
      return .list(rendered)
    case .mapping(let entries):
      var rendered: OrderedDictionary<String, PlainValue> = [:]
      for (key, entry) in entries { rendered[key] = try render(entry, at: span) }
      return .mapping(rendered)
    default: return value
    }
  }

  /// A description: text with `doc()` calls, rendered to text.
  ///
  /// - Parameter doc: the contents of a doc block by package (nil when not given) and name.
  public func renderDescription(
    _ text: String, at span: SourceSpan? = nil, doc: (_ package: String?, _ name: String) -> String?
  ) throws(DiagnosticsError) -> String {
    guard JinjaText.hasTags(text) else { return text }
    return try withoutActuallyEscaping(doc) { doc throws(DiagnosticsError) in
      let function = Value.function("doc") { arguments, _ in
        let words = arguments.positional.compactMap(\.stringValue)
        guard words.count == arguments.positional.count, words.count == 1 || words.count == 2 else {
          throw HostFailure("bad-doc-call", "doc() takes the name of a docs block, or package and name")
        }
        guard let contents = doc(words.count == 2 ? words[0] : nil, words[words.count - 1]) else {
          throw HostFailure(
            "unknown-doc", "no docs block is named '\(words[words.count - 1])'",
            help: "write {% docs \(words[words.count - 1]) %} in a Markdown file of the model paths")
        }
        return .string(contents)
      }
      do throws(TemplateError) {
        let template = try Template(parsing: text, name: "yaml", syntax: DbtJinja.syntax)
        return try interpreter(["doc": function]).render(template).text
      } catch {
        throw failure(error, text, span)
      }
    }
  }

  private func interpreter(_ more: [String: Value] = [:]) -> Interpreter {
    Interpreter(environment: DbtJinja.native, globals: more) { name in try value(named: name) }
  }

  private func value(named name: String) throws -> Value? {
    switch name {
    case "env_var":
      var secretsAllowed = false
      if case .secrets = scope { secretsAllowed = true }
      return .function(name) { arguments, _ in
        try EnvironmentVariables.value(arguments, environment, reads, secretsAllowed: secretsAllowed)
      }
    case "var":
      return .object(YAMLVariables(cliVars: cliVars, vars: vars))
    case "target":
      if case .secrets = scope { return nil }
      return Value(target)
    case "dbt_version": return .string(DbtVersion.current)
    case "modules": return PythonModules.all()
    case "log", "print": return .function(name) { _, _ in .string("") }
    case "fromjson", "tojson", "fromyaml", "toyaml", "set", "set_strict", "zip", "zip_strict", "local_md5",
      "diff_of_two_dicts":
      return PlainFunctions.function(name)
    default: return nil
    }
  }

  private func failure(_ error: TemplateError, _ text: String, _ span: SourceSpan?) -> DiagnosticsError {
    var diagnostic = TemplateDiagnostics.diagnostic(for: error, at: span)
    if let name = TemplateDiagnostics.undefinedName(error) {
      diagnostic.ask(NearMiss(name, among: ["env_var", "var", "target", "doc", "modules"]))
    }
    // Where the file's place is not known, the template itself tells where to look.
    if span == nil { diagnostic.notes.append("in \(text)") }
    return DiagnosticsError(diagnostic)
  }
}

/// `var` in YAML: `--vars` over the projects'.
private final class YAMLVariables: JinjaObject {
  private let cliVars: OrderedDictionary<String, PlainValue>
  private let vars: OrderedDictionary<String, PlainValue>

  init(cliVars: OrderedDictionary<String, PlainValue>, vars: OrderedDictionary<String, PlainValue>) {
    self.cliVars = cliVars
    self.vars = vars
  }

  var typeName: String { "Var" }
  var isCallable: Bool { true }

  func call(_ arguments: Arguments, _ context: CallContext) throws -> Value {
    let bound = try arguments.bind("var", ["var_name", "default"], required: 1)
    let name = try bound[0]?.text() ?? ""
    if let value = cliVars[name] ?? vars[name] { return Value(value) }
    if let fallback = bound[1] { return fallback }
    throw HostFailure(
      "unknown-var", "the variable '\(name)' is not set", help: "set it with --vars, or give var() a default")
  }

  func attribute(_ name: String) -> Value? {
    guard name == "has_var" else { return nil }
    return .function(name) { arguments, _ in
      let key = try arguments.value(0, "var_name")?.text() ?? ""
      return .bool(self.cliVars[key] != nil || self.vars[key] != nil)
    }
  }
}
