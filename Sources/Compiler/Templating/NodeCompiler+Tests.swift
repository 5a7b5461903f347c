public import Diagnostics
import Jinja
public import ProjectModel

extension NodeCompiler {
  /// dbt's query around a test: one row of `failures`, `should_warn`, `should_error`.
  ///
  /// - Parameter mainSQL: the test's compiled SQL, or a select from its stored failures.
  /// - Throws: when the user's own `get_test_sql` fails.
  public func testQuery(
    _ node: Node, mainSQL: String, runtime: TemplateRuntime
  ) throws(DiagnosticsError) -> String {
    let config = node.config
    let failCalculation = config["fail_calc"]?.string ?? "count(*)"
    let warnIf = config["warn_if"]?.string ?? "!= 0"
    let errorIf = config["error_if"]?.string ?? "!= 0"
    let limit = config["limit"]?.int ?? config["limit"]?.string.flatMap { Int($0) }
    if engine.library.isUntouched("get_test_sql", from: node.packageName) {
      return """
        select
          \(failCalculation) as failures,
          \(failCalculation) \(warnIf) as should_warn,
          \(failCalculation) \(errorIf) as should_error
        from (
          \(mainSQL)
          \(limit.map { "limit \($0)" } ?? "")
        ) dbt_internal_test
        """
    }
    guard case .macro(let macro)? = engine.library.find("get_test_sql", from: node.packageName) else {
      return mainSQL
    }
    let context = context(node, runtime)
    do throws(TemplateError) {
      let value = try context.interpreter.call(
        context.function(of: macro),
        Arguments(
          [],
          named: [
            ("main_sql", .string(mainSQL)), ("fail_calc", .string(failCalculation)),
            ("warn_if", .string(warnIf)),
            ("error_if", .string(errorIf)), ("limit", limit.map(Value.int) ?? .none),
          ]))
      return try value.renderedText()
    } catch {
      throw context.failure(error)
    }
  }
}
