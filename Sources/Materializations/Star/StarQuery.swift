public import Diagnostics
public import ProjectModel
import StarModel
public import Warehouse

/// Questions that only a star answers: the versions of a member, and rows as of some time.
public struct StarQuery: Sendable {
  let node: Node
  let manifest: Manifest
  let dialect: Dialect
  /// Bitemporal dimensions are read as they were recorded at this date or time.
  let recordedAt: String?

  /// - Throws: `not-bitemporal` when `node` is no dimension that is recorded, nor a fact that looks one up.
  public init(
    _ node: Node, _ manifest: Manifest, dialect: Dialect, recordedAt: String? = nil
  ) throws(DiagnosticsError) {
    self.node = node
    self.manifest = manifest
    self.dialect = dialect
    self.recordedAt = recordedAt
    guard recordedAt != nil else { return }
    let star = Star(manifest)
    let read =
      star.facts[node.id].map { star.lookups(of: $0, manifest).map(\.target.node) } ?? [node.id]
    guard !read.contains(where: { star.dimensions[$0]?.recordedTime != nil }) else { return }
    throw problem(
      "not-bitemporal", "--recorded-at asks what was recorded at a time, and nothing of \(node.name) is",
      help: "add 'bitemporal: true' to the dimension; it is recorded from its next build on")
  }

  /// The versions of one member, the oldest first, as a query.
  ///
  /// - Parameters:
  ///   - key: the values of the natural key, in its order.
  ///   - asOf: a date or a time; only the version that held then.
  /// - Throws: `not-a-dimension`, `key-count-mismatch`.
  public func versions(key: [String], asOf: String?) throws(DiagnosticsError) -> String {
    guard let (dimension, table) = dimension else {
      throw problem("not-a-dimension", "--key asks for a member of a dimension, and \(node.name) is none")
    }
    guard key.count == dimension.naturalKey.count else {
      throw problem(
        "key-count-mismatch",
        "the natural key of \(node.name) is \(dimension.naturalKey.joined(separator: ", ")), and --key gives "
          + "\(key.count) value\(key.count == 1 ? "" : "s")",
        help: "write '--key \(dimension.naturalKey.map { "<\($0)>" }.joined(separator: " "))'")
    }
    var conditions = zip(dimension.naturalKey, key).map {
      "d.\(dialect.quote($0)) = \(dialect.literal($1))"
    }
    if let asOf { conditions.append(holds(dimension, "d", asOf)) }
    return """
      select d.*
      from \(table) d
      where \(conditions.joined(separator: "\n  and "))
      order by d.\(dialect.quote(dimension.columns.validFrom))
      """
  }

  /// Natural keys of members with most versions, those with as many in order of their keys, as a query.
  ///
  /// - Throws: `not-a-dimension`.
  public func changingMembers(limit: Int) throws(DiagnosticsError) -> String {
    guard let (dimension, table) = dimension else {
      throw problem("not-a-dimension", "\(node.name) is no dimension, so it has no members")
    }
    let keys = dimension.naturalKey.map { "d.\(dialect.quote($0))" }.joined(separator: ", ")
    return """
      select \(keys)
      from \(table) d
      group by \(keys)
      having count(*) > 1
      order by count(*) desc, \(keys)
      limit \(limit)
      """
  }

  /// The rows as of a date or a time, as a query: of a dimension the versions that held then; of a fact what had
  /// happened by then, with `<key>_as_of` beside each key, which leads to the version of its member that held then.
  ///
  /// Without a time, all of a dimension's versions.
  ///
  /// - Throws: `no-time` where nothing says when rows came to be.
  public func rows(asOf: String?) throws(DiagnosticsError) -> String {
    if let (dimension, table) = dimension {
      guard let asOf else { return "select d.*\nfrom \(table) d" }
      return "select d.*\nfrom \(table) d\nwhere \(holds(dimension, "d", asOf))"
    }
    guard let fact = Fact.decode(node).value, let relation = node.relation else {
      throw problem(
        "no-time", "\(node.name) is no dimension and no fact, so nothing says what it held at a time")
    }
    guard
      let time = fact.periodic.map({ _ in PeriodicSnapshot.startColumn })
        ?? fact.asOf(.init(to: .init(name: "")))
    else {
      throw problem(
        "no-time", "\(fact.name) does not say when its rows happened",
        help: "add 'event_time: <column>' to the fact")
    }
    return rows(of: fact, in: dialect.render(relation), by: time, asOf: asOf ?? dialect.endOfTime)
  }

  private func rows(of fact: Fact, in table: String, by time: String, asOf: String) -> String {
    let star = Star(manifest)
    var columns = ["f.*"]
    var joins = ""
    for (index, lookup) in star.lookups(of: fact, manifest).enumerated() {
      guard lookup.target.isVersioned, let dimension = star.dimensions[lookup.target.node],
        let relation = manifest.nodes[lookup.target.node]?.relation
      else { continue }
      let rows = self.rows(of: dimension, relation)
      let name = lookup.edge.foreignKey(dimension.surrogateKey.name)
      let foreignKey = "f.\(dialect.quote(name))"
      let surrogate = dialect.quote(dimension.surrogateKey.name)
      let natural = ColumnList(dimension.naturalKey, dialect)
      let (own, then) = ("o\(index + 1)", "d\(index + 1)")
      // Of a member that had no version then, the fact's own key is all there is.
      columns.append("coalesce(\(then).\(surrogate), \(foreignKey)) as \(dialect.quote(name + "_as_of"))")
      joins += """

        left join \(rows) \(own) on \(own).\(surrogate) = \(foreignKey)
        left join \(rows) \(then) on \(natural.equal(then, own))
          and \(holds(dimension, then, asOf))
        """
    }
    return """
      select \(columns.joined(separator: ",\n  "))
      from \(table) f\(joins)
      where f.\(dialect.quote(time)) <= \(dialect.literal(asOf))
      """
  }

  private var dimension: (Dimension, String)? {
    guard node.config.materialized == "dimension", let dimension = Dimension.decode(node).value,
      let relation = node.relation
    else { return nil }
    return (dimension, rows(of: dimension, relation))
  }

  /// The dimension's table, or what it held at the recorded time.
  private func rows(of dimension: Dimension, _ relation: RelationName) -> String {
    recordedAt.flatMap { RecordedRows.rows(of: dimension, at: relation, recordedAt: $0, dialect) }
      ?? dialect.render(relation)
  }

  private func holds(_ dimension: Dimension, _ alias: String, _ asOf: String) -> String {
    let time = dialect.literal(asOf)
    return "\(alias).\(dialect.quote(dimension.columns.validFrom)) <= \(time)"
      + " and coalesce(\(alias).\(dialect.quote(dimension.columns.validTo)), '\(dialect.endOfTime)') > \(time)"
  }

  private func problem(_ code: DiagnosticCode, _ summary: String, help: String? = nil) -> DiagnosticsError {
    DiagnosticsError(Diagnostic(code, summary, help: help))
  }
}
