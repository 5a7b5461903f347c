import Compiler
import Diagnostics
import Materializations
import ProjectModel
import Warehouse

/// Builds one node on one session: compile, look, plan, carry out.
struct NodeExecutor {
  let environment: RunEnvironment
  let request: RunRequest
  let session: any Session
  let threadName: String
  /// SQL that was compiled before the first connection was opened.
  let precompiled: CompiledNode?

  struct Built {
    var result: NodeResult
    /// Results of the tests that ran before the node was published.
    var tests: [NodeResult] = []
    var isConnectionLost = false
    /// True when the connection is gone and nothing of the node was kept, so that another may try.
    var isRetryable = false
  }

  /// The batch that a build is for.
  struct BatchRun {
    var scope: BatchScope
    /// False for the batch that makes the table anew.
    var isIncremental: Bool
  }

  /// - Parameter batch: nil: the whole node.
  func build(_ node: Node, gateTests: [NodeID], batch: BatchRun? = nil) -> Built {
    let node = environment.compiler.resolvingForeignKeys(of: node)
    var result = NodeResult(node: node.id, status: .success, threadName: threadName)
    let start = environment.now()
    var tests: [NodeResult] = []
    var compiled: CompiledNode?
    var isConnectionLost = false
    var isRetryable = false
    var isHookRendered = false
    do {
      let runtime = self.runtime(for: node)
      runtime.batch = batch?.scope
      let compiledNode = try precompiled ?? compile(node, runtime)
      compiled = compiledNode
      runtime.compiled = compiledNode
      let compiledAt = environment.now()
      result.timing.append(.init(name: "compile", startedAt: start, completedAt: compiledAt))
      if let template = try environment.compiler.materialization(of: node, planned: Self.planned) {
        var node = node
        if let batch { node.config["full_refresh"] = .bool(!batch.isIncremental) }
        let (outcome, warnings) = try materialize(node, by: template, compiledNode, runtime)
        for warning in warnings { environment.report(.diagnostic(warning)) }
        result.diagnostics += warnings
        take(outcome, &result)
        return finish(result, node, compiled, since: start, tests: [])
      }
      var plan = try self.plan(node, compiledNode, runtime, batch: batch)
      let warnings = environment.weigh(plan.warnings)
      if warnings.contains(where: { $0.severity == .error }) { throw DiagnosticsError(warnings) }
      for warning in warnings { environment.report(.diagnostic(warning)) }
      result.diagnostics += warnings
      environment.writeRun(Self.written(node, batch?.scope), plan.sentSQL)
      var executor = PlanExecutor(
        diagnostics: DatabaseDiagnostic(
          node: node, compiled: compiledNode, seedPlace: environment.seedPlace), session: session,
        openSeed: environment.openSeed,
        gate: { relation, outcome in
          let verdicts = StarVerdicts(
            environment: environment, request: request, threadName: threadName, evidence: plan.evidence,
            offences: outcome.offences)
          tests = try runGate(gateTests, of: node, on: relation, verdicts)
        })
      executor.stage = environment.stage
      executor.retriesOfRefusals = environment.retriesOfRefusals
      let made = plan.creates
      executor.renderHook = { hook, isStored in
        // A hook may look for what the node has just made, or drop it.
        if isStored { for relation in made { environment.cache.add(relation) } }
        isHookRendered = isHookRendered || isStored
        let template = NodeCompiler.Hook(sql: hook.sql, inTransaction: true, span: hook.span)
        return try environment.compiler.render(hook: template, of: node, runtime: runtime)
      }
      var outcome: PlanExecutor.Outcome
      do {
        outcome = try executor.execute(plan)
      } catch let failure as PlanFailure where failure.isSurprise && plan.groups.count == 1 {
        // The one group was undone, and what it stumbled over is looked at now.
        try lookAgain(at: node)
        plan = try self.plan(
          node, compiledNode, runtime, batch: batch, carriesDependents: failure.sqlState == "2BP01")
        outcome = try executor.execute(plan)
      }
      if outcome.message == nil, node.resourceType == .seed {
        outcome = PlanExecutor.Outcome(message: "INSERT 0", rowsAffected: 0)
      }
      for warning in outcome.warnings { environment.report(.diagnostic(warning)) }
      result.diagnostics += outcome.warnings
      take(outcome, &result)
      for relation in plan.drops { environment.cache.remove(relation) }
      if !isHookRendered { for relation in plan.creates { environment.cache.add(relation) } }
    } catch let gate as GateFailure {
      tests = gate.results
      fail(&result, [gate.failure.diagnostic])
      // The transaction is undone, and with it what the tests stored.
      for kept in gate.keptFailures { try? kept.store(on: session) }
    } catch let failure as PlanFailure {
      isConnectionLost = failure.isConnectionLost
      isRetryable = failure.isConnectionLost && failure.isRepeatable
      if let broken = failure.broken, tests.isEmpty {
        let verdicts = StarVerdicts(
          environment: environment, request: request, threadName: threadName, evidence: [:],
          offences: [broken.check: broken.offences])
        tests = verdicts.failures(of: broken.check, among: gateTests)
      }
      fail(&result, [failure.diagnostic])
    } catch let error as DiagnosticsError {
      fail(&result, error.diagnostics)
    } catch let error as WarehouseError {
      // Only looking was done: plans throw their own kind of error.
      if case .connectionLost = error { (isConnectionLost, isRetryable) = (true, true) }
      fail(&result, [DatabaseDiagnostic(node: node, compiled: compiled).diagnostic(for: error, in: nil)])
    } catch {
      fail(&result, [Diagnostic("io-error", "\(node.name): \(error)")])
    }
    var built = finish(result, node, compiled, since: start, tests: tests)
    built.isConnectionLost = isConnectionLost
    built.isRetryable = isRetryable
    return built
  }

  /// The kinds that whc carries out by plans of its own.
  static let planned = Set(MaterializationRegistry.names)

  private func take(_ outcome: PlanExecutor.Outcome, _ result: inout NodeResult) {
    result.adapterMessage = outcome.message
    result.rowsAffected = outcome.rowsAffected
    result.message = outcome.message ?? "OK"
  }

  private func finish(
    _ result: NodeResult, _ node: Node, _ compiled: CompiledNode?, since start: Double, tests: [NodeResult]
  ) -> Built {
    var result = result
    for notice in session.takeNotices() {
      let level: RunEvent.Level = notice.hasPrefix("WARNING") ? .warn : .debug
      environment.report(.message(level: level, text: notice, node: node.id))
    }
    let end = environment.now()
    result.timing.append(
      .init(name: "execute", startedAt: result.timing.last?.completedAt ?? start, completedAt: end))
    result.executionTime = end - start
    result.compiledCode = compiled?.sql
    result.relationName = node.relation.map(session.dialect.render)
    return Built(result: result, tests: tests)
  }

  /// Asks the server what stands in the node's schema, which another run may have changed since the last look.
  private func lookAgain(at node: Node) throws(WarehouseError) {
    guard let relation = node.relation, let schema = relation.schema else { return }
    let name = SchemaName(database: relation.database, schema: schema)
    environment.cache.fill([name], with: try session.relations(in: [name]))
  }

  private func fail(_ result: inout NodeResult, _ diagnostics: [Diagnostic]) {
    result.status = .error
    result.diagnostics += diagnostics
    result.message = diagnostics.map(\.summary).joined(separator: "\n")
  }

  func runtime(for node: Node) -> TemplateRuntime {
    let report = environment.report
    let id = node.id
    let runtime = TemplateRuntime(session: session, cache: environment.cache) { message in
      report(RunEvent(message, of: id))
    }
    runtime.selected = request.selectedResources
    runtime.threadName = threadName
    runtime.isEmpty = request.flags.empty
    return runtime
  }

  func compile(_ node: Node, _ runtime: TemplateRuntime) throws -> CompiledNode {
    let compiled = try environment.compiler.compile(node, runtime: runtime)
    environment.writeCompiled(Self.written(node, runtime.batch), compiled)
    return compiled
  }

  /// The node as its SQL is filed: each batch has a file of its own, in a folder with the model's name.
  private static func written(_ node: Node, _ scope: BatchScope?) -> Node {
    guard let scope, node.path.hasSuffix(".sql"), node.originalFilePath.hasSuffix(".sql") else {
      return node
    }
    var filed = node
    let name = (node.path.split(separator: "/").last ?? "").dropLast(4)
    let end = "/\(name)_\(scope.label).sql"
    filed.path = node.path.dropLast(4) + end
    filed.originalFilePath = node.originalFilePath.dropLast(4) + end
    return filed
  }

  /// - Parameter carriesDependents: see ``PlanFlags/carriesDependents``.
  func plan(
    _ node: Node, _ compiled: CompiledNode, _ runtime: TemplateRuntime, batch: BatchRun? = nil,
    carriesDependents: Bool = false
  ) throws -> Plan {
    let input = try input(node, compiled, runtime, batch: batch, carriesDependents: carriesDependents)
    return try MaterializationRegistry.materialization(of: node).plan(input)
  }

  /// What a node's plan is made from.
  func input(
    _ node: Node, _ compiled: CompiledNode, _ runtime: TemplateRuntime, batch: BatchRun? = nil,
    carriesDependents: Bool = false
  ) throws -> PlanInput {
    let materialization = try MaterializationRegistry.materialization(of: node)
    var input = PlanInput(
      node: node, compiled: compiled, manifest: environment.manifest, dialect: session.dialect,
      existing: node.relation.flatMap { environment.cache.relation($0) }, flags: request.flags)
    input.flags.carriesDependents = carriesDependents
    input.flags.fullRefresh = node.config.fullRefresh ?? request.flags.fullRefresh
    if let batch { input.node.config["full_refresh"] = .bool(!batch.isIncremental) }
    input.batch = batch?.scope.batch
    let cache = environment.cache
    input.relations = KnownRelations { cache.relation($0) }
    if node.resourceType == .seed { input.seed = try environment.readSeed(node) }
    input.preHooks = try hooks(of: node, .preHook, runtime)
    input.postHooks = try hooks(of: node, .postHook, runtime)
    let needs = materialization.needs(input)
    input.overriddenMacros = Set(
      needs.macros.filter { environment.compiler.overrides($0, for: node) })
    try look(for: needs, &input)
    return input
  }

  private func hooks(
    of node: Node, _ phase: NodeCompiler.HookPhase, _ runtime: TemplateRuntime
  ) throws -> [RenderedHook] {
    try environment.compiler.hooks(of: node, phase, runtime: runtime)
      .filter { !$0.sql.allSatisfy(\.isWhitespace) }
      .map {
        RenderedHook(sql: $0.sql, inTransaction: $0.inTransaction, span: $0.span, isTemplate: $0.isDeferred)
      }
  }

  /// Asks the catalogue what the plan waits for.
  private func look(for needs: StateNeeds, _ input: inout PlanInput) throws {
    if needs.queryColumns {
      do {
        input.queryColumns = try session.describe(input.compiled.sql)
      } catch {
        let statement = Plan.Statement(.main, input.compiled.sql, userSQLOffset: 0)
        throw PlanFailure(
          diagnostic: DatabaseDiagnostic(node: input.node, compiled: input.compiled)
            .diagnostic(for: error, in: statement), error: error)
      }
    }
    if needs.queryEffort { input.queryEffort = try session.effort(of: input.compiled.sql) }
    var names = needs.columnsOf
    if needs.ownColumns, let existing = input.existing { names.append(existing.name) }
    if !names.isEmpty {
      let columns = try session.columns(of: names)
      for name in names {
        guard let found = columns[name], !found.isEmpty else { continue }
        var state =
          input.relations[name] ?? environment.cache.relation(name) ?? RelationState(name: name, kind: .table)
        state.columns = found
        input.relations[name] = state
        if input.existing?.name == name { input.existing = state }
      }
    }
    if !needs.storageOf.isEmpty { input.storage = try session.storage(of: needs.storageOf) }
    if needs.dependents, let existing = input.existing {
      guard input.flags.carriesDependents || environment.dependents.contains(existing.name) else { return }
      input.dependents = try session.dependentViews(of: [existing.name])[existing.name] ?? []
      input.dependentKeys = try session.foreignKeys(to: [existing.name])[existing.name] ?? []
    }
  }

  private func interruption(of node: Node, _ error: WarehouseError) -> PlanFailure {
    PlanFailure(
      diagnostic: DatabaseDiagnostic(node: node, compiled: nil).diagnostic(for: error, in: nil), error: error)
  }

  private func runGate(
    _ tests: [NodeID], of node: Node, on relation: RelationName, _ verdicts: StarVerdicts
  ) throws -> [NodeResult] {
    guard !tests.isEmpty else { return [] }
    let executor = TestExecutor(
      environment: environment, request: request, session: session, threadName: threadName,
      isInsideTransaction: true)
    let stand: [NodeID: RelationName] = relation == node.relation ? [:] : [node.id: relation]
    // What the transaction's own checks have just shown is not asked again.
    let proved = Set(StarTests.provedFacts(node).compactMap(TestFusion.Fact.init))
    var known = verdicts.results(of: tests)
    for id in known.keys {
      guard let test = environment.manifest.nodes[id] else { continue }
      known[id]?.compiledCode = try? executor.compile(test, stand).sql
    }
    let asked = executor.run(
      tests.filter { known[$0] == nil }, on: stand, facts: [session.dialect.render(relation): proved])
    let answers = Dictionary(asked.map { ($0.node, $0) }, uniquingKeysWith: { first, _ in first })
    let results = tests.compactMap { known[$0] ?? answers[$0] }
    guard let failed = results.first(where: { $0.status == .fail || $0.status == .error }) else {
      return results
    }
    // That the connection is gone, or the run cancelled, says nothing of the rows.
    if results.hasProblem("connection-lost") {
      throw interruption(of: node, .connectionLost("one of its tests was under way"))
    }
    if results.hasProblem("cancelled") { throw interruption(of: node, .cancelled) }
    let test = environment.manifest.nodes[failed.node]
    let name = test?.name ?? failed.node.rawValue
    let reason =
      switch failed.failures {
      case nil: "its test \(name) could not be asked"
      case 1?: "its test \(name) found 1 row"
      case let count?: "its test \(name) found \(count) rows"
      }
    throw GateFailure(
      results: results, keptFailures: keptFailures(results),
      failure: PlanFailure(
        diagnostic: Diagnostic(
          "gate-failed", "\(node.name) is not published: \(reason)",
          at: test?.patchSpan ?? SourceSpan(file: node.originalFilePath, line: node.firstLine, column: 1),
          notes: ["nothing was written; the relation is as it was before"]), error: nil,
        failedTest: failed.node))
  }
}

extension NodeExecutor {
  /// The failing rows of tests that are to store them, read while they are still there.
  private func keptFailures(_ results: [NodeResult]) -> [KeptFailures] {
    results.compactMap { result in
      guard result.status == .fail, let test = environment.manifest.nodes[result.node],
        TestExecutor.storesFailures(test, request.flags), let relation = test.relation,
        let sql = result.compiledCode
      else { return nil }
      return try? KeptFailures(of: sql, as: relation, on: session)
    }
  }
}

/// A test of the gate failed: the node's end and the results of its tests.
struct GateFailure: Error {
  var results: [NodeResult]
  var keptFailures: [KeptFailures]
  var failure: PlanFailure
}

extension Plan {
  /// The statements as `target/run` keeps them.
  fileprivate var sentSQL: String {
    groups.flatMap(\.steps).compactMap {
      switch $0 {
      case .statement(let statement): statement.sql + ";\n"
      case .copy(let statement, _): statement.sql + ";\n"
      case .audit(let audit): audit.query + ";\n"
      case .gate: nil
      }
    }.joined(separator: "\n")
  }
}
