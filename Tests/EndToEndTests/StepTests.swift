import Foundation
import LibpqWarehouse
import TestSupport
import Testing
import Warehouse

/// Commands one after the other in one project: each folder below `Steps` has the project, the lines of `steps`, and
/// in `expected.txt` what a person sees.
///
/// A line of `steps`: `$` and arguments of whc; `results <file>` shows what an artifact says of each node;
/// `compiled <file>` which nodes have SQL in a manifest, `disabled <file>` what is turned off there, `json <file>` all that
/// a file holds; `relations <schema>` shows what lies in it; `sql <statement>`; `copy <from> <to>` copies a folder;
/// `remove <path>`.
@Suite struct StepTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Steps")

  static var cases: [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { !$0.contains(".") }.sorted()
  }

  @Test(arguments: cases) func goesStepByStep(name: String) async throws {
    let source = Self.folder.appending(path: name)
    let project = try CaseProject(copying: source)
    let database = try await PrivateCluster.shared.database()
    if let setup = try? String(contentsOf: source.appending(path: "setup.sql"), encoding: .utf8) {
      try await database.ask(setup)
    }
    let run = WhcRun(in: project.path, environment: database.variables)
    var text = ""
    for line in try String(contentsOf: source.appending(path: "steps"), encoding: .utf8).split(
      separator: "\n")
    {
      let words = Self.words(line)
      text += line + "\n"
      switch words[0] {
      case "$":
        let outcome = try await run.run(Array(words.dropFirst()))
        text += outcome.output + (outcome.errors.isEmpty ? "" : "--- errors\n" + outcome.errors)
        text += "exit \(outcome.exitCode)\n"
      case "results": text += try Self.results(project.path + "/" + words[1])
      case "compiled": text += try Self.compiled(project.path + "/" + words[1])
      case "disabled": text += try Self.disabled(project.path + "/" + words[1])
      case "json": text += try Self.json(project.path + "/" + words[1])
      case "relations": text += try await database.kinds(in: words[1])
      case "sql": try await database.ask(line.dropFirst(4).description)
      case "copy":
        try FileManager.default.copyItem(
          atPath: project.path + "/" + words[1], toPath: project.path + "/" + words[2])
      case "remove": try FileManager.default.removeItem(atPath: project.path + "/" + words[1])
      default: Issue.record("\(name)/steps: unknown line '\(line)'")
      }
    }
    let mismatch = Golden.mismatch(
      project.withoutAccidents(text, hosts: [database.host]), file: source.appending(path: "expected.txt"))
    #expect(mismatch == nil, "\(name): \(mismatch ?? "")")
  }

  /// Words between spaces; single quotes keep some together.
  private static func words(_ line: Substring) -> [String] {
    line.split(separator: "'", omittingEmptySubsequences: false).enumerated().flatMap { index, part in
      index % 2 == 1 ? [String(part)] : part.split(separator: " ").map(String.init)
    }
  }

  /// The nodes of a manifest that have compiled SQL.
  private static func compiled(_ path: String) throws -> String {
    let data = try Data(contentsOf: URL(filePath: path))
    let root = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let nodes = root["nodes"] as? [String: [String: Any]] ?? [:]
    return nodes.filter { $0.value["compiled_code"] is String }.keys.sorted().map { $0 + "\n" }.joined()
  }

  private static func disabled(_ path: String) throws -> String {
    let data = try Data(contentsOf: URL(filePath: path))
    let root = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    return (root["disabled"] as? [String: Any] ?? [:]).keys.sorted().map { $0 + "\n" }.joined()
  }

  /// A file's values, a line for each entry of the lists in it.
  private static func json(_ path: String) throws -> String {
    let data = try Data(contentsOf: URL(filePath: path))
    let root = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    func line(_ value: Any) throws -> String {
      let options: JSONSerialization.WritingOptions = [
        .sortedKeys, .withoutEscapingSlashes, .fragmentsAllowed,
      ]
      return String(
        decoding: try JSONSerialization.data(withJSONObject: value, options: options), as: UTF8.self)
    }
    return try root.sorted { $0.key < $1.key }.map { key, value in
      guard let items = value as? [Any] else { return "\(key): \(try line(value))\n" }
      return try "\(key):\n" + items.map { "- \(try line($0))\n" }.joined()
    }.joined()
  }

  /// `unique_id status`, a line each.
  private static func results(_ path: String) throws -> String {
    let data = try Data(contentsOf: URL(filePath: path))
    let root = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let results = root["results"] as? [[String: Any]] ?? []
    return results.map { "\($0["unique_id"] ?? "") \($0["status"] ?? "")\n" }.sorted().joined()
  }
}

extension PostgresSettings {
  /// The relations of a schema with their kinds, a line each.
  fileprivate func kinds(in schema: String) async throws -> String {
    let connection = try await LibpqWarehouse(self).connect(as: "test")
    let rows = try await connection.perform { session in
      try session.run(
        """
        select c.relname || ' ' || c.relkind::text from pg_catalog.pg_class c
        join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        where n.nspname = '\(schema)' and c.relkind in ('r', 'v', 'm') order by 1
        """
      ).rows
    }
    await connection.close()
    return rows.compactMap { $0.first ?? nil }.map { $0 + "\n" }.joined()
  }
}
