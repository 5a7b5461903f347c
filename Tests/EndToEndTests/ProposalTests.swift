import Foundation
import LibpqWarehouse
import TestSupport
import Testing

/// What `whc init --from-source` writes for the tables of `Proposals/<case>.sql` builds as it is, and is what
/// `Proposals/<case>.txt` shows.
@Suite struct ProposalTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Proposals")

  @Test(arguments: [("shop", "shop"), ("subscription", "billing"), ("cdc", "lake")])
  func proposesAStarThatBuilds(name: String, schema: String) async throws {
    let source = Self.folder.appending(path: name)
    let database = try await PrivateCluster.shared.database()
    try await database.ask(try String(contentsOf: source.appendingPathExtension("sql"), encoding: .utf8))
    // Small tables are read whole, with statistics and without.
    if name == "shop" { try await database.ask("analyze") }
    let project = try CaseProject(copying: source)
    let profiles = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Errors")
    let run = WhcRun(
      in: project.path, environment: database.variables.merging(["DBT_PROFILES_DIR": profiles.path]) { $1 })
    let arguments = ["init", "--profile", "shop", "--from-source", "\(schema).*"]

    let dry = try await run.run(arguments + ["--dry-run"])
    #expect(dry.exitCode == 0, "\(dry)")
    #expect(!FileManager.default.fileExists(atPath: project.path + "/models"))
    let mismatch = Golden.mismatch(
      project.withoutAccidents(dry.output, hosts: []), file: source.appendingPathExtension("txt"))
    #expect(mismatch == nil, "\(name): \(mismatch ?? "")")

    let written = try await run.run(arguments)
    #expect(written.exitCode == 0, "\(written)")
    let build = try await run.run("build")
    #expect(build.exitCode == 0, "\(build)")
    // The same again: no row is new, nothing is refused.
    let again = try await run.run("build")
    #expect(again.exitCode == 0, "\(again)")

    let twice = try await run.run(["init", "--from-source", "\(schema).*"])
    #expect(twice.exitCode == 2)
    #expect(twice.errors.contains("file-exists"), "\(twice)")
    let unknown = try await run.run(["init", "--from-source", "\(schema).nowhere"])
    #expect(unknown.errors.contains("no-such-table"), "\(unknown)")
  }

  /// A table that is larger than what may be read is sampled, and says so; a key that a sample cannot prove is
  /// proved on the whole.
  @Test func samplesLargeTables() async throws {
    let database = try await PrivateCluster.shared.database()
    try await database.ask(
      """
      create schema big;
      create table big.visits as
      select g as visit_id, g % 500 as visitor, timestamp '2025-01-01' + g * interval '1 second' as visited_at,
        repeat('x', 900) as agent, (g % 100)::numeric as amount
      from generate_series(1, 40000) g;
      analyze big.visits
      """)
    let project = try CaseProject(copying: Self.folder.appending(path: "none"))
    let profiles = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Errors")
    let run = WhcRun(
      in: project.path, environment: database.variables.merging(["DBT_PROFILES_DIR": profiles.path]) { $1 })
    let outcome = try await run.run(
      ["init", "--profile", "shop", "--from-source", "big.visits", "--dry-run"])
    #expect(outcome.exitCode == 0, "\(outcome)")
    #expect(outcome.output.contains("of which"), "\(outcome.output)")
    #expect(
      outcome.output.contains("# not declared, but unique in 40,000 rows"), "\(outcome.output)")
    #expect(outcome.output.contains("agent stays in staging: text of 900 letters"), "\(outcome.output)")
  }
}
