import Warehouse

/// A ``LibpqSession`` on a thread of its own.
///
/// The session is never seen outside the actor's executor; only ``CancelHandle`` is.
actor LibpqConnection: Connection {
  private var session: LibpqSession?
  private nonisolated let executor: QueueExecutor
  private nonisolated let cancelHandle = CancelHandle()

  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  init(label: String) { executor = QueueExecutor(label: "whc.connection.\(label)") }

  func open(_ settings: PostgresSettings, kind: Dialect.Kind) throws {
    session = try LibpqSession(settings, kind: kind, cancelHandle: cancelHandle)
  }

  func perform<Result: Sendable>(
    _ body: @Sendable (any Session) throws -> Result
  ) async throws -> Result {
    guard let session else { throw WarehouseError.connectionLost("the connection is closed") }
    cancelHandle.beginWork()
    defer { cancelHandle.endWork() }
    return try body(session)
  }

  nonisolated func cancel() { cancelHandle.cancel() }

  func close() {
    session?.close()
    session = nil
  }
}
