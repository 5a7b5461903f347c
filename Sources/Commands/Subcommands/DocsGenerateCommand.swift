import ArgumentParser
import Artifacts
import Compiler
import Diagnostics
import DocsSite
import Foundation
import ProjectAnalysis
import ProjectModel
import Runner
import StarModel
import Warehouse

/// `whc docs generate`: the page, the catalogue and the manifest.
struct DocsGenerateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate", abstract: "Write target/index.html, catalog.json and manifest.json")

  @Option(help: "Print the lineage as dot, mermaid or json instead") var format: String?

  @Flag(
    inversion: .prefixedNo, exclusivity: .chooseLast, help: "Ask the database what is there (default: yes)")
  var catalog = true
  @Flag(name: .customLong("empty-catalog"), help: .hidden) var emptyCatalog = false
  @Flag(inversion: .prefixedNo, exclusivity: .chooseLast, help: "Show compiled SQL (default: yes)")
  var compile = true
  @Flag(name: .customLong("static"), help: "Write the page as static_index.html, too, pictures and all")
  var isStatic = false
  @Option(help: "Show what changed since the build in this target folder") var compare: String?

  @Option(
    parsing: .upToNextOption,
    help: "Write the history of members into the page: dim_customer=42,43, or dim_customer for five of them")
  var members: [String] = []

  @OptionGroup var selection: SelectionOptions
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    try await Command.run("generate", global, configure: configure) { workspace, console in
      if let format { return try printLineage(format, workspace, console) }
      let before = try before()
      let only = try chosen(workspace, console)
      let compiled = compile ? try await compiledNodes(workspace, only: only) : [:]
      let catalogue = catalog && !emptyCatalog ? await self.catalogue(workspace, console, only: only) : nil
      let artifact =
        catalogue ?? CatalogArtifact(metadata: workspace.metadata, nodes: [], sources: [])
      let folder = workspace.path(workspace.layout.folder)
      try ArtifactFile.write(artifact.write(), to: folder + "/catalog.json")
      console.tell(
        LogEvent(
          "CatalogWritten", "E042", .info, "Catalog written to \(folder)/catalog.json",
          data: ["path": .string(folder + "/catalog.json")]))
      if compile {
        let manifest = workspace.manifestArtifact(compiled: compiled)
        try ArtifactFile.write(json: folder + "/manifest.json") { manifest.write(to: &$0) }
      }
      try copyAssets(workspace, to: folder)
      let histories = try await MemberHistories(members, workspace).read()
      let analysis = compile ? try await workspace.analysis(known: compiled).analysis : nil
      var input = try input(workspace, compiled, analysis, artifact, histories)
      input.before = before
      try ArtifactFile.write(DocsPage.render(input), to: folder + "/index.html")
      if isStatic {
        let project = workspace.project.root.definition
        input.images = EmbeddedImages.read(root: project.rootPath, assetPaths: project.assetPaths)
        try ArtifactFile.write(DocsPage.render(input), to: folder + "/static_index.html")
      }
      console.note("Documentation written to \(folder)/index.html")
    }
  }

  /// Puts the folders of `asset-paths` beside the page, which shows their pictures; those that are not there are left
  /// out, as in dbt.
  private func copyAssets(_ workspace: Workspace, to folder: String) throws(DiagnosticsError) {
    let project = workspace.project.root.definition
    for path in project.assetPaths {
      let source = project.rootPath + "/" + path
      guard FileManager.default.fileExists(atPath: source) else { continue }
      let target = folder + "/" + path
      do {
        try? FileManager.default.removeItem(atPath: target)
        let above = (target as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(atPath: above, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: source, toPath: target)
      } catch {
        throw DiagnosticsError(
          Diagnostic("cannot-write", "the assets in \(path) cannot be copied to \(target): \(error)"))
      }
    }
  }

  private func configure(_ flags: inout Flags) {
    selection.apply(&flags)
    flags.answersData = format != nil
    flags.ownArguments = [
      "compile": .bool(compile), "empty_catalog": .bool(emptyCatalog), "static": .bool(isStatic),
    ]
  }

  private func printLineage(_ word: String, _ workspace: Workspace, _ console: Console) throws {
    guard let format = LineageFormat(rawValue: word) else {
      let known = LineageFormat.allCases.map(\.rawValue)
      throw DiagnosticsError(
        Diagnostic(
          "bad-flag", "'\(word)' is no form of --format", meant: NearMiss(word, among: known),
          help: "it takes " + known.joined(separator: ", ")))
    }
    console.print(format.render(workspace.manifest, only: try chosen(workspace, console)))
  }

  /// What `--select` and its kin mean; nil without them.
  private func chosen(_ workspace: Workspace, _ console: Console) throws -> Set<NodeID>? {
    guard !selection.select.isEmpty || !selection.exclude.isEmpty || selection.selector != nil else {
      return nil
    }
    let chosen = try workspace.select(defaults: .listed, all: .listable, keepsEmpty: true)
    console.report(chosen.diagnostics)
    return Set(chosen.ids)
  }

  /// What asks a database that is not there, and what was not chosen and does not compile, is shown as it was written.
  ///
  /// - Throws: what is wrong with the chosen nodes.
  private func compiledNodes(
    _ workspace: Workspace, only: Set<NodeID>?
  ) async throws(DiagnosticsError) -> [NodeID: CompiledNode] {
    let nodes = workspace.manifest.nodes.values.filter { $0.resourceType != .seed }
    let compiler = workspace.compiler
    let runtime = workspace.offlineRuntime()
    // SQL of a run that rendering would give again is taken from there.
    let earlier = EarlierSQL(workspace)
    var result = earlier?.compiled ?? [:]
    var failures: [Diagnostic] = []
    func failed(_ node: Node, _ error: DiagnosticsError) {
      let isAsked = only?.contains(node.id) ?? true
      // Hooks know only in a run what they say.
      if isAsked, node.resourceType != .operation, node.language == "sql" { failures += error.diagnostics }
    }
    var late: [Node] = []
    for node in nodes where result[node.id] == nil {
      do throws(DiagnosticsError) {
        if node.introspects {
          late.append(node)
        } else {
          result[node.id] = try compiler.compile(node, runtime: runtime)
        }
      } catch {
        if error.diagnostics.contains(where: { $0.code == "needs-database" }) {
          late.append(node)
        } else {
          failed(node, error)
        }
      }
    }
    if failures.isEmpty, !late.isEmpty {
      let answers = try? await workspace.withSession { [late] _, runtime in
        late.map { node in
          Result<CompiledNode, DiagnosticsError> { () throws(DiagnosticsError) in
            try compiler.compile(node, runtime: runtime)
          }
        }
      }
      for (node, answer) in zip(late, answers ?? []) {
        switch answer {
        case .success(let compiled): result[node.id] = compiled
        case .failure(let error): failed(node, error)
        }
      }
    }
    if !failures.isEmpty { throw DiagnosticsError(failures) }
    earlier?.keep(result, files: [:])
    return result
  }

  /// nil, with a warning, when the server cannot be asked.
  private func catalogue(
    _ workspace: Workspace, _ console: Console, only: Set<NodeID>?
  ) async -> CatalogArtifact? {
    console.tell(LogEvent("BuildingCatalog", "E044", .info, "Building catalog"))
    var reasons: [Diagnostic]
    do {
      return try await workspace.catalogue(only: only)
    } catch let error as DiagnosticsError {
      reasons = error.diagnostics
    } catch let error as WarehouseError {
      reasons = [DatabaseDiagnostic.unattached(error, statement: nil)]
    } catch {
      reasons = [Diagnostic("cannot-connect", "\(error)")]
    }
    console.report([
      Diagnostic(
        "no-catalogue", severity: .warning, "the documentation says nothing of what is in the database",
        notes: reasons.map(\.summary), help: "--no-catalog leaves it out without a word")
    ])
    return nil
  }

  /// What `--compare` names, below the folder that the command stands in.
  private func before() throws(DiagnosticsError) -> DocumentedBuild? {
    guard let compare else { return nil }
    return try EarlierBuild.read(in: URL(filePath: compare).standardizedFileURL.path)
  }

  private func input(
    _ workspace: Workspace, _ compiled: [NodeID: CompiledNode], _ analysis: ProjectAnalysis?,
    _ catalogue: CatalogArtifact, _ histories: [NodeID: [DocsInput.MemberHistory]]
  ) throws(DiagnosticsError) -> DocsInput {
    var input = DocsInput(
      workspace.manifest, star: Star(workspace.manifest), generatedAt: Clock.now(), version: Version.whc)
    input.compiled = compiled.mapValues(\.sql)
    input.analysis = analysis
    input.histories = histories
    for table in catalogue.nodes + catalogue.sources { input.catalog[table.id] = table }
    let folder = workspace.path(workspace.layout.folder)
    let last = try LastRun(in: folder)
    input.results = last.results
    input.lastRun = last.run
    input.freshness = try SourceFreshness.read(in: folder)
    var history = try RunHistory(in: folder)
    if history.add(last) { try history.write(in: folder) }
    input.runs = history.runs
    return input
  }
}
