public import Warehouse

/// PostgreSQL (or what speaks its language) over libpq.
///
///     let warehouse = LibpqWarehouse(PostgresSettings(host: "localhost", user: "me", dbname: "shop"))
///     let connection = try await warehouse.connect(as: "main")
///     let answer = try await connection.perform { try $0.run("select 1").scalar }
public struct LibpqWarehouse: Warehouse {
  public let settings: PostgresSettings
  public let dialect: Dialect

  public init(_ settings: PostgresSettings, dialect: Dialect = .postgres) {
    self.settings = settings
    self.dialect = dialect
  }

  /// Tries again, after a second and then after twice as long up to eight, as often as `settings.retries`
  /// says, where the server could not be reached, is starting, or has no connection left. A wrong password
  /// is not tried twice.
  ///
  /// - Throws: ``WarehouseError/cannotConnect``; `DiagnosticsError` when libpq is not installed.
  public func connect(as name: String) async throws -> any Connection {
    var pause = Duration.seconds(1)
    var attempt = 0
    while true {
      let connection = LibpqConnection(label: name)
      do {
        try await connection.open(settings, kind: dialect.kind)
        return connection
      } catch let error as WarehouseError {
        attempt += 1
        guard attempt <= settings.retries, error.isTransient(in: dialect) else { throw error }
        try await Task.sleep(for: pause)
        pause = min(pause * 2, .seconds(8))
      }
    }
  }
}
