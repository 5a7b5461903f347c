import Diagnostics
import Materializations
import ProjectModel
import Warehouse

/// One item of the work list on one session.
struct ItemExecutor {
  struct Done: Sendable {
    var results: [NodeResult]
    /// Nothing of the item was done, so another connection may try it.
    var isRetryable: Bool
    var isConnectionLost: Bool
  }

  let environment: RunEnvironment
  let request: RunRequest
  let session: any Session
  let threadName: String
  let precompiled: Precompiled

  func execute(_ item: WorkList.Item) -> Done {
    // Tests that are asked together have statements in common.
    let nodes = item.nodes
    let only: NodeID? =
      if case .tests = item { nodes.count == 1 ? nodes.first : nil } else { nodes.first }
    let node = only.flatMap { environment.manifest.nodes[$0] }
    do throws(DiagnosticsError) {
      guard
        let comment = try environment.compiler.commentText(
          for: node, connectionName: only?.rawValue ?? threadName)
      else { return RunningNode.$current.withValue(only) { carryOut(item) } }
      let commented = ItemExecutor(
        environment: environment, request: request, session: CommentedSession(session, comment: comment),
        threadName: threadName, precompiled: precompiled)
      return RunningNode.$current.withValue(only) { commented.carryOut(item) }
    } catch {
      let results = nodes.map { id in
        var result = NodeResult(node: id, status: .error, threadName: threadName)
        result.diagnostics = error.diagnostics
        result.message = error.diagnostics.first?.summary
        return result
      }
      return Done(results: results, isRetryable: false, isConnectionLost: false)
    }
  }

  private func carryOut(_ item: WorkList.Item) -> Done {
    switch item {
    case .node(let id, let gateTests):
      if let source = environment.manifest.sources[id] {
        let executor = FreshnessExecutor(environment: environment, session: session, threadName: threadName)
        return Done(results: [executor.execute(source)], isRetryable: false, isConnectionLost: false)
      }
      guard let node = environment.manifest.nodes[id] else {
        return Done(results: [], isRetryable: false, isConnectionLost: false)
      }
      if let originals = request.originals {
        let executor = CloneExecutor(
          environment: environment, request: request, session: session, threadName: threadName,
          originals: originals)
        return Done(results: [executor.execute(node)], isRetryable: false, isConnectionLost: false)
      }
      if let diagnostics = precompiled.failures[id] {
        var result = NodeResult(node: id, status: .error, threadName: threadName)
        result.diagnostics = diagnostics
        result.message = diagnostics.first?.summary
        return Done(
          results: [result] + skipped(gateTests, because: id), isRetryable: false, isConnectionLost: false)
      }
      let executor = NodeExecutor(
        environment: environment, request: request, session: session, threadName: threadName,
        precompiled: precompiled.compiled[id])
      let microbatch = environment.compiler.engine.runsInBatches ? Microbatch(node) : nil
      let built =
        microbatch.map { BatchExecutor(executor: executor, microbatch: $0).build(node) }
        ?? executor.build(node, gateTests: gateTests)
      let ran = Set(built.tests.map(\.node))
      let results =
        [built.result] + built.tests + skipped(gateTests.filter { !ran.contains($0) }, because: id)
      return Done(results: results, isRetryable: built.isRetryable, isConnectionLost: built.isConnectionLost)
    case .unitTest(let id):
      guard let test = environment.manifest.unitTests[id] else {
        return Done(results: [], isRetryable: false, isConnectionLost: false)
      }
      let executor = UnitTestExecutor(
        environment: environment, request: request, session: session, threadName: threadName)
      let results = [executor.run(test)]
      return Done(
        results: results, isRetryable: results.hasLostConnection, isConnectionLost: results.hasLostConnection)
    case .tests(let ids):
      let executor = TestExecutor(
        environment: environment, request: request, session: session, threadName: threadName,
        precompiled: precompiled)
      let results = executor.run(ids)
      return Done(
        results: results, isRetryable: results.hasLostConnection, isConnectionLost: results.hasLostConnection)
    }
  }

  private func skipped(_ tests: [NodeID], because node: NodeID) -> [NodeResult] {
    tests.map {
      var result = NodeResult(node: $0, status: .skipped, threadName: threadName)
      result.skippedBecauseOf = node
      return result
    }
  }
}
