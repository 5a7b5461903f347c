import ProjectModel
import Warehouse

/// relationships tests of one relation: each column's distinct values, found in one scan for several columns,
/// looked up in the parents.
///
/// Foreign keys repeat, so far fewer values than rows are looked up. A column that hardly repeats is better joined
/// row by row; the first rows of the relation tell which it is, within the same query.
struct RelationshipsQuery {
  /// Columns that one scan groups by at once; each has a hash table of its own.
  private static let columnsPerScan = 8
  /// So many rows are looked at first, and a column with at most so many values in them repeats.
  private static let (sampleRows, repeatingValues) = (20_000, 5_000)

  static func queries(_ relation: String, _ members: [FusedQuery.Member], dialect: Dialect) -> [FusedQuery] {
    var queries: [FusedQuery] = []
    var groups: [(condition: String?, members: [FusedQuery.Member])] = []
    for member in members {
      if let index = groups.firstIndex(where: {
        $0.condition == member.shape.condition && Set($0.members.map(\.shape.column)).count < columnsPerScan
      }) {
        groups[index].members.append(member)
      } else {
        groups.append((member.shape.condition, [member]))
      }
    }
    for group in groups {
      let source =
        group.condition.map { "(select * from \(relation) where \($0)) dbt_subquery" } ?? relation
      queries.append(query(source, group.members, dialect))
    }
    return queries
  }

  private static func query(_ source: String, _ members: [FusedQuery.Member], _ dialect: Dialect)
    -> FusedQuery
  {
    var columns: [String] = []
    for member in members where !columns.contains(member.shape.column) { columns.append(member.shape.column) }
    let readings = members.enumerated().map { ($1, FusedQuery.Reading.zero($0)) }
    let inOneScan = dialect.kind == .postgres && columns.count > 1
    let counts = members.map { member in
      guard case .relationships(let parent, let field) = member.shape.question,
        let index = columns.firstIndex(of: member.shape.column)
      else { return "0" }
      let column = columns[index]
      let rows = "select \(column) as from_field from \(source) where \(column) is not null"
      func missing(_ child: String) -> String {
        """
        (select count(*) from (\(child)) child
            where not exists (
              select 1 from (select \(field) as to_field from \(parent)) parent
              where child.from_field = parent.to_field))
        """
      }
      guard inOneScan else { return missing("select distinct" + rows.dropFirst("select".count)) }
      // A bit is 0 for the column that a row was grouped by.
      let mask = (1 << columns.count) - 1 - (1 << (columns.count - 1 - index))
      let values =
        "select v\(index) as from_field from dbt_internal_values where g = \(mask) and v\(index) is not null"
      return """
        case when (select repeats\(index) from dbt_internal_sample)
            then \(missing(values))
            else \(missing(rows)) end
        """
    }
    return FusedQuery(
      sql: (inOneScan ? head(source, columns) : "") + "select\n  " + counts.joined(separator: ",\n  "),
      readings: readings.map { (member: $0.0, reading: $0.1) })
  }

  private static func head(_ source: String, _ columns: [String]) -> String {
    let named = columns.enumerated().map { "\($1) as v\($0)" }.joined(separator: ", ")
    let repeats = columns.indices.map { "count(distinct v\($0)) <= \(repeatingValues) as repeats\($0)" }
      .joined(separator: ",\n    ")
    let kept = columns.enumerated().map {
      "case when (select repeats\($0) from dbt_internal_sample) then \($1) end as v\($0)"
    }.joined(separator: ",\n      ")
    let names = columns.indices.map { "v\($0)" }
    let sets = names.map { "(\($0))" }.joined(separator: ", ")
    // OFFSET keeps the expressions out of the grouping, which would compute each of them for each set.
    return """
      with dbt_internal_sample as materialized (
        select \(repeats)
        from (select \(named) from \(source) limit \(sampleRows)) rows
      ), dbt_internal_values as materialized (
        select grouping(\(names.joined(separator: ", "))) as g, \(names.joined(separator: ", "))
        from (
          select \(kept)
          from \(source)
          offset 0
        ) rows
        group by grouping sets (\(sets))
      )

      """
  }
}
