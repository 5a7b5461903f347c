public import Diagnostics
public import ProjectModel
public import Warehouse

/// What one data test asks the database, in dbt's shape.
public struct TestPlan: Sendable {
  /// Stores the failing rows before they are counted; nil when they are not stored.
  public var store: Plan.Group?
  /// Gives one row: failures, should_warn, should_error. See ``TestAnswer``.
  public var query: Plan.Statement
  /// Some of the failing rows, for the message of a test that failed.
  public var sample: String
  /// Where the failing rows are kept.
  public var stored: RelationState?

  /// - Parameters:
  ///   - compiled: the test's own query, which gives the failing rows.
  ///   - existing: what stands under the test's relation now.
  ///   - storesFailures: `--store-failures`; a test's config wins over it.
  public init(
    _ node: Node, compiled: CompiledNode, existing: RelationState? = nil, storesFailures: Bool = false,
    sampleRows: Int = 5, dialect: Dialect
  ) throws(DiagnosticsError) {
    let config = TestConfig(node)
    let limit = config.limit.map { "\n  limit \($0)" } ?? ""
    let opening = """
      select
        \(config.failCalc) as failures,
        \(config.failCalc) \(config.warnIf) as should_warn,
        \(config.failCalc) \(config.errorIf) as should_error
      from (

      """
    let closing = "\n) dbt_internal_test"

    guard config.storeFailures ?? storesFailures else {
      query = Plan.Statement(
        .main, opening + compiled.sql + limit + closing, userSQLOffset: opening.utf8.count)
      sample = "select *\nfrom (\n\(compiled.sql)\(limit)\n) dbt_internal_test\nlimit \(sampleRows)"
      return
    }

    let kind = try Self.kind(config, node)
    guard let relation = node.relation else {
      throw DiagnosticsError(
        Diagnostic("no-relation", "test '\(node.name)' has no place for its failures", at: node.startSpan))
    }
    if let tooLong = dialect.checkLength(of: relation.identifier, node: node) {
      throw DiagnosticsError(tooLong)
    }
    let name = dialect.render(relation)
    var steps: [Plan.Step] = []
    if let existing {
      // Failures of an earlier run; views on them are nobody's contract.
      steps.append(
        .statement(Plan.Statement(.drop, "drop \(existing.kind.sqlWord) if exists \(name) cascade")))
    }
    let unlogged =
      kind == .table && dialect.kind == .postgres && node.config["unlogged"]?.bool == true ? "unlogged " : ""
    let create = "create \(unlogged)\(kind.sqlWord) \(name)\n  as (\n"
    steps.append(
      .statement(
        Plan.Statement(
          .prepare, create + compiled.sql + limit + "\n  )", userSQLOffset: create.utf8.count)))
    store = Plan.Group(steps.count > 1 ? .transaction : .autocommit, isIdempotent: true, steps)
    stored = RelationState(name: relation, kind: kind)
    query = Plan.Statement(.main, opening + "    select *\n    from \(name)" + closing)
    sample = "select *\nfrom \(name)\nlimit \(sampleRows)"
  }

  private static func kind(_ config: TestConfig, _ node: Node) throws(DiagnosticsError) -> RelationState.Kind
  {
    switch config.storeFailuresAs ?? "table" {
    case "table": return .table
    case "view": return .view
    case let other:
      let known = ["table", "view", "ephemeral"]
      throw DiagnosticsError(
        Diagnostic(
          "bad-config",
          "'store_failures_as' is '\(other)'", meant: NearMiss(other, among: known),
          at: node.span(ofConfig: "store_failures_as"), help: "it can be 'table', 'view' or 'ephemeral'"))
    }
  }
}
