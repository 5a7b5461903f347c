import Foundation
import LibpqWarehouse
import TestSupport
import Testing
import Warehouse

/// What a person reads who made a mistake: each folder below `Errors` is a small project with the command that is run
/// in it, and `expected.txt` has the exit code and everything that was written.
///
/// The lines of `command`: the arguments; `server` for a database of its own, into which `setup.sql` is put first;
/// `guarded` for a server that wants another password; `user <role>`.
@Suite(.serialized) struct ErrorTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Errors")

  static var cases: [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { !$0.contains(".") }.sorted()
  }

  @Test(arguments: cases) func saysWhatIsWrong(name: String) async throws {
    let source = Self.folder.appending(path: name)
    let lines = try String(contentsOf: source.appending(path: "command"), encoding: .utf8)
      .split(separator: "\n").map(String.init)
    let project = try CaseProject(copying: source)
    var environment: [String: String] = [:]
    var settings: PostgresSettings?
    for line in lines.dropFirst() {
      let words = line.split(separator: " ").map(String.init)
      switch words[0] {
      case "server":
        let database = try await PrivateCluster.shared.database()
        settings = database
        let setup = source.appending(path: "setup.sql")
        if let sql = try? String(contentsOf: setup, encoding: .utf8) { try await database.ask(sql) }
        environment.merge(database.variables) { _, new in new }
      case "guarded":
        environment.merge(try await GuardedServer.shared.settings().variables) { _, new in new }
        environment["WHC_TEST_PASSWORD"] = "not the password"
      case "user": environment["WHC_TEST_USER"] = words[1]
      default: Issue.record("\(name)/command: unknown line '\(line)'")
      }
    }

    let before = try await settings?.relations()
    let arguments = lines[0].split(separator: " ").map(String.init)
    let outcome = try await WhcRun(in: project.path, environment: environment).run(arguments)
    // Nothing wrong may leave a trace.
    #expect(try await settings?.relations() == before)

    #expect(outcome.exitCode > 0)
    let text = "exit \(outcome.exitCode)\n--- output\n\(outcome.output)--- errors\n\(outcome.errors)"
    let mismatch = Golden.mismatch(
      project.withoutAccidents(text, hosts: [environment["WHC_TEST_HOST"]]),
      file: source.appending(path: "expected.txt"))
    #expect(mismatch == nil, "\(name): \(mismatch ?? "")")
  }
}

/// A server on which the role `guest` needs a password.
actor GuardedServer {
  static let shared = GuardedServer()
  private var started: Task<PostgresSettings, any Error>?

  func settings() async throws -> PostgresSettings {
    if let started { return try await started.value }
    let task = Task {
      let folder = PrivateCluster.temporaryFolder()
      let rules = folder + "/rules"
      try "local all guest scram-sha-256\nlocal all all trust\n".write(
        toFile: rules, atomically: true, encoding: .utf8)
      chmod(rules, 0o644)
      var options = PrivateCluster.options
      options.settings["hba_file"] = rules
      options.settings["password_encryption"] = "scram-sha-256"
      var settings = try await EmbeddedServer(project: folder, options: options).start()
      try await settings.ask("create role guest login password 'the password'")
      settings.user = "guest"
      return settings
    }
    started = task
    return try await task.value
  }
}

extension PostgresSettings {
  /// What the profile of the cases reads.
  var variables: [String: String] {
    [
      "WHC_TEST_HOST": host ?? "", "WHC_TEST_PORT": "\(port ?? 5432)", "WHC_TEST_USER": user ?? "",
      "WHC_TEST_DATABASE": dbname ?? "",
    ]
  }

  func ask(_ sql: String) async throws {
    let connection = try await LibpqWarehouse(self).connect(as: "test")
    _ = try await connection.perform { try $0.run(sql) }
    await connection.close()
  }

  /// Every table and view of the database that is not the server's own, in order.
  func relations() async throws -> [String] {
    let connection = try await LibpqWarehouse(self).connect(as: "test")
    let rows = try await connection.perform { session in
      try session.run(
        """
        select n.nspname || '.' || c.relname || ' ' || c.relkind::text || ' ' || c.relfilenode::text
        from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        where n.nspname !~ '^pg_' and n.nspname <> 'information_schema' order by 1
        """
      ).rows
    }
    await connection.close()
    return rows.compactMap { $0.first ?? nil }
  }
}
