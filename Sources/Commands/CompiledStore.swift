import Artifacts
import Compiler
import Diagnostics
import ProjectModel
import Runner
import Synchronization

/// Compiled and sent SQL on its way to the target folder; files are written when their contents changed.
final class CompiledStore: Sendable {
  private struct State {
    var compiled: [NodeID: CompiledNode] = [:]
    /// Nodes that say more now that they are compiled.
    var resolved: [NodeID: Node] = [:]
    /// The files that were written or found to be as they should.
    var files: [NodeID: FileStamp] = [:]
    var problem: DiagnosticsError?
  }

  private let workspace: Workspace
  private let state = Mutex(State())
  /// Snapshots that stand in one file share the file of their SQL.
  private let sharedFiles = Mutex(())
  private let earlier: EarlierSQL?
  /// SQL of earlier runs that rendering would give again.
  let known: [NodeID: CompiledNode]

  init(_ workspace: Workspace) {
    self.workspace = workspace
    earlier = EarlierSQL(workspace)
    known = earlier?.compiled ?? [:]
  }

  var compiled: [NodeID: CompiledNode] { state.withLock { $0.compiled } }

  var resolved: [NodeID: Node] { state.withLock { $0.resolved } }

  func keep(_ compiled: CompiledNode, for node: Node) {
    // One batch's SQL is not the model's.
    if workspace.manifest.nodes[node.id]?.originalFilePath == node.originalFilePath {
      keep([node.id: compiled], of: [node])
    }
    write(compiled, of: node)
  }

  /// What was written node by node, by threads that would wait for each other to keep each at once.
  ///
  /// - Parameter nodes: as they were compiled.
  func keep(_ compiled: [NodeID: CompiledNode], of nodes: [Node]) {
    let resolved = nodes.filter { compiled[$0.id] != nil && saysMore($0) }
    state.withLock {
      $0.compiled.merge(compiled) { _, new in new }
      for node in resolved { $0.resolved[node.id] = node }
    }
  }

  /// Whether a node's foreign keys have found their relations since it was parsed.
  private func saysMore(_ node: Node) -> Bool {
    guard let parsed = workspace.manifest.nodes[node.id], !node.sharesContents(with: parsed) else {
      return false
    }
    return node.constraints != parsed.constraints
      || node.columns.values.map(\.constraints) != parsed.columns.values.map(\.constraints)
  }

  func write(_ compiled: CompiledNode, of node: Node) {
    let path = workspace.layout.compiledPath(of: node)
    guard compiled.isRepeatable, node.resourceType != .snapshot, let earlier else {
      return write(compiled.sql, to: path, of: node)
    }
    let entry = earlier.entries[node.id]
    // Nobody has touched the file since this very SQL was written to it.
    if let file = entry?.file, entry?.compiled.sql == compiled.sql, FileStamp(workspace.path(path)) == file {
      return
    }
    write(compiled.sql, to: path, of: node)
    if let file = FileStamp(workspace.path(path)) { state.withLock { $0.files[node.id] = file } }
  }

  func keepRun(_ sql: String, for node: Node) {
    write(sql, to: workspace.layout.runPath(of: node), of: node)
  }

  /// Ephemeral models are compiled with what reads them; those that were chosen or read are told and written like
  /// every other model, unless what they read failed. One that asks the database is left out.
  func keepEphemerals(
    of chosen: NodeSelector.Selection, _ results: [NodeResult], compiledBy compiler: NodeCompiler
  ) {
    let skipped = Set(results.filter { $0.status == .skipped }.map(\.node))
    let read = compiled.filter { !skipped.contains($0.key) }.values.flatMap { $0.injected.map(\.id) }
    let blocked = Blocked(results, workspace.manifest)
    let runtime = workspace.offlineRuntime()
    runtime.emit = { _ in }
    for id in Set(chosen.ids.filter { !blocked.contains($0) } + read) where compiled[id] == nil {
      guard let node = workspace.manifest.nodes[id], node.resourceType == .model, node.isEphemeral,
        let compiled = try? compiler.compile(node, runtime: runtime)
      else { continue }
      keep(compiled, for: node)
    }
  }

  /// What could not be built because something above it was not.
  private struct Blocked {
    private let failed: Set<NodeID>
    private let manifest: Manifest

    init(_ results: [NodeResult], _ manifest: Manifest) {
      self.manifest = manifest
      let bad: Set<NodeResult.Status> = [.error, .fail, .skipped, .partialSuccess]
      failed = Set(results.filter { bad.contains($0.status) }.map(\.node))
    }

    func contains(_ id: NodeID) -> Bool {
      (manifest.nodes[id]?.dependsOn ?? []).contains { parent in
        failed.contains(parent) || (manifest.nodes[parent]?.isEphemeral == true && contains(parent))
      }
    }
  }

  /// The hooks of a run, `on-run-start` and `on-run-end`.
  func keepHooks(_ results: [NodeResult]) {
    for result in results {
      guard let node = workspace.manifest.nodes[result.node], node.resourceType == .operation,
        let sql = result.compiledCode
      else { continue }
      keep(CompiledNode(id: node.id, sql: sql, sourceMap: SourceMap()), for: node)
    }
  }

  /// - Throws: the first file that could not be written.
  func finish() throws(DiagnosticsError) {
    let (compiled, files) = state.withLock { ($0.compiled, $0.files) }
    earlier?.keep(compiled, files: files)
    if let problem = state.withLock({ $0.problem }) { throw problem }
  }

  private func write(_ text: String, to path: String, of node: Node) {
    guard node.resourceType != .snapshot else {
      return sharedFiles.withLock { _ in write(text, to: path) }
    }
    write(text, to: path)
  }

  private func write(_ text: String, to path: String) {
    do throws(DiagnosticsError) {
      _ = try ArtifactFile.write(text, to: workspace.path(path))
    } catch {
      state.withLock { if $0.problem == nil { $0.problem = error } }
    }
  }
}
