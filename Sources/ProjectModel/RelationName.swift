/// The three-part name of a table or view, unquoted, with the say on which parts are quoted when written.
public struct RelationName: Sendable, Hashable {
  /// dbt's `quoting`: which parts stand in quotes. All three by default on PostgreSQL.
  public struct Quoting: Sendable, Hashable {
    public var database: Bool
    public var schema: Bool
    public var identifier: Bool

    public init(database: Bool = true, schema: Bool = true, identifier: Bool = true) {
      self.database = database
      self.schema = schema
      self.identifier = identifier
    }
  }

  public var database: String?
  public var schema: String?
  public var identifier: String
  public var quoting: Quoting

  public init(database: String?, schema: String?, identifier: String, quoting: Quoting = Quoting()) {
    self.database = database
    self.schema = schema
    self.identifier = identifier
    self.quoting = quoting
  }

  /// The same place under another last name: a table built aside, a backup.
  public func renamed(_ identifier: String) -> RelationName {
    RelationName(database: database, schema: schema, identifier: identifier, quoting: quoting)
  }

  /// Two names are the same relation when their parts are; how they are quoted is not part of it.
  public static func == (left: RelationName, right: RelationName) -> Bool {
    left.database == right.database && left.schema == right.schema && left.identifier == right.identifier
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(database)
    hasher.combine(schema)
    hasher.combine(identifier)
  }
}
