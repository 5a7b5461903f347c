public import ProjectModel

/// What differs between the databases whc writes SQL for; the planner asks it and sends nothing.
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

  /// Bytes of an identifier that the server keeps.
  public var maximumIdentifierLength: Int { kind == .postgres ? 63 : 127 }

  public func quote(_ identifier: String) -> String {
    "\"" + identifier.replacing("\"", with: "\"\"") + "\""
  }

  /// A string literal that holds whatever `text` holds, under `standard_conforming_strings = on`.
  public func literal(_ text: String) -> String {
    "'" + text.replacing("'", with: "''") + "'"
  }

  /// The name as it stands in SQL, each part quoted as its ``RelationName/Quoting`` says.
  public func render(_ relation: RelationName) -> String {
    var parts: [String] = []
    if let database = relation.database {
      parts.append(relation.quoting.database ? quote(database) : database)
    }
    if let schema = relation.schema {
      parts.append(relation.quoting.schema ? quote(schema) : schema)
    }
    parts.append(relation.quoting.identifier ? quote(relation.identifier) : relation.identifier)
    return parts.joined(separator: ".")
  }
}
