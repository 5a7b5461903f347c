public import Diagnostics
import Jinja
public import ProjectModel
import Synchronization

/// Renders the nodes of a manifest with `execute` true.
///
/// Immutable to those who use it and shared by all threads; each render has its own interpreter.
public final class NodeCompiler: Sendable {
  public let engine: TemplateEngine
  public var manifest: Manifest { index.manifest }
  let index: ManifestIndex
  /// Ephemeral models are rendered once, however many models read them.
  private let ephemerals = Mutex<[NodeID: Ephemeral]>([:])
  /// Which template carries out the nodes of a kind in a package; asked once for each.
  let templates = Mutex<[String: MaterializationTemplate?]>([:])
  /// Templates of generic tests by file and text: the tests of a file have few different ones.
  private let testTemplates = Mutex<[String: Template]>([:])

  public init(engine: TemplateEngine, manifest: Manifest, deferral: Deferral = Deferral()) {
    self.engine = engine
    let flag = engine.settings.flags["REQUIRE_REF_SEARCHES_NODE_PACKAGE_BEFORE_ROOT"]
    index = ManifestIndex(manifest, deferral: deferral, prefersOwn: flag?.bool ?? false)
  }

  /// The same for a command that reads some nodes from another environment.
  public func deferring(_ deferral: Deferral) -> NodeCompiler {
    NodeCompiler(engine: engine, manifest: manifest, deferral: deferral)
  }

  /// A node's SQL as dbt writes it to `target/compiled`: its template rendered, ephemeral parents put in front as
  /// CTEs. For a test, the test's own query.
  ///
  /// `adapter.get_relation` and `is_incremental` are answered from the runtime's cache; without a session the
  /// cache must know the schemas that are asked for.
  ///
  /// - Throws: with the user's line and the stack of macros when the template cannot be rendered, or asks the
  ///   database without a session.
  public func compile(_ node: Node, runtime: TemplateRuntime) throws(DiagnosticsError) -> CompiledNode {
    let rendered = try render(node, runtime: runtime)
    let expressions = try expressions(for: rendered.ephemerals, runtime: runtime, path: [node.id])
    guard engine.settings.injectsEphemerals else {
      var compiled = CompiledNode(id: node.id, sql: rendered.text.text, sourceMap: rendered.text.sourceMap)
      compiled.hasInjected = expressions.isEmpty
      compiled.isRepeatable = rendered.isRepeatable
      compiled.flags = rendered.flags.sorted()
      return compiled
    }
    let text = CommonTableExpressions.inject(
      expressions.map { CommonTableExpressions.Expression(name: $0.name, query: $0.query) },
      into: rendered.text)
    var compiled = CompiledNode(id: node.id, sql: text.text, sourceMap: text.sourceMap)
    compiled.isRepeatable = rendered.isRepeatable && expressions.allSatisfy(\.isRepeatable)
    compiled.flags = expressions.reduce(rendered.flags) { $0.union($1.flags) }.sorted()
    compiled.injected = expressions.map {
      InjectedExpression(id: $0.id, name: $0.name, query: $0.query.text)
    }
    return compiled
  }

  /// SQL typed by hand (`show --inline`, `compile --inline`), compiled in the root project.
  public func compileInline(
    _ text: String, runtime: TemplateRuntime
  ) throws(DiagnosticsError) -> CompiledNode {
    let name = "inline_query"
    var node = Node(
      id: NodeID(.sqlOperation, package: manifest.projectName, name: name), resourceType: .sqlOperation,
      name: name,
      packageName: manifest.projectName, path: name, originalFilePath: "inline", rootPath: "",
      fqn: [manifest.projectName, "sql", name], rawCode: text, checksum: "", alias: name, config: NodeConfig()
    )
    node.relation = RelationName(
      database: engine.settings.database, schema: engine.settings.schema, identifier: name,
      quoting: engine.settings.quoting)
    return try compile(node, runtime: runtime)
  }

  /// Whether a node that calls one of dbt's macros gets one that the project or a package wrote.
  public func overrides(_ macro: String, for node: Node) -> Bool {
    engine.library.isOverridden(macro, from: node.packageName)
  }

  // MARK: - Rendering

  struct RenderedNode: Sendable {
    var text: MappedText
    /// The ephemeral models it refers to, in order.
    var ephemerals: [NodeID]
    /// As ``CompiledNode/isRepeatable`` has it.
    var isRepeatable: Bool
    /// As ``CompiledNode/flags`` has them.
    var flags: Set<String>
  }

  /// - Parameter file: where the text stands, when that is not the node's own file.
  func context(
    _ node: Node, _ runtime: TemplateRuntime, file: String? = nil, mode: RenderContext.Mode = .run
  ) -> RenderContext {
    RenderContext(
      mode,
      subject: RenderContext.Subject(
        text: node.rawCode, file: file ?? self.file(of: node), firstLine: firstLine(of: node),
        name: node.name,
        packageName: node.packageName, fqn: node.fqn, resourceType: node.resourceType, node: node),
      engine: engine, manifest: index, runtime: runtime)
  }

  /// The file as a person would type it: a package's below the project's folder.
  func file(of node: Node) -> String {
    let root = engine.settings.projectRoot + "/"
    guard node.packageName != manifest.projectName, node.rootPath.hasPrefix(root) else {
      return node.originalFilePath
    }
    return node.rootPath.dropFirst(root.count) + "/" + node.originalFilePath
  }

  /// A generic test's text stands nowhere; what is wrong with it is told at its entry in the properties.
  private func firstLine(of node: Node) -> Int {
    node.test == nil ? node.firstLine : node.patchSpan?.start.line ?? node.firstLine
  }

  private func render(_ node: Node, runtime: TemplateRuntime) throws(DiagnosticsError) -> RenderedNode {
    if node.language == "python", node.resourceType != .function {
      throw DiagnosticsError(
        Diagnostic(
          "python-model",
          "'\(node.name)' is a model in Python; materialization '\(node.config.materialized)' only supports "
            + "languages ['sql'] here",
          at: SourceSpan(file: node.originalFilePath, line: 1, column: 1), help: "write it in SQL"))
    }
    let context = context(node, runtime)
    let text = try mappedText(of: node, in: context)
    return RenderedNode(
      text: text, ephemerals: context.ephemerals, isRepeatable: context.isRepeatable,
      flags: context.flagsAsked)
  }

  /// A node's text rendered with the names of a context.
  func mappedText(of node: Node, in context: RenderContext) throws(DiagnosticsError) -> MappedText {
    guard JinjaText.hasTags(node.rawCode) else { return MappedText(plain: node.rawCode, in: context) }
    do throws(TemplateError) {
      let template = try template(of: node, named: context.subject.file)
      if let test = node.test { try context.addTestArguments(test.arguments) }
      return MappedText(try context.interpreter.render(template), in: context)
    } catch {
      throw context.failure(error)
    }
  }

  private func template(of node: Node, named file: String) throws(TemplateError) -> Template {
    guard node.test != nil else {
      return try Template(parsing: node.rawCode, name: file, syntax: DbtJinja.syntax)
    }
    let key = file + "\0" + node.rawCode
    if let known = testTemplates.withLock({ $0[key] }) { return known }
    let made = try Template(parsing: node.rawCode, name: file, syntax: DbtJinja.syntax)
    testTemplates.withLock { $0[key] = made }
    return made
  }

  // MARK: - Ephemeral models

  private struct Ephemeral: Sendable {
    var id: NodeID
    /// The name of its CTE.
    var name: String
    var query: MappedText
    /// What its own query refers to, in order.
    var parents: [NodeID]
    var isRepeatable: Bool
    var flags: Set<String>
  }

  /// The CTEs that a query needs: those of each ephemeral parent before the parent's own.
  private func expressions(
    for ids: [NodeID], runtime: TemplateRuntime, path: [NodeID]
  ) throws(DiagnosticsError) -> [Ephemeral] {
    var result: [Ephemeral] = []
    for id in ids {
      guard !path.contains(id) else {
        throw DiagnosticsError(
          Diagnostic(
            "cycle",
            "ephemeral models refer to each other: " + (path + [id]).map(\.rawValue).joined(separator: " → "))
        )
      }
      let ephemeral: Ephemeral
      do throws(DiagnosticsError) { ephemeral = try self.ephemeral(id, runtime: runtime) } catch {
        throw DiagnosticsError(
          error.diagnostics.map { diagnostic in
            var diagnostic = diagnostic
            diagnostic.facts[Diagnostic.ephemeralFact] = id.rawValue
            return diagnostic
          })
      }
      for parent in try expressions(for: ephemeral.parents, runtime: runtime, path: path + [id])
      where !result.contains(where: { $0.id == parent.id }) {
        result.append(parent)
      }
      if !result.contains(where: { $0.id == id }) { result.append(ephemeral) }
    }
    return result
  }

  private func ephemeral(_ id: NodeID, runtime: TemplateRuntime) throws(DiagnosticsError) -> Ephemeral {
    // What stands in for other relations, or leaves rows out, is not for everyone.
    let isShared = runtime.overrides.isEmpty && !runtime.isEmpty
    if isShared, let known = ephemerals.withLock({ $0[id] }) { return known }
    guard let node = manifest.nodes[id] else {
      throw DiagnosticsError(Diagnostic("unknown-ref", "the ephemeral model '\(id)' is not in the manifest"))
    }
    let rendered = try render(node, runtime: runtime)
    let made = Ephemeral(
      id: id, name: RelationObject.ephemeralPrefix + node.alias, query: rendered.text,
      parents: rendered.ephemerals, isRepeatable: rendered.isRepeatable, flags: rendered.flags)
    if isShared { ephemerals.withLock { $0[id] = made } }
    return made
  }
}
