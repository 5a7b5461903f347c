/// Where a PostgreSQL server is and how to come in: an output of `profiles.yml`, made typed.
///
/// What is nil is left to libpq: its environment variables, `.pgpass`, its service file, its defaults.
public struct PostgresSettings: Sendable, Hashable {
  /// A name, an address, or the absolute path of the folder of a Unix socket.
  public var host: String?
  public var port: Int?
  public var user: String?
  public var password: Password?
  public var dbname: String?
  /// The target's schema. Connecting does not use it.
  public var schema: String?
  /// `disable`, `allow`, `prefer`, `require`, `verify-ca` or `verify-full`.
  public var sslmode: String?
  public var sslcert: String?
  public var sslkey: String?
  public var sslrootcert: String?
  /// Seconds; 0 leaves it to the system.
  public var keepalivesIdle: Int = 0
  /// Whether a silent connection is probed; with it the seconds between probes and how many may be lost.
  public var keepalives: Bool = true
  public var keepalivesInterval: Int?
  public var keepalivesCount: Int?
  /// Seconds for each attempt; 0 waits for ever.
  public var connectTimeout: Int = 10
  /// Attempts after the first, where the server could not be reached.
  public var retries: Int = 1
  /// As `SET search_path` takes it: `"$user", public`.
  public var searchPath: String?
  /// The role taken by `SET ROLE` after connecting.
  public var role: String?
  /// Redshift's group of queries, set after connecting.
  public var queryGroup: String?
  public var applicationName: String = "whc"
  /// A section of libpq's service file.
  public var service: String?
  /// The file to use for `.pgpass`.
  public var passfile: String?

  public init(
    host: String? = nil, port: Int? = nil, user: String? = nil, password: Password? = nil,
    dbname: String? = nil, schema: String? = nil
  ) {
    self.host = host
    self.port = port
    self.user = user
    self.password = password
    self.dbname = dbname
    self.schema = schema
  }
}

/// A secret text that no description, dump or message shows.
public struct Password: Sendable, Hashable, ExpressibleByStringLiteral, CustomStringConvertible,
  CustomDebugStringConvertible, CustomReflectable
{
  /// The text itself; give it to nobody but the server.
  public var secret: String

  public init(_ secret: String) { self.secret = secret }
  public init(stringLiteral value: String) { secret = value }

  public var description: String { "********" }
  public var debugDescription: String { description }
  public var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension PostgresSettings {
  /// The same for another who comes in.
  func with(_ login: Login?) -> PostgresSettings {
    guard let login else { return self }
    var settings = self
    settings.user = login.user
    settings.password = login.password
    return settings
  }

  /// libpq's keywords with their values, those it is to find out for itself left out.
  var keywords: [(String, String)] {
    var words: [(String, String)] = []
    func add(_ keyword: String, _ value: String?) {
      if let value, !value.isEmpty { words.append((keyword, value)) }
    }
    add("service", service)
    add("host", host)
    add("port", port.map(String.init))
    add("user", user)
    add("password", password?.secret)
    add("dbname", dbname)
    add("passfile", passfile)
    add("sslmode", sslmode)
    add("sslcert", sslcert)
    add("sslkey", sslkey)
    add("sslrootcert", sslrootcert)
    // Zero would reach setsockopt, which refuses it.
    if keepalivesIdle > 0 { add("keepalives_idle", String(keepalivesIdle)) }
    if !keepalives { add("keepalives", "0") }
    add("keepalives_interval", keepalivesInterval.map(String.init))
    add("keepalives_count", keepalivesCount.map(String.init))
    add("application_name", applicationName)
    add("client_encoding", "UTF8")
    return words
  }
}
