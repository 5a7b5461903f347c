import Artifacts
import Compiler
import Diagnostics
import ProjectModel
import Synchronization

/// Compiled and sent SQL on its way to the target folder; files are written when their contents changed.
final class CompiledStore: Sendable {
  private struct State {
    var compiled: [NodeID: CompiledNode] = [:]
    var problem: DiagnosticsError?
  }

  private let workspace: Workspace
  private let state = Mutex(State())
  /// Snapshots that stand in one file share the file of their SQL.
  private let sharedFiles = Mutex(())

  init(_ workspace: Workspace) { self.workspace = workspace }

  var compiled: [NodeID: CompiledNode] { state.withLock { $0.compiled } }

  func keep(_ compiled: CompiledNode, for node: Node) {
    // One batch's SQL is not the model's.
    if workspace.manifest.nodes[node.id]?.originalFilePath == node.originalFilePath {
      state.withLock { $0.compiled[node.id] = compiled }
    }
    write(compiled, of: node)
  }

  /// What was written node by node, by threads that would wait for each other to keep each at once.
  func keep(_ compiled: [NodeID: CompiledNode]) {
    state.withLock { $0.compiled.merge(compiled) { _, new in new } }
  }

  func write(_ compiled: CompiledNode, of node: Node) {
    write(compiled.sql, to: workspace.layout.compiledPath(of: node), of: node)
  }

  func keepRun(_ sql: String, for node: Node) {
    write(sql, to: workspace.layout.runPath(of: node), of: node)
  }

  /// Ephemeral models are compiled with what reads them; those that were chosen or read are told and written like
  /// every other model. One that asks the database is left out.
  func keepEphemerals(of chosen: NodeSelector.Selection, compiledBy compiler: NodeCompiler) {
    let known = compiled
    let read = known.values.flatMap { $0.injected.map(\.id) }
    let runtime = workspace.offlineRuntime()
    runtime.emit = { _ in }
    for id in Set(chosen.ids + read) where known[id] == nil {
      guard let node = workspace.manifest.nodes[id], node.resourceType == .model, node.isEphemeral,
        let compiled = try? compiler.compile(node, runtime: runtime)
      else { continue }
      keep(compiled, for: node)
    }
  }

  /// - Throws: the first file that could not be written.
  func finish() throws(DiagnosticsError) {
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
