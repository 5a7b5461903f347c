public import Diagnostics
import Dispatch
import Warehouse

/// A project's private PostgreSQL: a cluster in `<project>/.whc/postgres`, reached through a Unix socket
/// only, made and started from the installed programs when it is first needed, and left running.
///
///     let settings = try await EmbeddedServer(project: folder).start(database: "shop")
///     let warehouse = LibpqWarehouse(settings)
///
/// Everybody who can enter the socket's folder is let in as the superuser ``role``: only the user who runs
/// the server, and root, can. A connection, not a process number, tells whether the server runs.
public struct EmbeddedServer: Sendable {
  public static let role = "whc"

  public struct Options: Sendable {
    /// The folder of `postgres` and `initdb`; nil to look for it.
    public var binaries: String?
    /// False gives up the data when the machine stops: for tests.
    public var isDurable = true
    /// The server's port: part of the socket's name, and with `listensOnLoopback` a TCP port.
    public var port = 5432
    public var listensOnLoopback = false
    /// The server stops, and its folder goes, when this process ends, however it ends.
    public var endsWithProcess = false
    /// Settings that go before whc's own: `hba_file`, `ssl`.
    public var settings: [String: String] = [:]

    public init() {}
  }

  public enum Status: Sendable, Hashable {
    /// The project has none yet.
    case absent
    /// There is one in this folder, and it does not run.
    case stopped(folder: String)
    case running(Running)
  }

  public struct Running: Sendable, Hashable {
    public var folder: String
    public var socketFolder: String
    public var port: Int
    /// The process that listens; nil when its file cannot be read.
    public var pid: Int32?
    /// `15.18`
    public var version: String
  }

  /// How ``start(database:)`` came to a running server.
  public enum Arrival: Sendable, Hashable {
    /// It ran already.
    case found
    case started
    /// The project had none until now.
    case made
  }

  let project: String
  let options: Options

  /// - Parameter project: the project's folder.
  public init(project: String, options: Options = Options()) {
    self.project = ServerFiles.absolute(project)
    self.options = options
  }

  /// Starts the server unless it runs, makes the database unless it is there, and gives the way in.
  ///
  /// - Throws: `DiagnosticsError` that says what to install, or has the end of the server's log.
  public func start(database: String = "whc") async throws -> PostgresSettings {
    try await arrive(database: database).settings
  }

  /// ``start(database:)`` with word of what had to be done.
  public func arrive(
    database: String = "whc"
  ) async throws -> (settings: PostgresSettings, arrival: Arrival) {
    let server = self
    return try await Self.apart { try server.startBlocking(database: database) }
  }

  /// - Returns: false when it did not run.
  public func stop() async throws -> Bool {
    let server = self
    return try await Self.apart { try server.stopBlocking() }
  }

  public func status() async -> Status {
    let server = self
    return (try? await Self.apart { server.statusBlocking() }) ?? .absent
  }

  /// The command for a prompt on the running server: the program's path and its arguments.
  public func psql(database: String = "whc") throws(DiagnosticsError) -> [String] {
    let layout = ServerLayout.recorded(project: project, port: options.port)
    let major = ServerFiles.text(layout.data + "/PG_VERSION").flatMap { Int($0.filter(\.isNumber)) }
    let binaries = try ServerBinaries.find(configured: options.binaries, major: major)
    return [
      binaries.path("psql"), "--host", layout.socket, "--port", String(options.port), "--username", Self.role,
      "--dbname", database,
    ]
  }

  /// Runs blocking work on a thread of Dispatch's, not on one of the tasks'.
  private static func apart<Result: Sendable>(
    _ work: @escaping @Sendable () throws -> Result
  ) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
      DispatchQueue.global().async { @Sendable in
        continuation.resume(with: Swift.Result { try work() })
      }
    }
  }
}
