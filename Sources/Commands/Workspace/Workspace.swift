import ArgumentParser
import Artifacts
import Compiler
import Diagnostics
import Materializations
import OrderedCollections
import ProjectLoading
import ProjectModel
import Runner
import StarModel
import Synchronization
import Warehouse

/// What a command works with: the project, the target, the templates and the manifest, each made from the one before.
///
/// Opening reads files and needs no database; ``warehouse()`` is the door to it.
final class Workspace: Sendable {
  let flags: Flags
  let eventTimes: EventTimeFlags
  let console: Console
  let project: LoadedProject
  /// The project's folder, absolute.
  private let folder: String
  let target: Target
  let settings: TemplateSettings
  let manifest: Manifest
  /// When the manifest was made: now, or by an earlier run whose work is used. Seconds since 1970.
  let parsedAt: Double
  let origin: ParsedProject.Origin
  /// What the cache knows the parse by; nil when it was not kept.
  let parseIdentity: UInt64?
  /// The parses from which this one was brought up to date.
  let parseAncestors: [ParseCache.Ancestor]
  let compiler: NodeCompiler
  /// Where files lie below the target folder, as artifacts name them.
  let layout: TargetLayout
  /// `selectors.yml`
  let selectors: SelectorDefinitions
  private let seeds: SeedFiles

  private let selection = Mutex<NodeSelector?>(nil)
  private let door: WarehouseDoor

  var engine: TemplateEngine { compiler.engine }
  var root: ProjectDefinition { project.root.definition }
  var invocationID: String { console.invocation.id }
  /// Seconds since 1970.
  var startedAt: Double { console.invocation.startedAt }

  /// Reads everything up to the manifest.
  ///
  /// Warnings are reported at once; with `--warn-error` they are errors.
  ///
  /// - Throws: every error that was found, with the warnings before it.
  static func open(_ flags: Flags, console: Console) async throws(DiagnosticsError) -> Workspace {
    try await open(try await Opening.read(flags, console: console))
  }

  /// The same for a project whose files are read.
  static func open(_ opening: Opening) async throws(DiagnosticsError) -> Workspace {
    let console = opening.console
    let parsed = await ParsedProject.make(
      opening.project, settings: opening.settings, loader: opening.loader, flags: opening.flags,
      after: opening.earlier)
    let (workspace, warnings) = try Workspace.make(opening, parsed)
    console.tell(.parsed(parsed.origin))
    console.report(warnings)
    console.found(ResourceCount.found(in: parsed.manifest))
    return workspace
  }

  /// The workspace of a parse, and what there is to warn of.
  ///
  /// - Throws: every error that was found, with the warnings before it.
  static func make(
    _ opening: Opening, _ parsed: ParsedProject
  ) throws(DiagnosticsError) -> (workspace: Workspace, warnings: [Diagnostic]) {
    var found = opening.found
    do {
      found.add(parsed.diagnostics)
      try found.end()
      let star = Star(parsed.manifest)
      found.add(star.diagnostics)
      for node in parsed.manifest.nodes.values where node.config.materialized == StagingMaterialization.name {
        found.add(StagingMaterialization.check(node, in: parsed.manifest))
      }
      try found.end()
      found.add(try starFindings(star, parsed.manifest, opening.flags))
      try found.end()
      return (try Workspace(opening, parsed), found.warnings)
    } catch {
      throw found.ended(by: error)
    }
  }

  /// What breaks rules of dimensional modelling, weighed by the project's `star_rules`.
  static func starFindings(
    _ star: Star, _ manifest: Manifest, _ flags: Flags
  ) throws(DiagnosticsError) -> [Diagnostic] {
    var found = ModellingRules(star, manifest).check() + QueryRules(star, manifest).check()
    if let folder = flags.state, !star.dimensions.isEmpty,
      let previous = try PreviousRun.manifest(
        in: folder.hasPrefix("/") ? folder : flags.projectDirectory + "/" + folder)
    {
      found += HistoryRules.check(star, manifest, previous: previous)
    }
    return found
  }

  private init(_ opening: Opening, _ parsed: ParsedProject) throws(DiagnosticsError) {
    let project = opening.project
    flags = opening.flags
    eventTimes = opening.eventTimes
    let console = opening.console
    self.console = console
    self.project = project.withoutFiles
    folder = project.root.definition.rootPath
    target = opening.target
    settings = opening.settings
    manifest = parsed.manifest
    parsedAt = parsed.parsedAt
    origin = parsed.origin
    parseIdentity = parsed.identity
    parseAncestors = parsed.ancestors
    compiler = NodeCompiler(engine: parsed.engine, manifest: parsed.manifest)
    layout = ParsedProject.layout(flags, project)
    selectors = try opening.selectors()
    seeds = SeedFiles(countsBytes: target.kind == .redshift) { console.report($0) }
    let known = parsed.manifest
    door = WarehouseDoor(
      target: target, projectFolder: project.root.definition.rootPath, console: console,
      info: { known.runnable($0).map { NodeInfo($0, status: "executing").value } })
  }

  /// A path below the project's folder as the system takes it.
  func path(_ relative: String) -> String {
    relative.hasPrefix("/") ? relative : folder + "/" + relative
  }

  /// The database of the target; an embedded server is started when it does not run.
  ///
  /// - Throws: `bad-query-comment` before anything is sent.
  func warehouse() async throws -> any Warehouse {
    _ = try compiler.queryComment(for: nil, connectionName: "master")
    return try await door.open()
  }

  /// A seed's header and the types of its columns.
  func readSeed(_ node: Node) throws(DiagnosticsError) -> SeedTable { try seeds.table(of: node) }

  /// Where in its file a value of a seed stands that the server refused.
  func seedPlace(_ node: Node, _ cell: SeedCell) -> SourceSpan? { seeds.place(of: cell, in: node) }

  /// A seed's rows in the form that COPY takes.
  func openSeed(_ contents: SeedContents) throws -> SeedStream { try seeds.open(contents) }

  // MARK: Selection

  var selector: NodeSelector {
    selection.withLock { known in
      if let known { return known }
      let made = NodeSelector(manifest)
      known = made
      return made
    }
  }

  /// What the selection flags mean.
  ///
  /// - Parameters:
  ///   - defaults: kinds that are chosen when no `--resource-type` is given.
  ///   - all: what `--resource-type all` stands for.
  ///   - own: the kinds that the command carries out, where others may be named too and leave nothing: `test
  ///     --resource-type model` has nothing to do. nil: every kind that may be named.
  ///   - keepsEmpty: true keeps nodes without SQL in their file, as `ls` does.
  func select(
    defaults: Set<ResourceType>, all: Set<ResourceType>? = nil, own: Set<ResourceType>? = nil,
    keepsEmpty: Bool = false
  ) throws(DiagnosticsError) -> NodeSelector.Selection {
    let request = flags.selection ?? SelectionRequest()
    let spec = try request.spec(selectors)
    var types = try request.types(defaults: defaults, all: all ?? defaults.union(Set<ResourceType>.buildable))
    if let own { types.formIntersection(own) }
    if let folder = flags.state {
      let state = try previousState(in: folder)
      let made = NodeSelector(manifest, state: state)
      selection.withLock { $0 = made }
    }
    var chosen = try selector.select(spec, types: types, keepsEmpty: keepsEmpty)
    chosen.diagnostics = try weighed(chosen.diagnostics)
    return chosen
  }

  /// What the warnings of a command come to.
  ///
  /// - Throws: all of them, when one is an error.
  func weighed(_ diagnostics: [Diagnostic]) throws(DiagnosticsError) -> [Diagnostic] {
    let weighed = try WarningPolicy(flags).weigh(diagnostics)
    if weighed.contains(where: { $0.severity == .error }) { throw DiagnosticsError(weighed) }
    return weighed
  }

  /// What an earlier run left in a folder; said aloud when this run is about to write over it.
  func previousState(in folder: String) throws(DiagnosticsError) -> PreviousState {
    let target = path(layout.folder)
    if FileSystem.absolute(path(folder)) == FileSystem.absolute(target) {
      console.report([
        Diagnostic(
          "state-is-target", severity: .warning,
          "The state and target directories are the same: '\(folder)'",
          notes: ["this run writes over what it compares with, so that the next one finds no changes"],
          help: "copy the artifacts aside and name the copy with --state")
      ])
    }
    var state = try PreviousRun.state(in: path(folder), target: target)
    state.comparesWrittenNames =
      flags.projectFlags["state_modified_compare_more_unrendered_values"]?.bool ?? false
    return state
  }

  /// Nodes of an earlier run.
  ///
  /// - Throws: `no-such-node` when one of them is no longer there.
  func selection(ofEarlier ids: [NodeID]) throws(DiagnosticsError) -> NodeSelector.Selection {
    let missing = ids.filter { selector.graph.index[$0] == nil }
    guard missing.isEmpty else {
      throw DiagnosticsError(
        missing.map { id in
          let kind = id.rawValue.prefix { $0 != "." }
          return Diagnostic(
            "no-such-node", "Couldn't find \(kind) '\(id.rawValue)', which the earlier run has",
            help: "it was removed, renamed or disabled: run the command itself")
        })
    }
    return selection(of: ids)
  }

  /// Nodes that are chosen by their ids.
  func selection(of ids: [NodeID]) -> NodeSelector.Selection { selector.selection(of: ids) }

  /// What of a selection has something to carry out: ephemeral models are compiled with their readers, and some
  /// kinds are only listed.
  func executable(_ chosen: NodeSelector.Selection) -> NodeSelector.Selection {
    var result = chosen
    result.ids = chosen.ids.filter { manifest.runnable($0).map { !$0.isEphemeral } ?? false }
    let kept = Set(result.ids)
    for member in chosen.members.members where !kept.contains(selector.graph.ids[member]) {
      result.members.remove(member)
    }
    return result
  }

  /// What of a selection `build` lists as done without doing anything.
  func noOps(_ chosen: NodeSelector.Selection) -> [NodeID] {
    chosen.ids.filter { manifest.exposures[$0] != nil || manifest.opaque[.savedQuery]?[$0] != nil }
  }

  // MARK: Hooks

  /// `on-run-start` or `on-run-end` of all packages in dbt's order: packages by name, the project itself last.
  func runHooks(_ phase: NodeCompiler.HookPhase) -> [RunRequest.RunHook] {
    let packages = project.packages.dropFirst().sorted { $0.name < $1.name } + [project.root]
    return packages.flatMap { package in
      let hooks = phase == .onRunStart ? package.definition.onRunStart : package.definition.onRunEnd
      return hooks.enumerated().map {
        RunRequest.RunHook(
          package: package.name, index: $0.offset, text: $0.element.sql, span: $0.element.span)
      }
    }
  }

  // MARK: Artifacts

  var metadata: ArtifactMetadata { console.metadata }

  func manifestArtifact(compiled: [NodeID: CompiledNode] = [:]) -> ManifestArtifact {
    var artifact = ManifestArtifact(manifest, metadata: metadata)
    artifact.compiled = compiled
    artifact.parsedAt = parsedAt
    artifact.quoting = settings.quoting
    artifact.layout = layout
    artifact.selectors = project.selectors?.root.map { SelectorDefinitions.manifestEntries($0.plain) } ?? [:]
    return artifact
  }

  /// - Parameter nodes: those that say more than the manifest, now that they are compiled.
  func writeManifest(
    compiled: [NodeID: CompiledNode], nodes: [NodeID: Node] = [:]
  ) throws(DiagnosticsError) {
    guard flags.writeJSON else { return }
    let file = ManifestFile(in: path(layout.folder))
    var artifact = manifestArtifact(compiled: compiled)
    for (id, node) in nodes { artifact.manifest.nodes[id] = node }
    try file.write(artifact, of: identity(compiled, nodes))
    console.tell(.wrote("WritableManifest", file.path), onTerminal: !console.isLive)
    let semantics = path(layout.folder + "/semantic_manifest.json")
    try ArtifactFile.write(SemanticManifestArtifact(manifest).write(), to: semantics)
    console.tell(.wrote("SemanticManifest", semantics), onTerminal: !console.isLive)
    let star = StarArtifact(star: Star(manifest), manifest: manifest)
    if !star.isEmpty { try ArtifactFile.write(star.write(), to: path(layout.folder + "/whc.json")) }
  }

  /// What the manifest's body is known by: the parse, and what was compiled since; nil when other environments have
  /// a say in it.
  private func identity(_ compiled: [NodeID: CompiledNode], _ resolved: [NodeID: Node]) -> UInt64? {
    guard let parseIdentity, !compiled.isEmpty else { return parseIdentity }
    guard !flags.defers else { return nil }
    // In any order: dictionaries have none.
    var sum: UInt64 = 0
    for (id, node) in compiled {
      var hash = ContentHash(seed: node.hasInjected ? 1 : 0)
      hash.add(id.rawValue)
      hash.add(node.sql)
      for expression in node.injected {
        hash.add(expression.id.rawValue)
        hash.add(expression.query)
      }
      sum &+= hash.value
    }
    // What foreign keys have found follows from the parse.
    for id in resolved.keys { sum &+= ContentHash.of("resolved " + id.rawValue) }
    var hash = ContentHash(seed: parseIdentity)
    hash.add(sum)
    hash.add(layout.folder)
    return hash.value
  }

  func writeRunResults(
    _ outcome: Runner.Outcome, command: String
  ) throws(DiagnosticsError) {
    guard flags.writeJSON else { return }
    var flags = self.flags
    flags.command = command
    var arguments = flags.shown
    var vars = settings.cliVars
    for key in vars.keys where key.hasPrefix("DBT_ENV_SECRET") { vars[key] = "*****" }
    arguments["vars"] = .mapping(vars)
    for (key, value) in arguments {
      if let text = value.string { arguments[key] = .string(console.masked(text)) }
    }
    let artifact = RunResultsArtifact(
      metadata: metadata, results: outcome.results, elapsedTime: outcome.elapsed, arguments: arguments)
    let file = path(layout.folder + "/run_results.json")
    try ArtifactFile.write(json: file) { artifact.write(to: &$0) }
    console.tell(.wrote("RunExecutionResult", file), onTerminal: !console.isLive)
  }
}
