import OrderedCollections
import ProjectModel
import Runner
import Warehouse

/// A database whose every statement goes into the log with the time it took.
struct LoggedWarehouse: Warehouse {
  let base: any Warehouse
  let log: StatementLog

  var dialect: Dialect { base.dialect }

  func connect(as name: String) async throws -> any Connection {
    let begin = Clock.now()
    let connection = try await base.connect(as: name)
    log.connected(name, seconds: Clock.now() - begin)
    return LoggedConnection(base: connection, name: name, log: log)
  }
}

/// How statements are told: dbt's two events for each, below what a terminal shows.
struct StatementLog: Sendable {
  let console: Console
  /// What events say of a node.
  var info: @Sendable (NodeID) -> PlainValue? = { _ in nil }

  /// A connection is called after the node that it works for, as in dbt.
  private func data(
    _ values: OrderedDictionary<String, PlainValue>
  ) -> OrderedDictionary<String, PlainValue> {
    guard console.keepsData else { return [:] }
    var result = values
    if let info = RunningNode.current.flatMap(info) { result["node_info"] = info }
    return result
  }

  func connected(_ name: String, seconds: Double) {
    console.tell(
      LogEvent(
        "NewConnection", "E005", .debug,
        "Acquiring new postgres connection '\(name)' (\(ResultLine.seconds(seconds)))",
        data: ["conn_name": .string(name), "conn_type": "postgres"]), onTerminal: console.showsStatements)
  }

  func sent(_ sql: String, on name: String) {
    let connection = RunningNode.current?.rawValue ?? name
    console.tell(
      LogEvent(
        "SQLQuery", "E016", .debug, "On \(connection): \(sql)",
        data: data(["conn_name": .string(connection), "sql": .string(sql)]), thread: name),
      onTerminal: console.showsStatements)
  }

  func answered(_ status: String, on name: String, since begin: Double) {
    let elapsed = Clock.now() - begin
    let milliseconds = Int((elapsed * 1000).rounded())
    let digits = String(milliseconds % 1000)
    let text =
      "\(milliseconds / 1000).\(String(repeating: "0", count: 3 - digits.utf8.count))\(digits) seconds"
    console.tell(
      LogEvent(
        "SQLQueryStatus", "E017", .debug, "SQL status: \(status) in \(text)",
        data: data(["status": .string(status), "elapsed": .double(elapsed), "query_id": ""]), thread: name),
      onTerminal: console.showsStatements)
  }
}

private struct LoggedConnection: Connection {
  let base: any Connection
  let name: String
  let log: StatementLog

  func perform<Result: Sendable>(_ body: @Sendable (any Session) throws -> Result) async throws -> Result {
    try await base.perform { session in try body(LoggedSession(session, name: name, log: log)) }
  }

  func cancel() { base.cancel() }
  func close() async { await base.close() }

  func renamed(_ name: String) -> any Connection {
    LoggedConnection(base: base.renamed(name), name: name, log: log)
  }
}

private final class LoggedSession: Session {
  private let base: any Session
  private let name: String
  private let log: StatementLog

  init(_ base: any Session, name: String, log: StatementLog) {
    self.base = base
    self.name = name
    self.log = log
  }

  var dialect: Dialect { base.dialect }
  var isInTransaction: Bool { base.isInTransaction }

  func run(_ sql: String) throws(WarehouseError) -> QueryResult {
    log.sent(sql, on: name)
    let begin = Clock.now()
    do throws(WarehouseError) {
      let result = try base.run(sql)
      log.answered(result.tag, on: name, since: begin)
      return result
    } catch {
      log.answered("\(error)", on: name, since: begin)
      throw error
    }
  }

  func runScript(_ statements: [String]) throws(ScriptError) -> [QueryResult] {
    for sql in statements { log.sent(sql, on: name) }
    let begin = Clock.now()
    do throws(ScriptError) {
      let results = try base.runScript(statements)
      log.answered(results.last?.tag ?? "", on: name, since: begin)
      return results
    } catch {
      log.answered("\(error.error)", on: name, since: begin)
      throw error
    }
  }

  func describe(_ query: String) throws(WarehouseError) -> [ColumnDescription] {
    log.sent("describe: " + query, on: name)
    return try base.describe(query)
  }

  func copyIn(_ sql: String, next: () throws -> [UInt8]?) throws -> Int {
    log.sent(sql, on: name)
    let begin = Clock.now()
    do {
      let rows = try base.copyIn(sql, next: next)
      log.answered("COPY \(rows)", on: name, since: begin)
      return rows
    } catch {
      log.answered("\(error)", on: name, since: begin)
      throw error
    }
  }

  func relations(in schemas: [SchemaName]) throws(WarehouseError) -> [RelationState] {
    try base.relations(in: schemas)
  }

  func columns(of relations: [RelationName]) throws(WarehouseError) -> [RelationName: [ColumnDescription]] {
    try base.columns(of: relations)
  }

  func takeNotices() -> [String] { base.takeNotices() }
}
