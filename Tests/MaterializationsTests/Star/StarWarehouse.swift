import Diagnostics
import Foundation
import LibpqWarehouse
import OrderedCollections
import ProjectModel
import TestSupport
import Warehouse

@testable import Materializations

/// Carries out a star's plans on a real server, in a schema `star` that each test makes anew.
struct StarWarehouse {
  /// An audit that found rows; nothing of the run was kept.
  struct Stopped: Error, Equatable {
    var code: String
    var rows: [[String?]]
  }

  let session: any Session
  let settings: PostgresSettings
  var fixture: StarFixture

  /// Runs `body` on a server of the test's own.
  static func with<Result: Sendable>(
    _ fixture: StarFixture, _ body: @escaping @Sendable (StarWarehouse) throws -> Result
  ) async throws -> Result {
    let settings = try await PrivateCluster.shared.database()
    let connection = try await LibpqWarehouse(settings).connect(as: "test")
    let result = try await connection.perform { session in
      _ = try session.run("set client_min_messages = error; set timezone = 'UTC'; create schema star")
      if fixture.plansForRedshift { _ = try session.run(redshiftFunctions) }
      return try body(StarWarehouse(session: session, settings: settings, fixture: fixture))
    }
    await connection.close()
    return result
  }

  /// Those that plans for Redshift call, and PostgreSQL has not.
  private static let redshiftFunctions = """
    create function getdate() returns timestamp language sql as 'select clock_timestamp()::timestamp';
    create function last_day(date) returns date immutable language sql as
      $$ select (date_trunc('month', $1) + interval '1 month - 1 day')::date $$;
    create function strtol(text, int) returns bigint immutable language sql as
      $$ select ('x' || lpad($1, 16, '0'))::bit(64)::bigint $$;
    create function datediff(text, timestamp, timestamp) returns bigint immutable language sql as
      $$ select (extract(epoch from $3 - $2) * 1000000)::bigint $$
    """

  /// The statement with the words of Redshift's that no function can stand for.
  private func sent(_ sql: String) -> String {
    !fixture.plansForRedshift
      ? sql
      : sql.replacing("sysdate", with: "getdate()").replacing(
        "datediff(microsecond", with: "datediff('microsecond'")
  }

  @discardableResult
  func query(_ sql: String) throws -> [[String?]] { try session.run(sql).rows }

  /// Rows as text: `1|a|NULL`.
  func lines(_ sql: String) throws -> [String] {
    try query(sql).map { $0.map { $0 ?? "NULL" }.joined(separator: "|") }
  }

  /// One run of `name`, at `now` (days since 2000-01-01; nil: the server's clock).
  func run(_ name: String, now: Double? = nil, fullRefresh: Bool = false) throws {
    guard let plan = try plan(name, now: now, fullRefresh: fullRefresh) else { return }
    try carryOut(plan)
  }

  /// Two runs of `name` that were planned before either had made anything.
  func runTwo(_ name: String, now: Double, between: String) throws {
    let plans = try [now, now + 1].map { try plan(name, now: $0, fullRefresh: false) }.compactMap(\.self)
    for plan in plans {
      try carryOut(plan)
      try query(between)
    }
  }

  /// A rebuild of `name` that is written, from all that its source holds.
  func rebuild(_ name: String, now: Double) throws {
    guard let plan = try plan(name, now: now, fullRefresh: true, rebuild: true) else { return }
    try carryOut(plan)
  }

  private func plan(_ name: String, now: Double?, fullRefresh: Bool, rebuild: Bool = false) throws -> Plan? {
    let exists = try !query("select 1 from pg_tables where schemaname = 'star' and tablename = '\(name)'")
      .isEmpty
    guard var input = fixture.input(name) else { return nil }
    if let relation = input.node.relation, exists {
      input.existing = RelationState(
        name: relation, kind: .table,
        columns: try query(
          "select attname, format_type(atttypid, atttypmod) from pg_attribute "
            + "where attrelid = 'star.\(name)'::regclass and attnum > 0 and not attisdropped"
        ).map { ColumnDescription(name: $0[0] ?? "", type: $0[1] ?? "") })
    }
    if input.node.config.materialized == "dimension" {
      for row in try query(
        """
        select c.relname, a.attname, format_type(a.atttypid, a.atttypmod)
        from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        where c.relnamespace = 'star'::regnamespace and c.relkind = 'r'
          and (c.relname like '\(name)\\_%' or c.relname = 'older')
        order by c.oid, a.attnum
        """)
      {
        let relation = RelationName(database: nil, schema: "star", identifier: row[0] ?? "")
        var state = input.relations[relation] ?? RelationState(name: relation, kind: .table, columns: [])
        state.columns = (state.columns ?? []) + [ColumnDescription(name: row[1] ?? "", type: row[2] ?? "")]
        input.relations[relation] = state
      }
    }
    input.flags.now = now.map { Self.time($0) + "+00" }
    input.flags.fullRefresh = fullRefresh
    input.flags.rebuild = rebuild
    // Every other day the source counts as one that is not to be read twice.
    if (now ?? 0).truncatingRemainder(dividingBy: 2) < 1 {
      input.queryEffort = try session.effort(of: input.compiled.sql)
    }
    var plan = try MaterializationRegistry.materialization(of: input.node).plan(input)
    // Every third day the server is one that does not count what it joins.
    if (now ?? 0).truncatingRemainder(dividingBy: 3) < 1 {
      for place in plan.groups.indices {
        guard let otherwise = plan.groups[place].otherwise, otherwise.sqlStates.contains(Plan.notCounted)
        else {
          continue
        }
        plan.groups[place].steps = otherwise.steps
      }
    }
    return plan
  }

  /// A run whose session the server ends: after one of its statements, or while rows of `name` are being written.
  ///
  /// - Parameter place: chosen at random; the same place is the same statement.
  func runKilled(_ name: String, now: Double? = nil, fullRefresh: Bool = false, at place: Int) throws {
    guard let plan = try plan(name, now: now, fullRefresh: fullRefresh) else { return }
    var statements = plan.groups.flatMap { $0.steps }.compactMap { step -> String? in
      guard case .statement(let statement) = step else { return nil }
      // What the join counted, asked of what it left.
      return statement.sql.replacing(
        Plan.Tally.alone.marker,
        with: "(select count(*) from pg_temp.whc_delta x where x.whc_tid is null or not x.whc_here)")
    }
    let exists = try query("select to_regclass('star.\(name)')")[0][0] != nil
    if exists, place % 3 == 0 {
      let dies = """
        create function star.die() returns trigger language plpgsql as $$
        begin
          if nextval('star.deaths') > \(place % 20) then perform pg_terminate_backend(pg_backend_pid()); end if;
          return coalesce(new, old);
        end $$
        """
      statements =
        [
          "create sequence star.deaths", dies,
          "create trigger dies before insert or update or delete on star.\(name) for each row execute function star.die()",
        ] + statements
    } else {
      statements = Array(statements.prefix(place % (statements.count + 1)))
    }
    let script = (["begin"] + statements + ["select pg_terminate_backend(pg_backend_pid())"])
      .joined(separator: "\n;\n")
    let settings = self.settings
    let ended = DispatchSemaphore(value: 0)
    Task.detached {
      defer { ended.signal() }
      let connection = try await LibpqWarehouse(settings).connect(as: "killed")
      _ = try? await connection.perform { session in
        try session.run(
          "set client_min_messages = error; set timezone = 'UTC';\n" + script + "; commit")
      }
      await connection.close()
    }
    ended.wait()
  }

  private func carryOut(_ plan: Plan) throws {
    for group in plan.groups {
      do {
        try carryOut(group.steps)
      } catch let error as WarehouseError {
        guard let otherwise = group.otherwise, otherwise.sqlStates.contains(error.sqlState ?? "") else {
          throw error
        }
        try carryOut(otherwise.steps)
      }
    }
  }

  /// What an explained join counted; its refusal where it is not counted.
  private static func alone(_ answer: QueryResult, _ statement: String) throws -> Int? {
    let text = answer.rows.compactMap { $0.first ?? nil }.joined(separator: "\n")
    guard let join = FullJoinPlan(explanation: text) else {
      throw WarehouseError.statement(
        ServerMessage(sqlState: Plan.notCounted, message: "not counted", statement: statement))
    }
    return join.rowsAlone
  }

  private func carryOut(_ steps: [Plan.Step]) throws {
    _ = try session.run("begin")
    do {
      var script = ""
      var alone: Int?
      for step in steps {
        switch step {
        case .statement(let statement) where statement.explainsJoin:
          _ = try session.run(script)
          script = ""
          alone = try Self.alone(try session.run(statement.sql), statement.sql)
        case .statement(let statement):
          let count = alone.map { "\($0)" } ?? "null"
          script += sent(statement.sql).replacing(Plan.Tally.alone.marker, with: count) + "\n;\n"
        case .audit(let audit):
          _ = try session.run(script)
          script = ""
          let rows = try query(sent(audit.query))
          if !rows.isEmpty, audit.severity == .error {
            throw Stopped(code: audit.code.rawValue, rows: rows)
          }
        case .gate:
          _ = try session.run(script)
          script = ""
        case .copy: break
        }
      }
      _ = try session.run(script + "commit")
    } catch {
      _ = try session.run("rollback")
      throw error
    }
  }

  /// The code that a run stops with; nil when it does not.
  func stop(_ name: String, now: Double? = nil, fullRefresh: Bool = false) throws -> String? {
    do {
      try run(name, now: now, fullRefresh: fullRefresh)
      return nil
    } catch let stopped as Stopped {
      return stopped.code
    }
  }

  /// `2000-01-04 12:00:00` is 3.5.
  static func time(_ days: Double) -> String {
    let minutes = Int((days * 24 * 60).rounded())
    let day = minutes / (24 * 60)
    let rest = minutes % (24 * 60)
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "2000-01-\(two(day + 1)) \(two(rest / 60)):\(two(rest % 60)):00"
  }
}
