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
  static func columns(_ fact: Fact, _ columns: [ColumnDescription]) -> [ColumnDescription] {
    columns.map { column in
      guard fact.allocations.contains(where: { $0.measure == column.name }) else { return column }
      return ColumnDescription(name: column.name, type: "numeric")
    }
  }

  /// The newest event of any line of a row's headers: a line that comes late has all of its header read again.
  static let latest = "whc_latest"
  static func differs(_ index: Int) -> String { "whc_differs_\(index + 1)" }

  private func q(_ name: String) -> String { dialect.quote(name) }
  private func window(_ index: Int) -> String { "whc_header_\(index + 1)" }

  /// What stands before and behind the user's SQL.
  var frame: (opening: String, closing: String) {
    var values = columns.map { column in
      allocations.firstIndex { $0.measure == column.name }.map { "\(share($0)) as \(q(column.name))" }
        ?? "a.\(q(column.name))"
    }
    for (index, allocation) in allocations.enumerated() {
      let measure = "a.\(q(allocation.measure))"
      values.append(
        "min(\(measure)) over \(window(index)) is distinct from max(\(measure)) over \(window(index))\n"
          + "    or count(\(measure)) over \(window(index)) not in (0, count(*) over \(window(index))) "
          + "as \(Self.differs(index))")
    }
    if let time = fact.readsFrom {
      let newest = allocations.indices.map { "max(a.\(q(time))) over \(window($0))" }
      values.append("greatest(\(newest.joined(separator: ", "))) as \(Self.latest)")
    }
    let windows = allocations.enumerated().map { index, allocation in
      "\(window(index)) as (partition by \(ColumnList(allocation.header, dialect).of("a")))"
    }
    return (
      "select \(values.joined(separator: ",\n  "))\nfrom (\n",
      "\n) a\nwindow \(windows.joined(separator: ",\n  "))"
    )
  }

  private func share(_ index: Int) -> String {
    let allocation = allocations[index]
    let whole = "a.\(q(allocation.measure))::numeric"
    let header = window(index)
    let order = "(\(header) order by \(ColumnList(fact.grain, dialect).of("a")))"
    let lines = "count(*) over \(header)"
    let line = "row_number() over \(order)"
    func rounded(_ part: String, of parts: String) -> String {
      "round(\(whole) * \(part) / \(parts), \(allocation.decimals))"
    }
    let equal =
      "case when \(line) = \(lines) then \(whole) else \(rounded(line, of: "(\(lines))")) end"
      + " - \(rounded("(\(line) - 1)", of: "(\(lines))"))"
    guard let over = allocation.over else { return equal }
    let weight = "coalesce(a.\(q(over)), 0)::numeric"
    let all = "sum(\(weight)) over \(header)"
    let running = "sum(\(weight)) over (\(header) order by \(ColumnList(fact.grain, dialect).of("a"))"
    let upTo = "\(running) rows unbounded preceding)"
    let before = "(\(upTo) - \(weight))"
    return """
      case when \(all) = 0 then \(equal)
        else case when \(line) = \(lines) then \(whole) else \(rounded(upTo, of: "nullif(\(all), 0)")) end
          - \(rounded(before, of: "nullif(\(all), 0)")) end
      """
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
          from pg_temp.whc_stage s
          where s.\(Self.differs(index))
          group by \(header.of("s"))
          order by \(header.of("s"))
          limit 5
          """)
    }
  }

  /// Takes lines out of `table` that a header which was read no longer has, so that what is left adds up.
  func removeLeft(_ table: String, grain: ColumnList) -> [Plan.Statement] {
    var headers: [[String]] = []
    for allocation in allocations where !headers.contains(allocation.header) {
      headers.append(allocation.header)
    }
    return headers.map { header in
      let header = ColumnList(header, dialect)
      return Plan.Statement(
        .change,
        """
        delete from \(table) f
        where (\(header.of("f"))) in (select \(header.of("n")) from pg_temp.whc_fact n)
          and not exists (select from pg_temp.whc_fact n where \(grain.equal("f", "n")))
        """)
    }
  }
}
