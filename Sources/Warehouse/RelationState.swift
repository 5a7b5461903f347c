public import ProjectModel

/// What stands in the database under a name, before a plan is made.
public struct RelationState: Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable {
    case table, view
    case materializedView = "materialized_view"
    case foreignTable = "foreign_table"
    case other
  }

  public var name: RelationName
  public var kind: Kind
  public var owner: String?
  public var comment: String?
  /// Filled when the plan asked for them.
  public var columns: [ColumnDescription]?

  public init(
    name: RelationName, kind: Kind, owner: String? = nil, comment: String? = nil,
    columns: [ColumnDescription]? = nil
  ) {
    self.name = name
    self.kind = kind
    self.owner = owner
    self.comment = comment
    self.columns = columns
  }
}

public struct SchemaName: Sendable, Hashable {
  public var database: String?
  public var schema: String

  public init(database: String?, schema: String) {
    self.database = database
    self.schema = schema
  }
}
