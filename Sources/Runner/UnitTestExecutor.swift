import Compiler
import Diagnostics
import Materializations
import ProjectModel
import Warehouse

/// Runs one unit test on a session: the model's query over made-up rows, held against the rows that are expected.
///
/// Nothing is made in the database: the types of the query's columns are asked for by describing it.
struct UnitTestExecutor {
  let environment: RunEnvironment
  let request: RunRequest
  let session: any Session
  let threadName: String

  func run(_ test: UnitTest) -> NodeResult {
    var result = NodeResult(node: test.node.id, status: .pass, threadName: threadName)
    let start = environment.now()
    var compiledAt = start
    do {
      let runtime = self.runtime(for: test)
      let compiled = try compile(test, runtime)
      compiledAt = environment.now()
      result.compiledCode = compiled.sql
      environment.writeCompiled(test.node, compiled)
      let query = try comparison(test, compiled, runtime)
      environment.writeRun(test.node, query)
      let answer = try ask(query, test, compiled)
      result.adapterMessage = answer.tag
      result.rowsAffected = answer.rowsAffected ?? answer.rows.count
      result.failures = 0
      if let diff = RowDiff(answer) {
        result.status = .fail
        result.failures = 1
        result.message = "\n\nactual differs from expected:\n\n\(diff.text)\n"
        result.diagnostics = [failure(of: test, diff)]
      }
    } catch let error as DiagnosticsError {
      fail(&result, error.diagnostics)
    } catch let error as WarehouseError {
      fail(&result, [DatabaseDiagnostic(node: test.node, compiled: nil).diagnostic(for: error, in: nil)])
    } catch {
      fail(&result, [Diagnostic("io-error", "\(test.node.name): \(error)")])
    }
    for notice in session.takeNotices() {
      environment.report(.message(level: .debug, text: notice, node: test.node.id))
    }
    let end = environment.now()
    result.timing = [
      .init(name: "compile", startedAt: start, completedAt: compiledAt),
      .init(name: "execute", startedAt: compiledAt, completedAt: end),
    ]
    result.executionTime = end - start
    return result
  }

  private func compile(_ test: UnitTest, _ runtime: TemplateRuntime) throws -> CompiledNode {
    try environment.compiler.compile(
      test,
      columns: { relation in
        guard environment.cache.relation(relation) != nil || !isKnown(relation) else { return [] }
        return try session.columns(of: [relation])[relation] ?? []
      }, runtime: runtime)
  }

  /// Whether the cache has looked where the relation would be.
  private func isKnown(_ relation: RelationName) -> Bool {
    environment.cache.knows(SchemaName(database: relation.database, schema: relation.schema ?? ""))
  }

  private func comparison(
    _ test: UnitTest, _ compiled: CompiledNode, _ runtime: TemplateRuntime
  ) throws -> String {
    let columns: [ColumnDescription]
    do throws(WarehouseError) {
      columns = try session.describe(compiled.sql)
    } catch {
      let statement = Plan.Statement(.main, compiled.sql, userSQLOffset: 0)
      throw DiagnosticsError(explained(error, test, compiled, statement))
    }
    return try environment.compiler.comparison(
      of: test, compiled: compiled, columns: columns, runtime: runtime)
  }

  private func ask(_ query: String, _ test: UnitTest, _ compiled: CompiledNode) throws -> QueryResult {
    do throws(WarehouseError) {
      return try session.run(query)
    } catch {
      throw DiagnosticsError(explained(error, test, compiled, Plan.Statement(.main, query)))
    }
  }

  private func explained(
    _ error: WarehouseError, _ test: UnitTest, _ compiled: CompiledNode, _ statement: Plan.Statement
  ) -> Diagnostic {
    var diagnostic = DatabaseDiagnostic(node: test.node, compiled: compiled).diagnostic(
      for: error, in: statement)
    if case .statement = error {
      diagnostic.notes.append(
        "while unit test '\(test.node.name)' ran; the rows that it states may have values of other types")
    }
    if diagnostic.span == nil { diagnostic.span = test.node.patchSpan }
    return diagnostic
  }

  private func failure(of test: UnitTest, _ diff: RowDiff) -> Diagnostic {
    Diagnostic(
      "unit-test-failed", "\(test.label): \(diff.summary)", at: test.node.patchSpan, notes: [])
  }

  private func fail(_ result: inout NodeResult, _ diagnostics: [Diagnostic]) {
    result.status = .error
    result.diagnostics += diagnostics
    result.message = diagnostics.map(\.summary).joined(separator: "\n")
  }

  private func runtime(for test: UnitTest) -> TemplateRuntime {
    let report = environment.report
    let id = test.node.id
    let runtime = TemplateRuntime(session: session, cache: environment.cache) {
      report(.message(level: RunEvent.Level($0.level), text: $0.text, node: id))
    }
    runtime.selected = request.nodes
    runtime.threadName = threadName
    return runtime
  }
}
