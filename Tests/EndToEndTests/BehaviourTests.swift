import Foundation
import LibpqWarehouse
import TestSupport
import Testing
import Warehouse

/// What dbt does, kept by whc: each folder below `Behaviours` is a small project with the steps that are taken in it, and
/// `expected.txt` has what came of each.
///
/// The lines of `steps`: `whc …` runs a command and shows the entries of `run_results.json`; `says …` shows what the
/// command writes; `sql …` asks the database; `file …` shows a file below the project; `write <path> <text>` puts a line into
/// a file.
@Suite(.serialized) struct BehaviourTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Behaviours")

  static var cases: [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { !$0.contains(".") }.sorted()
  }

  @Test(arguments: cases) func doesAsDbtDoes(name: String) async throws {
    let source = Self.folder.appending(path: name)
    let project = try CaseProject(copying: source)
    let path = project.path
    let database = try await PrivateCluster.shared.database()
    var text = ""
    for step in try String(contentsOf: source.appending(path: "steps"), encoding: .utf8).split(
      separator: "\n")
    {
      text += "> \(step)\n"
      let words = step.split(separator: " ", maxSplits: 1).map(String.init)
      let rest = words.count > 1 ? words[1] : ""
      switch words[0] {
      case "whc", "says":
        try? FileManager.default.removeItem(atPath: path + "/target/run_results.json")
        let outcome = try await WhcRun(in: path, environment: database.variables)
          .run(rest.split(separator: " ").map(String.init))
        text += "exit \(outcome.exitCode)\n"
        text += words[0] == "says" ? outcome.output + outcome.errors : try Self.results(in: path, outcome)
      case "sql": text += try await Self.rows(rest, database)
      case "file": text += try String(contentsOfFile: path + "/" + rest, encoding: .utf8) + "\n"
      case "write":
        let parts = rest.split(separator: " ", maxSplits: 1).map(String.init)
        try (parts[1] + "\n").write(toFile: path + "/" + parts[0], atomically: true, encoding: .utf8)
      default: Issue.record("\(name)/steps: unknown line '\(step)'")
      }
    }
    text = project.withoutAccidents(text, hosts: [database.host])
    text = text.replacing(#/__dbt_tmp[0-9]{12}/#, with: "__dbt_tmp<time>")
    let mismatch = Golden.mismatch(text, file: source.appending(path: "expected.txt"))
    #expect(mismatch == nil, "\(name): \(mismatch ?? "")")
  }

  /// One line for each result, by id: its status, the failures of a test, and the message.
  private static func results(in path: String, _ outcome: WhcRun.Outcome) throws -> String {
    struct Results: Decodable {
      struct Entry: Decodable {
        var unique_id: String
        var status: String
        var failures: Int?
        var message: String?
      }
      var results: [Entry]
    }
    guard let data = FileManager.default.contents(atPath: path + "/target/run_results.json") else {
      return outcome.output + outcome.errors
    }
    let entries = try JSONDecoder().decode(Results.self, from: data).results
    return entries.sorted { $0.unique_id < $1.unique_id }.map { entry in
      let failures = entry.failures.map { " \($0)" } ?? ""
      let message = entry.message.map { " | " + $0.replacing("\n", with: "\n    ") } ?? ""
      return "\(entry.unique_id) \(entry.status)\(failures)\(message)\n"
    }.joined()
  }

  private static func rows(_ sql: String, _ settings: PostgresSettings) async throws -> String {
    let connection = try await LibpqWarehouse(settings).connect(as: "test")
    let result = try await connection.perform { try $0.run(sql) }
    await connection.close()
    return result.rows.map { $0.map { $0 ?? "NULL" }.joined(separator: " | ") + "\n" }.joined()
  }
}
