import Diagnostics
import Foundation
import TestSupport
import Testing
import Warehouse

@testable import LibpqWarehouse

@Suite struct EmbeddedServerTests {
  /// A server in a new folder that is stopped and removed when `body` is done.
  private func withServer(
    folder: String = PrivateCluster.temporaryFolder(), _ body: (EmbeddedServer, String) async throws -> Void
  ) async throws {
    var options = EmbeddedServer.Options()
    options.isDurable = false
    let server = EmbeddedServer(project: folder, options: options)
    do {
      try await body(server, folder)
    } catch {
      Issue.record(error)
    }
    _ = try await server.stop()
    try FileManager.default.removeItem(atPath: folder)
  }

  private func ask(_ settings: PostgresSettings, _ sql: String) async throws -> String? {
    let connection = try await LibpqWarehouse(settings).connect(as: "test")
    let answer = try await connection.perform { try $0.run(sql).scalar }
    await connection.close()
    return answer
  }

  @Test func `It starts once, is found again, stops, and keeps its data`() async throws {
    try await withServer { server, folder in
      #expect(await server.status() == .absent)
      #expect(try await server.stop() == false)
      let (settings, arrival) = try await server.arrive(database: "Shop \"1\"")
      #expect(arrival == .made)
      #expect(settings.dbname == "Shop \"1\"")
      #expect(try await ask(settings, "create table kept as select 1 as a; select current_user") == "whc")
      #expect(try await ask(settings, "show listen_addresses") == "")
      guard case .running(let running) = await server.status() else {
        Issue.record("not running")
        return
      }
      #expect(running.folder == folder + "/.whc/postgres")
      // A second one, as another process would see it, starts nothing.
      let again = try await EmbeddedServer(project: folder).arrive(database: "Shop \"1\"")
      #expect(again.settings.host == settings.host)
      #expect(again.arrival == .found)
      guard case .running(let same) = await server.status() else {
        Issue.record("not running")
        return
      }
      #expect(same.pid == running.pid)
      #expect(try await server.stop())
      #expect(await server.status() == .stopped(folder: running.folder))
      let later = try await server.arrive(database: "Shop \"1\"")
      #expect(later.arrival == .started)
      #expect(try await ask(later.settings, "select a from kept") == "1")
      #expect(try String(contentsOfFile: folder + "/.whc/.gitignore", encoding: .utf8) == "*\n")
    }
  }

  @Test func `Those who start it at the same time share one server`() async throws {
    try await withServer { server, folder in
      let pids = try await withThrowingTaskGroup(of: String?.self) { group in
        for _ in 1...4 {
          group.addTask {
            let settings = try await EmbeddedServer(project: folder, options: server.options).start(
              database: "d")
            return try await self.ask(settings, "select pg_postmaster_start_time()")
          }
        }
        return try await group.reduce(into: Set<String?>()) { $0.insert($1) }
      }
      #expect(pids.count == 1)
    }
  }

  @Test func `It recovers from kill -9`() async throws {
    try await withServer { server, _ in
      let settings = try await server.start(database: "d")
      _ = try await ask(settings, "set synchronous_commit = on; create table t as select 1 as a")
      guard case .running(let running) = await server.status(), let pid = running.pid else {
        Issue.record("not running")
        return
      }
      kill(pid, SIGKILL)
      let recovered = try await server.start(database: "d")
      #expect(try await ask(recovered, "select a from t") == "1")
      // Nothing of the killed process is left; whoever waits for some child of this process would stumble over it.
      #expect(kill(pid, 0) == -1 && errno == ESRCH)
    }
  }

  @Test func `A process number that somebody else has now does not stop the start`() async throws {
    try await withServer { server, folder in
      _ = try await server.start(database: "d")
      _ = try await server.stop()
      let file = folder + "/.whc/postgres/data/postmaster.pid"
      // This process is alive and is no server.
      let text = "\(ProcessInfo.processInfo.processIdentifier)\n/nowhere\n1\n5432\n\n\n"
      try text.write(toFile: file, atomically: true, encoding: .utf8)
      #expect(await server.status() == .stopped(folder: folder + "/.whc/postgres"))
      #expect(try await server.stop() == false)
      #expect(try await ask(server.start(database: "d"), "select 1") == "1")
    }
  }

  @Test func `What a killed initdb left is made anew`() async throws {
    try await withServer { server, folder in
      for half in ["data", "data.new"] {
        let path = folder + "/.whc/postgres/" + half
        try FileManager.default.createDirectory(atPath: path + "/base", withIntermediateDirectories: true)
      }
      #expect(try await ask(server.start(database: "d"), "select 1") == "1")
    }
  }

  @Test func `In a folder with a long path the socket lies elsewhere`() async throws {
    let top = PrivateCluster.temporaryFolder()
    let folder = top + "/" + String(repeating: "långt ", count: 20) + "/project"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try await withServer(folder: folder) { server, _ in
      let settings = try await server.start(database: "d")
      let host = try #require(settings.host)
      #expect(host.hasPrefix("/tmp/whc-"))
      #expect(ServerFiles.status(host)?.mode == 0o700)
      #expect(try await ask(settings, "select 1") == "1")
      #expect(try await EmbeddedServer(project: folder).start(database: "d").host == host)
      _ = try await server.stop()
      try FileManager.default.removeItem(atPath: host)
    }
    try FileManager.default.removeItem(atPath: top)
  }

  @Test(.enabled(if: geteuid() == 0)) func `Root's own folder, which nobody else may enter`() async throws {
    let folder = PrivateCluster.temporaryFolder()
    chmod(folder, 0o700)
    try await withServer(folder: folder) { server, _ in
      let settings = try await server.start(database: "d")
      #expect(try await ask(settings, "select 1") == "1")
      _ = try await server.stop()
      #expect(try await ask(server.start(database: "d"), "select 1") == "1")
    }
    for base in ServerLayout.awayFrom(project: folder) { ServerFiles.remove(base) }
  }

  @Test func `A server away from the project is found by the project's path`() {
    let layout = ServerLayout(project: "/p", base: ServerLayout.awayFrom(project: "/p")[0])
    #expect(layout.base.hasPrefix("/var/lib/whc/"))
    #expect(layout.base != ServerLayout.awayFrom(project: "/q")[0])
    #expect(layout.lock == "/p/.whc/postgres.lock")
    let folder = PrivateCluster.temporaryFolder()
    let moved = ServerLayout(project: folder, base: "/elsewhere with space")
    try? FileManager.default.createDirectory(atPath: moved.control, withIntermediateDirectories: true)
    #expect(ServerFiles.write(moved.recordText, to: moved.record))
    #expect(ServerLayout.recorded(project: folder, port: 5432) == moved)
    ServerFiles.remove(folder)
  }

  @Test func `No server, a wrong version and a failing initdb are told apart`() async throws {
    let folder = PrivateCluster.temporaryFolder()
    defer { ServerFiles.remove(folder) }
    var options = EmbeddedServer.Options()
    options.binaries = folder + "/none"
    var error = await #expect(throws: DiagnosticsError.self) {
      try await EmbeddedServer(project: folder, options: options).start()
    }
    #expect(error?.diagnostics.first?.code == "no-postgres-server")
    #expect(error?.diagnostics.first?.help?.contains("apt-get install postgresql") == true)

    let bin = folder + "/bin"
    try FileManager.default.createDirectory(atPath: bin, withIntermediateDirectories: true)
    func program(_ name: String, _ text: String) throws {
      try "#!/bin/sh\n\(text)\n".write(toFile: bin + "/" + name, atomically: true, encoding: .utf8)
      chmod(bin + "/" + name, 0o755)
    }
    try program("postgres", "echo 'postgres (PostgreSQL) 18beta1'")
    try program("initdb", "echo 'could not write: No space left on device'; exit 1")
    options.binaries = bin
    let server = EmbeddedServer(project: folder, options: options)
    error = await #expect(throws: DiagnosticsError.self) { try await server.start() }
    #expect(error?.diagnostics.first?.code == "embedded-init-failed")
    #expect(error?.diagnostics.first?.notes == ["could not write: No space left on device"])
    #expect(error?.diagnostics.first?.help?.hasPrefix("free some disk space") == true)
    #expect(await server.status() == .absent)

    let data = folder + "/.whc/postgres/data"
    try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
    try "9\n".write(toFile: data + "/PG_VERSION", atomically: true, encoding: .utf8)
    error = await #expect(throws: DiagnosticsError.self) { try await server.start() }
    #expect(error?.diagnostics.first?.code == "embedded-version")
    #expect(error?.diagnostics.first?.notes == ["PostgreSQL 18 is in \(bin)"])
  }

  @Test func `A server that does not come up shows the end of its log`() async throws {
    let folder = PrivateCluster.temporaryFolder()
    var options = EmbeddedServer.Options()
    options.isDurable = false
    options.settings = ["no_such_setting": "1"]
    let server = EmbeddedServer(project: folder, options: options)
    let error = await #expect(throws: DiagnosticsError.self) { try await server.start() }
    #expect(error?.diagnostics.first?.code == "embedded-start-failed")
    #expect(error?.diagnostics.first?.notes.contains { $0.contains("no_such_setting") } == true)
    ServerFiles.remove(folder)
  }

  @Test func `The prompt's command reaches the server`() async throws {
    try await withServer { server, _ in
      _ = try await server.start(database: "d")
      let command = try server.psql(database: "d") + ["-XAtc", "select 6 * 7"]
      let outcome = ChildProcess(command).run()
      #expect(outcome.output == "42\n")
      #expect(outcome.isSuccess)
    }
  }

  @Test func `A cluster of a process that is killed goes with it`() async throws {
    let result = await #expect(processExitsWith: .signal(SIGKILL), observing: [\.standardOutputContent]) {
      let settings = try await PrivateCluster.shared.database()
      print("socket=\(settings.host ?? "")")
      fflush(nil)
      kill(getpid(), SIGKILL)
    }
    let output = String(decoding: result?.standardOutputContent ?? [], as: UTF8.self)
    let line = try #require(output.split(separator: "\n").first { $0.hasPrefix("socket=") })
    let socket = String(line.dropFirst("socket=".count))
    #expect(socket.contains("/whc-test-"))
    // The watcher needs a moment; the bound only keeps a failure from hanging.
    var waits = 0
    while ServerFiles.status(socket) != nil, waits < 30_000 {
      try await Task.sleep(for: .milliseconds(20))
      waits += 1
    }
    #expect(ServerFiles.status(socket) == nil)
  }
}
