import OrderedCollections
import ProjectModel

/// A node as dbt's events name it.
struct NodeInfo {
  let value: PlainValue

  init(value: PlainValue) { self.value = value }

  /// - Parameter status: a result's, or `started`, `compiling`, `executing`; nil for a node that is only spoken of.
  init(_ node: Node, status: String? = nil, startedAt: Double? = nil, finishedAt: Double? = nil) {
    let relation = node.relation
    let isStored = relation != nil && node.resourceType != .test && node.resourceType != .operation
    value = [
      "materialized": .string(Self.materialized(node)),
      "meta": .mapping(node.meta),
      "node_checksum": .string(node.checksumName == "sha256" ? node.checksum : ""),
      "node_finished_at": .string(finishedAt.map { Clock.timestamp($0) } ?? ""),
      "node_name": .string(node.name), "node_path": .string(node.path),
      "node_relation": [
        "alias": .string(node.alias), "database": .string(relation?.database ?? ""),
        "relation_name": .string(isStored ? relation.map(Self.quoted) ?? "" : ""),
        "schema": .string(relation?.schema ?? ""),
      ],
      "node_started_at": .string(startedAt.map { Clock.timestamp($0) } ?? ""),
      "node_status": .string(status ?? (startedAt == nil ? "None" : "started")),
      "resource_type": .string(node.resourceType.rawValue), "unique_id": .string(node.id.rawValue),
    ]
  }

  private static func materialized(_ node: Node) -> String {
    switch node.resourceType {
    case .test, .seed, .snapshot, .unitTest: node.resourceType.rawValue
    default: node.config.materialized
    }
  }

  static func quoted(_ name: RelationName) -> String {
    [name.database, name.schema, name.identifier].compactMap { $0 }.map { "\"\($0)\"" }.joined(separator: ".")
  }
}

extension Manifest {
  /// A node's group as dbt's events name it; nil when it has none.
  func groupInfo(of node: Node) -> PlainValue? {
    guard let group = group(of: node) else { return nil }
    let owner = group.owner.values.filter { !$0.value.isNull }.mapValues { PlainValue.string($0.pythonText) }
    return [
      "name": .string(group.name), "package_name": .string(group.packageName), "owner": .mapping(owner),
    ]
  }
}
