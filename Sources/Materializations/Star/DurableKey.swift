import ProjectModel
import StarModel
import Warehouse

/// The key that a member of a dimension of type 7 has through all its versions, and the two ways to read it.
///
/// An integer key is the first surrogate key that the member was given, a hash that of the natural key alone; so it
/// needs no memory of its own.
struct DurableKey {
  let name: String
  let dimension: Dimension
  /// As they stand in SQL.
  let table: String
  let ledger: String
  let dialect: Dialect

  /// nil when the dimension has none.
  init?(_ dimension: Dimension, table: String, ledger: String, dialect: Dialect) {
    guard let name = dimension.durableKey else { return nil }
    self.name = name
    self.dimension = dimension
    self.table = table
    self.ledger = ledger
    self.dialect = dialect
  }

  private var column: String { dialect.quote(name) }
  private var surrogate: String { dialect.quote(dimension.surrogateKey.name) }
  private var keys: ColumnList { ColumnList(dimension.naturalKey, dialect) }

  /// Gives rows that have none their durable key.
  var fill: Plan.Statement {
    let isMember =
      dimension.members.isEmpty
      ? "false"
      : "d.\(surrogate) in ("
        + dimension.members.map { dimension.surrogateKey.method == .integer ? "\($0.key)" : "'\($0.key)'" }
        .joined(separator: ", ") + ")"
    guard dimension.surrogateKey.method == .integer else {
      let hash = NewKey(dimension: dimension, table: table, ledger: ledger, dialect: dialect)
        .hashOfNaturalKey("d")
      return Plan.Statement(
        .change,
        "update \(table) d\nset \(column) = case when \(isMember) then d.\(surrogate) else \(hash) end\n"
          + "where d.\(column) is null")
    }
    // Nothing is read where nothing lacks a key; a server that plans for many nodes is not asked in this way.
    let needed =
      dialect.kind == .postgres
      ? "where (select exists (select 1 from \(table) n where n.\(column) is null))\n  " : ""
    return Plan.Statement(
      .change,
      """
      update \(table) d
      set \(column) = k.key
      from (
        select \(keys.of("x")), coalesce(min(x.durable), min(x.key)) as key
        from (
          select \(keys.of("d")), d.\(column) as durable, d.\(surrogate) as key
          from \(table) d
          where not \(isMember)
          union all
          select \(keys.of("g")), null::bigint, g.surrogate_key from \(ledger) g where g.kind = 'withdrawn'
        ) x
        \(needed)group by \(keys.of("x"))
      ) k
      where d.\(column) is null and not \(isMember) and \(keys.equal("k", "d"))
      """)
  }

  /// The members' rows, where the column was added to a table that had them.
  var fillMembers: [Plan.Statement] {
    guard dimension.surrogateKey.method == .integer, !dimension.members.isEmpty else { return [] }
    let members = dimension.members.map { "\($0.key)" }.joined(separator: ", ")
    return [
      Plan.Statement(
        .change,
        "update \(table) d set \(column) = d.\(surrogate)\n"
          + "where d.\(column) is null and d.\(surrogate) in (\(members))")
    ]
  }

  /// What must hold: every row has one. That a member has one alone follows from how it is given.
  func invariant(_ dimension: String) -> Plan.Audit {
    Plan.Audit(
      "broken-durable-key", "rows of \(dimension) would have no durable key",
      query: """
        select count(*) over () as rows, \(keys.of("d"))
        from \(table) d
        where d.\(column) is null
        limit 5
        """)
  }

  // MARK: Views

  static let asIs = "_as_is"
  static let asWas = "_as_was"

  /// The dimension for facts joined on the durable key, each member as it is now, and for facts joined on the
  /// surrogate key, as it was at their time.
  ///
  /// - Parameter columns: those of the table.
  func views(asIs: String, asWas: String, _ columns: [String]) -> [Plan.Statement] {
    let present =
      dialect.hasDistinctOn
      ? """
      select distinct on (d.\(column)) d.*
      from \(table) d
      order by d.\(column), d.\(dialect.quote(dimension.columns.validFrom)) desc
      """
      : dialect.firstOfEach(
        "d.\(column)", ColumnList(columns, dialect).values(of: "d"), from: "\(table) d",
        orderedBy: "d.\(dialect.quote(dimension.columns.validFrom)) desc")
    return StarView(name: asIs, query: present, dialect: dialect).statements
      + StarView(name: asWas, query: "select d.*\nfrom \(table) d", dialect: dialect).statements
  }
}
