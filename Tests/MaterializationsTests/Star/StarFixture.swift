import Diagnostics
import Foundation
import OrderedCollections
import ProjectModel
import Warehouse

@testable import Materializations

/// A star as a test writes it: a model with its config and the columns of its SQL, in `shop.star`.
struct StarFixture {
  var manifest = Manifest(projectName: "shop", adapterType: "postgres")
  var columns: [NodeID: [ColumnDescription]] = [:]
  /// Kinds of materialization that are planned for Redshift, as far as its SQL is PostgreSQL's, too.
  var redshift = StarFixture.plannedForRedshift
  /// All are.
  var isRedshift = false
  /// Tables that are there and no models.
  var others: [RelationState] = []

  var plansForRedshift: Bool { isRedshift || !redshift.isEmpty }

  /// `WHC_REDSHIFT_KINDS=fact,bridge` plans all fixtures' facts and bridges for Redshift.
  private static let plannedForRedshift = Set(
    (ProcessInfo.processInfo.environment["WHC_REDSHIFT_KINDS"] ?? "").split(separator: ",").map(String.init))

  /// - Parameters:
  ///   - columns: `"id integer"`, what the SQL gives.
  ///   - types: columns with an `scd_type` of their own.
  mutating func add(
    _ name: String, _ config: OrderedDictionary<String, PlainValue>, sql: String, columns: [String],
    types: OrderedDictionary<String, Int> = [:]
  ) {
    let id = NodeID(.model, package: "shop", name: name)
    var node = Node(
      id: id, resourceType: .model, name: name, packageName: "shop", path: "\(name).sql",
      originalFilePath: "models/\(name).sql", rootPath: "/project", fqn: ["shop", name], rawCode: sql,
      checksum: "",
      alias: name, config: NodeConfig(values: config))
    node.relation = RelationName(database: nil, schema: "star", identifier: name)
    for (column, type) in types {
      node.columns[column] = ColumnProperties(name: column, config: ["scd_type": .int(type)])
    }
    manifest.nodes[id] = node
    self.columns[id] = columns.map { text in
      let parts = text.split(separator: " ", maxSplits: 1)
      return ColumnDescription(name: String(parts[0]), type: String(parts[1]))
    }
  }

  func input(_ name: String, exists: Bool = false) -> PlanInput? {
    let id = NodeID(.model, package: "shop", name: name)
    guard let node = manifest.nodes[id], let relation = node.relation else { return nil }
    var input = PlanInput(
      node: node, compiled: CompiledNode(id: id, sql: node.rawCode, sourceMap: SourceMap()),
      manifest: manifest,
      dialect: isRedshift || redshift.contains(node.config.materialized)
        ? Dialect(.redshift) : Dialect(.postgres, serverVersion: 150_018))
    input.queryColumns = columns[id] ?? []
    input.flags.runID = "run1"
    for other in others { input.relations[other.name] = other }
    if exists { input.existing = RelationState(name: relation, kind: .table) }
    return input
  }
}
