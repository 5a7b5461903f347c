import Diagnostics
import ProjectModel
import StarModel
import Warehouse

/// A dimension as a snapshot of its input and a model over it; of `input: changes`, as a model over all changes.
struct EjectedDimension {
  let dimension: Dimension
  let node: Node
  let columns: [ColumnDescription]
  let ejection: Ejection
  let types: [String: String]
  let attributes: [String]

  init(_ dimension: Dimension, _ node: Node, _ columns: [ColumnDescription], _ ejection: Ejection) {
    self.dimension = dimension
    self.node = node
    self.columns = columns
    self.ejection = ejection
    types = Dictionary(columns.map { ($0.name, $0.type) }, uniquingKeysWith: { first, _ in first })
    let system = dimension.columns
    let others = Set(
      [
        dimension.surrogateKey.name, system.validFrom, system.validTo, system.isCurrent, system.isInferred,
        system.isDeleted, system.statedAt,
      ] + dimension.naturalKey + [dimension.durableKey].compactMap(\.self))
    let names = columns.map(\.name).filter { !others.contains($0) }
    attributes = names.filter { name in
      !(name.hasPrefix("current_") && names.contains(String(name.dropFirst(8)))
        && dimension.type(of: String(name.dropFirst(8))) == .hybrid)
    }
  }

  /// - Throws: `cannot-eject`.
  func files() throws(DiagnosticsError) -> [Ejection.File] {
    if let reason { throw ejection.refusal(node, reason) }
    let others = views + tests
    switch dimension.input {
    case .changes: return [Ejection.File(path: node.originalFilePath, text: changes)] + others
    case .snapshot:
      return [
        Ejection.apart(node), Ejection.File(path: "snapshots/\(node.name)__history.sql", text: snapshot),
        Ejection.File(path: node.originalFilePath, text: overSnapshot),
      ] + others
    }
  }

  private var tests: [Ejection.File] {
    [
      file("no_two_current_versions", oneCurrent), file("no_overlapping_versions", noOverlap),
    ].filter { _ in dimension.isVersioned }
  }

  /// The views that stand beside the table.
  private var views: [Ejection.File] {
    let table = "{{ ref('\(node.name)') }}"
    func view(_ suffix: String, _ sql: String) -> Ejection.File {
      Ejection.File(path: beside(suffix), text: Ejection.configured(sql, as: "view"))
    }
    var views: [Ejection.File] = []
    if let durable = dimension.durableKey.map(q) {
      views.append(view(DurableKey.asWas, "select *\nfrom \(table)"))
      views.append(
        view(
          DurableKey.asIs,
          "select distinct on (\(durable)) *\nfrom \(table)\n"
            + "order by \(durable), \(q(dimension.columns.validFrom)) desc"))
    }
    if dimension.hasCurrentView {
      views.append(
        view(
          DimensionMaterialization.currentView,
          "select *\nfrom \(table)\nwhere \(q(dimension.columns.isCurrent))"))
    }
    return views
  }

  /// Why there is no plain form; nil when there is one.
  private var reason: String? {
    let rules = attributes.map { dimension.type(of: $0) }
    if rules.contains(.previousValue) { return "it has attributes of type 3" }
    if !dimension.miniDimensions.isEmpty { return "it has mini-dimensions" }
    if !dimension.outriggers.isEmpty { return "it has outriggers" }
    if dimension.recordedTime != nil { return "it keeps what was recorded when" }
    if dimension.audit != nil { return "its loads leave rows in an audit dimension (audit)" }
    if dimension.takeOver != nil { return "it took the history of another table over" }
    if dimension.input == .changes && !dimension.isVersioned && dimension.operation != nil {
      return "its deletions end stretches of one row (operation, without an attribute of type 2)"
    }
    return nil
  }

  private func beside(_ suffix: String) -> String {
    node.originalFilePath.hasSuffix(".sql")
      ? String(node.originalFilePath.dropLast(4)) + suffix + ".sql" : node.originalFilePath + suffix
  }

  // MARK: Words

  func q(_ name: String) -> String { ejection.q(name) }
  var keys: String { dimension.naturalKey.map(q).joined(separator: ", ") }
  var order: String { "partition by \(keys) order by whc_from" }
  var all: String { order + " rows between unbounded preceding and unbounded following" }
  var timeType: String { types[dimension.columns.validFrom] ?? "timestamp" }
  private var openEnd: String {
    dimension.openEnd.map { "\(ejection.dialect.literal($0))::\(timeType)" } ?? "null::\(timeType)"
  }

  /// The surrogate key over `whc_from`, which is `valid_from` before it is made since ever.
  private var surrogate: String {
    guard dimension.surrogateKey.method == .hash else {
      return "row_number() over (order by \(keys), \(q(dimension.columns.validFrom)))"
    }
    let parts = (dimension.naturalKey + [dimension.columns.validFrom]).map {
      "coalesce(cast(\(q($0)) as text), '_dbt_utils_surrogate_key_null_')"
    }
    return "md5(\(parts.joined(separator: " || '-' || ")))"
  }

  /// The rows of `versions` under the table's columns, and the members.
  func versions(_ value: (String) -> String) -> String {
    let system = dimension.columns
    let isAlways = dimension.firstVersionFrom == .always
    let begin = isAlways ? "case when whc_number = 1 then '-infinity' else whc_from end" : "whc_from"
    let shaped = columns.filter { ![dimension.surrogateKey.name, dimension.durableKey].contains($0.name) }
    let rows = shaped.map { column -> String in
      let text: String
      switch column.name {
      case system.validFrom: text = begin
      case system.validTo: text = "coalesce(whc_to, \(openEnd))"
      case system.isCurrent: text = "whc_to is null"
      case system.statedAt: text = isAlways ? "case when whc_number = 1 then whc_from end" : "null"
      case system.isInferred: text = "false"
      case system.isDeleted: text = dimension.input == .snapshot ? "whc_deleted" : "false"
      default: text = value(column.name)
      }
      return "    (\(text))::\(column.type) as \(q(column.name))"
    }
    let members = dimension.members.map { member -> String in
      let values = columns.map { column -> String in
        switch column.name {
        case dimension.surrogateKey.name, dimension.durableKey:
          return dimension.surrogateKey.method == .integer ? "\(member.key)" : "'\(member.key)'"
        case system.validFrom: return "'-infinity'::\(timeType)"
        case system.validTo: return openEnd
        case system.isCurrent: return "true"
        case system.isInferred, system.isDeleted: return "false"
        case let name where dimension.naturalKey.contains(name):
          return DimensionTable.memberKeyValue(member, column.type)
        case system.statedAt: return "null::\(column.type)"
        case let name where name.hasPrefix("current_") && !attributes.contains(name):
          return DimensionTable.text(member, String(name.dropFirst(8)), column.type, ejection.dialect)
        case let name: return DimensionTable.text(member, name, column.type, ejection.dialect)
        }
      }
      return "union all\nselect \(values.joined(separator: ", "))\n"
    }
    let names = columns.map { column in
      switch column.name {
      case dimension.surrogateKey.name: "\(surrogate) as \(q(column.name))"
      case dimension.durableKey: "\(durable) as \(q(column.name))"
      default: q(column.name)
      }
    }
    return """
      shaped as (
        select
      \(rows.joined(separator: ",\n"))
        from versions\(collapses ? "\n  where not whc_repeats" : "")\(inferred(shaped))
      )

      select
      \(names.map { "  \($0)" }.joined(separator: ",\n"))
      from shaped
      \(members.joined())
      """
  }

  /// The key that a member has in all its rows: the first of its surrogate keys, or the hash of its natural key.
  private var durable: String {
    guard dimension.surrogateKey.method == .hash else {
      return "\(surrogate)\n    - row_number() over (partition by \(keys) order by "
        + "\(q(dimension.columns.validFrom))) + 1"
    }
    return NewKey.hash(dimension.naturalKey.map(q))
  }

  /// Rows for keys that only facts know.
  private func inferred(_ columns: [ColumnDescription]) -> String {
    let queries = ejection.facts { $0.target.node == node.id && $0.edge.missing == .infer }.flatMap {
      fact, lookups in
      lookups.map { lookup in
        let key = zip(lookup.key, dimension.naturalKey).map { own, natural in
          "\(q(own.name))::\(types[natural] ?? own.type) as \(q(natural))"
        }
        let isNull = lookup.key.map { "\(q($0.name)) is not null" }.joined(separator: " and ")
        return
          "select distinct \(key.joined(separator: ", ")) from \(Ejection.reference(apart: fact)) where \(isNull)"
      }
    }
    guard !queries.isEmpty else { return "" }
    let system = dimension.columns
    let row = columns.map { column in
      switch column.name {
      case let name where dimension.naturalKey.contains(name): "f.\(q(name))"
      case system.validFrom: "'-infinity'"
      case system.validTo: openEnd
      case system.isCurrent, system.isInferred: "true"
      case system.isDeleted: "false"
      default: "null"
      }
    }
    let same = dimension.naturalKey.map { "v.\(q($0)) = f.\(q($0))" }.joined(separator: " and ")
    let members = dimension.members.map { member in
      let values = dimension.naturalKey.map { name in
        "f.\(q(name)) = \(DimensionTable.memberKeyValue(member, types[name] ?? "text"))"
      }
      return "\n    and (\(values.joined(separator: " and "))) is not true"
    }
    return """

        union all
        select \(row.joined(separator: ", "))
        from (
          \(queries.joined(separator: "\n    union "))
        ) f
        where not exists (select 1 from versions v where \(same))\(members.joined())
      """
  }

  var lost: [String] {
    var notes: [String] = []
    if ejection.star.infers(into: node.id, ejection.manifest) {
      notes.append(
        "A row that a fact inferred is not filled in place: the first real version begins at its own time.")
    }
    if dimension.surrogateKey.method == .integer {
      notes.append("Surrogate keys are counted anew with each build: keep none of them outside of this star.")
    }
    return notes
  }

  // MARK: Tests

  private func file(_ name: String, _ sql: String) -> Ejection.File {
    Ejection.File(path: "tests/star/\(node.name)__\(name).sql", text: sql)
  }

  private var oneCurrent: String {
    """
    select \(keys)
    from {{ ref('\(node.name)') }}
    where \(q(dimension.columns.isCurrent))
    group by \(keys)
    having count(*) > 1 and \(dimension.naturalKey.map { "\(q($0)) is not null" }.joined(separator: " and "))

    """
  }

  private var noOverlap: String {
    """
    select *
    from (
      select \(keys), \(q(dimension.columns.validTo)) as valid_to,
        lead(\(q(dimension.columns.validFrom))) over (
          partition by \(keys) order by \(q(dimension.columns.validFrom))) as following
      from {{ ref('\(node.name)') }}
      where \(dimension.naturalKey.map { "\(q($0)) is not null" }.joined(separator: " and "))
    ) versions
    where following < coalesce(valid_to, 'infinity')

    """
  }
}
