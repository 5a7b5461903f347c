import Diagnostics
import OrderedCollections
import ProjectModel

/// Models with star declarations, as a test writes them.
struct Declarations {
  var manifest = Manifest(projectName: "shop", adapterType: "postgres")

  @discardableResult
  mutating func add(
    _ name: String, _ config: OrderedDictionary<String, PlainValue>,
    columns: OrderedDictionary<String, OrderedDictionary<String, PlainValue>> = [:], package: String = "shop"
  ) -> Node {
    let id = NodeID(.model, package: package, name: name)
    var origins: [String: SourceSpan] = [:]
    for (index, key) in config.keys.enumerated() {
      origins[key] = SourceSpan(file: "models/\(name).yml", line: index + 1, column: 1)
    }
    var node = Node(
      id: id, resourceType: .model, name: name, packageName: package, path: "\(name).sql",
      originalFilePath: "models/\(name).sql", rootPath: "/project", fqn: [package, name], rawCode: "",
      checksum: "",
      alias: name, config: NodeConfig(values: config, origins: origins))
    for (column, settings) in columns {
      node.columns[column] = ColumnProperties(name: column, config: settings)
    }
    manifest.nodes[id] = node
    return node
  }

  static func node(
    _ name: String, _ config: OrderedDictionary<String, PlainValue>,
    columns: OrderedDictionary<String, OrderedDictionary<String, PlainValue>> = [:]
  ) -> Node {
    var declarations = Declarations()
    return declarations.add(name, config, columns: columns)
  }
}

/// `bad-config-value:2: summary`, one a diagnostic.
func told(_ diagnostics: [Diagnostic]) -> [String] {
  diagnostics.map { "\($0.code):\($0.span?.start.line ?? 0): \($0.summary)" }
}
