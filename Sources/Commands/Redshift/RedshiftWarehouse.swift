import ProjectLoading
import ProjectModel
import Synchronization
import Warehouse

/// A Redshift whose connections drop one after another, and whose statements end when they are told to.
///
/// Two transactions that each drop with CASCADE make one of the two fail there ("dropped by concurrent transaction"). A
/// request to cancel may go unheard; the session is then ended, as dbt-redshift does.
struct RedshiftWarehouse: Warehouse {
  let base: any Warehouse
  private let drops: Drops
  private let place: RedshiftCatalogue.Place

  struct Drops: Sendable {
    /// nil where `allow_concurrent_drops` is set.
    let queue: DropQueue?
    /// `drop_without_cascade`
    let isWithoutCascade: Bool
  }

  init(base: any Warehouse, _ target: RedshiftTarget, _ place: RedshiftCatalogue.Place) {
    self.base = base
    self.place = place
    drops = Drops(
      queue: target.dropsConcurrently ? nil : DropQueue(), isWithoutCascade: target.dropsWithoutCascade)
  }

  var dialect: Dialect { base.dialect }

  func connect(as name: String) async throws -> any Connection {
    let connection = try await base.connect(as: name)
    let process = try await connection.perform { try $0.run("select pg_backend_pid()").scalar }
    return RedshiftConnection(
      base: connection, drops: drops, place: place,
      state: .init(process: process.flatMap { Int($0) }, warehouse: base))
  }
}

private struct RedshiftConnection: Connection {
  let base: any Connection
  let drops: RedshiftWarehouse.Drops
  let place: RedshiftCatalogue.Place
  let state: State

  /// What a connection keeps under whatever name.
  final class State: Sendable {
    let process: Int?
    let warehouse: any Warehouse
    let turn = DropTurn()
    /// Which piece of work is under way; nil for none.
    private let work = Mutex<(count: Int, isUnderWay: Bool)>((0, false))

    init(process: Int?, warehouse: any Warehouse) {
      self.process = process
      self.warehouse = warehouse
    }

    func begin() { work.withLock { $0 = ($0.count + 1, true) } }
    func end() { work.withLock { $0.isUnderWay = false } }
    var current: Int? { work.withLock { $0.isUnderWay ? $0.count : nil } }
  }

  func perform<Result: Sendable>(_ body: @Sendable (any Session) throws -> Result) async throws -> Result {
    try await base.perform { [drops, place, state] session in
      // Not around the call: a lock's owner is a thread, and what comes back from waiting may be on another one, which
      // the optimizer does not see where both uses end up in one function.
      state.begin()
      defer { state.end() }
      let session = RedshiftSession(session, drops, place, state.turn)
      defer { session.settle() }
      return try body(session)
    }
  }

  func cancel() {
    base.cancel()
    guard let process = state.process, let work = state.current else { return }
    Task.detached { [state] in
      try? await Task.sleep(for: .seconds(3))
      guard state.current == work,
        let other = try? await state.warehouse.connect(as: "cancel")
      else { return }
      _ = try? await other.perform { try $0.run("select pg_terminate_backend(\(process))") }
      await other.close()
    }
  }

  func close() async {
    await base.close()
    state.turn.end()
  }

  func renamed(_ name: String) -> any Connection {
    RedshiftConnection(base: base.renamed(name), drops: drops, place: place, state: state)
  }
}

/// A session whose cascading drops wait for their turn, which lasts until their transaction ends.
final class RedshiftSession: Session {
  private let base: any Session
  private let drops: RedshiftWarehouse.Drops
  private let catalogue: RedshiftCatalogue
  private let turn: DropTurn

  init(
    _ base: any Session, _ drops: RedshiftWarehouse.Drops, _ place: RedshiftCatalogue.Place, _ turn: DropTurn
  ) {
    self.base = base
    self.drops = drops
    catalogue = RedshiftCatalogue(session: base, place: place)
    self.turn = turn
  }

  var dialect: Dialect { base.dialect }
  var isInTransaction: Bool { base.isInTransaction }

  /// Ends the turn when the transaction is over that it was for.
  func settle() {
    if !base.isInTransaction { turn.end() }
  }

  func run(_ sql: String) throws(WarehouseError) -> QueryResult {
    defer { settle() }
    guard let drop = DropStatement(sql) else { return try base.run(sql) }
    turn.begin(in: drops.queue)
    return try base.run(drops.isWithoutCascade ? drop.withoutCascade : sql)
  }

  func runScript(_ statements: [String]) throws(ScriptError) -> [QueryResult] {
    defer { settle() }
    let found = statements.map { DropStatement($0) }
    guard let first = found.firstIndex(where: { $0 != nil }) else { return try base.runScript(statements) }
    let sent =
      drops.isWithoutCascade
      ? zip(statements, found).map { $1?.withoutCascade ?? $0 } : statements
    guard let queue = drops.queue else { return try base.runScript(sent) }
    // What comes before the drop may take long and waits for nobody; without BEGIN all is one transaction of the server's own.
    let isDivisible =
      first > 0 && (base.isInTransaction || sent[..<first].contains { DropStatement.isBegin($0) })
    guard isDivisible else {
      turn.begin(in: queue)
      return try base.runScript(sent)
    }
    let results = try base.runScript(Array(sent[..<first]))
    turn.begin(in: queue)
    do throws(ScriptError) {
      return results + (try base.runScript(Array(sent[first...])))
    } catch {
      throw ScriptError(index: error.index + first, error: error.error)
    }
  }

  func describe(_ query: String) throws(WarehouseError) -> [ColumnDescription] { try base.describe(query) }

  func copyIn(_ sql: String, next: () throws -> [UInt8]?) throws -> Int {
    try base.copyIn(sql, next: next)
  }

  func relations(in schemas: [SchemaName]) throws(WarehouseError) -> [RelationState] {
    try catalogue.relations(in: schemas)
  }

  func columns(of relations: [RelationName]) throws(WarehouseError) -> [RelationName: [ColumnDescription]] {
    try catalogue.columns(of: relations)
  }

  func takeNotices() -> [String] { base.takeNotices() }
}
