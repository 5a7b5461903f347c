import Foundation
import ProjectAnalysis
import ProjectModel
import StarModel
import Testing

@testable import DocsSite

/// What the page's data says of where columns come from.
@Suite struct ColumnLineageDataTests {
  @Test func columnsSayWhatTheyAreMadeOf() throws {
    let data = try Self.data([
      ("stg", "select id as order_id, amount from raw.orders where deleted is null"),
      ("sums", "select order_id, sum(amount)::numeric as total, 1 as one from public.stg group by 1"),
    ])
    let nodes = try #require(data["nodes"] as? [[String: Any]])
    #expect(nodes.map { $0["name"] as? String } == ["raw.orders", "stg", "sums"])
    #expect(nodes.map { $0["lineage"] as? Bool } == [nil, true, true])
    // What some model reads is listed where nobody lists it.
    #expect(Self.columns(nodes[0]) == ["amount", "deleted", "id"])
    #expect(Self.columns(nodes[1]) == ["order_id ← 0.id copy", "amount ← 0.amount copy"])
    #expect(
      Self.columns(nodes[2]) == [
        "order_id ← 1.order_id copy", "total numeric ← 1.amount aggregate", "one integer not null",
      ])
    #expect((nodes[1]["uses"] as? [[Any]])?.map { "\($0[0]).\($0[1])" } == ["0.deleted"])
    // What a column is made of is not said again.
    #expect(nodes[2]["uses"] == nil)
  }

  @Test func unknownStaysUnknown() throws {
    let data = try Self.data([("broken", "select from where")])
    let nodes = try #require(data["nodes"] as? [[String: Any]])
    #expect(nodes[1]["lineage"] == nil)
    #expect(nodes[1]["columns"] == nil)
  }

  /// A project of one source, `raw.orders`, and models that read what stands before them.
  private static func data(_ models: [(name: String, sql: String)]) throws -> [String: Any] {
    var manifest = Manifest(projectName: "shop", adapterType: "postgres")
    let source = NodeID("source.shop.raw.orders")
    manifest.sources[source] = SourceDefinition(
      id: source, packageName: "shop", sourceName: "raw", name: "orders",
      relation: RelationName(database: "db", schema: "raw", identifier: "orders"), fqn: ["shop"],
      path: "models/raw.yml", rootPath: "")
    var compiled: [NodeID: CompiledNode] = [:]
    var before = [source]
    for model in models {
      let id = NodeID(.model, package: "shop", name: model.name)
      var node = Node(
        id: id, resourceType: .model, name: model.name, packageName: "shop", path: "\(model.name).sql",
        originalFilePath: "models/\(model.name).sql", rootPath: "", fqn: ["shop"], rawCode: model.sql,
        checksum: "", alias: model.name, config: NodeConfig())
      node.relation = RelationName(database: "db", schema: "public", identifier: model.name)
      node.dependsOn = before
      manifest.nodes[id] = node
      compiled[id] = CompiledNode(id: id, sql: model.sql, sourceMap: SourceMap())
      before = [id]
    }
    let star = Star(manifest)
    var input = DocsInput(manifest, star: star, generatedAt: 0, version: "1")
    input.analysis = ProjectAnalysis(manifest, star: star, compiled: compiled, seeds: [:])
    let bytes = SiteData.bytes(input)
    return try #require(JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
  }

  private static func columns(_ node: [String: Any]) -> [String] {
    (node["columns"] as? [[String: Any]] ?? []).map { column in
      let from = (column["from"] as? [[Any]] ?? []).map { " ← \($0[0]).\($0[1]) \($0[2])" }
      let type = (column["type"] as? String).map { " " + $0 } ?? ""
      let notNull = column["notNull"] as? Bool == true ? " not null" : ""
      return "\(column["name"] ?? "")" + type + notNull + from.joined()
    }
  }
}
