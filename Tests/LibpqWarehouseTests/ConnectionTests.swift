import Diagnostics
import Foundation
import TestSupport
import Testing
import Warehouse

@testable import LibpqWarehouse

@Suite struct ConnectionTests {
  @Test func `A running statement is cancelled, and the session goes on`() async throws {
    let settings = try await PrivateCluster.shared.database()
    let connection = try await LibpqWarehouse(settings).connect(as: "sleeper")
    let watcher = try await LibpqWarehouse(settings).connect(as: "watcher")
    async let outcome: WarehouseError? = connection.perform { session in
      do {
        _ = try session.run("select pg_sleep(600)")
        return nil
      } catch let error as WarehouseError {
        #expect(try session.run("select 1").scalar == "1")
        return error
      }
    }
    let isAsleep =
      "select 1 from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()"
    while try await watcher.perform({ try $0.run(isAsleep).scalar }) == nil {
      try await Task.sleep(for: .milliseconds(20))
    }
    connection.cancel()
    #expect(try await outcome == .cancelled)
    await connection.close()
    await watcher.close()
  }

  @Test func `A statement timeout is the server's error, no cancellation`() async throws {
    let connection = try await PrivateCluster.shared.connection()
    let error = await #expect(throws: WarehouseError.self) {
      try await connection.perform { try $0.run("set statement_timeout = 20; select pg_sleep(600)") }
    }
    #expect(error?.sqlState == "57014")
    #expect(error != .cancelled)
    await connection.close()
  }

  @Test func `A cancellation without work is forgotten`() async throws {
    let connection = try await PrivateCluster.shared.connection()
    connection.cancel()
    #expect(try await connection.perform { try $0.run("select 1").scalar } == "1")
    await connection.close()
    connection.cancel()
  }

  @Test func `A request between two statements stops the next one, once, but no rollback`() async throws {
    let connection = try await PrivateCluster.shared.connection()
    try await connection.perform { session in
      _ = try session.run("begin")
      connection.cancel()
      _ = try session.run("rollback")
      #expect(throws: WarehouseError.cancelled) { try session.run("select 1") }
      #expect(try session.run("select 1").scalar == "1")
    }
    await connection.close()
  }

  @Test func `A killed backend is a lost connection, and stays lost`() async throws {
    let settings = try await PrivateCluster.shared.database()
    let victim = try await LibpqWarehouse(settings).connect(as: "victim")
    let killer = try await LibpqWarehouse(settings).connect(as: "killer")
    let pid = try #require(try await victim.perform { try $0.run("select pg_backend_pid()").scalar })
    _ = try await victim.perform { try $0.run("begin") }
    _ = try await killer.perform { try $0.run("select pg_terminate_backend(\(pid), 600000)") }
    for _ in 1...2 {
      let error = await #expect(throws: WarehouseError.self) {
        try await victim.perform { try $0.run("select 1") }
      }
      guard case .connectionLost(let message) = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
      #expect(message.contains("terminating connection"))
    }
    #expect(try await victim.perform { $0.isInTransaction } == false)
    await victim.close()
    await killer.close()
  }

  @Test func `A backend killed in the middle of a statement and of a COPY`() async throws {
    let settings = try await PrivateCluster.shared.database()
    for copies in [false, true] {
      let victim = try await LibpqWarehouse(settings).connect(as: "victim")
      let error = await #expect(throws: WarehouseError.self) {
        try await victim.perform { session in
          if copies {
            let pid = try session.run("create temp table t (a text); select pg_backend_pid()").scalar ?? ""
            var chunks = 0
            _ = try session.copyIn("copy t from stdin") {
              chunks += 1
              if chunks == 3 {
                let killer = try LibpqSession(settings, kind: .postgres, cancelHandle: CancelHandle())
                _ = try killer.run("select pg_terminate_backend(\(pid), 600000)")
              }
              return chunks > 10_000 ? nil : Array(String(repeating: "row\n", count: 1000).utf8)
            }
          } else {
            _ = try session.run("select pg_terminate_backend(pg_backend_pid())")
          }
        }
      }
      guard case .connectionLost = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
      await victim.close()
    }
  }

  @Test func `Sixteen connections wait at once`() async throws {
    let settings = try await PrivateCluster.shared.database()
    let sum = try await withThrowingTaskGroup(of: Int.self) { group in
      for number in 1...16 {
        group.addTask {
          let connection = try await LibpqWarehouse(settings).connect(as: "c\(number)")
          let answer = try await connection.perform {
            try $0.run("select pg_sleep(0.2), \(number)").rows[0][1]
          }
          await connection.close()
          return Int(answer ?? "") ?? 0
        }
      }
      return try await group.reduce(0, +)
    }
    #expect(sum == 136)
  }

  @Test func `Search path, role and name are set`() async throws {
    var settings = try await PrivateCluster.shared.database()
    let maker = try await LibpqWarehouse(settings).connect(as: "maker")
    _ = try? await maker.perform { try $0.run("create role \"Reader One\"") }
    await maker.close()
    settings.searchPath = "\"My Schema\", public"
    settings.role = "Reader One"
    settings.applicationName = "a test"
    let connection = try await LibpqWarehouse(settings).connect(as: "test")
    let values = try await connection.perform {
      try $0.run(
        """
        select current_setting('search_path'), current_user, current_setting('application_name'),
          current_setting('client_encoding'), current_setting('standard_conforming_strings')
        """
      ).rows[0]
    }
    #expect(values == ["\"My Schema\", public", "Reader One", "a test", "UTF8", "on"])
    await connection.close()
    settings.role = "nobody_of_this_name"
    let error = await #expect(throws: WarehouseError.self) {
      try await LibpqWarehouse(settings).connect(as: "test")
    }
    #expect(error?.sqlState == "22023")
  }

  @Test func `A server that is not there`() async throws {
    var settings = PostgresSettings(host: "127.0.0.1", port: 1, user: "u", password: "s3cret", dbname: "d")
    settings.retries = 0
    let error = await #expect(throws: WarehouseError.self) {
      try await LibpqWarehouse(settings).connect(as: "test")
    }
    guard case .cannotConnect(let host, let port, let message, let state) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(host == "127.0.0.1")
    #expect(port == 1)
    #expect(message.contains("Connection refused"))
    #expect(state == nil)
    #expect(error?.isTransient(in: .postgres) == true)
  }

  @Test func `Without libpq the message says what to install`() async {
    await #expect(processExitsWith: .success) {
      setenv("WHC_LIBPQ", "/no/such/libpq.so", 1)
      let error = await #expect(throws: DiagnosticsError.self) {
        try await LibpqWarehouse(PostgresSettings(host: "127.0.0.1", port: 1)).connect(as: "test")
      }
      #expect(error?.diagnostics.first?.code == "libpq-missing")
      #expect(error?.diagnostics.first?.help?.contains("apt-get install libpq5") == true)
      #expect(error?.diagnostics.first?.notes.first?.contains("/no/such/libpq.so") == true)
    }
  }

  @Test func `A password is in no description`() {
    let settings = PostgresSettings(host: "h", password: "s3cret")
    var dumped = ""
    dump(settings, to: &dumped)
    #expect(!"\(settings) \(String(reflecting: settings)) \(dumped)".contains("s3cret"))
  }

  @Test(arguments: [
    ("plain text\n", "plain text", nil),
    (
      "connection failed: FATAL:  28P01: password authentication failed for \"u\"\nLOCATION:  a.c:1\n",
      "connection failed: FATAL: password authentication failed for \"u\"", "28P01"
    ),
    (
      "SCHWERER FEHLER:  3D000: Datenbank »x« existiert nicht",
      "SCHWERER FEHLER: Datenbank »x« existiert nicht", "3D000"
    ),
    ("ab", "ab", nil),
  ])
  func `A refusal is taken apart`(_ text: String, _ message: String, _ state: String?) {
    let parsed = ConnectionRefusal.parse(text)
    #expect(parsed.message == message)
    #expect(parsed.sqlState == state)
  }

  @Test(arguments: [
    ("etl", "etl"), ("Etl_1", "Etl_1"), ("my role", "\"my role\""), ("\"A\"\"b\"", "\"A\"\"b\""),
    ("x; drop table t", "\"x; drop table t\""), ("1a", "\"1a\""),
  ])
  func `A role is written as dbt would, unless that could be something else`(_ role: String, _ sql: String) {
    #expect(LibpqSession.roleName(role, .postgres) == sql)
  }
}
