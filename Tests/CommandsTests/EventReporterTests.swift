import ArgumentParser
import Diagnostics
import Foundation
import ProjectModel
import Runner
import Synchronization
import TestSupport
import Testing

@testable import Commands

/// Events of a run in, lines out, in dbt's words and widths.
@Suite struct EventReporterTests {
  static let nodes: [NodeID: Node] = {
    func node(_ type: ResourceType, _ name: String, _ kind: String) -> Node {
      let folder = ["model": "models", "seed": "seeds", "snapshot": "snapshots"][type.rawValue] ?? "tests"
      var node = Node(
        id: NodeID(type, package: "shop", name: name), resourceType: type, name: name, packageName: "shop",
        path: "\(name).sql", originalFilePath: "\(folder)/\(name).sql", rootPath: "/shop",
        fqn: ["shop", name],
        rawCode: "select 1", checksum: "abc", alias: name,
        config: NodeConfig(values: ["materialized": .string(kind)]))
      node.relation = RelationName(database: "db", schema: "main", identifier: name)
      return node
    }
    let all = [
      node(.model, "orders", "table"), node(.model, "stg_orders", "view"), node(.seed, "raw_orders", "seed"),
      node(.snapshot, "history", "snapshot"), node(.test, "unique_orders_id", "test"),
      node(.test, "accepted_values_orders_status__placed__shipped__completed__returned", "test"),
      node(.model, "late", "incremental"),
    ]
    return Dictionary(uniqueKeysWithValues: all.map { ($0.id, $0) })
  }()

  static func result(
    _ id: String, _ status: NodeResult.Status, _ message: String? = nil, failures: Int? = nil
  )
    -> NodeResult
  {
    var result = NodeResult(node: NodeID(id), status: status)
    result.executionTime = 0.126
    result.adapterMessage = message
    result.message = message
    result.failures = failures
    return result
  }

  static var results: [NodeResult] {
    var skipped = result("model.shop.late", .skipped)
    skipped.skippedBecauseOf = NodeID("model.shop.orders")
    var failed = result("model.shop.orders", .error)
    failed.diagnostics = [
      Diagnostic(
        "database-error", "column \"amuont\" does not exist (SQLSTATE 42703)",
        at: SourceSpan(file: "models/orders.sql", line: 3, column: 5, length: 6))
    ]
    failed.compiledCode = "select 1"
    failed.message = "Database Error in model orders (models/orders.sql)\n  column \"amuont\" does not exist"
    var test = result("test.shop.unique_orders_id", .fail, failures: 2)
    test.message = "Got 2 results, configured to fail if != 0"
    test.compiledCode = "select 1"
    var warning = result(
      "test.shop.accepted_values_orders_status__placed__shipped__completed__returned", .warn, failures: 1)
    warning.message = "Got 1 result, configured to warn if != 0"
    return [
      result("seed.shop.raw_orders", .success, "INSERT 99"),
      result("model.shop.stg_orders", .success, "CREATE VIEW"),
      failed, skipped, test, warning, result("snapshot.shop.history", .success, "INSERT 0 3"),
    ]
  }

  /// Everything that is written for the events of one run.
  private func written(_ arguments: [String] = []) throws -> String {
    let folder = try ProjectFolder("== out\n")
    let path = folder.path + "/out"
    let descriptor = open(path, O_WRONLY)
    defer { close(descriptor) }
    let terminal = Terminal(isInteractive: false, usesColor: false, descriptor: descriptor)
    let flags = Flags(
      try GlobalOptions.parse(arguments), environment: [:], folder: folder.path)
    let console = Console(flags, output: terminal, errors: terminal)
    let reporter = EventReporter(console, targetName: "dev", now: { 1_700_000_000 }) { Self.nodes[$0] }
    console.begin()
    reporter.receive(.began(total: 7, threads: 4))
    for (index, result) in Self.results.enumerated() {
      if result.status != .skipped { reporter.receive(.started(result.node, position: index + 1)) }
      reporter.receive(.finished(result, position: index + 1))
    }
    reporter.receive(.message(level: .info, text: "hello from a macro", node: nil))
    reporter.receive(.message(level: .debug, text: "NOTICE: not shown", node: nil))
    reporter.receive(.ended(elapsed: 1.5))
    var manifest = Manifest(projectName: "shop", adapterType: "postgres")
    for (id, node) in Self.nodes { manifest.nodes[id] = node }
    let end = RunEnd(
      outcome: .init(results: Self.results, diagnostics: [], wasCancelled: false, elapsed: 3723.456),
      manifest: manifest, layout: .init(), storesFailures: false, renderer: console.renderer(colors: false),
      style: Style(isOn: false))
    for event in end.events { console.tell(event) }
    return try String(contentsOfFile: path, encoding: .utf8)
      .replacing(#/[0-9]{2}:[0-9]{2}:[0-9]{2}  /#, with: "00:00:00  ")
      .replacing(#/"ts": "[^"]*"/#, with: "\"ts\": \"…\"")
      .replacing(#/"invocation_id": "[^"]*"/#, with: "\"invocation_id\": \"…\"")
      .replacing(#/"pid": [0-9]+/#, with: "\"pid\": 1")
      .replacing(#/"node_started_at": "[^"]+"/#, with: "\"node_started_at\": \"…\"")
      .replacing(#/"node_finished_at": "[^"]+"/#, with: "\"node_finished_at\": \"…\"")
  }

  private func golden(_ name: String) -> URL {
    URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Goldens/\(name)")
  }

  @Test func lines() throws {
    let mismatch = Golden.mismatch(try written(), file: golden("run.txt"))
    #expect(mismatch == nil, "\(mismatch ?? "")")
  }

  @Test func quietLines() throws {
    let mismatch = Golden.mismatch(try written(["--quiet"]), file: golden("run-quiet.txt"))
    #expect(mismatch == nil, "\(mismatch ?? "")")
  }

  @Test func jsonLines() throws {
    let mismatch = Golden.mismatch(try written(["--log-format", "json"]), file: golden("run.jsonl"))
    #expect(mismatch == nil, "\(mismatch ?? "")")
  }

  @Test func narrowLines() throws {
    let text = try written(["--printer-width", "40"])
    #expect(text.contains("1 of 7 START seed file main.raw_orders . [RUN]"))
  }

  @Test(arguments: [
    (1, "seed", "1 seed"), (2, "test", "2 data tests"), (1, "test", "1 test"), (3, "analysis", "3 analyses"),
  ])
  func counts(count: Int, kind: String, expected: String) {
    #expect(ResourceCount.text(count, of: kind) == expected)
  }
}
