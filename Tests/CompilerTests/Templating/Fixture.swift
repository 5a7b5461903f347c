import Diagnostics
import OrderedCollections
import ProjectModel
import Warehouse

@testable import Compiler

/// A small project made of texts: macros, models, what a template gives.
enum Fixture {
  static func settings(
    adapter: String = "postgres", _ change: (inout TemplateSettings) -> Void = { _ in }
  ) -> TemplateSettings {
    var settings = TemplateSettings(
      projectName: "shop", projectRoot: "/shop",
      packages: [
        TemplateSettings.Package(
          name: "shop", vars: ["region": "north", "tools": ["unit": "kg"], "nested": "{{ var('region') }}-1"]),
        TemplateSettings.Package(name: "tools", vars: ["unit": "g", "depth": 2]),
      ],
      adapterType: adapter, database: "lake", schema: "dev",
      target: [
        "name": "dev", "target_name": "dev", "profile_name": "shop", "schema": "dev",
        "type": .string(adapter),
        "threads": 4,
      ], invocationID: "7d1f", runStartedAt: 1_700_000_000)
    change(&settings)
    return settings
  }

  static func engine(
    macros: [String: String] = [:], adapter: String = "postgres",
    _ change: (inout TemplateSettings) -> Void = { _ in }
  ) -> TemplateEngine {
    let definitions = macros.sorted { $0.key < $1.key }.flatMap { file, text -> [MacroDefinition] in
      let package = file.hasPrefix("tools/") ? "tools" : "shop"
      return (try? TemplateEngine.macros(in: text, file: file, packageName: package, originalFilePath: file))
        ?? []
    }
    return TemplateEngine(settings(adapter: adapter, change), macros: definitions)
  }

  static func node(
    _ name: String, _ sql: String, package: String = "shop", materialized: String = "view",
    dependsOn: [String] = [], config: OrderedDictionary<String, PlainValue> = [:]
  ) -> Node {
    var values = config
    values["materialized"] = .string(materialized)
    var node = Node(
      id: NodeID(.model, package: package, name: name), resourceType: .model, name: name,
      packageName: package,
      path: "\(name).sql", originalFilePath: "models/\(name).sql", rootPath: "/shop", fqn: [package, name],
      rawCode: sql, checksum: "", alias: name, config: NodeConfig(values: values))
    node.relation = RelationName(database: "lake", schema: "dev", identifier: name)
    node.dependsOn = dependsOn.map { NodeID(.model, package: package, name: $0) }
    return node
  }

  static func manifest(_ nodes: [Node]) -> Manifest {
    var manifest = Manifest(projectName: "shop", adapterType: "postgres")
    for node in nodes { manifest.nodes[node.id] = node }
    let source = SourceDefinition(
      id: NodeID("source.shop.raw.orders"), packageName: "shop", sourceName: "raw", name: "orders",
      relation: RelationName(database: "lake", schema: "raw", identifier: "orders_v1"), fqn: [], path: "",
      rootPath: "")
    manifest.sources[source.id] = source
    return manifest
  }

  /// What a model's template becomes in the middle of a few others.
  static func compile(
    _ sql: String, package: String = "shop", materialized: String = "view", macros: [String: String] = [:],
    others: [Node] = [], config: OrderedDictionary<String, PlainValue> = [:], runtime: TemplateRuntime? = nil,
    _ change: (inout TemplateSettings) -> Void = { _ in }
  ) throws(DiagnosticsError) -> CompiledNode {
    var node = node("m", sql, package: package, materialized: materialized, config: config)
    node.dependsOn = others.map(\.id)
    let compiler = NodeCompiler(engine: engine(macros: macros, change), manifest: manifest(others + [node]))
    return try compiler.compile(node, runtime: runtime ?? emptyRuntime())
  }

  /// A warehouse in which the schemas are known to be empty.
  static func emptyRuntime() -> TemplateRuntime {
    let runtime = TemplateRuntime()
    runtime.cache.fill(
      [SchemaName(database: "lake", schema: "dev"), SchemaName(database: "lake", schema: "raw")], with: [])
    return runtime
  }

  static func failure(_ body: () throws(DiagnosticsError) -> Void) -> Diagnostic? {
    do throws(DiagnosticsError) {
      try body()
      return nil
    } catch {
      return error.diagnostics.first
    }
  }
}
