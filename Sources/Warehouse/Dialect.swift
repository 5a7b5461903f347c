public import ProjectModel

/// What differs between the databases whc writes SQL for; the planner asks it and sends nothing.
///
/// The questions stand in files by topic: names, literals, types, and what the server is able to do.
public struct Dialect: Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable { case postgres, redshift }

  public var kind: Kind
  /// `server_version_num`: 150018; 80002 for Redshift. 0 when not yet known.
  public var serverVersion: Int

  public init(_ kind: Kind, serverVersion: Int = 0) {
    self.kind = kind
    self.serverVersion = serverVersion
  }

  public static let postgres = Dialect(.postgres)
  public static let redshift = Dialect(.redshift)

  /// The oldest server that whc is written for, as `server_version_num`.
  public var oldestServerVersion: Int { kind == .postgres ? 120_000 : 80_002 }

  /// dbt's `quoting` when a project says nothing.
  public var defaultQuoting: RelationName.Quoting { RelationName.Quoting() }
}
