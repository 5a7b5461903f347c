import Diagnostics
import OrderedCollections
import ProjectModel
import Warehouse

@testable import Materializations

/// A planner's input as a test writes it: a model `orders` in `shop.marts`, changed by the case.
struct PlanFixture {
  var input: PlanInput
  var target: RelationName

  init(
    _ config: OrderedDictionary<String, PlainValue> = [:], type: ResourceType = .model,
    name: String = "orders",
    sql: String = "select order_id, amount from \"shop\".\"staging\".\"stg_orders\"",
    dialect: Dialect = Dialect(.postgres, serverVersion: 150_018)
  ) {
    target = RelationName(database: "shop", schema: "marts", identifier: name)
    let id = NodeID(type, package: "shop", name: name)
    var node = Node(
      id: id, resourceType: type, name: name, packageName: "shop", path: "\(name).sql",
      originalFilePath: "models/\(name).sql", rootPath: "/project", fqn: ["shop", name], rawCode: sql,
      checksum: "", alias: name, config: NodeConfig(values: config))
    node.relation = target
    let compiled = CompiledNode(id: id, sql: sql, sourceMap: SourceMap())
    input = PlanInput(
      node: node, compiled: compiled, manifest: Manifest(projectName: "shop", adapterType: "postgres"),
      dialect: dialect)
    input.flags.runID = "run1"
    input.queryColumns = Self.columns("order_id integer", "amount numeric")
  }

  /// `"id integer"` as a column.
  static func columns(_ texts: String...) -> [ColumnDescription] {
    texts.map { text in
      let parts = text.split(separator: " ", maxSplits: 1)
      return ColumnDescription(name: String(parts[0]), type: String(parts[1]))
    }
  }

  func existing(_ kind: RelationState.Kind, _ columns: String...) -> PlanFixture {
    changed {
      $0.existing = RelationState(
        name: target, kind: kind,
        columns: columns.flatMap { Self.columns($0) })
    }
  }

  func queried(_ columns: String...) -> PlanFixture {
    changed { $0.queryColumns = columns.flatMap { Self.columns($0) } }
  }

  func leftover(_ identifier: String, _ kind: RelationState.Kind = .table) -> PlanFixture {
    let name = target.renamed(identifier)
    return changed { $0.relations[name] = RelationState(name: name, kind: kind) }
  }

  func dependents(_ views: ViewRecipe...) -> PlanFixture { changed { $0.dependents = views } }

  func flags(_ change: (inout PlanFlags) -> Void) -> PlanFixture { changed { change(&$0.flags) } }

  func changed(_ change: (inout PlanInput) -> Void) -> PlanFixture {
    var copy = self
    change(&copy.input)
    return copy
  }

  func view(_ name: String, reads: [String] = ["orders"], materialized: Bool = false, direct: Bool = true)
    -> ViewRecipe
  {
    ViewRecipe(
      name: RelationName(database: "shop", schema: "reports", identifier: name),
      definition: " SELECT orders.order_id\n   FROM marts.orders", isMaterialized: materialized,
      isDirect: direct,
      reads: reads.map {
        RelationName(database: "shop", schema: $0 == "orders" ? "marts" : "reports", identifier: $0)
      },
      restore: ["grant SELECT on reports.\(name) to public"])
  }

  static func seed(_ columns: (String, SeedTable.InferredType)..., rowCount: Int = 2) -> SeedTable {
    SeedTable(
      path: "/project/seeds/orders.csv", delimiter: UInt8(ascii: ","),
      columns: columns.map { SeedTable.Column(name: $0.0, type: $0.1) }, rowCount: rowCount)
  }
}
