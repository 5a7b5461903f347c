/// dbt's `resource_type`.
public enum ResourceType: String, Sendable, Hashable, CaseIterable {
  case model, seed, snapshot, test, analysis, operation, source, exposure, macro, group
  case sqlOperation = "sql_operation"
  case unitTest = "unit_test"
  case documentation = "doc"
  case metric, function
  case semanticModel = "semantic_model"
  case savedQuery = "saved_query"
}

/// dbt's `unique_id`: `model.shop.stg_orders`, `test.shop.unique_stg_orders_id.1a2b3c4d5e`.
public struct NodeID: RawRepresentable, Sendable, Hashable, Comparable, CustomStringConvertible {
  public var rawValue: String

  public init(rawValue: String) { self.rawValue = rawValue }
  public init(_ rawValue: String) { self.rawValue = rawValue }

  public init(_ type: ResourceType, package: String, name: String) {
    rawValue = "\(type.rawValue).\(package).\(name)"
  }

  public var description: String { rawValue }

  public static func < (left: NodeID, right: NodeID) -> Bool { left.rawValue < right.rawValue }
}
