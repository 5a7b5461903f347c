import Foundation
import LibpqWarehouse
import TestSupport
import Testing
import Warehouse

/// The pages of the documentation do what they say: every console block is run, from top to bottom, in a terminal.
@Suite struct DocumentTests {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  @Test(arguments: ["docs/guide.md", "docs/snapshots.md"]) func runsAsItIsWritten(page: String) async throws {
    let document = ConsoleDocument(try String(contentsOf: Self.root.appending(path: page), encoding: .utf8))
    try #require(document.commands.count > 10)
    let folder = PrivateCluster.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let outputs = try await Self.run(document.commands.map(\.text), in: folder)
    for (command, output) in zip(document.commands, outputs) {
      if let difference = command.difference(from: output) {
        Issue.record("\(page), \(difference)")
      }
    }
  }

  /// The demo: a second build changes no row of the star, and the README's mistake is found as the README has it.
  @Test func theDemoIsWhatTheReadmeSays() async throws {
    let folder = PrivateCluster.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for part in ["dbt_project.yml", "profiles", "models", "seeds", "macros", "tests"] {
      try FileManager.default.copyItem(atPath: Self.root.path + "/" + part, toPath: folder + "/" + part)
    }
    let settings = try await PrivateCluster.shared.database()
    let environment = [
      "DBT_TARGET": "server", "PGHOST": settings.host ?? "", "PGPORT": "\(settings.port ?? 5432)",
      "PGUSER": settings.user ?? "", "PGDATABASE": settings.dbname ?? "",
    ]
    let first = try await Self.run(["whc build"], in: folder, environment)
    #expect(first[0].contains { $0.hasPrefix("Completed successfully") }, "\(first)")
    let before = try await settings.starWriters()
    #expect(!before.isEmpty)
    let second = try await Self.run(["whc build"], in: folder, environment)
    #expect(second[0].contains { $0.hasPrefix("Completed successfully") }, "\(second)")
    #expect(try await settings.starWriters() == before)

    let readme = ConsoleDocument(
      try String(contentsOf: Self.root.appending(path: "README.md"), encoding: .utf8))
    let mistake = try #require(readme.commands.first)
    let outputs = try await Self.run(
      ["sed -i.bak 's/where copy_number = 1/where true/' models/staging/stg_customers.sql", mistake.text],
      in: folder, environment)
    let difference = mistake.difference(from: outputs[1])
    #expect(difference == nil, "README.md, \(difference ?? "")")
    #expect(try await settings.starWriters() == before)
  }

  /// The examples build, and a second build changes no row of their stars.
  @Test(arguments: ["adventureworks"]) func examplesBuild(name: String) async throws {
    let folder = PrivateCluster.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let project = folder + "/" + name
    try FileManager.default.copyItem(atPath: Self.root.path + "/examples/" + name, toPath: project)
    let settings = try await PrivateCluster.shared.database()
    let environment = [
      "DBT_TARGET": "server", "PGHOST": settings.host ?? "", "PGPORT": "\(settings.port ?? 5432)",
      "PGUSER": settings.user ?? "", "PGDATABASE": settings.dbname ?? "",
    ]
    let first = try await Self.run(["whc build"], in: project, environment)
    #expect(first[0].contains { $0.hasPrefix("Completed successfully") }, "\(first)")
    let before = try await settings.starWriters(in: name)
    #expect(!before.isEmpty)
    let second = try await Self.run(["whc build"], in: project, environment)
    #expect(second[0].contains { $0.hasPrefix("Completed successfully") }, "\(second)")
    #expect(try await settings.starWriters(in: name) == before)
  }

  /// A page that names a test names one that is there.
  @Test func namedTestsExist() throws {
    let sources = FileManager.default.enumerator(
      at: Self.root.appending(path: "Tests"), includingPropertiesForKeys: nil)
    var suites: Set<String> = []
    while let file = sources?.nextObject() as? URL {
      guard file.pathExtension == "swift", let text = try? String(contentsOf: file, encoding: .utf8) else {
        continue
      }
      for match in text.matches(of: #/struct ([A-Za-z]+Tests)\b/#) { suites.insert(String(match.output.1)) }
    }
    for page in ["docs/proofs.md", "docs/guide.md", "CONTRIBUTING.md", "README.md"] {
      let text = try String(contentsOf: Self.root.appending(path: page), encoding: .utf8)
      for match in text.matches(of: #/--filter ([A-Za-z]+)/#) {
        #expect(suites.contains(String(match.output.1)), "\(page) names \(match.output.1)")
      }
    }
  }

  /// Runs commands in one shell.
  ///
  /// - Returns: the lines that each wrote.
  static func run(
    _ commands: [String], in folder: String, _ environment: [String: String] = [:]
  ) async throws -> [[String]] {
    let terminal = try PseudoTerminal(columns: 100)
    let mark = "whc-document-test-mark"
    let script = folder + "/commands.sh"
    // The shell's $? must reach the next command.
    let text = commands.map { "\($0)\nwhc_code=$?; echo '\(mark)'; (exit $whc_code)\n" }.joined()
    try (text + "whc server stop > /dev/null 2>&1\n").write(toFile: script, atomically: true, encoding: .utf8)
    let process = Process()
    process.executableURL = URL(filePath: "/bin/bash")
    process.arguments = [script]
    process.currentDirectoryURL = URL(filePath: folder)
    let tools = try WhcRun.executable().deletingLastPathComponent().path
    let variables = [
      "PATH": "\(tools):\(ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")", "HOME": folder,
      "TERM": "xterm", "LANG": "C.UTF-8",
    ]
    process.environment = variables.merging(environment) { _, given in given }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = terminal.slave
    process.standardError = terminal.slave
    try process.run()
    let lines = await terminal.lines()
    process.waitUntilExit()
    var outputs: [[String]] = [[]]
    for line in lines {
      if line.hasSuffix(mark) {
        let rest = String(line.dropLast(mark.count))
        if !rest.isEmpty { outputs[outputs.count - 1].append(rest) }
        outputs.append([])
      } else if !line.contains(#/line [0-9]+: +[0-9]+ Killed/#) {
        outputs[outputs.count - 1].append(line)
      }
    }
    return outputs
  }
}

extension PostgresSettings {
  /// The transactions that wrote the rows of each dimension and fact of the demo.
  func starWriters(in schema: String = "shop") async throws -> [String] {
    let connection = try await LibpqWarehouse(self).connect(as: "test")
    let found = try await connection.perform { session in
      let tables = try session.run(
        "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname = '\(schema)' "
          + "and tablename ~ '^(dim|fct)_' and tablename !~ '__ledger$' order by 1"
      ).rows.compactMap { $0[0] }
      return try tables.map { table in
        let writers = try session.run(
          "select string_agg(distinct xmin::text, ' ' order by xmin::text) from \(table)")
        return "\(table): \(writers.scalar ?? "")"
      }
    }
    await connection.close()
    return found
  }
}
