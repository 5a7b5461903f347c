import Artifacts
import Compiler
import Diagnostics
import Materializations
import ProjectAnalysis
import ProjectLoading
import ProjectModel
import Runner
import SQLAnalysis
import StarModel

extension Workspace {
  /// What the SQL of the project's models tells, without a server.
  ///
  /// Models that ask whether they run incrementally are read as they are when they are built for the first time.
  ///
  /// - Parameters:
  ///   - known: SQL of nodes that are compiled already; nil: that of earlier runs.
  ///   - isKept: whether what is worked out now is left for later runs.
  /// - Returns: the analysis, the models whose templates ask the database, so that nothing is known of their SQL, and
  ///   the SQL of the others.
  func analysis(
    known: [NodeID: CompiledNode]? = nil, isKept: Bool = true
  ) async throws -> (analysis: ProjectAnalysis, unread: [Node], compiled: [NodeID: CompiledNode]) {
    let nodes = manifest.nodes.values.filter(Self.isRead)
    let earlier = known == nil ? EarlierSQL(self) : nil
    let compiler = try await compiler(for: nodes.map(\.id), builds: [])
    let reading = read(nodes, compiler, known ?? earlier?.compiled ?? [:])
    if isKept { earlier?.keep(reading.compiled, files: [:]) }
    let cache = AnalysisCache.read(analysisPath, build: ParsedProject.build)
    let unread = nodes.filter { reading.compiled[$0.id] == nil }
    let analysis = analyze(reading, since: cache, isKept: isKept) { analysis, state in
      report(analysis, of: reading, in: state, unread)
    }
    return (analysis, unread, reading.compiled)
  }

  /// What is wrong with the SQL of some nodes, and the SQL of them and of what they read as far as it could be compiled.
  ///
  /// - Parameters:
  ///   - chosen: the nodes; findings about others are left out.
  ///   - known: SQL that an earlier run compiled.
  func check(
    _ chosen: [NodeID], compiler: NodeCompiler, known: [NodeID: CompiledNode]
  ) -> (findings: [ProjectAnalysis.Finding], compiled: [NodeID: CompiledNode]) {
    // What is read here is read by PostgreSQL's grammar and functions.
    guard target.kind == .postgres else { return ([], known) }
    var reached = Set(chosen)
    var waiting = chosen
    while let id = waiting.popLast() {
      for parent in manifest.nodes[id]?.dependsOn ?? [] where reached.insert(parent).inserted {
        waiting.append(parent)
      }
    }
    let reading = read(
      manifest.nodes.values.filter { reached.contains($0.id) && Self.isRead($0) }, compiler, known)
    let about = Set(chosen)
    let build = ParsedProject.build
    if let state = reading.state, let head = AnalysisCache.readHead(analysisPath, build: build),
      let findings = head.findings(in: state)
    {
      return (findings.filter { about.contains($0.node) }, reading.compiled)
    }
    let analysis = analyze(reading, since: AnalysisCache.read(analysisPath, build: build))
    return (analysis.findings.filter { about.contains($0.node) }, reading.compiled)
  }

  /// The same for the project of an earlier run, from the manifest that it left.
  ///
  /// Seeds count as they are now where their files are the same; of others only what properties declare is known.
  ///
  /// - Throws: `no-manifest` when there is none; `broken-json`, `incompatible-artifact`.
  func analysis(ofState folder: String) async throws -> ProjectAnalysis {
    let file = path(folder) + "/manifest.json"
    guard let bytes = try ArtifactFile.read(file) else {
      throw DiagnosticsError(
        Diagnostic(
          "no-manifest", "there is no manifest.json in \(folder)",
          help: "--state names the target folder of an earlier run"))
    }
    let earlier = try ManifestReader.read(bytes, file: file)
    let sql = try ManifestReader.compiledCode(in: bytes, file: file)
    var compiled: [NodeID: CompiledNode] = [:]
    for (id, text) in sql where earlier.nodes[id].map(Self.isRead) ?? false {
      compiled[id] = CompiledNode(id: id, sql: text, sourceMap: SourceMap())
      compiled[id]?.injected = ephemerals(of: id, in: earlier)
    }
    var seeds: [NodeID: [RelationShape.Column]] = [:]
    for node in manifest.nodes.values where node.resourceType == .seed {
      if earlier.nodes[node.id]?.checksum == node.checksum { seeds[node.id] = columns(ofSeed: node) }
    }
    return ProjectAnalysis(earlier, star: Star(earlier), compiled: compiled, seeds: seeds)
  }

  /// The ephemeral models in front of a node's SQL: its parents, and theirs.
  private func ephemerals(of id: NodeID, in manifest: Manifest) -> [InjectedExpression] {
    var found: [NodeID: InjectedExpression] = [:]
    var waiting = manifest.nodes[id]?.dependsOn ?? []
    while let next = waiting.popLast() {
      guard found[next] == nil, let node = manifest.nodes[next], node.isEphemeral else { continue }
      found[next] = InjectedExpression(id: next, name: "__dbt__cte__\(node.alias)", query: "")
      waiting += node.dependsOn
    }
    return found.values.sorted { $0.name < $1.name }
  }

  private var analysisPath: String { AnalysisCache.path(in: path(layout.folder)) }

  /// Nodes with SQL of their own; a generic test's is whc's or a package's text.
  private static func isRead(_ node: Node) -> Bool {
    [.model, .snapshot, .analysis, .test].contains(node.resourceType) && !node.isGenericTest
      && node.language == "sql"
  }

  // MARK: What is read

  /// What an analysis is made of.
  private struct Reading {
    var compiled: [NodeID: CompiledNode]
    var seeds: [NodeID: AnalysisCache.Seed]
    /// A hash of all of it, and of the manifest; nil when the manifest is not kept.
    var state: UInt64?
  }

  private func read(
    _ nodes: [Node], _ compiler: NodeCompiler, _ known: [NodeID: CompiledNode]
  ) -> Reading {
    let nothing = RelationCache()
    nothing.fill(schemas, with: [])
    let early = Precompiled(
      nodes: nodes, compiler: compiler, earlier: known, cache: nothing, ephemerals: true,
      report: { _ in }, keep: { _, _ in })
    var reading = Reading(compiled: early.compiled, seeds: [:])
    for node in manifest.nodes.values where node.resourceType == .seed {
      reading.seeds[node.id] = AnalysisCache.Seed(state: state(ofSeed: node), columns: [])
    }
    guard let identity = parseIdentity else { return reading }
    var hash = ContentHash(seed: identity)
    for (id, code) in reading.compiled.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      hash.add(id.rawValue)
      hash.add(code.sql)
    }
    for node in manifest.nodes.values where node.resourceType == .seed {
      hash.add(reading.seeds[node.id]?.state ?? 0)
    }
    reading.state = hash.value
    return reading
  }

  /// What a seed's columns hang on: its contents and its config.
  private func state(ofSeed node: Node) -> UInt64 {
    var hash = ContentHash()
    hash.add(node.checksum)
    if let file = AnalysisCache.WatchedFile(ofSeed: node) { hash.add(file.digest) }
    for key in ["column_types", "quote_columns", "delimiter"] {
      hash.add(node.config[key]?.pythonRepresentation ?? "")
    }
    return hash.value
  }

  /// The header of a seed, with the types that its table gets; nil when it cannot be read.
  private func columns(ofSeed node: Node) -> [RelationShape.Column]? {
    guard let table = try? SeedFiles(warn: { _ in }).table(of: node) else { return nil }
    let stated = node.config["column_types"]?.mapping ?? [:]
    let keepsCase = node.config["quote_columns"]?.bool == true
    return table.columns.map { column in
      let type = stated[column.name]?.string ?? SeedMaterialization.type(of: column, target.dialect)
      return RelationShape.Column(
        name: keepsCase ? column.name : column.name.lowercased(), type: SQLType(text: type))
    }
  }

  // MARK: The analysis

  /// Works out what an earlier analysis has not, and leaves what is known now for a later one.
  ///
  /// - Parameter report: what can be said of the project as a whole, when all of it was read.
  private func analyze(
    _ reading: Reading, since cache: AnalysisCache?, isKept: Bool = true,
    report: (ProjectAnalysis, UInt64) -> AnalysisCache.Report? = { _, _ in nil }
  ) -> ProjectAnalysis {
    var reading = reading
    for (id, seed) in reading.seeds {
      if let known = cache?.seeds[id], known.state == seed.state {
        reading.seeds[id] = known
      } else if let node = manifest.nodes[id], let columns = columns(ofSeed: node) {
        reading.seeds[id]?.columns = columns
      } else {
        reading.seeds[id] = nil
      }
    }
    let analysis = ProjectAnalysis(
      manifest, star: Star(manifest), compiled: reading.compiled,
      seeds: reading.seeds.mapValues(\.columns), earlier: cache?.queries ?? [:])
    guard isKept, let state = reading.state else { return analysis }
    let made = report(analysis, state)
    if let cache, cache.findings(in: state) != nil, made == nil || cache.report?.parse == made?.parse {
      return analysis
    }
    // What a run did not look at may be looked at by the next one.
    let others = (cache?.queries ?? [:]).filter { manifest.nodes[$0.key] != nil }
    AnalysisCache(
      latest: made == nil ? AnalysisCache.Outcome(state: state, findings: analysis.findings) : nil,
      report: made ?? cache?.report, seeds: reading.seeds,
      queries: others.merging(analysis.queries) { _, new in new }
    ).write(analysisPath, build: ParsedProject.build)
    return analysis
  }

  /// What to tell of the project as long as nothing of it is another; nil when that would take compiling it again.
  private func report(
    _ analysis: ProjectAnalysis, of reading: Reading, in state: UInt64, _ unread: [Node]
  ) -> AnalysisCache.Report? {
    guard let parseIdentity, !flags.defers, !flags.empty, settings.sample == nil,
      reading.compiled.values.allSatisfy(\.isRepeatable), unread.allSatisfy(\.introspects)
    else { return nil }
    let asked = Set(reading.compiled.values.flatMap(\.flags)).sorted()
    return AnalysisCache.Report(
      parse: parseIdentity, settings: EarlierSQL.hash(of: settings), flags: asked,
      answers: EarlierSQL.hash(of: asked, settings),
      files: manifest.nodes.values.compactMap(AnalysisCache.WatchedFile.init(ofSeed:)),
      outcome: AnalysisCache.Outcome(state: state, findings: analysis.findings),
      notes: notes(on: analysis, unread),
      relations: analysis.tables.count)
  }
}

extension AnalysisCache {
  /// - Parameter folder: the target folder.
  static func path(in folder: String) -> String { folder + "/whc-analysis.bin" }
}

extension AnalysisCache.WatchedFile {
  /// nil for what is no seed, and for seeds whose checksum is that of their contents.
  fileprivate init?(ofSeed node: Node) {
    guard node.resourceType == .seed, node.checksumName == "path" else { return nil }
    self.init(reading: node.rootPath + "/" + node.originalFilePath)
  }

  /// The file as it is now; nothing is in one that cannot be read.
  init(reading path: String) {
    self.init(path: path, digest: ContentHash.of((try? FileSystem.read(path)) ?? []))
  }
}
