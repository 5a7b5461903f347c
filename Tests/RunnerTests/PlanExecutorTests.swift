import Compiler
import Diagnostics
import Materializations
import ProjectModel
import Synchronization
import Testing
import Warehouse

@testable import Runner

@Suite struct PlanExecutorTests {
  private func plan(
    _ mode: Plan.Group.Mode = .transaction, isIdempotent: Bool = false, _ statements: String...
  ) -> Plan {
    Plan(
      node: NodeID("model.shop.a"),
      groups: [
        Plan.Group(mode, isIdempotent: isIdempotent, statements.map { .statement(.init(.change, $0)) })
      ])
  }

  /// What a plan ends with: the failure, and every statement that was sent.
  private func end(
    _ plan: Plan, _ rule: @escaping FakeWarehouse.Rule
  ) throws -> (failure: PlanFailure?, sent: [String]) {
    let warehouse = FakeWarehouse(rule)
    var executor = PlanExecutor(session: FakeSession(warehouse))
    do {
      _ = try executor.execute(plan)
      return (nil, warehouse.sent)
    } catch let failure as PlanFailure {
      return (failure, warehouse.sent)
    }
  }

  @Test(arguments: ["40001", "40P01"])
  func aConflictIsTriedThreeTimesInAll(state: String) throws {
    let twice = try end(plan(.transaction, "x")) { statement, before in
      if statement == "x", before < 2 { throw WarehouseError.state(state) }
      return nil
    }
    #expect(twice.failure == nil)
    #expect(twice.sent == ["begin", "x", "rollback", "begin", "x", "rollback", "begin", "x", "commit"])
    let always = try end(plan(.transaction, "x")) { statement, _ in
      if statement == "x" { throw WarehouseError.state(state) }
      return nil
    }
    #expect(always.failure?.sqlState == state)
    #expect(always.sent.filter { $0 == "x" }.count == 3)
  }

  /// The rows of a transaction that was undone are not among those that were stored.
  @Test func whatWasUndoneIsNotCounted() throws {
    let warehouse = FakeWarehouse { statement, before in
      if statement == "commit", before == 0 { throw WarehouseError.state("40001") }
      return statement == "x" ? QueryResult(columns: [], rows: [], tag: "INSERT 0 5", rowsAffected: 5) : nil
    }
    var counted = Plan.Statement(.main, "x")
    counted.countsRows = true
    var executor = PlanExecutor(session: FakeSession(warehouse))
    let outcome = try executor.execute(
      Plan(
        node: NodeID("model.shop.a"),
        groups: [Plan.Group(.transaction, [.statement(counted), .statement(.init(.hook, "hook"))])]))
    #expect(warehouse.sent.count { $0 == "x" } == 2)
    #expect(outcome.rowsAffected == 5)
  }

  @Test func aConflictOutsideOfATransactionIsTriedAgainOnlyWhereThatChangesNothing() throws {
    for isIdempotent in [true, false] {
      let ended = try end(plan(.autocommit, isIdempotent: isIdempotent, "x")) { _, _ in
        throw WarehouseError.state("40001")
      }
      #expect(ended.failure?.sqlState == "40001")
      #expect(ended.sent.count == (isIdempotent ? 3 : 1))
    }
  }

  /// What a join counted stands in the next statement, and in what the node stored.
  @Test func aJoinThatIsExplainedIsCounted() throws {
    var explain = Plan.Statement(.main, "explain", countsRows: true)
    explain.explainsJoin = true
    var reads = Plan.Statement(.prepare, "refuse unless :alone")
    reads.readsTallies = true
    let group = Plan.Group(
      .transaction,
      otherwise: Plan.Otherwise(sqlStates: [Plan.notCounted], steps: [.statement(.init(.main, "ask"))]),
      [.statement(explain), .statement(reads)])
    func run(_ type: String) throws -> (PlanExecutor.Outcome, [String]) {
      let side = #"{"Node Type": "Seq Scan", "Actual Rows": 5, "Actual Loops": 1, "Parent Relationship": "#
      let answer = #"""
        [{"Plan": {"Node Type": "\#(type)", "Join Type": "Full", "Actual Rows": 2, "Actual Loops": 1,
          "Rows Removed by Filter": 4, "Plans": [\#(side)"Outer"}, \#(side)"Inner"}]}}]
        """#
      let warehouse = FakeWarehouse { statement, _ in
        statement == "explain"
          ? QueryResult(columns: [], rows: [[answer]], tag: "EXPLAIN", rowsAffected: nil) : nil
      }
      var executor = PlanExecutor(session: FakeSession(warehouse))
      let outcome = try executor.execute(Plan(node: NodeID("model.shop.a"), groups: [group]))
      return (outcome, warehouse.sent)
    }
    let counted = try run("Hash Join")
    #expect(counted.1 == ["begin", "explain", "refuse unless 2", "commit"])
    #expect(counted.0.message == "SELECT 2")
    #expect(counted.0.rowsAffected == 2)
    let other = try run("Merge Join")
    #expect(other.1 == ["begin", "explain", "rollback", "begin", "ask", "commit"])
  }

  @Test func otherRefusalsAreNotTriedAgain() throws {
    let ended = try end(plan(.transaction, "x", "y")) { statement, _ in
      if statement == "x" { throw WarehouseError.state("42703") }
      return nil
    }
    #expect(ended.sent == ["begin", "x", "rollback"])
    #expect(ended.failure?.isConnectionLost == false)
  }

  @Test(arguments: [
    // Before the commit was sent, nothing is kept.
    ("hook", false, true), ("hook", true, true),
    // With it, nobody knows.
    ("commit", false, false), ("commit", true, true),
  ])
  func aLostConnectionMayBeRepeatedWhereNothingIsDoneTwice(
    lostAt: String, isIdempotent: Bool, isRepeatable: Bool
  ) throws {
    let steps: [Plan.Step] = [.statement(.init(.hook, "hook")), .statement(.init(.change, "x"))]
    let plan = Plan(
      node: NodeID("model.shop.a"), groups: [Plan.Group(.transaction, isIdempotent: isIdempotent, steps)])
    let ended = try end(plan) { statement, _ in
      if statement == lostAt { throw WarehouseError.connectionLost("gone") }
      return nil
    }
    #expect(ended.failure?.isConnectionLost == true)
    #expect(ended.failure?.isRepeatable == isRepeatable)
    // Nobody is there to be told of a rollback.
    #expect(ended.sent.last == lostAt)
  }

  @Test func whatAnEarlierGroupKeptIsNotDoneTwice() throws {
    for (first, expected) in [(true, true), (false, false)] {
      var two = plan(.autocommit, isIdempotent: first, "before")
      two.groups += plan(.transaction, isIdempotent: true, "x").groups
      let ended = try end(two) { statement, _ in
        if statement == "x" { throw WarehouseError.connectionLost("gone") }
        return nil
      }
      #expect(ended.failure?.isRepeatable == expected)
    }
  }

  @Test func cancellingUndoesTheTransaction() throws {
    let ended = try end(plan(.transaction, "x", "y")) { statement, _ in
      if statement == "x" { throw WarehouseError.cancelled }
      return nil
    }
    #expect(ended.sent == ["begin", "x", "rollback"])
    #expect(ended.failure?.diagnostic.code == "cancelled")
  }

  @Test func anAuditThatFindsRowsKeepsTheCommitBack() throws {
    let audit = Plan.Audit("duplicate-grain", "rows agree", query: "audit")
    let plan = Plan(
      node: NodeID("model.shop.a"),
      groups: [Plan.Group(.transaction, [.statement(.init(.change, "x")), .audit(audit)])])
    let ended = try end(plan) { statement, _ in
      guard statement == "audit" else { return nil }
      return QueryResult(
        columns: [.init(name: "count", type: "bigint"), .init(name: "id", type: "integer")],
        rows: [["2", "7"]], tag: "SELECT 1", rowsAffected: 1)
    }
    #expect(ended.sent == ["begin", "x", "audit", "rollback"])
    #expect(ended.failure?.diagnostic.code == "duplicate-grain")
    #expect(ended.failure?.diagnostic.notes == ["2 in all; nothing was written", "for example id = 7"])
    #expect(ended.failure?.isConnectionLost == false)
  }

  @Test func aGateThatFailsKeepsTheCommitBack() throws {
    struct Failed: Error {}
    let relation = RelationName(database: nil, schema: "s", identifier: "a")
    let plan = Plan(
      node: NodeID("model.shop.a"),
      groups: [Plan.Group(.transaction, [.statement(.init(.change, "x")), .gate(relation: relation)])])
    let warehouse = FakeWarehouse()
    var executor = PlanExecutor(
      diagnostics: nil, session: FakeSession(warehouse), openSeed: { _ in SeedStream { nil } },
      gate: { _, _ in throw Failed() })
    #expect(throws: Failed.self) { try executor.execute(plan) }
    #expect(warehouse.sent == ["begin", "x", "rollback"])
  }

  @Test func theSecondWayIsTakenForTheForeseenRefusalAlone() throws {
    let second = Plan.Otherwise(sqlStates: ["42P16"], steps: [.statement(.init(.change, "swap"))])
    let plan = Plan(
      node: NodeID("model.shop.a"),
      groups: [Plan.Group(.transaction, otherwise: second, [.statement(.init(.change, "replace"))])])
    for (state, expected) in [
      ("42P16", ["begin", "replace", "rollback", "begin", "swap", "commit"]),
      ("42601", ["begin", "replace", "rollback"]),
    ] {
      let ended = try end(plan) { statement, _ in
        if statement == "replace" { throw WarehouseError.state(state) }
        return nil
      }
      #expect(ended.sent == expected)
      #expect((ended.failure == nil) == (state == "42P16"))
    }
  }
}

@Suite struct CommentedSessionTests {
  private func comment(append: Bool) throws -> QueryCommentText {
    var settings = TemplateSettings(
      projectName: "shop", projectRoot: "/shop", packages: [TemplateSettings.Package(name: "shop")],
      adapterType: "postgres", database: "lake", schema: "dev", target: [:], invocationID: "1",
      runStartedAt: 0)
    settings.queryComment = TemplateSettings.QueryComment(template: "by {{ 1 + 1 }}", append: append)
    let compiler = NodeCompiler(
      engine: TemplateEngine(settings, macros: []),
      manifest: Manifest(projectName: "shop", adapterType: "postgres"))
    return try #require(try compiler.commentText(for: nil, connectionName: "master"))
  }

  @Test(arguments: [
    (false, ["begin", "/* by 2 */\nselect 1", "/* by 2 */ select 2", "commit"]),
    (true, ["begin", "select 1\n/* by 2 */", "/* by 2 */ select 2", "commit"]),
  ])
  func statementsCarryTheComment(append: Bool, sent: [String]) throws {
    let warehouse = FakeWarehouse()
    let session = CommentedSession(FakeSession(warehouse), comment: try comment(append: append))
    for sql in ["begin", "select 1", "/* by 2 */ select 2", "commit"] { _ = try session.run(sql) }
    #expect(warehouse.sent == sent)
  }

  @Test func placesAreThoseOfTheStatementItself() throws {
    let warehouse = FakeWarehouse { statement, _ in
      var message = ServerMessage(sqlState: "42703", message: "no column", statement: statement)
      message.position = 8 + 11
      throw WarehouseError.statement(message)
    }
    let session = CommentedSession(FakeSession(warehouse), comment: try comment(append: false))
    let error = #expect(throws: WarehouseError.self) { try session.run("select x") }
    guard case .statement(let message)? = error else { return #expect(Bool(false), "\(error as Any)") }
    #expect(message.position == 8)
    #expect(message.statement == "select x")
  }
}
