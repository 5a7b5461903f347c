import Foundation
public import LibpqWarehouse
public import Warehouse

/// The PostgreSQL server of one test process: started by the first test that asks, in a folder of its own,
/// without durability, and gone when the process ends, also by kill -9.
///
///     let settings = try await PrivateCluster.shared.database()
///     let connection = try await LibpqWarehouse(settings).connect(as: "test")
public actor PrivateCluster {
  public static let shared = PrivateCluster()

  private let server: EmbeddedServer
  private var count = 0

  private init() { server = EmbeddedServer(project: Self.temporaryFolder(), options: Self.options) }

  /// How servers for tests run: without durability, gone with the process, in one time zone wherever the machine is.
  public static var options: EmbeddedServer.Options {
    var options = EmbeddedServer.Options()
    options.isDurable = false
    options.endsWithProcess = true
    options.settings = ["timezone": "UTC", "log_timezone": "UTC"]
    return options
  }

  /// The way to a new, empty database that no other caller gets.
  public func database() async throws -> PostgresSettings {
    count += 1
    var settings = try await server.start(database: "test_\(count)")
    // A busy server is waited for.
    settings.retries = 20
    return settings
  }

  /// A connection to a new, empty database.
  public func connection() async throws -> any Connection {
    try await LibpqWarehouse(database()).connect(as: "test")
  }

  /// A new folder that the server's user can enter too.
  public static func temporaryFolder() -> String {
    let path = "/tmp/whc-test-\(ProcessInfo.processInfo.processIdentifier)-\(UInt32.random(in: 0 ... .max))"
    mkdir(path, 0o755)
    return path
  }
}
