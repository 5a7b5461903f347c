import Diagnostics
import Foundation
import ProjectModel
import TestSupport
import Testing

@testable import Artifacts
@testable import Commands

/// A check after every kind of edit tells what a cold one tells, and reads no more SQL than it must.
@Suite struct WarmCheckTests {
  struct Edit: Sendable {
    var name: String
    var file: String
    var old: String
    var new: String
    /// Models whose SQL is read again.
    var renewed: [String]
  }

  static let edits = [
    Edit(
      name: "a condition", file: "models/orders.sql", old: "true", new: "1 = 1", renewed: ["orders"]),
    Edit(
      name: "a column less", file: "models/orders.sql", old: ", amount from", new: " from",
      renewed: ["orders", "totals"]),
    Edit(
      name: "a column of a seed", file: "seeds/raw_orders.csv", old: "id,amount", new: "id,sum",
      renewed: ["orders", "totals"]),
    Edit(name: "a row of a seed", file: "seeds/raw_orders.csv", old: "1,5", new: "1,6", renewed: []),
    Edit(
      name: "a key", file: "models/orders.yml", old: "[unique]", new: "[not_null]", renewed: ["totals"]),
    Edit(name: "a weight", file: "models/totals.yml", old: "warn", new: "off", renewed: []),
  ]

  @Test func tellsWhatAColdOneTells() async throws {
    let folder = try ProjectFolder(Self.project)
    let first = try await Self.look(at: folder)
    #expect(first.renewed == ["days", "orders", "totals"] && !first.isKnown)
    #expect(first.findings.contains { $0.contains("unused-cte") })
    let again = try await Self.look(at: folder)
    #expect(again.isKnown && again.findings == first.findings && again.notes == first.notes)
    let copy = folder.url.appendingPathExtension("copy")
    defer { try? FileManager.default.removeItem(at: copy) }
    try FileManager.default.copyItem(at: folder.url, to: copy)
    for edit in Self.edits {
      try FileManager.default.removeItem(at: folder.url)
      try FileManager.default.copyItem(at: copy, to: folder.url)
      let text = try String(contentsOfFile: folder.path + "/" + edit.file, encoding: .utf8)
      #expect(text.contains(edit.old), "\(edit.file) has no '\(edit.old)'")
      try folder.write(text.replacingOccurrences(of: edit.old, with: edit.new), to: edit.file)
      let name = Comment(rawValue: edit.name)
      let warm = try await Self.look(at: folder)
      #expect(warm.renewed == edit.renewed, name)
      #expect(!warm.isKnown, name)
      try FileManager.default.removeItem(atPath: folder.path + "/target")
      let cold = try await Self.look(at: folder)
      #expect(cold.findings == warm.findings && cold.renewed == first.renewed, name)
    }
  }

  /// A seed too large for the parse to look into, a cache that is damaged, and SQL that is another in each run.
  @Test func looksAgainWhereNothingIsCertain() async throws {
    let folder = try ProjectFolder(Self.project)
    let rows = (0..<120_000).map { "\($0),\($0 % 7)" }.joined(separator: "\n")
    try folder.write("id,amount\n" + rows, to: "seeds/raw_orders.csv")
    let first = try await Self.look(at: folder)
    #expect(try await Self.look(at: folder).isKnown)
    try folder.write("id,total\n" + rows, to: "seeds/raw_orders.csv")
    let edited = try await Self.look(at: folder)
    #expect(!edited.isKnown && edited.findings != first.findings)

    let file = URL(filePath: folder.path + "/target/whc-analysis.bin")
    var bytes = try Data(contentsOf: file)
    bytes[bytes.count / 2] ^= 1
    try bytes.write(to: file)
    let damaged = try await Self.look(at: folder)
    #expect(damaged.renewed.count == 3 && damaged.findings == edited.findings)

    try folder.write("select '{{ run_started_at }}' as at", to: "models/days.sql")
    let moving = try await Self.look(at: folder)
    #expect(moving.renewed == ["days"])
    #expect(try await Self.look(at: folder).isKnown == false)
  }

  private struct Look {
    var isKnown = false
    var renewed: [String] = []
    var findings: [String]
    var notes: [String]
  }

  /// What `whc check` tells, and whether it had to look at the nodes.
  private static func look(at folder: ProjectFolder) async throws -> Look {
    let options = try GlobalOptions.parse(["-q", "--log-level-file", "none"])
    let flags = Flags(options, environment: [:], folder: folder.path)
    let opening = try await Opening.read(flags, console: Console(flags))
    if let report = try opening.unchangedReport() {
      return Look(isKnown: true, findings: report.findings.map(\.json), notes: report.notes)
    }
    let workspace = try await Workspace.open(opening)
    let (analysis, unread, _) = try await workspace.analysis()
    let names = analysis.renewed.compactMap { workspace.manifest.nodes[$0]?.name }
    return Look(
      renewed: names.sorted(), findings: analysis.diagnostics.map(\.json),
      notes: workspace.notes(on: analysis, unread))
  }

  private static let project = """
    == dbt_project.yml
    name: shop
    profile: shop
    == profiles.yml
    shop:
      target: dev
      outputs:
        dev: {type: postgres, host: h, user: u, password: p, dbname: d, port: 5432, schema: main, threads: 2}
    == seeds/raw_orders.csv
    id,amount
    1,5
    == models/orders.sql
    select id, amount from {{ ref('raw_orders') }} where true
    == models/orders.yml
    models:
      - name: orders
        description: Orders
        columns: [{name: id, data_tests: [unique]}]
    == models/totals.sql
    with nothing as (select 1 as x)
    select sum(amount) as amount from {{ ref('orders') }}
    == models/totals.yml
    models:
      - name: totals
        config: {sql_rules: {unused-cte: warn}}
        columns: [{name: amount, data_tests: [not_null]}]
    == models/days.sql
    select current_date as day
    == models/asks.sql
    {% set rows = run_query('select 1') %}
    select 1 as id

    """
}
