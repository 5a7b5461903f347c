/// What a profile says of a connection to Redshift alone, by dbt-redshift's keys.
public struct RedshiftTarget: Sendable, Hashable {
  /// `query_group`, set for each session: workload management goes by it.
  public var queryGroup: String?
  /// `ra3_node`: relations of other databases of the cluster may be named.
  public var isCrossDatabase = false
  /// `tcp_keepalive` and its numbers, in seconds and probes; nil is the system's default.
  public var keepsAlive = true
  public var keepaliveIdle: Int?
  public var keepaliveInterval: Int?
  public var keepaliveCount: Int?

  public init() {}

  /// libpq's word for an sslmode: as in dbt-redshift everything short of `verify-full` but `disable` asks for a
  /// certificate that a known authority signed.
  public static func sslmode(_ written: String?) -> String {
    switch written {
    case "disable": "disable"
    case "verify-full": "verify-full"
    default: "verify-ca"
    }
  }
}
