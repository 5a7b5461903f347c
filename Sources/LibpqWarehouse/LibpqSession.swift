import Warehouse

/// A `PGconn` and what belongs to it. Blocking; used from one thread at a time.
final class LibpqSession: Session {
  let libpq: Libpq
  let cancelHandle: CancelHandle
  private(set) var dialect: Dialect
  /// nil once closed or lost.
  private var conn: OpaquePointer?
  /// Why the connection is gone, once it is.
  private var loss: WarehouseError?
  private let notices = NoticeBox()
  var typeNames = TypeNameCache()

  /// - Throws: ``WarehouseError/cannotConnect``; `DiagnosticsError` when libpq cannot be loaded.
  init(_ settings: PostgresSettings, kind: Dialect.Kind, cancelHandle: CancelHandle) throws {
    let libpq = try Libpq.load()
    self.libpq = libpq
    self.cancelHandle = cancelHandle
    let conn = try ConnectionAttempt(libpq: libpq, settings: settings).connect()
    self.conn = conn
    dialect = Dialect(kind, serverVersion: Int(libpq.PQserverVersion(conn)))
    // The box lives as long as the session, which finishes the connection before it goes.
    _ = libpq.PQsetNoticeReceiver(conn, NoticeBox.receive, Unmanaged.passUnretained(notices).toOpaque())
    notices.libpq = libpq
    if let pointer = libpq.PQgetCancel(conn) {
      cancelHandle.attach(CancelHandle.Token(libpq: libpq, pointer: pointer))
    }
    do {
      try prepare(settings)
    } catch {
      close()
      throw error
    }
  }

  deinit { close() }

  func close() {
    cancelHandle.detach()
    if let conn { libpq.PQfinish(conn) }
    conn = nil
  }

  var isInTransaction: Bool {
    guard let conn else { return false }
    switch libpq.PQtransactionStatus(conn) {
    case Libpq.TransactionStatus.inTransaction, Libpq.TransactionStatus.inError: return true
    default: return false
    }
  }

  func takeNotices() -> [String] { notices.take() }

  /// The open connection.
  func open() throws(WarehouseError) -> OpaquePointer {
    guard let conn else { throw loss ?? .connectionLost("the connection is closed") }
    return conn
  }

  /// Closes the session because its connection broke.
  func lose(_ message: String) -> WarehouseError {
    let error = WarehouseError.connectionLost(message)
    loss = error
    close()
    return error
  }

  /// What every session needs and the server does not have by itself, in one round trip or none.
  private func prepare(_ settings: PostgresSettings) throws(WarehouseError) {
    var statements: [String] = []
    let conn = try open()
    if let value = libpq.PQparameterStatus(conn, "standard_conforming_strings"),
      String(cString: value) != "on"
    {
      statements.append("set standard_conforming_strings = on")
    }
    if let path = settings.searchPath, !path.isEmpty {
      let value = dialect.literal(path)
      statements.append("select pg_catalog.set_config('search_path', \(value), false)")
    }
    if let role = settings.role, !role.isEmpty {
      statements.append("set role \(Self.roleName(role, dialect))")
    }
    if let group = settings.queryGroup, !group.isEmpty {
      statements.append("set query_group to \(dialect.literal(group))")
    }
    if dialect.kind == .postgres && dialect.serverVersion >= 140_000 {
      // When this process is killed, its statements end within seconds and their locks with them, instead of
      // holding up the next run. Servers on systems that cannot see a closed socket refuse the setting.
      _ = try? run("set client_connection_check_interval = '2s'")
    }
    guard !statements.isEmpty else { return }
    do throws(WarehouseError) {
      _ = try run(statements.joined(separator: "; "))
    } catch .statement(let message) {
      throw .cannotConnect(
        host: settings.host ?? "", port: settings.port ?? 5432, message: message.message,
        sqlState: message.sqlState)
    }
  }

  /// dbt writes the role as it stands, so `Etl` means `etl`; what is not a plain name is quoted.
  static func roleName(_ role: String, _ dialect: Dialect) -> String {
    let isPlain =
      role.utf8.first.map { !(0x30...0x39).contains($0) } ?? false
      && role.utf8.allSatisfy { byte in
        byte == UInt8(ascii: "_") || byte == UInt8(ascii: "$") || (0x30...0x39).contains(byte)
          || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
      }
    if isPlain { return role }
    if role.utf8.count > 2, role.hasPrefix("\""), role.hasSuffix("\"") {
      return dialect.quote(String(role.dropFirst().dropLast()).replacing("\"\"", with: "\""))
    }
    return dialect.quote(role)
  }
}
