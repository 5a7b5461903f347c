public import ProjectModel

/// One connection to a database as the code that holds it sees it: blocking calls, one at a time.
///
/// A session never leaves its ``Connection``'s executor, which is why it need not be `Sendable`.
public protocol Session: AnyObject {
  var dialect: Dialect { get }

  /// Sends `sql`, which may hold several statements, and gives the last result that has rows, or else
  /// the last command's tag.
  ///
  /// - Throws: ``WarehouseError``. After `.statement` or `.cancelled` inside a transaction only `rollback`
  ///   may follow; after `.connectionLost` the session is closed and every further call throws the same.
  func run(_ sql: String) throws(WarehouseError) -> QueryResult

  /// Sends several statements in one round trip; each entry is exactly one statement without its semicolon.
  ///
  /// Positions in an error are those of the refused statement's own text. Without BEGIN among them PostgreSQL
  /// runs them as one transaction (manual, "Multiple Statements in a Simple Query").
  ///
  /// - Returns: one result for each statement, in order.
  func runScript(_ statements: [String]) throws(ScriptError) -> [QueryResult]

  /// The columns that `query` would give, without running it. Of a domain the server names the base type.
  func describe(_ query: String) throws(WarehouseError) -> [ColumnDescription]

  /// `COPY … FROM STDIN`: `next` gives chunks until nil. About 64 KiB is a good size; it need not end with
  /// a line.
  ///
  /// An error thrown by `next` makes the server give up the COPY, then comes out here.
  ///
  /// - Returns: the number of rows the server stored.
  func copyIn(_ sql: String, next: () throws -> [UInt8]?) throws -> Int

  /// The tables and views that exist now in these schemas. A schema is found under its name as given and
  /// under its name in lower case.
  func relations(in schemas: [SchemaName]) throws(WarehouseError) -> [RelationState]

  /// The columns of these relations, in order of their position; a relation that does not exist is left out.
  func columns(of relations: [RelationName]) throws(WarehouseError) -> [RelationName: [ColumnDescription]]

  /// Notices since the last call, oldest first: `NOTICE: table "x" does not exist, skipping`.
  func takeNotices() -> [String]

  /// True between BEGIN and its end, also when the transaction is aborted.
  var isInTransaction: Bool { get }
}

/// A connection that can be handed between tasks; its work happens on its own thread.
public protocol Connection: Sendable {
  /// Runs `body` on the connection's own executor, so its blocking calls hold up nobody else.
  ///
  /// The session must not be kept beyond `body`.
  func perform<Result: Sendable>(_ body: @Sendable (any Session) throws -> Result) async throws -> Result

  /// Asks the server to cancel what this connection is running. May be called from anywhere, at any time.
  ///
  /// The `perform` that is under way sees ``WarehouseError/cancelled`` once: from the statement that the
  /// server was running, or else from its next one, a `rollback` excepted. Without a `perform` under way
  /// nothing happens.
  func cancel()

  func close() async

  /// The same connection for another purpose, as logs show it.
  func renamed(_ name: String) -> any Connection
}

extension Connection {
  public func renamed(_ name: String) -> any Connection { self }
}

/// A database that connections can be opened to.
public protocol Warehouse: Sendable {
  var dialect: Dialect { get }
  /// - Parameter name: what the connection is for, as logs show it.
  /// - Throws: ``WarehouseError/cannotConnect``
  func connect(as name: String) async throws -> any Connection
}
