import Foundation
import TestSupport
import Testing
import Warehouse

@testable import LibpqWarehouse

/// Ways into a server that asks for a password, on TCP with and without TLS.
@Suite struct AuthenticationTests {
  private static func connect(
    _ settings: PostgresSettings, _ sql: String = "select current_user"
  ) async throws -> String? {
    let connection = try await LibpqWarehouse(settings).connect(as: "test")
    let answer = try await connection.perform { try $0.run(sql).scalar }
    await connection.close()
    return answer
  }

  private func connect(
    _ settings: PostgresSettings, _ sql: String = "select current_user"
  ) async throws -> String? { try await Self.connect(settings, sql) }

  private func refused(_ settings: PostgresSettings) async -> (message: String, state: String?)? {
    var settings = settings
    settings.retries = 0
    do {
      _ = try await connect(settings)
      return nil
    } catch WarehouseError.cannotConnect(_, _, let message, let state) {
      return (message, state)
    } catch {
      Issue.record(error)
      return nil
    }
  }

  @Test func `SCRAM lets the right password in and tells the rest apart`() async throws {
    var settings = try await GuardedCluster.shared.settings()
    #expect(try await connect(settings) == "guest")
    settings.password = "s3cret but wrong"
    var refusal = try #require(await refused(settings))
    #expect(refusal.state == "28P01")
    #expect(refusal.message.hasSuffix("FATAL: password authentication failed for user \"guest\""))
    settings.password = nil
    settings.passfile = "/dev/null"
    refusal = try #require(await refused(settings))
    #expect(refusal.state == "28P01")
    #expect(refusal.message.contains("no password supplied"))
    settings = try await GuardedCluster.shared.settings()
    settings.dbname = "not there"
    refusal = try #require(await refused(settings))
    #expect(refusal.state == "3D000")
    settings.host = "no-such-host.invalid"
    #expect(await refused(settings)?.state == nil)
  }

  @Test func `A password from a password file, and everything from a service file`() async throws {
    let known = try await GuardedCluster.shared.settings()
    let folder = PrivateCluster.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let passfile = folder + "/pgpass"
    try "127.0.0.1:\(known.port ?? 0):*:guest:s3cret\\:pässword\n"
      .write(toFile: passfile, atomically: true, encoding: .utf8)
    chmod(passfile, 0o600)
    var settings = known
    settings.password = nil
    settings.passfile = passfile
    #expect(try await connect(settings) == "guest")

    let services = folder + "/services"
    try """
    [shop]
    host=127.0.0.1
    port=\(known.port ?? 0)
    user=guest
    dbname=whc
    passfile=\(passfile)

    """.write(toFile: services, atomically: true, encoding: .utf8)
    // In a process of its own: other tests read the environment while this one would change it.
    await #expect(processExitsWith: .success) { [services = services as String] in
      setenv("PGSERVICEFILE", services, 1)
      var settings = PostgresSettings()
      settings.service = "shop"
      let user = try? await AuthenticationTests.connect(settings)
      #expect(user == "guest")
    }
  }

  @Test func `TLS is used, demanded and checked as sslmode says`() async throws {
    var settings = try await GuardedCluster.shared.settings()
    let isEncrypted = "select ssl from pg_stat_ssl where pid = pg_backend_pid()"
    settings.sslmode = "disable"
    #expect(try await connect(settings, isEncrypted) == "f")
    settings.sslmode = "prefer"
    #expect(try await connect(settings, isEncrypted) == "t")
    settings.user = "tls_only"
    settings.sslmode = "disable"
    #expect(await refused(settings)?.state == "28000")
    settings.sslmode = "require"
    #expect(try await connect(settings, isEncrypted) == "t")
    settings.sslrootcert = await GuardedCluster.shared.certificate
    settings.sslmode = "verify-ca"
    #expect(try await connect(settings, isEncrypted) == "t")
    settings.sslmode = "verify-full"
    #expect(await refused(settings)?.message.contains("does not match host name") == true)
    settings.host = "localhost"
    #expect(try await connect(settings, isEncrypted) == "t")
    settings.sslrootcert = await GuardedCluster.shared.foreignCertificate
    #expect(await refused(settings)?.message.contains("certificate verify failed") == true)
    settings.sslrootcert = "/no/such/file"
    #expect(await refused(settings)?.message.contains("does not exist") == true)
    settings.sslmode = "sideways"
    #expect(await refused(settings)?.message.contains("sslmode") == true)
  }

  @Test func `A server that never answers is given up after the time that was set`() async throws {
    let silent = try #require(LoopbackListener())
    var settings = PostgresSettings(host: "127.0.0.1", port: silent.port, user: "u", dbname: "d")
    settings.connectTimeout = 2
    settings.sslmode = "disable"
    #expect(await refused(settings)?.message == "no answer within 2 seconds")
    silent.close()
  }
}

/// A cluster on the loopback interface with passwords and a certificate of its own.
private actor GuardedCluster {
  static let shared = GuardedCluster()

  private var started: Task<PostgresSettings, any Error>?
  private let folder = PrivateCluster.temporaryFolder()

  var certificate: String { folder + "/server.crt" }
  var foreignCertificate: String { folder + "/foreign.crt" }

  /// The way in as the user `guest`.
  func settings() async throws -> PostgresSettings {
    if let started { return try await started.value }
    let task = Task { try await start() }
    started = task
    return try await task.value
  }

  private func start() async throws -> PostgresSettings {
    try makeCertificate("server")
    try makeCertificate("foreign")
    let owner = geteuid() == 0 ? ServerAccount.unprivilegedUsers().first?.owner : nil
    if let owner { chown(folder + "/server.key", owner.0, owner.1) }
    let rules = """
      local all all trust
      hostssl all tls_only all scram-sha-256
      hostnossl all tls_only all reject
      host all all all scram-sha-256

      """
    try rules.write(toFile: folder + "/rules", atomically: true, encoding: .utf8)
    chmod(folder + "/rules", 0o644)
    var options = PrivateCluster.options
    options.listensOnLoopback = true
    options.settings["hba_file"] = folder + "/rules"
    options.settings["password_encryption"] = "scram-sha-256"
    options.settings["ssl"] = "on"
    options.settings["ssl_cert_file"] = certificate
    options.settings["ssl_key_file"] = folder + "/server.key"
    let inside = try await start(options)
    let connection = try await LibpqWarehouse(inside).connect(as: "set-up")
    _ = try await connection.perform {
      try $0.run(
        """
        create role guest login password 's3cret:pässword';
        create role tls_only login password 's3cret:pässword'
        """)
    }
    await connection.close()
    return PostgresSettings(
      host: "127.0.0.1", port: inside.port, user: "guest", password: "s3cret:pässword", dbname: "whc")
  }

  /// Starts the server on a port that is free. Another program may take it first; then it is tried with another.
  private func start(_ options: EmbeddedServer.Options) async throws -> PostgresSettings {
    var options = options
    var attempt = 1
    while true {
      let free = try #require(LoopbackListener())
      free.close()
      options.port = free.port
      do {
        return try await EmbeddedServer(project: folder, options: options).start()
      } catch {
        guard attempt < 10 else { throw error }
        attempt += 1
      }
    }
  }

  private func makeCertificate(_ name: String) throws {
    let outcome = ChildProcess([
      "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
      "-addext", "subjectAltName=DNS:localhost", "-keyout", "\(folder)/\(name).key", "-out",
      "\(folder)/\(name).crt",
    ]).run()
    try #require(outcome.isSuccess, "\(outcome.output)")
    chmod("\(folder)/\(name).crt", 0o644)
    chmod("\(folder)/\(name).key", 0o600)
  }
}

/// A free TCP port that accepts connections and says nothing.
private struct LoopbackListener {
  private let descriptor: Int32
  let port: Int

  init?() {
    #if canImport(Darwin)
      let made = socket(AF_INET, SOCK_STREAM, 0)
    #else
      let made = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #endif
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(made, $0, length) == 0 && listen(made, 8) == 0
          && getsockname(made, $0, &length) == 0
      }
    }
    guard made >= 0, isBound else { return nil }
    descriptor = made
    port = Int(UInt16(bigEndian: address.sin_port))
  }

  func close() { _ = shutdown(descriptor, Int32(SHUT_RDWR)); _ = Foundation.close(descriptor) }
}
