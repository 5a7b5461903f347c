public import Compiler
public import Diagnostics
import Dispatch
public import ProjectModel
import Synchronization

/// SQL of the nodes that ask nothing of the database, and what is wrong with those that do not compile.
///
/// Nodes that are in neither wait for a connection.
public final class Precompiled: Sendable {
  public let compiled: [NodeID: CompiledNode]
  public let failures: [NodeID: [Diagnostic]]

  /// Compiles on all cores.
  ///
  /// - Parameters:
  ///   - earlier: what an earlier run made of some of the nodes and this one would make again.
  ///   - refused: what is wrong with nodes whose SQL is not to be used
  ///   - isEmpty: `--empty`
  ///   - ephemerals: whether ephemeral models are asked for by themselves.
  ///   - keep: takes each node's SQL as soon as it is there; called from many threads.
  public init(
    nodes: [Node], compiler: NodeCompiler, earlier: [NodeID: CompiledNode] = [:],
    refused: [NodeID: [Diagnostic]] = [:], cache: RelationCache = RelationCache(), selected: [NodeID] = [],
    isEmpty: Bool = false,
    ephemerals: Bool = false, report: @escaping @Sendable (RunEvent) -> Void,
    keep: @escaping @Sendable (Node, CompiledNode) -> Void
  ) {
    let candidates = nodes.filter {
      !$0.introspects && $0.resourceType != .seed && (ephemerals || !$0.isEphemeral)
    }
    let chunks = 16
    let size = max(1, (candidates.count + chunks - 1) / chunks)
    let collected = Mutex<(compiled: [NodeID: CompiledNode], failures: [NodeID: [Diagnostic]])>(([:], [:]))
    DispatchQueue.concurrentPerform(iterations: (candidates.count + size - 1) / size) { chunk in
      var compiled: [CompiledNode] = []
      var failures: [NodeID: [Diagnostic]] = [:]
      for node in candidates[(chunk * size)..<min(candidates.count, (chunk + 1) * size)] {
        let id = node.id
        if let known = earlier[id] {
          keep(node, known)
          compiled.append(known)
          continue
        }
        let runtime = TemplateRuntime(cache: cache) { message in
          report(RunEvent(message, of: id))
        }
        runtime.selected = selected
        runtime.isEmpty = isEmpty
        do throws(DiagnosticsError) {
          let result = try compiler.compile(node, runtime: runtime)
          keep(node, result)
          compiled.append(result)
        } catch {
          // What asks about relations (is_incremental, say) waits until there is a connection.
          if !error.diagnostics.contains(where: { $0.code == "needs-database" }) {
            failures[id] = error.diagnostics
          }
        }
      }
      collected.withLock {
        for result in compiled { $0.compiled[result.id] = result }
        $0.failures.merge(failures) { first, _ in first }
      }
    }
    let found = collected.withLock { $0 }
    compiled = refused.isEmpty ? found.compiled : found.compiled.filter { refused[$0.key] == nil }
    failures = found.failures.merging(refused) { $0 + $1 }
  }
}
