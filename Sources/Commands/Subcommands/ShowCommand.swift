import ArgumentParser
import Compiler
import Diagnostics
import Materializations
import ProjectModel
import Runner
import Warehouse

/// `whc show`: some rows of a node or of SQL typed by hand.
struct ShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show rows of a model, a test's failures, or what SQL typed by hand gives")

  @Argument(help: "Models to show, as with --select")
  var names: [String] = []

  @Option(
    parsing: .upToNextOption, help: "Of a dimension: the natural key of the member whose versions are shown")
  var key: [String] = []

  @Option(
    name: .customLong("as-of"),
    help: "Rows of a dimension or a fact as of a date or a time, such as 2025-01-31")
  var asOf: String?

  @Option(
    name: .customLong("recorded-at"),
    help: "Of a bitemporal dimension: as it was recorded at a date or a time")
  var recordedAt: String?

  @Option(help: "SQL with templates, in place of --select")
  var inline: String?

  @Option(name: .customLong("inline-direct"), help: "SQL to send as it is")
  var inlineDirect: String?

  @Option(parsing: .unconditional, help: "Rows to show; -1 for all of them")
  var limit = 5

  @Option(help: "text or json")
  var output = Output.text

  @OptionGroup var selection: SelectionOptions
  @OptionGroup var refresh: FullRefreshOption
  @OptionGroup var introspection: IntrospectOption
  @OptionGroup var global: GlobalOptions

  enum Output: String, ExpressibleByArgument { case text, json }

  func run() async throws {
    try asked.check(inline: inline ?? inlineDirect)
    try await Command.run("show", global, configure: configure) { workspace, console in
      try workspace.writeManifest(compiled: [:])
      if let inlineDirect {
        let result = try await workspace.withSession { [limit] session, _ in
          try ShownQuery(sql: inlineDirect).run(on: session, limit: limit)
        }
        show(result, as: nil, unique: nil, console)
      } else if let inline {
        let compiler = try await workspace.compiler(for: [], builds: [])
        let (compiled, result) = try await workspace.withSession { [limit] session, runtime in
          let compiled = try compiler.compileInline(inline, runtime: runtime)
          let result = try ShownQuery(sql: compiled.sql, compiled: compiled).run(on: session, limit: limit)
          return (compiled, result)
        }
        try keep([compiled], rows: result.rows.count, workspace)
        show(result, as: nil, unique: nil, console)
      } else {
        try await showSelected(workspace, console)
      }
    }
  }

  /// The selection with the models that are named without a flag.
  private var asked: SelectionOptions {
    var asked = selection
    asked.select = names + asked.select
    return asked
  }

  private func configure(_ flags: inout Flags) {
    asked.apply(&flags)
    refresh.apply(&flags)
    introspection.apply(&flags)
    flags.ownArguments = ["limit": .int(limit), "output": .string(output.rawValue)]
    if let inline { flags.ownArguments["inline"] = .string(inline) }
    if let inlineDirect { flags.ownArguments["inline_direct"] = .string(inlineDirect) }
  }

  private func showSelected(_ workspace: Workspace, _ console: Console) async throws {
    let selection = asked
    guard !selection.select.isEmpty || selection.selector != nil else {
      throw DiagnosticsError(
        Diagnostic(
          "missing-flag", "show needs --select or --inline",
          help: "'whc show --select <model>' or 'whc show --inline \"select …\"'"))
    }
    let types: Set<ResourceType> = [.model, .seed, .snapshot, .test, .analysis]
    let chosen = try workspace.select(defaults: types, all: types)
    console.report(chosen.diagnostics)
    // What comes along only because it tests a chosen node is not asked for.
    let named = chosen.ids.compactMap { workspace.manifest.nodes[$0] }.filter { node in
      node.resourceType != .test
        || selection.select.contains { $0.contains(node.name) || $0.contains("test") }
    }
    guard !named.isEmpty else {
      console.tell(LogEvent("NoNodesSelected", "Q038", .warn, "No nodes selected!"))
      return
    }
    let compiler = try await workspace.compiler(for: chosen.ids, builds: [])
    for node in named {
      let manifest = workspace.manifest
      let (compiled, result) = try await workspace.withSession {
        [limit, key, asOf, recordedAt] session, runtime in
        let query: ShownQuery
        if key.isEmpty && asOf == nil && recordedAt == nil {
          query = try ShownQuery(node, compiler: compiler, session: session, runtime: runtime)
        } else {
          let star = try StarQuery(node, manifest, dialect: session.dialect, recordedAt: recordedAt)
          query = try ShownQuery(node, star, key: key, asOf: asOf)
        }
        // A member's history is shown whole.
        return (query.asCompiled(node.id), try query.run(on: session, limit: key.isEmpty ? limit : -1))
      }
      try keep([compiled], rows: result.rows.count, workspace)
      show(result, as: Self.shownName(of: node), unique: node.id, console)
    }
  }

  /// run_results of what was shown last.
  private func keep(_ nodes: [CompiledNode], rows: Int, _ workspace: Workspace) throws(DiagnosticsError) {
    try workspace.writeRunResults(
      .answered(
        nodes.map { ($0.id, $0.sql) }, workspace.manifest, since: workspace.startedAt, shown: "SELECT \(rows)"
      ),
      command: "show")
  }

  private static func shownName(of node: Node) -> String {
    node.version.map { "\(node.name).v\($0.pythonText)" } ?? node.name
  }

  private func show(_ result: QueryResult, as name: String?, unique: NodeID?, _ console: Console) {
    let table = ShowTable(result)
    switch output {
    case .json: console.print(table.json(node: name), as: "ShowNode", code: "Q041")
    case .text:
      let head = name.map { "Previewing node '\($0)':\n" } ?? "Previewing inline node:\n"
      console.print((console.flags.quiet ? "" : head) + table.text + "\n", as: "ShowNode", code: "Q041")
    }
  }
}

/// A query whose rows are shown, with what is needed to point at the user's line when the server refuses it.
struct ShownQuery {
  private var sql: String
  private var node: Node?
  private var compiled: CompiledNode?

  init(sql: String, compiled: CompiledNode? = nil) {
    self.sql = sql
    self.compiled = compiled
  }

  /// A model's compiled SQL. What is kept by other means than one query (seeds, snapshots, dimensions, facts, date
  /// dimensions) is read from its table.
  init(
    _ node: Node, compiler: NodeCompiler, session: any Session, runtime: TemplateRuntime
  ) throws(DiagnosticsError) {
    self.node = node
    let kept: Set<String> = [
      "dimension", "fact", "date_dimension", "time_dimension", "audit_dimension", "junk_dimension",
      "mini_dimension",
      "bridge",
    ]
    let isKept =
      [.seed, .snapshot].contains(node.resourceType)
      || (node.resourceType == .model && kept.contains(node.config.materialized))
    if isKept, let relation = node.relation {
      sql = "select * from \(session.dialect.render(relation))"
    } else {
      let compiled = try compiler.compile(node, runtime: runtime)
      self.compiled = compiled
      sql = compiled.sql
    }
  }

  /// The versions of a member, or rows as of some time.
  init(_ node: Node, _ query: StarQuery, key: [String], asOf: String?) throws(DiagnosticsError) {
    self.node = node
    if key.isEmpty {
      sql = try query.rows(asOf: asOf)
    } else {
      sql = try query.versions(key: key, asOf: asOf)
    }
  }

  /// The query as run_results show it.
  func asCompiled(_ id: NodeID) -> CompiledNode {
    compiled ?? CompiledNode(id: id, sql: sql, sourceMap: SourceMap())
  }

  /// - Parameter limit: rows at most; below zero for all.
  func run(on session: any Session, limit: Int) throws -> QueryResult {
    let header = node?.config["sql_header"]?.string ?? ""
    let head = (header.isEmpty ? "" : header + "\n") + "select * from (\n"
    let body = Self.withoutEnd(sql)
    let text = head + body + "\n) as whc_show" + (limit < 0 ? "" : "\nlimit \(limit)")
    do {
      return try session.run(text)
    } catch let error {
      let statement = Plan.Statement(.main, text, userSQLOffset: compiled == nil ? nil : head.utf8.count)
      guard let node else {
        throw DiagnosticsError(DatabaseDiagnostic.unattached(error, statement: body))
      }
      throw DiagnosticsError(
        DatabaseDiagnostic(node: node, compiled: compiled).diagnostic(for: error, in: statement))
    }
  }

  /// Without white space and semicolons at the end.
  private static func withoutEnd(_ sql: String) -> String {
    var text = sql[...]
    while let last = text.last, last.isWhitespace || last == ";" { text.removeLast() }
    return String(text)
  }
}
