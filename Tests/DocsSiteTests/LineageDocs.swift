import DocsSite
import ProjectAnalysis
import ProjectModel
import StarModel

/// Small projects of one source, `raw.orders`, and models that read what stands before them.
enum LineageDocs {
  static func input(_ models: [(name: String, sql: String)]) -> DocsInput {
    var manifest = Manifest(projectName: "shop", adapterType: "postgres")
    let source = NodeID("source.shop.raw.orders")
    manifest.sources[source] = SourceDefinition(
      id: source, packageName: "shop", sourceName: "raw", name: "orders",
      relation: RelationName(database: "db", schema: "raw", identifier: "orders"), fqn: ["shop"],
      path: "models/raw.yml", rootPath: "")
    var compiled: [NodeID: CompiledNode] = [:]
    var before = [source]
    for model in models {
      let node = self.model(model.name, sql: model.sql, dependsOn: before)
      manifest.nodes[node.id] = node
      compiled[node.id] = CompiledNode(id: node.id, sql: model.sql, sourceMap: SourceMap())
      before = [node.id]
    }
    let star = Star(manifest)
    var input = DocsInput(manifest, star: star, generatedAt: 0, version: "1")
    input.analysis = ProjectAnalysis(manifest, star: star, compiled: compiled, seeds: [:])
    return input
  }

  static func model(_ name: String, sql: String, dependsOn parents: [NodeID]) -> Node {
    var node = Node(
      id: NodeID(.model, package: "shop", name: name), resourceType: .model, name: name, packageName: "shop",
      path: "\(name).sql", originalFilePath: "models/\(name).sql", rootPath: "", fqn: ["shop"], rawCode: sql,
      checksum: "", alias: name, config: NodeConfig())
    node.relation = RelationName(database: "db", schema: "public", identifier: name)
    node.dependsOn = parents
    return node
  }

  /// Three models one after the other, whose columns are copied, reckoned, counted up and only filtered by.
  static let chain = input([
    ("stg", "select id as order_id, lower(city) as city, amount from raw.orders where deleted is null"),
    ("lines", "select order_id, city, amount from public.stg"),
    ("sums", "select city, sum(amount) as total, 1 as one from public.lines group by 1"),
  ])

  /// `count` models in layers of which each model reads one or two of the layer before.
  static func large(count: Int) -> DocsInput {
    var manifest = Manifest(projectName: "shop", adapterType: "postgres")
    let layer = count / 5
    for position in 0..<count {
      let above = position - layer
      var parents: [NodeID] = []
      if above >= 0 {
        parents = [above, (above / layer) * layer + (above + 1) % layer].map {
          NodeID(.model, package: "shop", name: "m_\($0)")
        }
      }
      let node = model("m_\(position)", sql: "select \(position) as id", dependsOn: parents)
      manifest.nodes[node.id] = node
    }
    return DocsInput(manifest, star: Star(manifest), generatedAt: 0, version: "1")
  }
}
