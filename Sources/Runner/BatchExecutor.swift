import Diagnostics
import Materializations
import ProjectModel

/// Builds a microbatch model: its batches one after the other on one session, each compiled and committed for itself.
///
/// A first batch that fails ends the model; a later one is noted and the others go on, as in dbt.
struct BatchExecutor {
  let executor: NodeExecutor
  let microbatch: Microbatch

  private var environment: RunEnvironment { executor.environment }

  func build(_ node: Node) -> NodeExecutor.Built {
    let start = environment.now()
    let isIncremental = isIncremental(node)
    let earlier = executor.request.earlierBatches[node.id]
    let found =
      earlier?.failed
      ?? microbatch.batches(
        isIncremental: isIncremental, range: executor.request.eventTimes,
        now: executor.request.batchesEnd
          ?? EventTime(secondsSince1970: environment.compiler.engine.settings.runStartedAt))
    guard let batches = found else {
      var result = NodeResult(node: node.id, status: .error, threadName: executor.threadName)
      let missing = Diagnostic(
        "bad-value", "microbatch model '\(node.name)' needs 'begin', the time of its first batch",
        at: node.config.origins["incremental_strategy"])
      result.diagnostics = [missing]
      result.message = missing.summary
      return NodeExecutor.Built(result: result)
    }
    var done = NodeExecutor.Built(
      result: NodeResult(node: node.id, status: .success, threadName: executor.threadName))
    var results = BatchResults()
    for (index, batch) in batches.enumerated() {
      let place = RunEvent.BatchPlace(
        label: BatchScope(batch, microbatch.size).label, position: index + 1, total: batches.count)
      environment.report(.batchStarted(node.id, place))
      var built = NodeExecutor.Built(
        result: NodeResult(node: node.id, status: .skipped, threadName: executor.threadName))
      if index > 0, results.failed.first == batches[0] {
        built.result.message = "SKIPPED"
      } else if !done.isConnectionLost {
        built = executor.build(
          withHooks(node, isFirst: index == 0, isLast: index == batches.count - 1), gateTests: [],
          batch: NodeExecutor.BatchRun(
            scope: BatchScope(batch, microbatch.size), isIncremental: index > 0 || isIncremental))
      }
      environment.report(.batchFinished(built.result, place))
      done.result.diagnostics += built.result.diagnostics
      done.isConnectionLost = done.isConnectionLost || built.isConnectionLost
      if built.result.status == .success {
        results.successful.append(batch)
      } else {
        results.failed.append(batch)
      }
    }
    finish(&done.result, results, earlier)
    let end = environment.now()
    done.result.executionTime = end - start
    done.result.timing = [
      .init(name: "compile", startedAt: start, completedAt: start),
      .init(name: "execute", startedAt: start, completedAt: end),
    ]
    done.result.relationName = node.relation.map(executor.session.dialect.render)
    return done
  }

  private func finish(_ result: inout NodeResult, _ batches: BatchResults, _ earlier: BatchResults?) {
    let (good, bad) = (batches.successful.count, batches.failed.count)
    switch (good, bad) {
    case (_, 0): (result.status, result.message) = (.success, "SUCCESS")
    case (0, _): (result.status, result.message) = (.error, "ERROR")
    default:
      (result.status, result.message) = (.partialSuccess, "PARTIAL SUCCESS (\(good)/\(good + bad))")
    }
    result.failures = 0
    result.batches = BatchResults(
      successful: batches.successful.sorted() + (earlier?.successful ?? []),
      failed: batches.failed.sorted())
  }

  /// Whether the table is there and lives on.
  private func isIncremental(_ node: Node) -> Bool {
    guard let relation = node.relation, environment.cache.relation(relation)?.kind == .table else {
      return false
    }
    return !(node.config.fullRefresh ?? executor.request.flags.fullRefresh)
  }

  /// The model's hooks frame all its batches.
  private func withHooks(_ node: Node, isFirst: Bool, isLast: Bool) -> Node {
    var node = node
    if !isFirst { node.config["pre-hook"] = [] }
    if !isLast { node.config["post-hook"] = [] }
    return node
  }
}
