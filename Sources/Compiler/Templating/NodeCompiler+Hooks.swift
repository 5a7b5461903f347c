public import Diagnostics
import Jinja
public import OrderedCollections
public import ProjectModel

extension NodeCompiler {
  public enum HookPhase: String, Sendable {
    case preHook = "pre-hook"
    case postHook = "post-hook"
    case onRunStart = "on-run-start"
    case onRunEnd = "on-run-end"
  }

  /// A hook rendered to SQL, empty when it did its work while rendering.
  public struct Hook: Sendable {
    /// The hook's template when it is deferred.
    public var sql: String
    public var inTransaction: Bool
    /// Where the hook is written, when that is known.
    public var span: SourceSpan?
    /// True for a hook whose template asks or tells the database something: it is rendered when its turn comes
    /// (``render(hook:of:runtime:)``).
    public var isDeferred = false

    public init(sql: String, inTransaction: Bool, span: SourceSpan? = nil, isDeferred: Bool = false) {
      self.sql = sql
      self.inTransaction = inTransaction
      self.span = span
      self.isDeferred = isDeferred
    }
  }

  /// A node's hooks, in order, rendered with the node's context.
  ///
  /// - Parameter inTransaction: only those that run inside (true) or outside (false) the node's transaction; nil: all.
  /// - Returns: the hooks; those that introspect are left as templates.
  public func hooks(
    of node: Node, _ phase: HookPhase, inTransaction: Bool? = nil, runtime: TemplateRuntime
  ) throws(DiagnosticsError) -> [Hook] {
    var hooks: [Hook] = []
    for hook in HookDefinition.list(node.config[phase.rawValue])
    where inTransaction == nil || hook.inTransaction == inTransaction {
      var rendered = Hook(
        sql: hook.sql, inTransaction: hook.inTransaction, span: node.config.origins[phase.rawValue],
        isDeferred: introspects(hook.sql, package: node.packageName))
      if !rendered.isDeferred { rendered.sql = try render(hook: rendered, of: node, runtime: runtime) }
      hooks.append(rendered)
    }
    return hooks
  }

  /// The SQL of one hook, with the node's context; empty when the hook did its work while rendering.
  public func render(hook: Hook, of node: Node, runtime: TemplateRuntime) throws(DiagnosticsError) -> String {
    var node = node
    node.rawCode = hook.sql
    if let origin = hook.span { node.firstLine = origin.start.line }
    let context = context(node, runtime, file: hook.span?.file)
    return try render(hook.sql, named: context.subject.file, in: context).trimmed
  }

  private func introspects(_ text: String, package: String) -> Bool {
    guard JinjaText.hasTags(text),
      let template = try? Template(parsing: text, name: "hook", syntax: DbtJinja.syntax)
    else { return false }
    return engine.library.introspects(MacroCalls(in: template), from: package)
  }

  /// One hook of `on-run-start` or `on-run-end`.
  ///
  /// - Parameters:
  ///   - index: its place in the list, from 0.
  ///   - span: where it is written.
  ///   - results: for on-run-end, what became of the nodes.
  ///   - schemas: for on-run-end, those that the run wrote to.
  public func runHook(
    _ text: String, index: Int, _ phase: HookPhase, packageName: String, span: SourceSpan? = nil,
    results: [NodeResult] = [], schemas: [(database: String?, schema: String)] = [], runtime: TemplateRuntime
  ) throws(DiagnosticsError) -> Hook {
    let hook = HookDefinition(parsing: text)
    let name = "\(packageName)-\(phase.rawValue)-\(index)"
    let context = RenderContext(
      .operation,
      subject: RenderContext.Subject(
        text: hook.sql, file: span?.file ?? "dbt_project.yml", firstLine: span?.start.line ?? 1, name: name,
        packageName: packageName,
        fqn: [packageName, "hooks", name], resourceType: .operation),
      engine: engine, manifest: self.index, runtime: runtime)
    if phase == .onRunEnd {
      context.extras["results"] = .list(
        results.map { result in
          let node = manifest.nodes[result.node].map { NodeObject($0, engine.settings, result: result) }
          return .object(ResultObject(result, node: node ?? otherNode(result.node)))
        })
      context.extras["schemas"] = .list(Self.distinct(schemas.map(\.schema)).map(Value.string))
      context.extras["database_schemas"] = .list(
        Self.distinct(schemas.map { "\($0.database ?? "").\($0.schema)" }).map { pair in
          let parts = pair.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
          return .tuple(parts.map { .string(String($0)) })
        })
    }
    let sql = try render(hook.sql, named: context.subject.file, in: context)
    return Hook(sql: sql.trimmed, inTransaction: hook.inTransaction, span: nil)
  }

  /// What has a result and is no node: an exposure, a source.
  private func otherNode(_ id: NodeID) -> NodeObject? {
    if let exposure = manifest.exposures[id] { return NodeObject(exposure, engine.settings).asObject() }
    return manifest.sources[id].map { NodeObject($0, engine.settings).asObject() }
  }

  private static func distinct(_ texts: [String]) -> [String] {
    var seen: Set<String> = []
    return texts.filter { seen.insert($0).inserted }
  }

  /// `run-operation`: calls a macro, by its name or as `package.name`.
  ///
  /// - Returns: what the macro returned or wrote.
  /// - Throws: when there is no such macro, an argument is not its own, or it fails.
  public func runOperation(
    _ name: String, arguments: OrderedDictionary<String, PlainValue>, runtime: TemplateRuntime
  ) throws(DiagnosticsError) -> PlainValue {
    let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
    let root = engine.settings.projectName
    let library = engine.library
    let found =
      parts.count == 2 ? library.macro(parts[1], in: parts[0]) : library.resolve(name, from: root)
    guard let macro = found else {
      throw DiagnosticsError(
        Diagnostic(
          "unknown-macro",
          "no macro is named '\(name)'", meant: NearMiss(name, among: library.visibleNames(from: root)))
      )
    }
    let context = RenderContext(
      .operation,
      subject: RenderContext.Subject(
        text: "", file: macro.definition.originalFilePath, name: name,
        packageName: parts.count == 2 ? parts[0] : root, resourceType: .operation),
      engine: engine, manifest: index, runtime: runtime)
    do throws(TemplateError) {
      let result = try context.interpreter.call(
        context.function(of: macro),
        Arguments([], named: arguments.map { (name: $0.key, value: Value($0.value)) }))
      return try result.renderedPlain()
    } catch {
      throw context.failure(error)
    }
  }

  func render(_ text: String, named name: String, in context: RenderContext) throws(DiagnosticsError)
    -> String
  {
    guard JinjaText.hasTags(text) else { return text }
    do throws(TemplateError) {
      let template = try Template(parsing: text, name: name, syntax: DbtJinja.syntax)
      return try context.interpreter.render(template).text
    } catch {
      throw context.failure(error)
    }
  }
}

extension Value {
  /// ``plain()`` with errors as the interpreter throws them.
  func renderedPlain() throws(TemplateError) -> PlainValue {
    do {
      return try plain()
    } catch let error as TemplateError {
      throw error
    } catch {
      throw TemplateError(.host, "\(error)", underlying: error)
    }
  }
}
