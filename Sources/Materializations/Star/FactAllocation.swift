import Diagnostics
import ProjectModel
import StarModel
import Warehouse

/// Shares of header amounts, worked out over the whole SQL before any of its rows are left out.
///
/// A share is the difference of two rounded sums, from the first line up to this one and up to the one before, so that
/// the shares of a header add up to its amount to the last cent, whatever their signs.
struct FactAllocation {
  let allocations: [Allocation]
  let fact: Fact
  /// The columns of the SQL.
  let columns: [ColumnDescription]
  let dialect: Dialect

  /// nil when the fact shares nothing out.
  init?(_ fact: Fact, _ columns: [ColumnDescription], dialect: Dialect) {
    guard !fact.allocations.isEmpty else { return nil }
    allocations = fact.allocations
    self.fact = fact
    self.columns = columns
    self.dialect = dialect
  }

  /// The columns with the types that they have once they hold shares.
  static func columns(_ fact: Fact, _ columns: [ColumnDescription], _ dialect: Dialect) -> [ColumnDescription]
  {
    columns.map { column in
      guard let allocation = fact.allocations.first(where: { $0.measure == column.name }) else {
        return column
      }
      let type =
        dialect.kind == .postgres ? "numeric" : Self.number(column.type, decimals: allocation.decimals)
      return ColumnDescription(name: column.name, type: type)
    }
  }

  /// A number with so many decimal places, or those that it has: Redshift's `numeric` alone is `numeric(18,0)`.
  private static func number(_ type: String, decimals: Int = 0) -> String {
    let name = SQLTypeName(type)
    let isWhole = ["smallint", "integer", "bigint"].contains(name.base)
    let own = name.modifiers.count == 2 ? name.modifiers[1] : isWhole ? 0 : 6
    let scale = max(own, decimals)
    let digits = name.modifiers.count == 2 ? name.modifiers[0] - own + scale : 18
    return "numeric(\(min(38, max(18, digits))),\(scale))"
  }

  /// `value` as a number that divides without loss.
  private func number(_ value: String, _ column: String) -> String {
    guard dialect.kind == .redshift else { return "\(value)::numeric" }
    return "cast(\(value) as \(Self.number(columns.first { $0.name == column }?.type ?? "")))"
  }

  /// The newest event of any line of a row's headers: a line that comes late has all of its header read again.
  static let latest = "whc_latest"
  static func differs(_ index: Int) -> String { "whc_differs_\(index + 1)" }

  private func q(_ name: String) -> String { dialect.quote(name) }
  private func window(_ index: Int) -> String { "whc_header_\(index + 1)" }
  private func partition(_ index: Int) -> String {
    "partition by \(ColumnList(allocations[index].header, dialect).of("a"))"
  }
  /// What follows OVER; Redshift has no WINDOW clause.
  private func header(_ index: Int) -> String {
    dialect.kind == .postgres ? window(index) : "(\(partition(index)))"
  }
  /// The lines of a header in the order of the grain.
  private func inOrder(_ index: Int, _ frame: String = "") -> String {
    let order = "order by \(ColumnList(fact.grain, dialect).of("a"))\(frame)"
    return dialect.kind == .postgres ? "(\(window(index)) \(order))" : "(\(partition(index)) \(order))"
  }

  /// What stands before and behind the user's SQL.
  var frame: (opening: String, closing: String) {
    var values = columns.map { column in
      allocations.firstIndex { $0.measure == column.name }.map { "\(share($0)) as \(q(column.name))" }
        ?? "a.\(q(column.name))"
    }
    for (index, allocation) in allocations.enumerated() {
      let measure = "a.\(q(allocation.measure))"
      values.append(
        dialect.isDistinct("min(\(measure)) over \(header(index))", "max(\(measure)) over \(header(index))")
          + "\n    or count(\(measure)) over \(header(index)) not in (0, count(*) over \(header(index))) "
          + "as \(Self.differs(index))")
    }
    if let time = fact.readsFrom {
      let newest = allocations.indices.map { "max(a.\(q(time))) over \(header($0))" }
      values.append("greatest(\(newest.joined(separator: ", "))) as \(Self.latest)")
    }
    let windows = allocations.indices.map { "\(window($0)) as (\(partition($0)))" }
    return (
      "select \(values.joined(separator: ",\n  "))\nfrom (\n",
      "\n) a" + (dialect.kind == .postgres ? "\nwindow \(windows.joined(separator: ",\n  "))" : "")
    )
  }

  private func share(_ index: Int) -> String {
    let allocation = allocations[index]
    let whole = number("a.\(q(allocation.measure))", allocation.measure)
    let lines = count("count(*) over \(header(index))")
    let line = count("row_number() over \(inOrder(index))")
    func rounded(_ part: String, of parts: String) -> String {
      "round(\(whole) * \(part) / \(parts), \(allocation.decimals))"
    }
    let equal =
      "case when \(line) = \(lines) then \(whole) else \(rounded(line, of: "(\(lines))")) end"
      + " - \(rounded("(\(line) - 1)", of: "(\(lines))"))"
    guard let over = allocation.over else { return stored(equal, allocation) }
    let weight = number("coalesce(a.\(q(over)), 0)", over)
    let all = sum(weight, header(index), over)
    let upTo = sum(weight, inOrder(index, " rows unbounded preceding"), over)
    let before = "(\(upTo) - \(weight))"
    let share = """
      case when \(all) = 0 then \(equal)
        else case when \(line) = \(lines) then \(whole) else \(rounded(upTo, of: "nullif(\(all), 0)")) end
          - \(rounded(before, of: "nullif(\(all), 0)")) end
      """
    return stored(share, allocation)
  }

  private func sum(_ weight: String, _ window: String, _ column: String) -> String {
    let sum = "sum(\(weight)) over \(window)"
    return dialect.kind == .postgres ? sum : number(sum, column)
  }

  /// A number of lines; a product with Redshift's bigint has more digits than it can keep.
  private func count(_ lines: String) -> String {
    dialect.kind == .postgres ? lines : "cast(\(lines) as integer)"
  }

  /// A share as the column keeps it.
  private func stored(_ share: String, _ allocation: Allocation) -> String {
    guard dialect.kind == .redshift, let type = columns.first(where: { $0.name == allocation.measure })?.type
    else { return share }
    return "cast(\(share) as \(type))"
  }

  /// Headers whose lines say different amounts, asked of `whc_stage`.
  func audits(span: SourceSpan?) -> [Plan.Audit] {
    allocations.enumerated().map { index, allocation in
      let header = ColumnList(allocation.header, dialect)
      return Plan.Audit(
        "uneven-header",
        "lines of one header (\(allocation.header.joined(separator: ", "))) of \(fact.name) say different amounts "
          + "of \(allocation.measure)",
        help: "give each line the header's whole amount", span: span,
        query: """
          select count(*) over () as headers, \(header.of("s")), count(*) as lines
          from \(dialect.temporary("whc_stage")) s
          where s.\(Self.differs(index))
          group by \(header.of("s"))
          order by \(header.of("s"))
          limit 5
          """)
    }
  }

  /// Takes lines out of `table` that a header which was read no longer has, so that what is left adds up.
  func removeLeft(_ layout: FactLayout) -> [Plan.Statement] {
    let (table, own) = layout.deleted
    let facts = dialect.temporary("whc_fact")
    var headers: [[String]] = []
    for allocation in allocations where !headers.contains(allocation.header) {
      headers.append(allocation.header)
    }
    return headers.map { header in
      let header = ColumnList(header, dialect)
      return Plan.Statement(
        .change,
        """
        delete from \(table)
        where (\(header.of(own))) in (select \(header.of("n")) from \(facts) n)
          and not exists (select 1 from \(facts) n where \(layout.grainColumns.equal(own, "n")))
        """)
    }
  }
}
