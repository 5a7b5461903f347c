import Artifacts
import Foundation
import OrderedCollections
import ProjectModel
import Testing

@Suite struct ManifestArtifactTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Shop")

  private func original() throws -> [UInt8] {
    Array(try Data(contentsOf: Self.folder.appending(path: "manifest.json")))
  }

  private func artifact() throws -> ManifestArtifact {
    ManifestArtifact(
      try ManifestReader.read(original(), file: "manifest.json"),
      metadata: ArtifactMetadata(
        invocationID: "00000000-0000-0000-0000-000000000000", generatedAt: 1_700_000_000,
        invocationStartedAt: 1_700_000_000.5))
  }

  /// The manifest that dbt wrote for the shop, read and written again, is the same.
  @Test func writesWhatDbtWrote() throws {
    let artifact = try artifact()
    let old = try JSONReader.read(original(), file: "dbt")
    let new = try JSONReader.read(artifact.write(), file: "whc")
    var differences: [String] = []
    compare(old, new, "", &differences)
    #expect(differences == [])
  }

  /// Every path at which two values differ; the order of keys counts.
  private func compare(_ one: PlainValue, _ two: PlainValue, _ path: String, _ found: inout [String]) {
    if let left = one.mapping, let right = two.mapping {
      if Array(left.keys) != Array(right.keys) { found.append(path + ": keys \(left.keys) \(right.keys)") }
      for (key, value) in left {
        if let other = right[key] { compare(value, other, "\(path).\(key)", &found) }
      }
    } else if one != two {
      found.append(path)
    }
  }

  @Test func aCompiledNodeHasItsCodeAndItsPath() throws {
    var artifact = try artifact()
    let id = NodeID("model.shop.stg_products")
    artifact.compiled[id] = CompiledNode(id: id, sql: "select 1", sourceMap: SourceMap())
    artifact.hasRun = [id]
    let written = try JSONReader.read(artifact.write(), file: "whc")
    let node = try #require(written.mapping?["nodes"]?.mapping?[id.rawValue]?.mapping)
    #expect(node["compiled_code"] == "select 1")
    #expect(node["compiled_path"] == "target/compiled/shop/models/staging/stg_products.sql")
    #expect(node["build_path"] == "target/run/shop/models/staging/stg_products.sql")
    let keys = Array(node.keys)
    let at = try #require(keys.firstIndex(of: "compiled_path"))
    #expect(
      keys[at...].prefix(6) == [
        "compiled_path", "compiled", "compiled_code", "extra_ctes_injected", "extra_ctes", "contract",
      ])
  }

  @Test func aTestLiesInAFolderOfItsFile() throws {
    let manifest = try artifact().manifest
    let test = try #require(manifest.nodes.values.first { $0.name == "unique_stg_customers_customer_id" })
    #expect(
      TargetLayout().compiledPath(of: test)
        == "target/compiled/shop/models/staging/staging.yml/unique_stg_customers_customer_id.sql")
  }

  @Test func anotherFileIsNotAManifest() {
    #expect(throws: (any Error).self) { try ManifestReader.read(Array("{}".utf8), file: "x.json") }
  }
}
