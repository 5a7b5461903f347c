import OrderedCollections
import ProjectModel
import Testing

@testable import Compiler

/// What dbt 1.11 takes for a change of a part of the semantic layer, and what it does not.
@Suite struct SemanticChangeTests {
  struct Edit: Sendable, CustomTestStringConvertible {
    var type: ResourceType
    var path: [String]
    var value: PlainValue
    var isModified = true
    var changesConfigs = false
    var testDescription: String {
      "\(type.rawValue) \(path.joined(separator: ".")) = \(value.pythonRepresentation)"
    }
  }

  private static let entries: [ResourceType: PlainValue] = [
    .semanticModel: [
      "name": "sales", "path": "s.yml", "model": "ref('orders')", "description": "Sales", "label": nil,
      "defaults": ["agg_time_dimension": "day"], "primary_entity": nil, "group": nil,
      "entities": [["name": "order_id", "type": "primary"]],
      "dimensions": [["name": "day", "type": "time"]], "measures": [["name": "total", "agg": "sum"]],
      "node_relation": ["alias": "orders", "schema_name": "prod"], "created_at": 1.0,
      "config": ["enabled": true, "meta": [:]],
    ],
    .metric: [
      "name": "total", "path": "s.yml", "type": "simple", "label": "Total", "description": "", "filter": nil,
      "type_params": ["measure": ["name": "total"]], "config": ["enabled": true, "group": nil, "meta": [:]],
      "unrendered_config": ["meta": [:]],
    ],
    .savedQuery: [
      "name": "weekly", "path": "s.yml", "description": nil, "label": nil, "group": nil, "tags": [],
      "query_params": ["metrics": ["total"], "group_by": ["day"], "where": nil, "limit": nil],
      "config": ["enabled": true, "meta": [:]],
    ],
    .unitTest: ["name": "adds", "description": "", "checksum": "1"],
  ]

  static let edits: [Edit] = [
    Edit(type: .semanticModel, path: ["model"], value: "ref('visits')"),
    Edit(type: .semanticModel, path: ["description"], value: "All sales"),
    Edit(type: .semanticModel, path: ["defaults", "agg_time_dimension"], value: "week"),
    Edit(type: .semanticModel, path: ["entities"], value: []),
    Edit(type: .semanticModel, path: ["dimensions"], value: []),
    Edit(type: .semanticModel, path: ["measures"], value: []),
    Edit(type: .semanticModel, path: ["primary_entity"], value: "order"),
    Edit(type: .semanticModel, path: ["group"], value: "sales"),
    Edit(type: .semanticModel, path: ["config", "meta"], value: ["a": 1], changesConfigs: true),
    Edit(type: .semanticModel, path: ["label"], value: "Sales", isModified: false),
    Edit(type: .semanticModel, path: ["path"], value: "t.yml", isModified: false),
    Edit(type: .semanticModel, path: ["created_at"], value: 2.0, isModified: false),
    Edit(type: .semanticModel, path: ["node_relation", "schema_name"], value: "ci", isModified: false),
    Edit(type: .metric, path: ["type"], value: "ratio"),
    Edit(type: .metric, path: ["label"], value: "Sum"),
    Edit(type: .metric, path: ["description"], value: "Sum"),
    Edit(type: .metric, path: ["unrendered_config", "meta"], value: ["a": 1], changesConfigs: true),
    Edit(type: .metric, path: ["unrendered_config", "group"], value: "sales", isModified: false),
    Edit(type: .metric, path: ["filter"], value: "x", isModified: false),
    Edit(type: .metric, path: ["type_params", "measure"], value: "other", isModified: false),
    Edit(type: .savedQuery, path: ["description"], value: "Weekly"),
    Edit(type: .savedQuery, path: ["label"], value: "Weekly"),
    Edit(type: .savedQuery, path: ["tags"], value: ["a"]),
    Edit(type: .savedQuery, path: ["group"], value: "sales"),
    Edit(type: .savedQuery, path: ["query_params", "metrics"], value: []),
    Edit(type: .savedQuery, path: ["query_params", "group_by"], value: []),
    Edit(type: .savedQuery, path: ["query_params", "where"], value: "x"),
    Edit(type: .savedQuery, path: ["query_params", "limit"], value: 1, isModified: false),
    Edit(type: .savedQuery, path: ["config", "meta"], value: ["a": 1], changesConfigs: true),
    Edit(type: .unitTest, path: ["checksum"], value: "2"),
    Edit(type: .unitTest, path: ["description"], value: "Adds", isModified: false),
  ]

  @Test(arguments: edits)
  func anEditCountsAsDbtCountsIt(_ edit: Edit) throws {
    let old = try #require(Self.entries[edit.type])
    let new = Self.setting(edit.path[...], of: old, to: edit.value)
    #expect(new != old)
    #expect(try Self.state("modified", edit.type, new, old) == edit.isModified)
    #expect(try Self.state("unmodified", edit.type, new, old) == !edit.isModified)
    #expect(try Self.state("modified.configs", edit.type, new, old) == edit.changesConfigs)
  }

  /// dbt calls a new part unmodified, a unit test apart, and yet says that its configs changed.
  @Test(arguments: [ResourceType.semanticModel, .metric, .savedQuery, .unitTest])
  func aNewPart(_ type: ResourceType) throws {
    let new = try #require(Self.entries[type])
    #expect(try Self.state("new", type, new, nil))
    #expect(try Self.state("modified", type, new, nil) == (type == .unitTest))
    #expect(try Self.state("modified.configs", type, new, nil) == (type != .unitTest))
  }

  @Test func anExportChangesByWhatWasStatedOfIt() throws {
    func query(schema: String, stated: PlainValue, name: PlainValue = "out") -> PlainValue {
      [
        "exports": [
          ["name": name, "config": ["schema_name": .string(schema)], "unrendered_config": ["alias": stated]]
        ]
      ]
    }
    let old = query(schema: "prod", stated: nil)
    #expect(try !Self.state("modified", .savedQuery, query(schema: "ci", stated: nil), old))
    #expect(try Self.state("modified", .savedQuery, query(schema: "prod", stated: "weekly"), old))
    #expect(try Self.state("modified", .savedQuery, query(schema: "prod", stated: nil, name: "in"), old))
  }

  private static func state(
    _ word: String, _ type: ResourceType, _ new: PlainValue, _ old: PlainValue?
  ) throws -> Bool {
    let id = NodeID(type, package: "shop", name: "it")
    var (current, previous) = (Fixture.manifest([]), Fixture.manifest([]))
    current.opaque[type] = [id: new]
    if let old { previous.opaque[type] = [id: old] }
    return try StateComparison(current: current, previous: previous).change(word)(id)
  }

  private static func setting(_ path: ArraySlice<String>, of value: PlainValue, to new: PlainValue)
    -> PlainValue
  {
    guard let key = path.first else { return new }
    var entries = value.mapping ?? [:]
    entries[key] = setting(path.dropFirst(), of: entries[key] ?? .null, to: new)
    return .mapping(entries)
  }
}
