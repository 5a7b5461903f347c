/// What a profile says of a connection to Redshift alone, by dbt-redshift's keys.
public struct RedshiftTarget: Sendable, Hashable {
  /// `method`: what proves who one is.
  public enum Method: String, Sendable, Hashable, CaseIterable {
    case database, iam
    case iamRole = "iam_role"
  }

  public var method = Method.database
  /// What AWS is to be told where `method` is not `database`.
  public var cluster: String?
  public var workgroup: String?
  public var isServerless = false
  public var region: String?
  /// `iam_profile`: the profile of AWS's own files.
  public var awsProfile: String?
  /// `access_key_id` and the two that belong to it, in place of a profile.
  public var accessKeyID: String?
  public var secretAccessKey: Secret?
  public var sessionToken: Secret?
  /// `autocreate`, `db_groups`: the user is made when there is none, and is in these groups for the session.
  public var createsUser = false
  public var groups: [String] = []
  /// `query_group`, set for each session: workload management goes by it.
  public var queryGroup: String?
  /// `ra3_node`: relations of other databases of the cluster may be named.
  public var isCrossDatabase = false
  /// `datasharing`: the catalogue is read by SHOW, which knows databases that others share.
  public var sharesData = false
  /// `retry_all`: whatever the server refuses is tried again, as often as `retries` says.
  public var retriesAll = false
  /// `allow_concurrent_drops`, `drop_without_cascade`
  public var dropsConcurrently = false
  public var dropsWithoutCascade = false
  /// `staging_bucket`: `s3://bucket/prefix`, where seeds are put for COPY to read them, by the role `iam_role`.
  public var stagingBucket: String?
  public var stagingRole: String?
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
