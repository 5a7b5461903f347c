/// An ephemeral model as a CTE of a query that reads it.
public struct InjectedExpression: Sendable, Hashable {
  public var id: NodeID
  /// `__dbt__cte__<alias>`
  public var name: String
  /// The model's own SQL, without the CTEs that it needs itself.
  public var query: String

  public init(id: NodeID, name: String, query: String) {
    self.id = id
    self.name = name
    self.query = query
  }
}
