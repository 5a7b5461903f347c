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
    "serverless_work_group", "serverless_acct_id", "access_key_id", "secret_access_key", "query_group",
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
      if target.user == nil { missing.append("user") }
      if kind == .redshift, target.password == nil { missing.append("password") }
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
    let method = reader.string(node, "method") ?? "database"
    if method != "database" {
      let known = [
        "database", "iam", "iam_role", "browser_identity_center", "oauth_token_identity_center",
      ]
      reader.report(
        "bad-value",
        known.contains(method)
          ? "'method: \(method)' is not written yet; whc logs in with user and password"
          : "'\(method)' is no way to log in" + NearMiss.suffix(for: method, among: known),
        at: node["method"]?.place, label: "'database' is there")
    }
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
