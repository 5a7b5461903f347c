import Foundation
import LibpqWarehouse
import TestSupport
import Testing
import Warehouse

/// Runs that follow each other on one database: each folder below `Sequences` is a project with its `steps`, and
/// `expected.txt` has what dbt 1.11.16 left behind after each: exit code, results, and every table that changed.
///
/// In `steps`, `== name` begins a step, `$ …` is a command, `# sql` is followed by SQL that is run first, and
/// `@ path` by a file's new text.
@Suite struct SequenceTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Sequences")

  static var cases: [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { !$0.contains(".") }.sorted()
  }

  @Test(arguments: cases) func leavesWhatDbtLeaves(name: String) async throws {
    let source = Self.folder.appending(path: name)
    let copy = try CaseProject(copying: source)
    defer { withExtendedLifetime(copy) {} }
    let project = URL(filePath: copy.path)
    let database = try await PrivateCluster.shared.database()
    let whc = WhcRun(in: project.path, environment: database.variables)

    var text = ""
    var log = ""
    var tables: [String: String] = [:]
    for step in try SequenceStep.read(source.appending(path: "steps")) {
      text += "== \(step.name)\n"
      if !step.sql.isEmpty { try await database.ask(step.sql) }
      for file in step.files {
        let path = project.appending(path: file.path)
        try FileManager.default.createDirectory(
          at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
        try file.text.write(to: path, atomically: true, encoding: .utf8)
      }
      for command in step.commands {
        let outcome = try await whc.run(command.split(separator: " ").map(String.init))
        log += "== \(step.name) $ \(command)\n\(outcome)\n"
        text += "$ \(command): exit \(outcome.exitCode)\n"
        for line in try Self.results(in: project) { text += line + "\n" }
      }
      let now = try await database.contents()
      for (name, rows) in now.sorted(by: { $0.key < $1.key }) where tables[name] != rows { text += rows }
      for name in tables.keys.sorted() where now[name] == nil { text += "\(name) is gone\n" }
      tables = now
    }
    let mismatch = Golden.mismatch(text, file: source.appending(path: "expected.txt"))
    #expect(mismatch == nil, "\(name): \(mismatch ?? "")\n\(log)")
  }

  /// The entries of run_results.json, without messages of failures: those are whc's own.
  private static func results(in project: URL) throws -> [String] {
    guard let data = try? Data(contentsOf: project.appending(path: "target/run_results.json")),
      let json = try JSONSerialization.jsonObject(with: data) as? [String: Any],
      let results = json["results"] as? [[String: Any]]
    else { return [] }
    return results.map { result in
      let status = result["status"] as? String ?? ""
      var line = "  \(result["unique_id"] as? String ?? "") \(status)"
      if status == "success" || status == "partial success", let message = result["message"] as? String {
        line += " \(message)"
      }
      if let failures = result["failures"] as? Int { line += " failures \(failures)" }
      if let batches = result["batch_results"] as? [String: [[String]]] {
        for key in ["successful", "failed"] {
          for batch in batches[key] ?? [] { line += "\n    \(key) \(batch.joined(separator: " to "))" }
        }
      }
      return line
    }.sorted()
  }
}

/// One step of a sequence.
private struct SequenceStep {
  var name: String
  var sql = ""
  var files: [(path: String, text: String)] = []
  var commands: [String] = []

  static func read(_ file: URL) throws -> [SequenceStep] {
    var steps: [SequenceStep] = []
    var isSQL = false
    for line in try String(contentsOf: file, encoding: .utf8).split(
      separator: "\n", omittingEmptySubsequences: false)
    {
      if line.hasPrefix("== ") {
        steps.append(SequenceStep(name: String(line.dropFirst(3))))
        isSQL = false
      } else if line.hasPrefix("$ ") {
        steps[steps.count - 1].commands.append(String(line.dropFirst(2)))
        isSQL = false
      } else if line == "# sql" {
        isSQL = true
      } else if line.hasPrefix("@ ") {
        steps[steps.count - 1].files.append((String(line.dropFirst(2)), ""))
        isSQL = false
      } else if isSQL {
        steps[steps.count - 1].sql += line + "\n"
      } else if let step = steps.indices.last, let last = steps[step].files.indices.last {
        steps[step].files[last].text += line + "\n"
      }
    }
    return steps
  }
}

extension PostgresSettings {
  /// Every table and view outside `raw`, with its columns and rows; times of the present are masked.
  fileprivate func contents() async throws -> [String: String] {
    let connection = try await LibpqWarehouse(self).connect(as: "test")
    let contents = try await connection.perform { session in
      let tables = try session.run(
        """
        select format('%I.%I', n.nspname, c.relname), (
            select string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', ' order by a.attnum)
            from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped)
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind in ('r', 'v', 'm') and n.nspname !~ '^pg_'
          and n.nspname not in ('information_schema', 'raw')
        """
      ).rows
      var contents: [String: String] = [:]
      for table in tables {
        let (name, columns) = (table[0] ?? "", table[1] ?? "")
        let rows = try session.run("select row_of::text from \(name) as row_of").rows
        let lines = rows.map { Self.masked($0[0] ?? "") }.sorted()
        contents[name] = "\(name) (\(columns))\n" + lines.map { "  \($0)\n" }.joined()
      }
      return contents
    }
    await connection.close()
    return contents
  }

  private static func masked(_ row: String) -> String {
    let now = /"?20(2[6-9]|[3-9][0-9])-[0-9]{2}-[0-9]{2}( [0-9:]{8}(\.[0-9]+)?)?"?/
    guard row.contains(now) else { return row }
    return row.replacing(now, with: "NOW").replacing(/[0-9a-f]{32}/, with: "HASH")
  }
}
