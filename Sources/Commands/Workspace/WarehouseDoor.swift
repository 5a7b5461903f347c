import Diagnostics
import Foundation
import LibpqWarehouse
import ProjectLoading
import ProjectModel
import Warehouse

/// The way from a target to its database.
actor WarehouseDoor {
  private let target: Target
  private let projectFolder: String
  private let console: Console
  private let info: @Sendable (NodeID) -> PlainValue?
  private var warehouse: (any Warehouse)?

  /// - Parameter info: what the log says of the node that a statement is sent for.
  init(
    target: Target, projectFolder: String, console: Console,
    info: @escaping @Sendable (NodeID) -> PlainValue? = { _ in nil }
  ) {
    self.target = target
    self.info = info
    self.projectFolder = projectFolder
    self.console = console
  }

  /// The database; an embedded server that does not run is started, which is told once.
  func open() async throws -> any Warehouse {
    if let warehouse { return warehouse }
    let settings = try await settings()
    let logins = identity.flatMap { RedshiftLogins(target, $0) }
    let driver = LibpqWarehouse(settings, dialect: target.dialect, logins: logins)
    var made: any Warehouse =
      console.keepsStatements
      ? LoggedWarehouse(base: driver, log: StatementLog(console: console, info: info)) : driver
    if let own = target.redshift { made = RedshiftWarehouse(base: made, own, .init(target)) }
    warehouse = made
    return made
  }

  /// Who one is to AWS, for targets that have to do with it.
  private var identity: AWSIdentity? {
    target.redshift.map { AWSIdentity($0, .system(console.flags.environment)) }
  }

  private func settings() async throws -> PostgresSettings {
    guard target.isEmbedded else { return PostgresSettings(target) }
    let server = EmbeddedServer(project: projectFolder)
    let begun = Clock.now()
    let status = await server.status()
    var settings = try await server.start(database: target.database)
    switch status {
    case .running: break
    case .absent:
      console.note("Made a private PostgreSQL in .whc/postgres (\(Self.seconds(since: begun)))")
    case .stopped:
      console.note("Started the PostgreSQL in .whc/postgres (\(Self.seconds(since: begun)))")
    }
    settings.schema = target.schema
    settings.searchPath = target.searchPath
    settings.role = target.role
    settings.applicationName = target.applicationName
    return settings
  }

  private static func seconds(since begin: Double) -> String {
    let tenths = Int(((Clock.now() - begin) * 10).rounded())
    return "\(tenths / 10).\(tenths % 10) s"
  }
}

extension PostgresSettings {
  /// A target's settings as libpq takes them.
  init(_ target: Target) {
    self.init(
      host: target.host, port: target.port, user: target.user,
      password: target.password.map { Password($0.reveal()) }, dbname: target.database, schema: target.schema)
    sslmode = target.sslmode
    sslcert = target.sslcert
    sslkey = target.sslkey
    sslrootcert = target.sslrootcert
    keepalivesIdle = target.keepalivesIdle
    connectTimeout = target.connectTimeout
    retries = target.retries
    searchPath = target.searchPath
    role = target.role
    applicationName = target.applicationName
    guard target.kind == .redshift else { return }
    sslmode = RedshiftTarget.sslmode(target.sslmode)
    if sslmode != "disable", sslrootcert == nil {
      // libpq looks for a file of the user's own and gives up without one.
      sslrootcert = Self.systemCertificates.first { FileManager.default.fileExists(atPath: $0) }
    }
    guard let own = target.redshift else { return }
    queryGroup = own.queryGroup
    keepalives = own.keepsAlive
    keepalivesIdle = own.keepaliveIdle ?? keepalivesIdle
    keepalivesInterval = own.keepaliveInterval
    keepalivesCount = own.keepaliveCount
  }

  /// Where systems keep the authorities that they trust; Amazon's, who signs Redshift's certificates, are among them.
  private static let systemCertificates = [
    "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem",
  ]
}

extension Target {
  /// The language that the target's database speaks.
  var dialect: Dialect { kind == .redshift ? .redshift : .postgres }
}
