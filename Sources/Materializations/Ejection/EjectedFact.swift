import Diagnostics
import ProjectModel
import StarModel
import Warehouse

/// A transaction or factless fact as a table with its lookups written out.
struct EjectedFact {
  private let fact: Fact
  private let node: Node
  private let columns: [ColumnDescription]
  private let ejection: Ejection

  init(_ fact: Fact, _ node: Node, _ columns: [ColumnDescription], _ ejection: Ejection) {
    self.fact = fact
    self.node = node
    self.columns = columns
    self.ejection = ejection
  }

  /// - Throws: `cannot-eject`.
  func files() throws(DiagnosticsError) -> [Ejection.File] {
    if let reason { throw ejection.refusal(node, reason) }
    let lookups = ejection.star.lookups(of: fact, ejection.manifest)
    var keys: [String: String] = [:]
    var joins = ""
    for (index, lookup) in lookups.enumerated() {
      let alias = "d\(index + 1)"
      let name = lookup.edge.foreignKey(lookup.target.surrogateKey.name)
      keys[name] = value(lookup.edge, lookup.target, alias)
      joins += join(lookup.edge, lookup.target, alias)
    }
    let select = columns.map { column in
      let text = keys[column.name] ?? "s.\(q(column.name))"
      return "  (\(text))::\(column.type) as \(q(column.name))"
    }
    let sql = """
      with stated as (
      \(Ejection.query(node))
      )

      select
      \(select.joined(separator: ",\n"))
      from stated s\(joins)

      """
    var notes = ["Every build reads and writes all rows; rows that the SQL no longer gives leave the table."]
    if !fact.views.isEmpty {
      notes.append(
        "The views beside it (\(fact.views.map(\.rawValue).joined(separator: ", "))) are not written.")
    }
    if fact.edges.contains(where: { $0.maxUnknown != nil }) {
      notes.append("The limits of unknown members (max_unknown) are lost.")
    }
    let grain = fact.grain.map(q).joined(separator: ", ")
    let test = """
      select \(grain), count(*) as rows_of_one_grain
      from {{ ref('\(node.name)') }}
      group by \(grain)
      having count(*) > 1 or \(fact.grain.map { "\(q($0)) is null" }.joined(separator: " or "))

      """
    let found = """
      select *
      from {{ ref('\(node.name)') }}
      where \(keys.keys.sorted().map { "\(q($0)) is null" }.joined(separator: " or "))

      """
    var files = [
      Ejection.File(path: node.originalFilePath, text: Ejection.configured(sql, as: "table", notes: notes)),
      Ejection.File(path: "tests/star/\(node.name)__grain.sql", text: test),
    ]
    if !keys.isEmpty {
      files.append(Ejection.File(path: "tests/star/\(node.name)__keys_are_found.sql", text: found))
    }
    return files
  }

  private var reason: String? {
    switch fact.kind {
    case .transaction, .factless: break
    case .accumulatingSnapshot, .periodicSnapshot:
      return "it is a fact of type \(fact.kind.rawValue)"
    }
    if fact.audit != nil { return "its loads leave rows in an audit dimension (audit)" }
    if !fact.allocations.isEmpty { return "it shares out amounts of headers (allocate)" }
    let lookups = ejection.star.lookups(of: fact, ejection.manifest)
    if lookups.contains(where: { $0.edge.missing == .infer }) { return "it infers members (missing: infer)" }
    for lookup in lookups {
      if case .time = lookup.target.kind { return "it looks up a time of day" }
    }
    let known = Set(lookups.map { $0.edge.foreignKey($0.target.surrogateKey.name) })
    if let durable = lookups.compactMap(\.target.durableKey).first(where: { !known.contains($0) }) {
      return "it has the durable key \(durable)"
    }
    return nil
  }

  private func q(_ name: String) -> String { ejection.q(name) }

  /// The columns of the SQL with the natural key.
  private func keyColumns(_ edge: Fact.Edge, _ target: Star.Target) -> [String] {
    edge.key ?? target.naturalKey
  }

  private func join(_ edge: Fact.Edge, _ target: Star.Target, _ alias: String) -> String {
    let natural = keyColumns(edge, target)
    var source = "{{ ref('\(target.name)') }}"
    var conditions = zip(natural, target.naturalKey).map { own, other -> String in
      if target.isJunk { return "s.\(q(own)) is not distinct from \(alias).\(q(other))" }
      guard target.isDate else { return "s.\(q(own)) = \(alias).\(q(other))" }
      return "s.\(q(own))::date = \(alias).\(q(other))"
    }
    if target.isJunk { conditions.append("\(alias).\(q(target.surrogateKey.name)) > 0") }
    if let dimension = ejection.star.dimensions[target.node] {
      let names = dimension.columns
      if target.isVersioned, let time = fact.asOf(edge) {
        conditions += [
          "s.\(q(time)) >= \(alias).\(q(names.validFrom))",
          "s.\(q(time)) < coalesce(\(alias).\(q(names.validTo)), 'infinity')",
        ]
      } else {
        let keys = target.naturalKey.map(q).joined(separator: ", ")
        source =
          "(\n  select distinct on (\(keys)) * from \(source)\n  order by \(keys), \(q(names.validFrom)) desc\n)"
      }
    }
    return "\nleft join \(source) \(alias)\n  on \(conditions.joined(separator: "\n  and "))"
  }

  private func value(_ edge: Fact.Edge, _ target: Star.Target, _ alias: String) -> String {
    func member(_ name: String) -> String? {
      target.members.first { $0.name == name }.map {
        !target.isDate && target.surrogateKey.method == .hash ? "'\($0.key)'" : "\($0.key)"
      }
    }
    let found = "\(alias).\(q(target.surrogateKey.name))"
    let unknown = member(DimensionMember.unknown) ?? "null"
    guard edge.missing != .error else { return found }
    guard let ofNull = edge.memberOfNull.flatMap(member) else { return "coalesce(\(found), \(unknown))" }
    let isNull = keyColumns(edge, target).map { "s.\(q($0)) is null" }.joined(separator: " or ")
    return "coalesce(\(found), case when \(isNull) then \(ofNull) else \(unknown) end)"
  }
}
