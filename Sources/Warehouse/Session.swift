public import ProjectModel

/// One connection to a database as the code that holds it sees it: blocking calls, one at a time.
///
/// A session never leaves its ``Connection``'s executor, which is why it need not be `Sendable`.
public protocol Session: AnyObject {
  var dialect: Dialect { get }

  /// Sends `sql`, which may hold several statements, and gives the last result that has rows, or else
  /// the last command's tag.
  ///
  /// - Throws: ``WarehouseError``. After `.statement` inside a transaction the transaction is aborted and
  ///   only `rollback` may follow; after `.connectionLost` the session is closed.
  func run(_ sql: String) throws(WarehouseError) -> QueryResult

  /// The columns that `query` would give, without running it.
  func describe(_ query: String) throws(WarehouseError) -> [ColumnDescription]

  /// `COPY … FROM STDIN`: `next` gives chunks until nil.
  ///
  /// - Returns: the number of rows the server stored.
  func copyIn(_ sql: String, next: () throws -> [UInt8]?) throws -> Int

  /// What exists now under these schemas: one or two catalogue queries, whatever the number of relations.
  func relations(in schemas: [SchemaName]) throws(WarehouseError) -> [RelationState]

  /// The columns of these relations, in order of their position.
  func columns(of relations: [RelationName]) throws(WarehouseError) -> [RelationName: [ColumnDescription]]

  /// Notices since the last call, oldest first.
  func takeNotices() -> [String]

  /// True between BEGIN and its end, also when the transaction is aborted.
  var isInTransaction: Bool { get }
}

/// A connection that can be handed between tasks; its work happens on its own thread.
public protocol Connection: Sendable {
  /// Runs `body` on the connection's own executor, so its blocking calls hold up nobody else.
  func perform<Result: Sendable>(_ body: @Sendable (any Session) throws -> Result) async throws -> Result

  /// Asks the server to cancel what this connection is running. May be called from anywhere, at any time.
  func cancel()

  func close() async
}

/// A database that connections can be opened to.
public protocol Warehouse: Sendable {
  var dialect: Dialect { get }
  /// - Throws: ``WarehouseError/cannotConnect``
  func connect(as name: String) async throws -> any Connection
}

public struct SchemaName: Sendable, Hashable {
  public var database: String?
  public var schema: String

  public init(database: String?, schema: String) {
    self.database = database
    self.schema = schema
  }
}

/// Rows as the server sent them in text form; nil is NULL.
public struct QueryResult: Sendable {
  public var columns: [ColumnDescription]
  public var rows: [[String?]]
  /// The command tag: `SELECT 12`, `CREATE TABLE AS`.
  public var tag: String
  /// The number in the command tag, where it has one.
  public var rowsAffected: Int?

  public init(columns: [ColumnDescription], rows: [[String?]], tag: String, rowsAffected: Int?) {
    self.columns = columns
    self.rows = rows
    self.tag = tag
    self.rowsAffected = rowsAffected
  }
}

public struct ColumnDescription: Sendable, Hashable {
  public var name: String
  /// As PostgreSQL's `format_type` writes it: `character varying(20)`, `numeric(10,2)`, `timestamp with time zone`.
  public var type: String
  /// nil when the server did not say.
  public var isNullable: Bool?

  public init(name: String, type: String, isNullable: Bool? = nil) {
    self.name = name
    self.type = type
    self.isNullable = isNullable
  }
}

/// What stands in the database under a name, before a plan is made.
public struct RelationState: Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable {
    case table, view
    case materializedView = "materialized_view"
    case foreignTable = "foreign_table"
    case other
  }

  public var name: RelationName
  public var kind: Kind
  public var owner: String?
  public var comment: String?
  /// Filled when the plan asked for them.
  public var columns: [ColumnDescription]?

  public init(
    name: RelationName, kind: Kind, owner: String? = nil, comment: String? = nil,
    columns: [ColumnDescription]? = nil
  ) {
    self.name = name
    self.kind = kind
    self.owner = owner
    self.comment = comment
    self.columns = columns
  }
}
