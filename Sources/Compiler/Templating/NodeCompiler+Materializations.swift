public import Diagnostics
import Jinja
public import ProjectModel
import Synchronization
public import Warehouse

/// A materialization that is a template: a project's own, or a built-in one whose macros a project has overridden.
public struct MaterializationTemplate: Sendable {
  let macro: LibraryMacro

  /// The macro's package and name.
  public var name: String { macro.packageName + "." + macro.name }
  /// The file it stands in, below its package; a built-in one's below whc's own macros.
  public var file: String { macro.definition.originalFilePath }
}

/// What a materialization's template did.
public struct Materialized: Sendable {
  /// The command tag of its statement `main`: `SELECT 12`.
  public var message: String
  public var rowsAffected: Int?
  /// The relations that it says are there now.
  public var relations: [RelationState]
  /// The texts of `main`, as `target/run` keeps them.
  public var sent: String
  /// The first row of `main`, when it was fetched, as a server would write its values.
  public var firstRow: [String?]
}

extension NodeCompiler {
  /// The template that carries a node out; nil where whc's own plan does.
  ///
  /// - Throws: `unknown-materialization` when there is neither, `duplicate-name` when two packages have one.
  public func materialization(
    of node: Node, planned: Set<String>
  ) throws(DiagnosticsError) -> MaterializationTemplate? {
    let key = node.packageName + "." + node.config.materialized
    if let known = templates.withLock({ $0[key] }) { return known }
    let found = try template(for: node, planned: planned)
    templates.withLock { $0[key] = .some(found) }
    return found
  }

  private func template(
    for node: Node, planned: Set<String>
  ) throws(DiagnosticsError) -> MaterializationTemplate? {
    let name = node.config.materialized
    let flag = engine.settings.flags["REQUIRE_EXPLICIT_PACKAGE_OVERRIDES_FOR_BUILTIN_MATERIALIZATIONS"]
    let found: LibraryMacro?
    do throws(HostFailure) {
      found = try engine.library.materialization(name, packagesMayOverride: flag?.bool == false)
    } catch {
      throw DiagnosticsError(
        Diagnostic(error.code, error.summary, at: node.config.origins["materialized"], help: error.help))
    }
    guard let found else { return nil }
    if found.isBuiltIn, planned.contains(name), !isOverridden(found, named: name, for: node) { return nil }
    return MaterializationTemplate(macro: found)
  }

  /// Whether a macro that a built-in template runs is somebody else's, and whc's own plan would not run it.
  private func isOverridden(_ template: LibraryMacro, named name: String, for node: Node) -> Bool {
    guard name == "snapshot" else {
      return engine.library.override(below: template, from: node.packageName) != nil
    }
    // The plan of a snapshot renders dbt's macros itself, but for these.
    return ["run_hooks", "get_or_create_relation"].contains { overrides($0, for: node) }
  }

  /// Runs a materialization's template with the node's context on the runtime's session.
  ///
  /// Transactions are those of dbt's connections: the first statement begins one, `adapter.commit()` ends it. What is open
  /// at the end is the caller's to undo.
  public func materialize(
    _ node: Node, by template: MaterializationTemplate, compiled: CompiledNode, runtime: TemplateRuntime
  ) throws(DiagnosticsError) -> Materialized {
    let languages = template.macro.definition.supportedLanguages ?? ["sql"]
    guard languages.contains(node.language) else {
      throw DiagnosticsError(
        Diagnostic(
          "wrong-language",
          "materialization '\(node.config.materialized)' only supports languages "
            + "\(PlainValue.list(languages.map { .string($0) }).pythonRepresentation), not '\(node.language)'",
          at: place(of: template), label: "used by \(node.name)"))
    }
    runtime.compiledSQL = compiled.sql
    runtime.transaction = TemplateRuntime.Transaction()
    runtime.written = ""
    let context = context(node, runtime)
    let returned: Value
    do throws(TemplateError) {
      returned = try context.interpreter.call(context.function(of: template.macro), Arguments())
    } catch {
      throw context.failure(error)
    }
    guard let main = context.results["main"], case .dict(let result) = main else {
      throw DiagnosticsError(
        Diagnostic(
          "no-main-statement", "materialization '\(node.config.materialized)' ran no statement named 'main'",
          at: place(of: template), label: "used by \(node.name)",
          help:
            "write {% call statement('main') %}…{% endcall %} around the statement that makes the relation"))
    }
    let response = result["response"]?.object(as: ResponseObject.self)
    return Materialized(
      message: response?.message ?? "OK", rowsAffected: response?.rowsAffected,
      relations: try relations(returned, template, node), sent: runtime.written,
      firstRow: Self.texts(result["table"]?.object(as: TableObject.self)?.rows.first?.values ?? []))
  }

  private static func texts(_ values: [Value]) -> [String?] {
    values.map { value in
      switch value {
      case .none: nil
      case .bool(let value): value ? "t" : "f"
      default: try? value.text()
      }
    }
  }

  private func relations(
    _ returned: Value, _ template: MaterializationTemplate, _ node: Node
  ) throws(DiagnosticsError) -> [RelationState] {
    if case .dict(let dict) = returned, case .list(let list)? = dict["relations"] {
      return list.items.compactMap { $0.object(as: RelationObject.self)?.relationState }
    }
    throw DiagnosticsError(
      Diagnostic(
        "bad-materialization-result",
        "materialization '\(node.config.materialized)' did not explicitly return a list of relations",
        at: place(of: template), help: "end it with {{ return({'relations': [target_relation]}) }}"))
  }

  private func place(of template: MaterializationTemplate) -> SourceSpan? {
    template.macro.isBuiltIn ? nil : template.macro.definition.span
  }
}
