import Diagnostics
public import ProjectModel

/// A model with `materialized: audit_dimension`: one row for each load of the facts and dimensions that name it.
public struct AuditDimension: Sendable, Hashable {
  public var node: NodeID
  public var name: String
  public var surrogateKey: String
  public var members: [DimensionMember]

  /// The keys under `config` that the declaration has of its own.
  public static let keys = ["surrogate_key", "members"]

  /// What the table says of a load beside its key, in order, with PostgreSQL's types.
  public static let columns: [(name: String, type: String)] = [
    ("invocation_id", "text"), ("node", "text"), ("target", "text"), ("whc_version", "text"),
    ("code_checksum", "text"), ("started_at", "timestamp with time zone"),
    ("finished_at", "timestamp with time zone"), ("rows_read", "bigint"), ("rows_inserted", "bigint"),
    ("rows_updated", "bigint"), ("rows_unknown", "bigint"), ("warnings", "integer"), ("checks", "text"),
  ]

  /// The declaration of a model with `materialized: audit_dimension`.
  public static func decode(_ node: Node) -> Decoded<AuditDimension> {
    var reader = ConfigReader(node)
    reader.refuseUnknown(known: keys)
    let dimension = AuditDimension(
      node: node.id, name: node.name,
      surrogateKey: reader.text("surrogate_key") ?? SurrogateKey.defaultName(model: node.name),
      members: reader.members())
    for member in dimension.members where member.key > 0 {
      reader.report(
        "bad-config-value",
        "member \(member.name) of \(node.name) has key \(member.key), which a load could get",
        at: "members", help: "members of an audit dimension have keys below zero")
    }
    if columns.contains(where: { $0.name == dimension.surrogateKey }) {
      reader.report(
        "clashing-column",
        "'\(dimension.surrogateKey)' of \(node.name) is its surrogate key and a column of its own",
        at: "surrogate_key")
    }
    return Decoded(dimension, reader.diagnostics)
  }

  /// The audit dimension that a fact's or a dimension's declaration names.
  static func read(_ reader: inout ConfigReader) -> Fact.Target? {
    guard let value = reader.value("audit") else { return nil }
    if let target = value.string.flatMap(Fact.target) { return target }
    reader.bad("audit", value, at: "audit", expected: "an audit dimension's name")
    return nil
  }

  /// An edge of the graph that needs no `ref()` in the SQL.
  static func references(_ node: Node) -> [RefCall] {
    guard ["fact", "dimension"].contains(node.config.materialized) else { return [] }
    var reader = ConfigReader(node)
    guard let target = read(&reader) else { return [] }
    return [RefCall(package: target.package, name: target.name, span: reader.span("audit"))]
  }
}

extension Star {
  /// The audit dimension that a model of `package` names; nil when there is none of the name.
  public func audit(_ to: Fact.Target?, package: String, in manifest: Manifest) -> AuditDimension? {
    guard let to else { return nil }
    let found = audits.values.filter {
      $0.name == to.name && (to.package == nil || manifest.nodes[$0.node]?.packageName == to.package)
    }
    return found.first { manifest.nodes[$0.node]?.packageName == package } ?? found.first
  }

  /// The audit dimension whose keys stand in a fact's or a dimension's rows.
  public func audit(of node: NodeID, in manifest: Manifest) -> AuditDimension? {
    audit(
      facts[node]?.audit ?? dimensions[node]?.audit,
      package: manifest.nodes[node]?.packageName ?? manifest.projectName, in: manifest)
  }
}

extension StarRules {
  /// What is wrong with the audit dimension that a model names.
  static func check(
    audit to: Fact.Target?, of node: Node, columns: Set<String>, _ star: Star, _ manifest: Manifest
  ) -> [Diagnostic] {
    guard let to else { return [] }
    let span = node.config.origins["audit"] ?? node.patchSpan
    if let audit = star.audit(to, package: node.packageName, in: manifest) {
      guard columns.contains(audit.surrogateKey) else { return [] }
      return [
        Diagnostic(
          "clashing-column",
          "'\(audit.surrogateKey)' of \(node.name) is its key to \(audit.name) and a column of its own",
          at: span, help: "give \(audit.name) another 'surrogate_key:'")
      ]
    }
    if let other = manifest.nodes.values.first(where: { $0.resourceType == .model && $0.name == to.name }) {
      return [
        Diagnostic(
          "not-a-dimension",
          "\(node.name) is audited by \(to.name), which is materialized as \(other.config.materialized)",
          at: span, help: "set 'materialized: audit_dimension' in the config of \(to.name)")
      ]
    }
    return [
      Diagnostic(
        "unknown-dimension",
        "audit dimension '\(to.name)' of \(node.name) is not in this project",
        meant: NearMiss(to.name, among: star.audits.values.map(\.name)), at: span)
    ]
  }
}
