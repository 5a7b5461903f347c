import ArgumentParser
import Compiler
import Diagnostics
import ProjectModel
import Runner
import Warehouse

/// `whc compile`: the SQL of nodes, without running it. Only templates that ask the database need one.
struct CompileCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compile",
    abstract: "Render templates to SQL in target/compiled, or print what SQL typed by hand gives")

  @Option(help: "SQL with templates, in place of --select")
  var inline: String?

  @Option(help: "text or json")
  var output = ShowCommand.Output.text

  @Flag(
    name: .customLong("inject-ephemeral-ctes"), inversion: .prefixedNo, exclusivity: .chooseLast,
    help: "Put the CTEs of ephemeral models into what reads them (default: yes)")
  var injectsEphemerals = true

  @OptionGroup var selection: SelectionOptions
  @OptionGroup var refresh: FullRefreshOption
  @OptionGroup var emptiness: EmptyOption
  @OptionGroup var introspection: IntrospectOption
  @OptionGroup var checks: CheckOption
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    try selection.check(inline: inline)
    try await Command.run("compile", global, configure: configure) { workspace, console in
      if let inline {
        let compiler = try await workspace.compiler(for: [], builds: [])
        let compiled = try await workspace.withIntrospection { runtime in
          try compiler.compileInline(inline, runtime: runtime)
        }
        try workspace.writeRunResults(
          .answered([(compiled.id, compiled.sql)], workspace.manifest, since: workspace.startedAt),
          command: "compile")
        show(compiled.sql, of: nil, console)
      } else {
        try await compileSelected(workspace, console)
      }
    }
  }

  private func configure(_ flags: inout Flags) {
    selection.apply(&flags)
    checks.apply(&flags)
    refresh.apply(&flags)
    emptiness.apply(&flags)
    introspection.apply(&flags)
    flags.injectsEphemerals = injectsEphemerals
    flags.ownArguments = [
      "output": .string(output.rawValue), "inject_ephemeral_ctes": .bool(injectsEphemerals),
    ]
    if let inline { flags.ownArguments["inline"] = .string(inline) }
  }

  private func compileSelected(_ workspace: Workspace, _ console: Console) async throws {
    let types: Set<ResourceType> = [.model, .snapshot, .test, .analysis, .seed, .function]
    let chosen = try workspace.select(defaults: types, all: types)
    console.report(chosen.diagnostics)
    let found = chosen.ids.compactMap { workspace.manifest.nodes[$0] }
    guard !found.isEmpty else {
      return try workspace.endWithNothingToDo("compile")
    }
    let begin = Clock.now()
    let store = CompiledStore(workspace)
    let compiler = try await workspace.compiler(for: chosen.ids, builds: [])
    let nodes = found.map(compiler.resolvingForeignKeys)
    // What templates say by log and print.
    let reporter = EventReporter(
      console, targetName: workspace.target.name, nodes: { workspace.manifest.nodes[$0] })
    var refused: [Diagnostic] = []
    if workspace.flags.checksSQL {
      let checked = try Checked(chosen.ids, in: workspace, compiler, known: store.known)
      console.report(checked.warnings)
      refused = nodes.flatMap { checked.errors[$0.id] ?? [] }
    }
    let early = Precompiled(
      nodes: nodes, compiler: compiler, earlier: store.known, selected: chosen.ids,
      isEmpty: workspace.flags.empty,
      ephemerals: true, report: { reporter.receive($0) }, keep: { store.write($1, of: $0) })
    store.keep(early.compiled, of: nodes)
    var failures = nodes.flatMap { early.failures[$0.id] ?? [] } + refused
    let late = nodes.filter {
      early.compiled[$0.id] == nil && early.failures[$0.id] == nil && $0.resourceType != .seed
    }
    if !late.isEmpty { failures += try await compile(late, with: compiler, workspace, chosen.ids, store) }
    try store.finish()
    try workspace.writeManifest(compiled: store.compiled, nodes: store.resolved)
    if !failures.isEmpty { throw DiagnosticsError(failures) }
    // As dbt has them: what is read before what reads it, and of ephemeral models no word.
    let order = ExecutionGraph(workspace.executable(chosen), of: workspace.selector).layered
    try workspace.writeRunResults(
      .answered(order.map { ($0, store.compiled[$0]?.sql) }, workspace.manifest, since: begin),
      command: "compile")
    // One node that was asked for by name is shown.
    let shown = nodes.filter { $0.resourceType != .test }
    if !selection.select.isEmpty, shown.count == 1, let compiled = store.compiled[shown[0].id] {
      show(compiled.sql, of: shown[0].name, console)
    }
  }

  /// Templates that ask the database, one after the other on one connection.
  private func compile(
    _ nodes: [Node], with compiler: NodeCompiler, _ workspace: Workspace, _ selected: [NodeID],
    _ store: CompiledStore
  ) async throws -> [Diagnostic] {
    return try await workspace.withIntrospection { runtime in
      runtime.selected = selected
      var failures: [Diagnostic] = []
      for node in nodes {
        do throws(DiagnosticsError) {
          store.keep(try compiler.compile(node, runtime: runtime), for: node)
        } catch {
          failures += error.diagnostics
        }
      }
      return failures
    }
  }

  private func show(_ sql: String, of name: String?, _ console: Console) {
    switch output {
    case .json:
      var fields = name.map { "\"node\": \(JSONText.quoted($0)), " } ?? ""
      fields += "\"compiled\": \(JSONText.quoted(sql))"
      console.print("{\(fields)}")
    case .text:
      let head = name.map { "Compiled node '\($0)' is:\n" } ?? "Compiled inline node is:\n"
      console.print((console.flags.quiet ? "" : head) + sql)
    }
  }
}
