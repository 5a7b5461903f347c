import Diagnostics
import ProjectModel
import TestSupport
import Warehouse

@testable import Materializations

/// Carries out plans on a private server, as plainly as can be, and looks at what became of the database.
struct PlanRunner {
  let connection: any Connection

  /// A new database with the schemas that fixtures speak of.
  init() async throws {
    connection = try await PrivateCluster.shared.connection()
    try await run("create schema marts; create schema staging; create schema reports")
  }

  func run(_ sql: String) async throws { _ = try await connection.perform { _ = try $0.run(sql) } }

  /// Rows as `a|b`, NULL as nothing.
  func rows(_ sql: String) async throws -> [String] {
    try await connection.perform { session in
      try session.run(sql).rows.map { $0.map { $0 ?? "" }.joined(separator: "|") }
    }
  }

  /// Looks, plans and carries out; gives the notices.
  @discardableResult
  func carryOut(_ kind: any Materialization, _ fixture: PlanFixture, seed: String = "") async throws
    -> [String]
  {
    let input = fixture.input
    return try await connection.perform { session in
      _ = session.takeNotices()
      do {
        try Self.execute(Self.plan(kind, input, session), seed, session)
      } catch WarehouseError.statement(let message) where message.sqlState == "2BP01" {
        var again = input
        again.flags.carriesDependents = true
        try Self.execute(Self.plan(kind, again, session), seed, session)
      }
      return session.takeNotices()
    }
  }

  private static func plan(_ kind: any Materialization, _ given: PlanInput, _ session: any Session) throws
    -> Plan
  {
    var input = given
    // The fixture's database has another name on the server.
    let target = RelationName(
      database: nil, schema: input.node.relation?.schema, identifier: input.node.relation?.identifier ?? "")
    input.node.relation = target
    let known = try session.relations(in: [SchemaName(database: nil, schema: "marts")])
    input.relations = KnownRelations { name in known.first { $0.name == name } }
    input.existing = input.relations[target]
    let needs = kind.needs(input)
    if needs.ownColumns { input.existing?.columns = try session.columns(of: [target])[target] }
    if needs.queryColumns { input.queryColumns = try session.describe(input.compiled.sql) }
    if needs.dependents {
      input.dependents = try session.dependentViews(of: [target])[target] ?? []
      input.dependentKeys = try session.foreignKeys(to: [target])[target] ?? []
    }
    return try kind.plan(input)
  }

  private static func execute(_ plan: Plan, _ seed: String, _ session: any Session) throws {
    for group in plan.groups {
      do {
        try execute(group.steps, group.mode, seed, session)
      } catch WarehouseError.statement(let message) {
        guard let otherwise = group.otherwise, otherwise.sqlStates.contains(message.sqlState) else {
          throw WarehouseError.statement(message)
        }
        try execute(otherwise.steps, group.mode, seed, session)
      }
    }
  }

  private static func execute(
    _ steps: [Plan.Step], _ mode: Plan.Group.Mode, _ seed: String, _ session: any Session
  ) throws {
    if mode == .transaction { _ = try session.run("begin") }
    do {
      for step in steps {
        switch step {
        case .statement(let statement): _ = try session.run(statement.sql)
        case .copy(let statement, _):
          var chunks = [Array(seed.utf8)]
          _ = try session.copyIn(statement.sql) { chunks.popLast() }
        case .audit, .gate: continue
        }
      }
      if mode == .transaction { _ = try session.run("commit") }
    } catch {
      if session.isInTransaction { _ = try session.run("rollback") }
      throw error
    }
  }
}
