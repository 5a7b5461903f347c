import Compiler
import Diagnostics
import Materializations
import ProjectModel
import Warehouse

/// Runs tests on one session: many with one scan where that gives the same answers, the others one by one.
struct TestExecutor {
  let environment: RunEnvironment
  let request: RunRequest
  let session: any Session
  let threadName: String
  var precompiled: Precompiled?
  /// True inside a transaction that must live on when a test's SQL is refused.
  var isInsideTransaction = false

  /// - Parameters:
  ///   - relations: relations that stand in for those of nodes while the tests run (a table built aside).
  ///   - facts: what the transaction has already checked, by relation as SQL writes it.
  /// - Returns: one result for each test, in their order.
  func run(
    _ tests: [NodeID], on relations: [NodeID: RelationName] = [:], facts: [String: Set<TestFusion.Fact>] = [:]
  ) -> [NodeResult] {
    var results: [NodeID: NodeResult] = [:]
    var compiled: [NodeID: CompiledNode] = [:]
    var fusible: [TestFusion.Test] = []
    for node in tests.compactMap({ environment.manifest.nodes[$0] }) {
      let start = environment.now()
      do throws(DiagnosticsError) {
        let sql = try compile(node, relations)
        compiled[node.id] = sql
        // Inside a transaction no template may commit.
        if !isInsideTransaction,
          let template = try environment.compiler.materialization(of: node, planned: ["test"])
        {
          results[node.id] = ask(node, sql, by: template)
        } else {
          fusible.append(TestFusion.Test(node: node, sql: sql.sql))
        }
      } catch {
        results[node.id] = failed(node, error.diagnostics, since: start)
      }
    }

    var limits = TestFusion.Limits()
    limits.connections = 1
    limits.storesFailures = request.flags.storeFailures
    let fused = TestFusion(dialect: session.dialect, limits: limits).fuse(fusible, facts: facts)
    for (id, answer) in fused.proved {
      guard let node = environment.manifest.nodes[id] else { continue }
      results[id] = judged(node, answer, compiled[id], since: environment.now())
    }
    var alone = fused.alone
    for query in fused.queries {
      let start = environment.now()
      guard let row = try? protected({ try session.run(query.sql).rows.first }) else {
        alone += query.tests
        continue
      }
      for (id, outcome) in zip(query.tests, query.outcomes(row: row)) {
        switch outcome {
        case .askExactly: alone.append(id)
        case .answer(let answer):
          guard let node = environment.manifest.nodes[id] else { continue }
          var result = judged(node, answer, compiled[id], since: start)
          if result.status != .pass, let sql = compiled[id],
            let plan = try? TestPlan(node, compiled: sql, dialect: session.dialect)
          {
            result.diagnostics = [explanation(of: result, node, plan)]
          }
          results[id] = result
        }
      }
    }
    for id in alone {
      guard let node = environment.manifest.nodes[id], let sql = compiled[id] else { continue }
      results[id] = ask(node, sql)
    }
    return tests.compactMap { results[$0] }
  }

  static func storesFailures(_ node: Node, _ flags: PlanFlags) -> Bool {
    if let kind = node.config["store_failures_as"]?.string { return kind.lowercased() != "ephemeral" }
    return node.config["store_failures"]?.bool ?? flags.storeFailures
  }

  func compile(
    _ node: Node, _ relations: [NodeID: RelationName]
  ) throws(DiagnosticsError) -> CompiledNode {
    if relations.isEmpty {
      if let ready = precompiled?.compiled[node.id] { return ready }
      if let diagnostics = precompiled?.failures[node.id] { throw DiagnosticsError(diagnostics) }
    }
    let report = environment.report
    let runtime = TemplateRuntime(session: session, cache: environment.cache) {
      report(.message(level: RunEvent.Level($0.level), text: $0.text, node: node.id))
    }
    runtime.overrides = relations
    runtime.selected = request.selectedResources
    runtime.threadName = threadName
    let compiled = try environment.compiler.compile(node, runtime: runtime)
    if relations.isEmpty { environment.writeCompiled(node, compiled) }
    return compiled
  }

  /// One test by the project's own `test` materialization, or dbt's whose macros the project has overridden.
  private func ask(
    _ node: Node, _ compiled: CompiledNode, by template: MaterializationTemplate
  ) -> NodeResult {
    let start = environment.now()
    defer { if session.isInTransaction { _ = try? session.run("rollback") } }
    do throws(DiagnosticsError) {
      let report = environment.report
      let runtime = TemplateRuntime(session: session, cache: environment.cache) {
        report(.message(level: RunEvent.Level($0.level), text: $0.text, node: node.id))
      }
      runtime.selected = request.nodes
      runtime.threadName = threadName
      let made = try environment.compiler.materialize(
        node, by: template, compiled: compiled, runtime: runtime)
      environment.writeRun(node, made.sent)
      for relation in made.relations { environment.cache.add(relation) }
      var result = judged(node, try TestAnswer(row: made.firstRow, node: node), compiled, since: start)
      if result.status == .fail || result.status == .warn {
        result.diagnostics = [
          Diagnostic(
            "test-failed", severity: result.status == .warn ? .warning : .error,
            "\(node.name): \(result.message ?? "failed")", at: node.patchSpan)
        ]
      }
      return result
    } catch {
      return failed(node, error.diagnostics, since: start, compiled)
    }
  }

  /// One test in dbt's shape.
  private func ask(_ node: Node, _ compiled: CompiledNode) -> NodeResult {
    let start = environment.now()
    var statement: Plan.Statement?
    do {
      let plan = try TestPlan(
        node, compiled: compiled, existing: node.relation.flatMap { environment.cache.relation($0) },
        storesFailures: request.flags.storeFailures, dialect: session.dialect)
      environment.writeRun(node, plan.query.sql)
      if let store = plan.store {
        for case .statement(let step) in store.steps {
          statement = step
          _ = try protected { try session.run(step.sql) }
        }
        if let stored = plan.stored { environment.cache.add(stored) }
      }
      statement = plan.query
      let answer = try protected { try session.run(plan.query.sql) }
      let row = answer.rows.first ?? []
      var result = judged(node, try TestAnswer(row: row, node: node), compiled, since: start)
      if result.status == .fail || result.status == .warn {
        result.diagnostics = [explanation(of: result, node, plan)]
      }
      return result
    } catch let error as DiagnosticsError {
      return failed(node, error.diagnostics, since: start, compiled)
    } catch let error as WarehouseError {
      let diagnostic = DatabaseDiagnostic(node: node, compiled: compiled).diagnostic(
        for: error, in: statement)
      return failed(node, [diagnostic], since: start, compiled)
    } catch {
      return failed(node, [Diagnostic("io-error", "\(node.name): \(error)")], since: start, compiled)
    }
  }

  /// What failed, with the table that keeps the rows or a few of them.
  private func explanation(of result: NodeResult, _ node: Node, _ plan: TestPlan) -> Diagnostic {
    var notes: [String] = []
    if let stored = plan.stored {
      notes.append("the rows are in \(session.dialect.render(stored.name))")
    } else if let sample = try? protected({ try session.run(plan.sample) }), !sample.rows.isEmpty {
      notes.append("for example:\n" + RowSample(sample).text)
    }
    let place = node.patchSpan ?? SourceSpan(file: node.originalFilePath, line: node.firstLine, column: 1)
    return Diagnostic(
      "test-failed", severity: result.status == .warn ? .warning : .error,
      "\(node.name): \(result.message ?? "failed")", at: place, notes: notes)
  }

  /// Inside a transaction a refused statement would end it, so each gets a savepoint.
  private func protected<Answer>(_ body: () throws -> Answer) throws -> Answer {
    guard isInsideTransaction, session.dialect.hasSavepoints else { return try body() }
    _ = try session.run("savepoint whc_test")
    do {
      let answer = try body()
      _ = try session.run("release savepoint whc_test")
      return answer
    } catch {
      if session.isInTransaction { _ = try? session.run("rollback to savepoint whc_test") }
      throw error
    }
  }

  private func judged(
    _ node: Node, _ answer: TestAnswer, _ compiled: CompiledNode?, since start: Double
  ) -> NodeResult {
    let verdict = TestVerdict(answer, of: node, warningsAreErrors: request.warningsAreErrors)
    let status: NodeResult.Status =
      switch verdict.status {
      case .pass: .pass
      case .fail: .fail
      case .warn: .warn
      }
    var result = NodeResult(node: node.id, status: status, threadName: threadName)
    result.failures = verdict.failures
    result.message = verdict.message
    result.adapterMessage = "SELECT 1"
    result.rowsAffected = 1
    return complete(result, node, compiled, since: start)
  }

  private func failed(
    _ node: Node, _ diagnostics: [Diagnostic], since start: Double, _ compiled: CompiledNode? = nil
  ) -> NodeResult {
    var result = NodeResult(node: node.id, status: .error, threadName: threadName)
    result.diagnostics = diagnostics
    result.message = diagnostics.first?.summary
    return complete(result, node, compiled, since: start)
  }

  private func complete(
    _ result: NodeResult, _ node: Node, _ compiled: CompiledNode?, since start: Double
  ) -> NodeResult {
    var result = result
    let end = environment.now()
    result.timing = [
      .init(name: "compile", startedAt: start, completedAt: start),
      .init(name: "execute", startedAt: start, completedAt: end),
    ]
    result.executionTime = end - start
    result.compiledCode = compiled?.sql
    if Self.storesFailures(node, request.flags) {
      result.relationName = node.relation.map(session.dialect.render)
    }
    return result
  }
}

extension [NodeResult] {
  var hasLostConnection: Bool { hasProblem("connection-lost") }

  func hasProblem(_ code: DiagnosticCode) -> Bool {
    contains { $0.diagnostics.contains { $0.code == code } }
  }
}

/// A few rows as a small table for a message.
struct RowSample {
  private let rows: [[String]]

  init(_ result: QueryResult) {
    func clip(_ text: String) -> String { text.count > 32 ? text.prefix(31) + "…" : text }
    rows =
      [result.columns.map(\.name)] + result.rows.map { $0.map { clip($0 ?? "NULL") } }
  }

  var text: String {
    let columns = rows.first?.count ?? 0
    let widths = (0..<columns).map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      zip(row, widths).map { $0.padding(to: $1) }.joined(separator: "  ").trimmingEnd()
    }.joined(separator: "\n")
  }
}

extension String {
  fileprivate func padding(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }

  fileprivate func trimmingEnd() -> String {
    var text = self
    while text.last == " " { text.removeLast() }
    return text
  }
}
