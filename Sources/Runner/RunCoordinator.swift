import Diagnostics
import ProjectModel
import Warehouse

/// Hands items to workers as they become ready and keeps what became of them.
actor RunCoordinator {
  nonisolated let total: Int
  private(set) var results: [NodeResult] = []
  private(set) var diagnostics: [Diagnostic] = []

  private let work: WorkList
  private let environment: RunEnvironment
  private let noOps: [NodeID]
  private let failFast: Bool
  private var schedule: Schedule
  private var waiting: [CheckedContinuation<Int?, Never>] = []
  private var positions: [NodeID: Int] = [:]
  private var nextPosition = 1
  private var isStopped = false
  /// Workers that have a connection, or are getting one.
  private var withConnection = 0
  private var hasWarned = false

  init(work: WorkList, environment: RunEnvironment, noOps: [NodeID], failFast: Bool) {
    self.work = work
    self.environment = environment
    self.noOps = noOps
    self.failFast = failFast
    schedule = Schedule(work.schedule)
    total = work.items.reduce(0) { $0 + $1.nodes.count } + noOps.count
  }

  /// The next item for a worker; nil when there will be none.
  func next() async -> Int? {
    if let index = schedule.next() { return index }
    if schedule.isFinished || isStopped { return nil }
    return await withCheckedContinuation { waiting.append($0) }
  }

  func started(_ index: Int) {
    for node in work.items[index].nodes {
      environment.report(.started(node, position: position(of: node)))
    }
  }

  func connects() { withConnection += 1 }
  func hasLostConnection() { withConnection -= 1 }

  /// A worker that got no connection leaves its item to the others, if another has one or is getting one.
  ///
  /// - Returns: true when the worker is to end.
  func leaves(_ index: Int, threads: Int, because error: WarehouseError) -> Bool {
    guard withConnection > 0 else { return false }
    if !hasWarned {
      hasWarned = true
      var warning = DatabaseDiagnostic.unattached(error, statement: nil)
      warning.severity = .warning
      warning.notes.append("the run goes on with fewer connections than its \(threads) threads")
      environment.report(.diagnostic(warning))
    }
    if !schedule.giveBack(index) { skip(work.items[index].nodes, because: nil, message: "cancelled") }
    wake()
    return true
  }

  /// An item that was taken and not started.
  func giveBack(_ index: Int) {
    skip(work.items[index].nodes, because: nil, message: "cancelled")
    _ = schedule.finish(index, .failed)
    wake()
  }

  func finished(_ index: Int, _ itemResults: [NodeResult]) {
    for result in itemResults { record(result) }
    let failed = itemResults.first { $0.status == .error || $0.status == .fail }
    let skips = schedule.finish(index, failed == nil ? .done : .failed)
    for skip in skips {
      self.skip(work.items[skip.item].nodes, because: failed?.node, message: nil)
    }
    if failFast, let failed { stop(because: failed.node) }
    wake()
  }

  /// The results of what has nothing to carry out.
  func finishNoOps() {
    guard !isStopped else { return }
    for id in noOps {
      var result = NodeResult(node: id, status: .noOp)
      result.message = "NO-OP"
      result.failures = 0
      record(result)
    }
  }

  /// Starts nothing more; what has not begun is skipped.
  func stop(because node: NodeID?) {
    isStopped = true
    for index in schedule.stop() {
      skip(
        work.items[index].nodes, because: node,
        message: node == nil ? "cancelled" : "Skipping due to fail_fast")
    }
    wake()
  }

  private func wake() {
    while !waiting.isEmpty {
      if let index = schedule.next() {
        waiting.removeFirst().resume(returning: index)
      } else if schedule.isFinished || isStopped {
        waiting.removeFirst().resume(returning: nil)
      } else {
        return
      }
    }
  }

  private func skip(_ nodes: [NodeID], because: NodeID?, message: String?) {
    for node in nodes {
      var result = NodeResult(node: node, status: .skipped)
      result.skippedBecauseOf = because
      result.message = message
      record(result)
    }
  }

  private func record(_ result: NodeResult) {
    var result = result
    if let node = environment.manifest.nodes[result.node] { result.nameFailure(of: node) }
    results.append(result)
    environment.report(.finished(result, position: position(of: result.node)))
  }

  private func position(of node: NodeID) -> Int {
    if let known = positions[node] { return known }
    defer { nextPosition += 1 }
    positions[node] = nextPosition
    return nextPosition
  }
}

extension WorkList.Item {
  /// Every node that has a result when the item is done.
  var nodes: [NodeID] {
    switch self {
    case .node(let id, let gateTests): [id] + gateTests
    case .tests(let ids): ids
    }
  }
}
