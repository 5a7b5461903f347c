import Compiler
import Diagnostics
import Foundation
import ProjectModel
import Synchronization
import Testing
import Warehouse

@testable import Runner

/// Whole runs on a warehouse without a server.
@Suite struct RunnerTests {
  /// `a`, `b` that reads it, and `c` by itself, each a table.
  private static let project = ["a": [String](), "b": ["a"], "c": []]

  private final class Run: Sendable {
    let warehouse: FakeWarehouse
    let runner: Runner
    let seen = Events()

    init(
      _ warehouse: FakeWarehouse, threads: Int = 1, failFast: Bool = false,
      project: [String: [String]] = RunnerTests.project
    ) throws {
      self.warehouse = warehouse
      var manifest = Manifest(projectName: "shop", adapterType: "postgres")
      for (name, parents) in project.sorted(by: { $0.key < $1.key }) {
        let id = NodeID(.model, package: "shop", name: name)
        var node = Node(
          id: id, resourceType: .model, name: name, packageName: "shop", path: "\(name).sql",
          originalFilePath: "models/\(name).sql", rootPath: "/shop", fqn: ["shop", name], rawCode: "select 1",
          checksum: "", alias: name, config: NodeConfig(values: ["materialized": "table"]))
        node.relation = RelationName(database: "lake", schema: "dev", identifier: name)
        node.dependsOn = parents.map { NodeID(.model, package: "shop", name: $0) }
        manifest.nodes[id] = node
      }
      var settings = TemplateSettings(
        projectName: "shop", projectRoot: "/shop",
        packages: [TemplateSettings.Package(name: "shop")],
        adapterType: "postgres", database: "lake", schema: "dev", target: [:], invocationID: "1",
        runStartedAt: 0)
      settings.queryComment = TemplateSettings.QueryComment(template: "")
      let compiler = NodeCompiler(engine: TemplateEngine(settings, macros: []), manifest: manifest)
      let selector = NodeSelector(manifest)
      let selection = try selector.select(SelectionSpec(select: nil, indirect: .empty), types: [.model])
      let seen = self.seen
      let environment = RunEnvironment(
        manifest: manifest, compiler: compiler, warehouse: warehouse, openSeed: { _ in SeedStream { nil } },
        readSeed: { _ in throw WarehouseError.cancelled }, report: { seen.add($0) }, now: { 0 })
      let request = RunRequest(
        graph: ExecutionGraph(selection, of: selector), threads: threads, failFast: failFast, flags: .init())
      runner = Runner(environment, request)
    }

    func statuses() async -> (outcome: Runner.Outcome, byName: [String: NodeResult.Status]) {
      let outcome = await runner.run()
      let pairs = outcome.results.map { (String($0.node.rawValue.suffix(1)), $0.status) }
      return (outcome, Dictionary(pairs, uniquingKeysWith: { _, last in last }))
    }
  }

  private final class Events: Sendable {
    private let kept = Mutex<[RunEvent]>([])
    func add(_ event: RunEvent) { kept.withLock { $0.append(event) } }
    var warnings: [Diagnostic] {
      kept.withLock { events in
        events.compactMap { if case .diagnostic(let diagnostic) = $0 { diagnostic } else { nil } }
      }
    }
    var starts: Int {
      kept.withLock { events in
        events.count { if case .started = $0 { true } else { false } }
      }
    }
  }

  private static func makes(_ name: String, _ statement: String) -> Bool {
    statement.hasPrefix("create table") && statement.contains("\"\(name)\"")
  }

  @Test func aLostConnectionIsReplacedAndTheNodeBuiltAgain() async throws {
    let warehouse = FakeWarehouse { statement, before in
      if Self.makes("a", statement), before == 0 { throw WarehouseError.connectionLost("gone") }
      return nil
    }
    let run = try Run(warehouse)
    let (outcome, statuses) = await run.statuses()
    #expect(statuses == ["a": .success, "b": .success, "c": .success])
    #expect(!outcome.wasCancelled)
    #expect(warehouse.sent.count { Self.makes("a", $0) } == 2)
    // One that looked and then broke, one in its place.
    #expect(warehouse.opened == 2)
    #expect(run.seen.starts == 3)
  }

  @Test func aConnectionThatIsLostEachTimeIsAnErrorAfterThree() async throws {
    let warehouse = FakeWarehouse { statement, _ in
      if Self.makes("a", statement) { throw WarehouseError.connectionLost("gone") }
      return nil
    }
    let (outcome, statuses) = try await Run(warehouse).statuses()
    #expect(statuses == ["a": .error, "b": .skipped, "c": .success])
    #expect(warehouse.sent.count { Self.makes("a", $0) } == 3)
    #expect(outcome.results.first { $0.status == .error }?.diagnostics.first?.code == "connection-lost")
  }

  @Test func aRefusedStatementIsNotSentAgain() async throws {
    let warehouse = FakeWarehouse { statement, _ in
      if Self.makes("a", statement) { throw WarehouseError.state("22012") }
      return nil
    }
    let (_, statuses) = try await Run(warehouse).statuses()
    #expect(statuses == ["a": .error, "b": .skipped, "c": .success])
    #expect(warehouse.sent.count { Self.makes("a", $0) } == 1)
  }

  /// Another run has made the relation since the catalogue was read: the plan is made anew, once.
  @Test func aRelationThatIsSuddenlyThereIsPlannedAgain() async throws {
    let warehouse = FakeWarehouse { statement, before in
      if Self.makes("a", statement), before == 0 { throw WarehouseError.state("42P07") }
      return nil
    }
    let (_, statuses) = try await Run(warehouse).statuses()
    #expect(statuses["a"] == .success)
    let always = FakeWarehouse { statement, _ in
      if Self.makes("a", statement) { throw WarehouseError.state("42P07") }
      return nil
    }
    let (_, second) = try await Run(always).statuses()
    #expect(second["a"] == .error)
    #expect(always.sent.count { Self.makes("a", $0) } == 2)
  }

  @Test func cancellingStartsNothingMore() async throws {
    let box = Mutex<Runner?>(nil)
    let warehouse = FakeWarehouse { statement, _ in
      if Self.makes("a", statement) { box.withLock { $0 }?.cancel() }
      return nil
    }
    let run = try Run(warehouse)
    box.withLock { $0 = run.runner }
    let (outcome, statuses) = await run.statuses()
    box.withLock { $0 = nil }
    #expect(outcome.wasCancelled)
    #expect(statuses == ["a": .error, "b": .skipped, "c": .skipped])
    #expect(outcome.results.first { $0.status == .error }?.diagnostics.first?.code == "cancelled")
    #expect(!warehouse.sent.contains { Self.makes("b", $0) || Self.makes("c", $0) })
  }

  @Test func cancelledBeforeItBeganNothingIsSent() async throws {
    let warehouse = FakeWarehouse()
    let run = try Run(warehouse)
    run.runner.cancel()
    let (outcome, _) = await run.statuses()
    #expect(outcome.wasCancelled)
    #expect(!warehouse.sent.contains { $0.hasPrefix("create") })
  }

  /// The moment between a connection and its first statement, when there is nothing to cancel on the server.
  @Test func cancelledWhileAConnectionIsMadeNothingIsSentOnIt() async throws {
    let warehouse = FakeWarehouse { statement, _ in
      if Self.makes("a", statement) { throw WarehouseError.connectionLost("gone") }
      return nil
    }
    let run = try Run(warehouse)
    let runner = run.runner
    warehouse.onConnect.withLock { $0 = { if $0 == 2 { runner.cancel() } } }
    let (outcome, statuses) = await run.statuses()
    warehouse.onConnect.withLock { $0 = nil }
    #expect(outcome.wasCancelled)
    #expect(statuses == ["a": .skipped, "b": .skipped, "c": .skipped])
    #expect(warehouse.sent.count { $0.hasPrefix("create table") } == 1)
  }

  @Test func failFastStopsAtTheFirstError() async throws {
    let warehouse = FakeWarehouse { statement, _ in
      if Self.makes("a", statement) { throw WarehouseError.state("22012") }
      return nil
    }
    let (outcome, statuses) = try await Run(warehouse, failFast: true).statuses()
    #expect(statuses == ["a": .error, "b": .skipped, "c": .skipped])
    #expect(!outcome.wasCancelled)
  }

  /// A server with too few connections slows a run down and does not break it.
  @Test func workersWithoutAConnectionLeaveTheirWorkToTheOthers() async throws {
    let project = Dictionary(uniqueKeysWithValues: "abcdefgh".map { (String($0), [String]()) })
    let run = try Run(FakeWarehouse(limit: 2), threads: 6, project: project)
    let (_, statuses) = await run.statuses()
    #expect(statuses.count == 8)
    #expect(statuses.values.allSatisfy { $0 == .success })
    #expect(run.seen.starts == 8)
    #expect(run.seen.warnings.map(\.severity) == [.warning])
  }

  @Test func withoutAnyConnectionForItsWorkTheRunEnds() async throws {
    let warehouse = FakeWarehouse(limit: 1) { statement, _ in
      if statement.hasPrefix("create table") { throw WarehouseError.connectionLost("gone") }
      return nil
    }
    let (_, statuses) = try await Run(warehouse, threads: 3).statuses()
    #expect(statuses == ["a": .error, "b": .skipped, "c": .error])
  }
}
