import OrderedCollections
import ProjectModel
import Testing

@testable import Compiler

/// What counts as a change of a part of the semantic layer: what was written, whatever the target.
@Suite struct SemanticChangeTests {
  private static let model = NodeID(.semanticModel, package: "shop", name: "sales")
  private static let query = NodeID(.savedQuery, package: "shop", name: "weekly")

  private static func manifest(
    schema: String, description: String = "Sales", alias: PlainValue = .null
  ) -> Manifest {
    var manifest = Fixture.manifest([])
    manifest.opaque[.semanticModel] = [
      model: [
        "name": "sales", "description": .string(description), "created_at": .double(Double(schema.count)),
        "node_relation": ["alias": "orders", "schema_name": .string(schema)],
      ]
    ]
    manifest.opaque[.savedQuery] = [
      query: [
        "name": "weekly",
        "exports": [
          [
            "name": "out", "config": ["export_as": "table", "schema_name": .string(schema)],
            "unrendered_config": ["export_as": "table", "alias": alias],
          ]
        ],
      ]
    ]
    return manifest
  }

  private static func changed(_ new: Manifest) throws -> [NodeID] {
    let comparison = StateComparison(current: new, previous: manifest(schema: "production"))
    let isModified = try comparison.change("modified")
    return [model, query].filter(isModified)
  }

  @Test func anotherTargetIsNoChange() throws {
    #expect(try Self.changed(Self.manifest(schema: "ci")) == [])
  }

  @Test func anotherTextIs() throws {
    #expect(try Self.changed(Self.manifest(schema: "production", description: "All sales")) == [Self.model])
    #expect(try Self.changed(Self.manifest(schema: "production", alias: "weekly_sales")) == [Self.query])
  }
}
