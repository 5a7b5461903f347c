public import Diagnostics
public import OrderedCollections
public import ProjectModel

/// One output of a profile: which warehouse to work on, and as whom.
public struct Target: Sendable {
  public enum Kind: String, Sendable, CaseIterable { case postgres, redshift }

  public var profileName: String
  public var name: String
  public var kind: Kind
  /// A private PostgreSQL server in the project's folder; host, port, user and password are its own.
  public var isEmbedded = false
  public var host: String?
  public var port = 5432
  public var user: String?
  public var password: Secret?
  public var database: String
  public var schema: String
  /// Connections that are used at once.
  public var threads = 1
  /// Seconds.
  public var connectTimeout = 10
  public var role: String?
  public var searchPath: String?
  /// Seconds; 0 is the system's default.
  public var keepalivesIdle = 0
  public var sslmode: String?
  public var sslcert: String?
  public var sslkey: String?
  public var sslrootcert: String?
  public var applicationName = "dbt"
  public var autocommit = false
  /// Times a connection is tried again.
  public var retries = 1
  /// Keys of the output that only some drivers know, as written and rendered.
  public var extra: OrderedDictionary<String, PlainValue> = [:]
  /// Of a target of type redshift.
  public var redshift: RedshiftTarget?
  /// Where the output stands in profiles.yml.
  public var span: SourceSpan?

  public init(profileName: String, name: String, kind: Kind, database: String, schema: String) {
    self.profileName = profileName
    self.name = name
    self.kind = kind
    self.database = database
    self.schema = schema
  }

  private static let secrets: Set = ["pass", "token", "secret_access_key", "session_token", "token_endpoint"]

  /// What `target` shows to templates: no password.
  public var context: OrderedDictionary<String, PlainValue> {
    func text(_ value: String?) -> PlainValue { value.map { .string($0) } ?? .null }
    var result: OrderedDictionary<String, PlainValue> = [
      "host": text(host), "port": .int(port), "user": text(user), "database": .string(database),
      "schema": .string(schema), "connect_timeout": .int(connectTimeout), "role": text(role),
      "search_path": text(searchPath), "keepalives_idle": .int(keepalivesIdle), "sslmode": text(sslmode),
      "sslcert": text(sslcert), "sslkey": text(sslkey), "sslrootcert": text(sslrootcert),
      "application_name": .string(applicationName), "autocommit": .bool(autocommit), "retries": .int(retries),
      "dbname": .string(database), "type": .string(kind.rawValue), "threads": .int(threads),
      "name": .string(name), "target_name": .string(name), "profile_name": .string(profileName),
    ]
    for (key, value) in extra where result[key] == nil && !Self.secrets.contains(key) {
      result[key] = value
    }
    return result
  }
}
