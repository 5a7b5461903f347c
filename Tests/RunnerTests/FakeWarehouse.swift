import Foundation
import ProjectModel
import Synchronization
import Warehouse

/// A warehouse without a server: it writes down what is sent, and answers as a test says.
final class FakeWarehouse: Warehouse {
  /// Called with each statement and how often it was sent before; what it throws is the server's answer.
  typealias Rule = @Sendable (_ statement: String, _ before: Int) throws -> QueryResult?

  struct State {
    var sent: [String] = []
    var times: [String: Int] = [:]
    var opened = 0
    var refused = 0
    var hasLookedAround = false
  }

  let dialect = Dialect(.postgres, serverVersion: 150_000)
  /// Connections beyond these are refused.
  let limit: Int
  /// Called with the number of a connection when it is made.
  let onConnect: Mutex<(@Sendable (Int) -> Void)?> = Mutex(nil)
  private let rule: Rule
  private let state = Mutex(State())

  init(limit: Int = .max, _ rule: @escaping Rule = { _, _ in nil }) {
    self.limit = limit
    self.rule = rule
  }

  var sent: [String] { state.withLock { $0.sent } }
  var opened: Int { state.withLock { $0.opened } }
  var refused: Int { state.withLock { $0.refused } }

  func connect(as name: String) async throws -> any Connection {
    let isAllowed = state.withLock { state in
      guard state.opened < limit else {
        state.refused += 1
        return false
      }
      state.opened += 1
      return true
    }
    // The last one that is to be had comes after somebody went without.
    while isAllowed, limit > 1, opened == limit, state.withLock({ $0.refused }) == 0 { await Task.yield() }
    guard isAllowed else {
      state.withLock { $0.refused += 1 }
      throw WarehouseError.cannotConnect(
        host: "fake", port: 1, message: "FATAL: sorry, too many clients already", sqlState: "53300")
    }
    let number = opened
    onConnect.withLock { $0 }?(number)
    return FakeConnection(FakeSession(self))
  }

  /// Where connections are scarce, all work but the first look waits until somebody went without: else one worker
  /// could do everything before another has asked for a connection.
  fileprivate func waitForRefusal() async {
    guard limit > 1, limit < .max else { return }
    while state.withLock({ $0.hasLookedAround && $0.refused == 0 }) { await Task.yield() }
    state.withLock { $0.hasLookedAround = true }
  }

  fileprivate func answer(_ statement: String) throws -> QueryResult {
    let before = state.withLock { state in
      state.sent.append(statement)
      defer { state.times[statement, default: 0] += 1 }
      return state.times[statement, default: 0]
    }
    return try rule(statement, before)
      ?? QueryResult(columns: [], rows: [], tag: "SELECT 0", rowsAffected: 0)
  }
}

actor FakeConnection: Connection {
  private let session: FakeSession

  init(_ session: FakeSession) { self.session = session }

  func perform<Result: Sendable>(
    _ body: @Sendable (any Session) throws -> Result
  ) async throws -> Result {
    await session.warehouse.waitForRefusal()
    session.isWorking.withLock { $0 = true }
    defer { session.isWorking.withLock { $0 = false } }
    return try body(session)
  }

  /// Reaches what is at work, and nothing else, as a server's cancellation does.
  nonisolated func cancel() {
    if session.isWorking.withLock({ $0 }) { session.isCancelled.withLock { $0 = true } }
  }
  func close() {}
}

final class FakeSession: Session, Sendable {
  let dialect: Dialect
  fileprivate let warehouse: FakeWarehouse
  private let isOpen = Mutex(true)
  private let hasBegun = Mutex(false)
  let isCancelled = Mutex(false)
  let isWorking = Mutex(false)

  init(_ warehouse: FakeWarehouse) {
    self.warehouse = warehouse
    dialect = warehouse.dialect
  }

  var isInTransaction: Bool { hasBegun.withLock { $0 } }

  func run(_ sql: String) throws(WarehouseError) -> QueryResult {
    guard isOpen.withLock({ $0 }) else { throw .connectionLost("the connection is closed") }
    do {
      let answer = try warehouse.answer(sql)
      if sql == "begin" { hasBegun.withLock { $0 = true } }
      if sql == "commit" || sql == "rollback" { hasBegun.withLock { $0 = false } }
      if sql != "rollback", isCancelled.withLock({ $0 }) { throw WarehouseError.cancelled }
      return answer
    } catch let error as WarehouseError {
      if case .connectionLost = error {
        isOpen.withLock { $0 = false }
        hasBegun.withLock { $0 = false }
      }
      throw error
    } catch {
      throw .connectionLost("\(error)")
    }
  }

  func runScript(_ statements: [String]) throws(ScriptError) -> [QueryResult] {
    var results: [QueryResult] = []
    for (index, statement) in statements.enumerated() {
      do throws(WarehouseError) {
        results.append(try run(statement))
      } catch {
        throw ScriptError(index: index, error: error)
      }
    }
    return results
  }

  func describe(_ query: String) throws(WarehouseError) -> [ColumnDescription] { [] }
  func copyIn(_ sql: String, next: () throws -> [UInt8]?) throws -> Int { 0 }
  func relations(in schemas: [SchemaName]) throws(WarehouseError) -> [RelationState] { [] }
  func columns(
    of relations: [RelationName]
  ) throws(WarehouseError) -> [RelationName: [ColumnDescription]] { [:] }
  func takeNotices() -> [String] { [] }
}

extension WarehouseError {
  static func state(_ sqlState: String) -> WarehouseError {
    .statement(ServerMessage(sqlState: sqlState, message: "refused", statement: ""))
  }
}
