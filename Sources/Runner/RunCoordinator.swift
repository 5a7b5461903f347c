import Diagnostics
import ProjectModel
import Synchronization
import Warehouse

/// Hands items to workers as they become ready and keeps what became of them.
///
/// Behind a lock and not an actor: a worker that is done with an item goes on with the next one on its own thread.
final class RunCoordinator: Sendable {
  let total: Int
  private let work: WorkList
  private let environment: RunEnvironment
  private let noOps: [NodeID]
  private let failFast: Bool
  private let selected: Set<NodeID>
  private let state: Mutex<State>

  private struct State {
    var results: [NodeResult] = []
    var schedule: Schedule
    var waiting: [CheckedContinuation<Int?, Never>] = []
    var positions: [NodeID: Int] = [:]
    var isStopped = false
    /// Workers that have a connection, or are getting one.
    var withConnection = 0
    var hasWarned = false

    var isOver: Bool { schedule.isFinished || isStopped }
  }

  init(work: WorkList, environment: RunEnvironment, request: RunRequest) {
    self.work = work
    self.environment = environment
    noOps = request.noOps
    failFast = request.failFast
    selected = Set(request.selectedResources)
    state = Mutex(State(schedule: Schedule(work.schedule)))
    total = work.items.reduce(0) { $0 + $1.nodes.count } + noOps.count
  }

  var results: [NodeResult] { state.withLock { $0.results } }

  /// The next item for a worker; nil when there will be none.
  func next() async -> Int? {
    await withCheckedContinuation { continuation in
      state.withLock { state in
        if let index = state.schedule.next() {
          continuation.resume(returning: index)
        } else if state.isOver {
          continuation.resume(returning: nil)
        } else {
          state.waiting.append(continuation)
        }
      }
    }
  }

  func started(_ index: Int) {
    state.withLock { state in
      for node in work.items[index].nodes {
        environment.report(.started(node, position: position(of: node, &state)))
      }
    }
  }

  func connects() { state.withLock { $0.withConnection += 1 } }
  func hasLostConnection() { state.withLock { $0.withConnection -= 1 } }

  /// A worker that got no connection leaves its item to the others, if another has one or is getting one.
  ///
  /// - Returns: true when the worker is to end.
  func leaves(_ index: Int, threads: Int, because error: WarehouseError) -> Bool {
    state.withLock { state in
      guard state.withConnection > 0 else { return false }
      if !state.hasWarned {
        state.hasWarned = true
        var warning = DatabaseDiagnostic.unattached(error, statement: nil)
        warning.severity = .warning
        warning.notes.append("the run goes on with fewer connections than its \(threads) threads")
        environment.report(.diagnostic(warning))
      }
      if !state.schedule.giveBack(index) {
        skip(work.items[index].nodes, because: nil, message: "cancelled", &state)
      }
      wake(&state)
      return true
    }
  }

  /// An item that was taken and that nothing was done for, because the run is cancelled; what comes after it is
  /// skipped with it.
  func giveBack(_ index: Int) {
    state.withLock { state in
      skip(work.items[index].nodes, because: nil, message: "cancelled", &state)
      for skipped in state.schedule.finish(index, .failed) {
        skip(work.items[skipped.item].nodes, because: nil, message: "cancelled", &state)
      }
      wake(&state)
    }
  }

  /// - Parameter goesOn: Whether the worker takes another item at once.
  /// - Returns: that item; nil when none is ready.
  @discardableResult
  func finished(_ index: Int, _ itemResults: [NodeResult], goesOn: Bool = false) -> Int? {
    state.withLock { state in
      let ephemeral = itemResults.lazy.compactMap { $0.failedEphemeral(among: self.selected) }.first
      for result in itemResults {
        record(ephemeral.map(result.skipped(becauseOf:)) ?? result, &state)
      }
      let failed = itemResults.first { [.error, .fail, .partialSuccess].contains($0.status) }
      let skips = state.schedule.finish(index, failed == nil ? .done : .failed)
      for skip in skips {
        for node in work.items[skip.item].nodes {
          var result = NodeResult(node: node, status: .skipped)
          result.skippedBecauseOf = failed?.node
          record(ephemeral.map(result.skipped(becauseOf:)) ?? result, &state)
        }
      }
      if failFast, let failed { stop(because: failed.node, &state) }
      let next = goesOn ? state.schedule.next() : nil
      wake(&state)
      return next
    }
  }

  /// The results of what has nothing to carry out.
  func finishNoOps() {
    state.withLock { state in
      guard !state.isStopped else { return }
      let failed = failedNodes(state.results)
      for id in noOps {
        if let cause = environment.manifest.parents(ofOther: id).first(where: failed.contains) {
          skip([id], because: cause, message: nil, &state)
          continue
        }
        var result = NodeResult(node: id, status: .noOp)
        result.message = "NO-OP"
        let now = environment.now()
        result.timing = ["compile", "execute"].map { .init(name: $0, startedAt: now, completedAt: now) }
        result.failures = 0
        record(result, &state)
      }
    }
  }

  /// What did not work, with what was skipped because of it. Exposures do not wait for tests of what they show.
  private func failedNodes(_ results: [NodeResult]) -> Set<NodeID> {
    var failed: Set<NodeID> = []
    for result in results {
      switch result.status {
      case .error, .fail, .skipped, .partialSuccess:
        failed.insert(result.node)
      default: break
      }
    }
    return failed
  }

  /// Starts nothing more; what has not begun is skipped.
  func stop(because node: NodeID?, message: String? = nil) {
    state.withLock { stop(because: node, message: message, &$0) }
  }

  // MARK: Under the lock

  private func stop(because node: NodeID?, message: String? = nil, _ state: inout State) {
    state.isStopped = true
    for index in state.schedule.stop() {
      skip(
        work.items[index].nodes, because: node,
        message: message ?? (node == nil ? "cancelled" : "Skipping due to fail_fast"), &state)
    }
    wake(&state)
  }

  private func wake(_ state: inout State) {
    while !state.waiting.isEmpty {
      if let index = state.schedule.next() {
        state.waiting.removeFirst().resume(returning: index)
      } else if state.isOver {
        state.waiting.removeFirst().resume(returning: nil)
      } else {
        return
      }
    }
  }

  private func skip(_ nodes: [NodeID], because: NodeID?, message: String?, _ state: inout State) {
    for node in nodes {
      var result = NodeResult(node: node, status: .skipped)
      result.skippedBecauseOf = because
      result.message = message
      record(result, &state)
    }
  }

  private func record(_ result: NodeResult, _ state: inout State) {
    var result = result
    if let node = environment.manifest.nodes[result.node] { result.nameFailure(of: node) }
    state.results.append(result)
    environment.report(.finished(result, position: position(of: result.node, &state)))
  }

  private func position(of node: NodeID, _ state: inout State) -> Int {
    if let known = state.positions[node] { return known }
    let next = state.positions.count + 1
    state.positions[node] = next
    return next
  }
}

extension WorkList.Item {
  /// Every node that has a result when the item is done.
  var nodes: [NodeID] {
    switch self {
    case .node(let id, let gateTests): [id] + gateTests
    case .tests(let ids): ids
    case .unitTest(let id): [id]
    }
  }
}
