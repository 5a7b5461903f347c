public import Warehouse

/// PostgreSQL (or what speaks its language) over libpq.
///
///     let warehouse = LibpqWarehouse(PostgresSettings(host: "localhost", user: "me", dbname: "shop"))
///     let connection = try await warehouse.connect(as: "main")
///     let answer = try await connection.perform { try $0.run("select 1").scalar }
public struct LibpqWarehouse: Warehouse {
  public let settings: PostgresSettings
  public let dialect: Dialect
  /// nil where the settings' own user and password are good for ever.
  let logins: (any LoginSource)?

  public init(
    _ settings: PostgresSettings, dialect: Dialect = .postgres, logins: (any LoginSource)? = nil
  ) {
    self.settings = settings
    self.dialect = dialect
    self.logins = logins
  }

  /// Tries again, after a second and then after twice as long up to eight, as often as `settings.retries`
  /// says, where the server could not be reached, is starting, or has no connection left. A wrong password
  /// is not tried twice, but that of a ``LoginSource``, which may have run out, is replaced once.
  ///
  /// - Throws: ``WarehouseError/cannotConnect``; `DiagnosticsError` when libpq is not installed; what the
  ///   source of logins throws.
  public func connect(as name: String) async throws -> any Connection {
    var pause = Duration.seconds(1)
    var attempt = 0
    var refused: Login?
    while true {
      let connection = LibpqConnection(label: name)
      let login = try await logins?.login(insteadOf: refused)
      do {
        try await connection.open(settings.with(login), kind: dialect.kind)
        return connection
      } catch let error as WarehouseError {
        if let login, refused == nil, error.isRefusedLogin {
          refused = login
          continue
        }
        attempt += 1
        guard attempt <= settings.retries, error.isTransient(in: dialect) else { throw error }
        try await Task.sleep(for: pause)
        pause = min(pause * 2, .seconds(8))
      }
    }
  }
}
