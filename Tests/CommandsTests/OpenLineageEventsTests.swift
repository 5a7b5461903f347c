import Foundation
import ProjectAnalysis
import ProjectModel
import StarModel
import Testing

@testable import Commands

@Suite struct OpenLineageEventsTests {
  /// A staging model, an ephemeral one over it, and one that sums.
  static func events() -> OpenLineageEvents {
    var manifest = Manifest(projectName: "shop", adapterType: "postgres")
    var compiled: [NodeID: CompiledNode] = [:]
    var before: [NodeID] = []
    for (name, sql, materialized) in [
      ("stg", "select 1 as id, 2 as amount, 'x'::text as kind", "view"),
      ("paid", "select id, amount * 2 as amount from public.stg where kind = 'x'", "ephemeral"),
      (
        "sums",
        "with __dbt__cte__paid as (select 1) select id, sum(amount) as total from __dbt__cte__paid group by id",
        "table"
      ),
    ] {
      let id = NodeID(.model, package: "shop", name: name)
      var node = Node(
        id: id, resourceType: .model, name: name, packageName: "shop", path: "\(name).sql",
        originalFilePath: "models/\(name).sql", rootPath: "", fqn: ["shop"], rawCode: sql, checksum: "",
        alias: name, config: NodeConfig(values: ["materialized": .string(materialized)]))
      node.relation = RelationName(database: "db", schema: "public", identifier: name)
      node.dependsOn = before
      manifest.nodes[id] = node
      compiled[id] = CompiledNode(id: id, sql: sql, sourceMap: SourceMap())
      if name == "sums" {
        compiled[id]?.injected = [InjectedExpression(id: before[0], name: "__dbt__cte__paid", query: "")]
      }
      before = [id]
    }
    return OpenLineageEvents(
      manifest: manifest,
      analysis: ProjectAnalysis(manifest, star: Star(manifest), compiled: compiled, seeds: [:]),
      namespace: "ours", command: "build", runID: "00000000-0000-0000-0000-000000000001",
      server: "postgres://localhost:5432", database: "db")
  }

  private static func read(_ bytes: [UInt8]) throws -> [String: Any] {
    try #require(JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
  }

  @Test func aColumnIsFollowedThroughEphemeralModels() throws {
    let events = Self.events()
    let node = try #require(events.manifest.nodes[NodeID(.model, package: "shop", name: "sums")])
    let event = try Self.read(
      events.node(.complete, node, at: 0, run: "00000000-0000-0000-0000-000000000002", rows: 3))
    #expect(event["eventType"] as? String == "COMPLETE")
    #expect(event["eventTime"] as? String == "1970-01-01T00:00:00.000000Z")
    let inputs = try #require(event["inputs"] as? [[String: Any]])
    #expect(inputs.map { $0["name"] as? String } == ["db.public.stg"])
    let output = try #require((event["outputs"] as? [[String: Any]])?.first)
    let facets = try #require(output["facets"] as? [String: Any])
    let lineage = try #require(facets["columnLineage"] as? [String: Any])
    let fields = try #require(lineage["fields"] as? [String: [String: [[String: Any]]]])
    let total = try #require(fields["total"]?["inputFields"]?.first)
    #expect(total["name"] as? String == "db.public.stg")
    #expect(total["field"] as? String == "amount")
    let how = try #require((total["transformations"] as? [[String: String]])?.first)
    #expect(how == ["type": "DIRECT", "subtype": "AGGREGATION"])
    let statistics = (output["outputFacets"] as? [String: [String: Any]])?["outputStatistics"]
    #expect(statistics?["rowCount"] as? Int == 3)
  }

  @Test func aFailureSaysWhyAndTheCommandIsItsParent() throws {
    let events = Self.events()
    let node = try #require(events.manifest.nodes[NodeID(.model, package: "shop", name: "stg")])
    let event = try Self.read(events.node(.fail, node, at: 1, run: "x", message: "no such table", rows: 3))
    let facets = try #require((event["run"] as? [String: Any])?["facets"] as? [String: [String: Any]])
    #expect(facets["errorMessage"]?["message"] as? String == "no such table")
    let parent = facets["parent"]?["run"] as? [String: String]
    #expect(parent?["runId"] == "00000000-0000-0000-0000-000000000001")
    let output = try #require((event["outputs"] as? [[String: Any]])?.first)
    #expect(output["outputFacets"] == nil)
  }

  @Test func settingsAreThoseOfOpenLineagesClients() throws {
    func settings(_ option: String?, _ environment: [String: String]) throws -> OpenLineageSettings? {
      let flags = Flags(try GlobalOptions.parse([]), environment: environment, folder: "/nowhere")
      return try OpenLineageSettings(option, flags)
    }
    #expect(try settings(nil, [:]) == nil)
    #expect(try settings(nil, ["OPENLINEAGE_DISABLED": "true", "OPENLINEAGE_URL": "http://a"]) == nil)
    let found = try #require(
      try settings(
        nil,
        [
          "OPENLINEAGE_URL": "https://me:secret@lineage.example/", "OPENLINEAGE_API_KEY": "key",
          "OPENLINEAGE_NAMESPACE": "ours",
        ]))
    #expect(found.namespace == "ours")
    // Neither the key nor the address' password is ever told.
    #expect(found.place == "lineage.example")
    #expect(!"\(found)".contains("key\""))
    guard case .http(let url, let key) = found.transport else {
      Issue.record("no http")
      return
    }
    #expect(url == "https://me:secret@lineage.example/api/v1/lineage")
    #expect(key?.reveal() == "key")
    guard case .file(let path)? = try settings("events.jsonl", [:])?.transport else {
      Issue.record("no file")
      return
    }
    #expect(path == "/nowhere/events.jsonl")
  }
}
