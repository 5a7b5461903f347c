import Compiler
public import Diagnostics
import Materializations
public import ProjectModel
import Synchronization
import Warehouse

/// Carries out a run: compiles what needs no database, then hands ready nodes to connections until nothing is left.
///
/// The order is ``Schedule``'s; this drives it. Results come in the order in which nodes finished.
public final class Runner: Sendable {
  public struct Outcome: Sendable {
    public var results: [NodeResult]
    /// False when the run ended before its first node: no connection, or a catalogue that could not be read.
    public var hasBegun = true
    /// True when a hook of the run could not be rendered: nothing more was done.
    public var isEndedByHook = false
    /// Errors that belong to no node: no connection, a failed hook of the run.
    public var diagnostics: [Diagnostic]
    public var wasCancelled: Bool
    /// Seconds.
    public var elapsed: Double

    public init(results: [NodeResult], diagnostics: [Diagnostic], wasCancelled: Bool, elapsed: Double) {
      self.results = results
      self.diagnostics = diagnostics
      self.wasCancelled = wasCancelled
      self.elapsed = elapsed
    }
  }

  private let environment: RunEnvironment
  private let request: RunRequest
  private let isCancelled = Mutex(false)
  private let connections = Mutex<[any Connection]>([])
  /// The connection that looked around before the first node, for the first worker.
  private let spare = Mutex<(any Connection)?>(nil)
  private let running = Mutex<Task<Outcome, Never>?>(nil)

  public init(_ environment: RunEnvironment, _ request: RunRequest) {
    self.environment = environment
    self.request = request
  }

  /// Stops the run: statements in flight are cancelled on the server, nothing more is started. May be called from
  /// any thread, more than once.
  public func cancel() {
    let isFirst = isCancelled.withLock { cancelled in
      defer { cancelled = true }
      return !cancelled
    }
    if isFirst { environment.report(.cancelling) }
    // Whoever waits for a connection stops waiting.
    running.withLock { $0?.cancel() }
    for connection in connections.withLock({ $0 }) { connection.cancel() }
  }

  public func run() async -> Outcome {
    let task = Task { await carryOut() }
    running.withLock { $0 = task }
    if isCancelled.withLock({ $0 }) { task.cancel() }
    return await task.value
  }

  private func carryOut() async -> Outcome {
    let begin = environment.now()
    let precompiled = precompile()
    let work = WorkList(
      request.graph, manifest: environment.manifest,
      gates: { self.request.flags.gate && MaterializationRegistry.gates($0) })
    let coordinator = RunCoordinator(work: work, environment: environment, request: request)
    var diagnostics: [Diagnostic] = []
    var (startResults, endResults): ([NodeResult], [NodeResult]) = ([], [])
    do {
      if !work.items.isEmpty || !request.startHooks.isEmpty || !request.endHooks.isEmpty {
        try await prepare()
      }
    } catch {
      for connection in connections.withLock({ $0 }) { await connection.close() }
      var outcome = Outcome(
        results: [], diagnostics: Self.diagnostics(of: error), wasCancelled: isCancelled.withLock { $0 },
        elapsed: environment.now() - begin)
      outcome.hasBegun = false
      return outcome
    }
    environment.report(.began(total: coordinator.total, threads: request.threads))
    var (hasStarted, isEndedByHook) = (false, false)
    do {
      startResults = try await runHooks(request.startHooks, .onRunStart, results: [])
      hasStarted = true
      if request.needsStartHooks, startResults.contains(where: { $0.status == .error }) {
        coordinator.stop(because: nil, message: "Skipping due to a failed on-run-start hook")
      }
      await withTaskGroup(of: Void.self) { group in
        for number in 1...max(1, min(request.threads, max(1, work.items.count))) {
          group.addTask {
            await self.work(as: number, work, coordinator, precompiled)
          }
        }
      }
      coordinator.finishNoOps()
      endResults = try await finish(coordinator.results, startResults)
    } catch let failure as HookExecutor.Failure {
      diagnostics += failure.diagnostics
      if hasStarted { endResults = failure.results } else { startResults = failure.results }
      isEndedByHook = true
    } catch {
      diagnostics += Self.diagnostics(of: error)
    }
    if hasStarted || !isEndedByHook { coordinator.stop(because: nil) }
    let results = startResults + coordinator.results + endResults
    for connection in connections.withLock({ $0 }) { await connection.close() }
    let elapsed = environment.now() - begin
    environment.report(.ended(elapsed: elapsed))
    var outcome = Outcome(
      results: results, diagnostics: diagnostics,
      wasCancelled: isCancelled.withLock { $0 }, elapsed: elapsed)
    outcome.isEndedByHook = isEndedByHook
    outcome.hasBegun = hasStarted || !isEndedByHook
    return outcome
  }

  // MARK: Before the first node

  /// Compiles, on all cores, what asks nothing of the database: mistakes in templates show before anything is sent.
  private func precompile() -> Precompiled {
    // What `on-run-start` keeps in `graph` must be there for those that look.
    let looking = request.startHooks.isEmpty ? [] : environment.compiler.nodesLookingAtGraph()
    return Precompiled(
      nodes: request.originals != nil
        ? []
        : request.nodes.compactMap { environment.manifest.nodes[$0] }
          .filter { !$0.isMicrobatch && !looking.contains($0.id) },
      compiler: environment.compiler, earlier: environment.compiledEarlier,
      refused: environment.refused, cache: environment.cache, selected: request.selectedResources,
      isEmpty: request.flags.empty,
      report: environment.report, keep: environment.writeCompiled)
  }

  /// Learns what exists, makes the schemas that are missing, and runs `on-run-start`.
  private func prepare() async throws {
    let connection = try await connect(named: "master")
    let environment = self.environment
    let schemas = schemasOfRun
    let report = environment.report
    let nodes = request.nodes
    try await connection.perform { session in
      try self.stopIfCancelled()
      let existing = Set(try session.schemas())
      let missing = schemas.written.filter { !existing.contains($0.schema) }
      if let creation = SchemaCreation.group(for: Array(missing), dialect: session.dialect) {
        var executor = PlanExecutor(session: session)
        _ = try executor.execute(Plan(node: NodeID(""), groups: [creation]))
      }
      environment.cache.fill(Array(schemas.all), with: try session.relations(in: Array(schemas.all)))
      let replaced = nodes.compactMap { environment.manifest.nodes[$0]?.relation }
        .filter { environment.cache.relation($0) != nil }
      try environment.dependents.fill(replaced, from: session)
      for notice in session.takeNotices() { report(.message(level: .debug, text: notice, node: nil)) }
    }
    // What hooks change may hold for connections that are opened after them.
    if request.startHooks.isEmpty { spare.withLock { $0 = connection } }
  }

  private func finish(_ results: [NodeResult], _ startResults: [NodeResult]) async throws -> [NodeResult] {
    guard !request.endHooks.isEmpty, !isCancelled.withLock({ $0 }) else { return [] }
    let failed = startResults.filter { $0.status == .error }
    return try await runHooks(request.endHooks, .onRunEnd, results: failed + results)
  }

  private func runHooks(
    _ hooks: [RunRequest.RunHook], _ phase: NodeCompiler.HookPhase, results: [NodeResult]
  ) async throws -> [NodeResult] {
    guard !hooks.isEmpty else { return [] }
    let connection = try await connect(named: "master")
    let environment = self.environment
    let schemas = schemas(writtenBy: results)
    let selected = request.selectedResources
    return try await connection.perform { session in
      try self.stopIfCancelled()
      return try HookExecutor(
        environment: environment, session: session, phase: phase, selected: selected, results: results,
        schemas: schemas
      ).run(hooks)
    }
  }

  /// The schemas in which something was made, as on-run-end hooks are told.
  private func schemas(writtenBy results: [NodeResult]) -> [(database: String?, schema: String)] {
    results.compactMap { result in
      guard [.success, .pass, .warn, .partialSuccess].contains(result.status),
        let node = environment.manifest.nodes[result.node], let relation = node.relation,
        let schema = relation.schema
      else { return nil }
      let isStored =
        [.model, .seed, .snapshot, .function].contains(node.resourceType)
        || node.resourceType == .test && TestExecutor.storesFailures(node, request.flags)
      return isStored ? (relation.database, schema) : nil
    }
  }

  private var schemasOfRun: (written: Set<SchemaName>, all: Set<SchemaName>) {
    var written: Set<SchemaName> = []
    var all: Set<SchemaName> = []
    let chosen = Set(request.nodes)
    for (id, node) in environment.manifest.nodes {
      guard let relation = node.relation, let schema = relation.schema, !node.isEphemeral else { continue }
      let name = SchemaName(database: relation.database, schema: schema)
      let isBuilt = [.model, .seed, .snapshot, .function].contains(node.resourceType)
      let storesRows =
        node.resourceType == .test && chosen.contains(id) && TestExecutor.storesFailures(node, request.flags)
      if isBuilt || storesRows { all.insert(name) }
      if chosen.contains(id), isBuilt || storesRows { written.insert(name) }
    }
    for source in environment.manifest.sources.values {
      guard let schema = source.relation.schema else { continue }
      all.insert(SchemaName(database: source.relation.database, schema: schema))
    }
    return (written, all)
  }

  // MARK: Work

  private func connect(named name: String) async throws -> any Connection {
    let connection = try await environment.warehouse.connect(as: name)
    connections.withLock { $0.append(connection) }
    return connection
  }

  private func takeSpare() -> (any Connection)? {
    spare.withLock { spare in
      defer { spare = nil }
      return spare
    }
  }

  private func work(
    as number: Int, _ work: WorkList, _ coordinator: RunCoordinator, _ precompiled: Precompiled
  ) async {
    let threadName = "Thread-\(number)"
    var connection: (any Connection)?
    while let first = await coordinator.next() {
      if isCancelled.withLock({ $0 }) {
        coordinator.giveBack(first)
        coordinator.stop(because: nil)
        return
      }
      var (index, attempt) = (first, 1)
      var isStarted = false
      while true {
        do {
          if connection == nil {
            coordinator.connects()
            connection =
              if let spare = takeSpare() { spare.renamed(threadName) } else {
                try await connect(named: threadName)
              }
          }
        } catch {
          coordinator.hasLostConnection()
          if let error = error as? WarehouseError, error.isTransient(in: environment.warehouse.dialect),
            coordinator.leaves(index, threads: request.threads, because: error)
          {
            return
          }
          if !isStarted { coordinator.started(index) }
          coordinator.finished(
            index, failing(work.items[index], Self.diagnostics(of: error), threadName: threadName))
          break
        }
        if !isStarted { coordinator.started(index) }
        isStarted = true
        guard let open = connection else { break }
        let begin = index
        let turn = try? await open.perform { session in
          self.carryOut(from: begin, on: session, work, coordinator, precompiled, threadName: threadName)
        }
        guard let turn else {
          connection = nil
          coordinator.hasLostConnection()
          coordinator.finished(
            index,
            failing(
              work.items[index], [Diagnostic("connection-lost", "the connection is closed")],
              threadName: threadName))
          break
        }
        if case .cancelled(let item) = turn {
          coordinator.giveBack(item)
          coordinator.stop(because: nil)
          return
        }
        guard case .broken(let broken, let done) = turn else { break }
        if done.isConnectionLost {
          connection = nil
          coordinator.hasLostConnection()
        }
        if broken != index { (index, attempt) = (broken, 1) }
        let isCancelled = self.isCancelled.withLock { $0 }
        if done.isRetryable, attempt < 3, !isCancelled {
          attempt += 1
          continue
        }
        coordinator.finished(index, done.results)
        break
      }
    }
  }

  private enum Turn: Sendable {
    /// Nothing more is ready.
    case idle
    /// An item that was not carried out to its end and may be tried again.
    case broken(item: Int, ItemExecutor.Done)
    /// The run was cancelled before anything was done for the item.
    case cancelled(item: Int)
  }

  /// To be asked once a connection is at work: ``cancel()`` reaches what is at work from then on, and before that it
  /// has left its mark here.
  private func stopIfCancelled() throws(WarehouseError) {
    if isCancelled.withLock({ $0 }) { throw .cancelled }
  }

  /// Carries out an item, and others for as long as one is ready, without leaving the connection's thread.
  private func carryOut(
    from first: Int, on session: any Session, _ work: WorkList, _ coordinator: RunCoordinator,
    _ precompiled: Precompiled, threadName: String
  ) -> Turn {
    var index = first
    if isCancelled.withLock({ $0 }) { return .cancelled(item: first) }
    while true {
      let done = ItemExecutor(
        environment: environment, request: request, session: session, threadName: threadName,
        precompiled: precompiled
      ).execute(work.items[index])
      if done.isConnectionLost || done.isRetryable { return .broken(item: index, done) }
      let goesOn = !isCancelled.withLock { $0 }
      guard let next = coordinator.finished(index, done.results, goesOn: goesOn) else { return .idle }
      coordinator.started(next)
      index = next
    }
  }

  private func failing(
    _ item: WorkList.Item, _ diagnostics: [Diagnostic], threadName: String
  ) -> [NodeResult] {
    item.nodes.map { id in
      var result = NodeResult(node: id, status: .error, threadName: threadName)
      result.diagnostics = diagnostics
      result.message = diagnostics.first?.summary
      return result
    }
  }

  private static func diagnostics(of error: any Error) -> [Diagnostic] {
    switch error {
    case let error as DiagnosticsError: error.diagnostics
    case let error as WarehouseError: [DatabaseDiagnostic.unattached(error, statement: nil)]
    case let error as PlanFailure: [error.diagnostic]
    case is CancellationError: [DatabaseDiagnostic.unattached(.cancelled, statement: nil)]
    default: [Diagnostic("io-error", "\(error)")]
    }
  }
}
