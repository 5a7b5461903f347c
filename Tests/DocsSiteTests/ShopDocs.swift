import Artifacts
import DocsSite
import Foundation
import OrderedCollections
import ProjectModel
import StarModel

/// The shop project with one node that failed, some tests that did, and a catalogue.
enum ShopDocs {
  static let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()

  static func manifest() throws -> Manifest {
    let file = tests.appending(path: "ArtifactsTests/Shop/manifest.json")
    var manifest = try ManifestReader.read(Array(try Data(contentsOf: file)), file: "manifest.json")
    // What whc's own parser adds: the edges that a fact declares.
    let fact = NodeID("model.shop.fct_order_line")
    for name in ["dim_customer", "dim_product", "dim_date"] {
      manifest.nodes[fact]?.dependsOn.append(NodeID(.model, package: "shop", name: name))
    }
    manifest.nodes[NodeID("model.shop.stg_products")]?.description = hostile
    return manifest
  }

  /// Whoever can write a description must not be able to run anything.
  static let hostile = """
    <img src=x onerror="hacked()"> <script>hacked()</script> [a](javascript:hacked()) ![b](https://example.org/x.png)
    </script><b>bold</b>
    """

  static func input() throws -> DocsInput {
    let manifest = try manifest()
    var input = DocsInput(manifest, star: Star(manifest), generatedAt: 1_700_000_000, version: "1.0")
    input.lastRun = .init(command: "build", startedAt: 1_700_000_000, elapsed: 12.5)
    for (position, node) in manifest.nodes.values.enumerated() {
      var result = NodeResult(node: node.id, status: node.resourceType == .test ? .pass : .success)
      result.executionTime = 0.25 * Double(position % 5 + 1)
      switch node.name {
      case "mart_daily_sales":
        result.status = .error
        result.message = "column \"order_date_key\" does not exist"
      case "unique_dim_product_product_id":
        result.status = .fail
        result.failures = 3
      default: if node.resourceType != .test { result.rowsAffected = 100 + position }
      }
      input.results[node.id] = result
      if node.resourceType == .model { input.compiled[node.id] = "select 1 as one -- compiled" }
    }
    let customer = NodeID("model.shop.dim_customer")
    input.catalog[customer] = CatalogArtifact.Table(
      id: customer, type: "BASE TABLE",
      relation: RelationName(database: "warehouse", schema: "shop", identifier: "dim_customer"),
      columns: [
        .init(name: "customer_key", type: "bigint", index: 1),
        .init(name: "customer_id", type: "integer", index: 2),
        .init(name: "segment", type: "text", index: 3),
      ])
    return input
  }
}
