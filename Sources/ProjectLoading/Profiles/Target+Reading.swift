import Diagnostics
import OrderedCollections
import ProjectModel

extension ProfileFile {
  private static let knownKeys = [
    "type", "embedded", "host", "port", "user", "password", "pass", "database", "dbname", "schema", "threads",
    "connect_timeout", "role", "search_path", "keepalives_idle", "sslmode", "sslcert", "sslkey",
    "sslrootcert",
    "application_name", "autocommit", "retries",
  ]

  private static let redshiftKeys = [
    "method", "cluster_id", "iam_profile", "autocreate", "db_groups", "ra3_node", "region", "is_serverless",
    "serverless_work_group", "serverless_acct_id", "access_key_id", "secret_access_key",
    "session_token", "query_group", "staging_bucket", "iam_role",
    "idp_listen_port", "idp_response_timeout", "idc_region", "issuer_url", "idc_client_display_name",
    "tcp_keepalive", "tcp_keepalive_idle", "tcp_keepalive_interval", "tcp_keepalive_count",
    "datasharing", "token_endpoint", "retry_all", "allow_concurrent_drops", "drop_without_cascade",
  ]

  static func target(
    _ node: YAMLNode, of entry: YAMLEntry, name: String, profile: String, threads: Int?, file: String
  ) throws(DiagnosticsError) -> (target: Target, warnings: [Diagnostic]) {
    var reader = ValueReader(file: file)
    guard node.mapping != nil else {
      throw DiagnosticsError(
        Diagnostic(
          "bad-value", "target '\(name)' must be a mapping, not \(node.kindName)", at: reader.span(node),
          label: "'type:', 'schema:' and the like are expected here"))
    }
    let kind = try self.kind(node, entry: entry, name: name, file: file)
    reader.checkKeys(
      node, known: knownKeys + (kind == .redshift ? redshiftKeys : []),
      in: "a target of type \(kind.rawValue)",
      severity: .warning)
    let embedded = reader.bool(node, "embedded") ?? false
    let database =
      reader.string(node, "dbname") ?? reader.string(node, "database") ?? (embedded ? "whc" : nil)
    let schema = reader.string(node, "schema") ?? (embedded ? "public" : nil)
    var target = Target(
      profileName: profile, name: name, kind: kind, database: database ?? "", schema: schema ?? "")
    target.isEmbedded = embedded
    target.span = entry.keyPlace.span(in: file)
    target.host = reader.string(node, "host")
    target.port = reader.int(node, "port") ?? (kind == .redshift ? 5439 : 5432)
    target.user = reader.string(node, "user")
    target.password = (reader.string(node, "password") ?? reader.string(node, "pass")).map(Secret.init)
    target.threads = threads ?? reader.int(node, "threads") ?? 1
    target.connectTimeout = reader.int(node, "connect_timeout") ?? 10
    target.role = reader.string(node, "role")
    target.searchPath = reader.string(node, "search_path")
    target.keepalivesIdle = reader.int(node, "keepalives_idle") ?? 0
    target.sslmode = reader.string(node, "sslmode")
    target.sslcert = reader.string(node, "sslcert")
    target.sslkey = reader.string(node, "sslkey")
    target.sslrootcert = reader.string(node, "sslrootcert")
    target.applicationName = reader.string(node, "application_name") ?? "dbt"
    target.autocommit = reader.bool(node, "autocommit") ?? (kind == .redshift)
    target.retries = reader.int(node, "retries") ?? 1
    for item in node.mapping ?? [] where !knownKeys.contains(item.key) {
      target.extra[item.key] = item.value.plain
    }

    if kind == .redshift { target.redshift = redshift(node, &reader, isLocal: embedded) }

    var missing: [String] = []
    if database == nil { missing.append("dbname") }
    if schema == nil { missing.append("schema") }
    if !embedded {
      if target.host == nil { missing.append("host") }
      let method = target.redshift?.method
      if target.user == nil, method != .iamRole { missing.append("user") }
      if method == .database, target.password == nil { missing.append("password") }
    }
    if !missing.isEmpty {
      reader.diagnostics.append(
        Diagnostic(
          "bad-value", "target '\(name)' lacks " + missing.map { "'\($0)'" }.joined(separator: ", "),
          at: target.span, label: "required for type \(kind.rawValue)"))
    }
    if !(0...65535).contains(target.port) {
      reader.report("bad-value", "\(target.port) is no port; ports are 0 to 65535", at: node["port"]?.place)
    }
    if target.threads < 1 {
      reader.report("bad-value", "'threads' must be at least 1", at: node["threads"]?.place, label: "too few")
    }
    if reader.diagnostics.contains(where: { $0.severity == .error }) {
      throw DiagnosticsError(reader.diagnostics)
    }
    return (target, reader.diagnostics)
  }

  /// What only dbt-redshift knows. Its other ways of logging in are told apart from what is there.
  private static func redshift(
    _ node: YAMLNode, _ reader: inout ValueReader, isLocal: Bool
  ) -> RedshiftTarget {
    var found = RedshiftTarget()
    found.queryGroup = reader.string(node, "query_group")
    found.isCrossDatabase = reader.bool(node, "ra3_node") ?? false
    found.keepsAlive = reader.bool(node, "tcp_keepalive") ?? true
    found.keepaliveIdle = reader.int(node, "tcp_keepalive_idle")
    found.keepaliveInterval = reader.int(node, "tcp_keepalive_interval")
    found.keepaliveCount = reader.int(node, "tcp_keepalive_count")
    readLogin(node, &reader, into: &found)
    readBehaviour(node, &reader, into: &found)
    if let mode = reader.string(node, "sslmode") {
      let known = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]
      if !known.contains(mode) {
        reader.report(
          "bad-value", "'\(mode)' is no sslmode" + NearMiss.suffix(for: mode, among: known),
          at: node["sslmode"]?.place, label: "one of " + known.joined(separator: ", "))
      }
    }
    return found
  }

  private static func readBehaviour(
    _ node: YAMLNode, _ reader: inout ValueReader, into found: inout RedshiftTarget
  ) {
    found.sharesData = reader.bool(node, "datasharing") ?? false
    found.retriesAll = reader.bool(node, "retry_all") ?? false
    found.dropsConcurrently = reader.bool(node, "allow_concurrent_drops") ?? false
    found.dropsWithoutCascade = reader.bool(node, "drop_without_cascade") ?? false
    found.stagingBucket = reader.string(node, "staging_bucket")
    found.stagingRole = reader.string(node, "iam_role")
    if let bucket = found.stagingBucket {
      if !bucket.hasPrefix("s3://") || bucket.utf8.count < 6 {
        reader.report(
          "bad-value", "'\(bucket)' is no place for staged files", at: node["staging_bucket"]?.place,
          label: "'s3://bucket/prefix'")
      } else if found.stagingRole == nil {
        reader.report(
          "bad-value", "'staging_bucket' needs 'iam_role', the role by which Redshift reads the bucket",
          at: node["staging_bucket"]?.place, label: "'iam_role: arn:aws:iam::…' or 'default' beside it")
      }
    }
  }

  /// What proves who one is, and what AWS must know for it.
  private static func readLogin(
    _ node: YAMLNode, _ reader: inout ValueReader, into found: inout RedshiftTarget
  ) {
    found.cluster = reader.string(node, "cluster_id")
    found.workgroup = reader.string(node, "serverless_work_group")
    found.isServerless = reader.bool(node, "is_serverless") ?? false
    found.region = reader.string(node, "region")
    found.awsProfile = reader.string(node, "iam_profile")
    found.accessKeyID = reader.string(node, "access_key_id")
    found.secretAccessKey = reader.string(node, "secret_access_key").map(Secret.init)
    found.sessionToken = reader.string(node, "session_token").map(Secret.init)
    found.createsUser = reader.bool(node, "autocreate") ?? false
    found.groups = reader.strings(node, "db_groups") ?? []
    let text = reader.string(node, "method") ?? "database"
    guard let method = RedshiftTarget.Method(rawValue: text) else {
      let later = ["browser_identity_center", "oauth_token_identity_center"]
      let known = RedshiftTarget.Method.allCases.map(\.rawValue)
      return reader.report(
        "bad-value",
        later.contains(text)
          ? "'method: \(text)' is not written yet: Redshift then asks by a code (14) that libpq does not know"
          : "'\(text)' is no way to log in" + NearMiss.suffix(for: text, among: known + later),
        at: node["method"]?.place, label: known.map { "'\($0)'" }.joined(separator: ", ") + " are there")
    }
    found.method = method
    guard method != .database else { return }
    if (found.accessKeyID == nil) != (found.secretAccessKey == nil) {
      reader.report(
        "bad-value", "'access_key_id' and 'secret_access_key' belong together",
        at: (node["access_key_id"] ?? node["secret_access_key"])?.place, label: "the other one is missing")
    }
    let isServerless =
      found.isServerless || found.workgroup != nil
      || reader.string(node, "host")?.contains("serverless") == true
    if found.cluster == nil, !isServerless {
      reader.report(
        "bad-value", "'method: \(text)' needs the cluster's name", at: node["method"]?.place,
        label: "'cluster_id', or 'serverless_work_group' for a workgroup")
    }
    if reader.string(node, "sslmode") == "disable" {
      reader.report(
        "bad-value", "'method: \(text)' needs TLS", at: node["sslmode"]?.place,
        label: "Redshift's driver sends such passwords over TLS alone")
    }
  }

  private static func kind(_ node: YAMLNode, entry: YAMLEntry, name: String, file: String)
    throws(DiagnosticsError)
    -> Target.Kind
  {
    let known = Target.Kind.allCases.map(\.rawValue)
    guard let type = node["type"] else {
      throw DiagnosticsError(
        Diagnostic(
          "bad-value", "target '\(name)' lacks 'type'", at: entry.keyPlace.span(in: file),
          label: "'type: postgres' or 'type: redshift' is required"))
    }
    if let text = type.string, let kind = Target.Kind(rawValue: text) { return kind }
    let text = type.plain.pythonText
    throw DiagnosticsError(
      Diagnostic(
        "bad-value",
        "'\(text)' is not a type of warehouse that whc knows", meant: NearMiss(text, among: known),
        at: type.place.span(in: file), label: "postgres or redshift"))
  }
}
