/// What is known of a relation that a query reads.
public struct RelationShape: Sendable, Hashable {
  public struct Column: Sendable, Hashable {
    public var name: String
    /// nil when it is not known.
    public var type: SQLType?
    /// nil when it is not known.
    public var isNullable: Bool?

    public init(name: String, type: SQLType? = nil, isNullable: Bool? = nil) {
      self.name = name
      self.type = type
      self.isNullable = isNullable
    }
  }

  public var columns: [Column]
  /// False when the relation may have columns that are not listed.
  public var isComplete: Bool
  /// Sets of columns of which no two rows have the same values; an empty set: there is at most one row.
  public var keys: [Set<String>]

  public init(columns: [Column], isComplete: Bool, keys: [Set<String>] = []) {
    self.columns = columns
    self.isComplete = isComplete
    self.keys = keys
  }
}
