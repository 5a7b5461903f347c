import Warehouse

/// The questions that a profile asks of PostgreSQL; all of them only read.
enum ProfileQueries {
  /// Stands between the names of a list, which hold anything but it.
  static let separator: Character = "\u{1F}"

  /// schema, name, bytes (0 for views), comment
  static func tables(_ patterns: [SourcePattern], _ dialect: Dialect) -> String {
    let conditions = patterns.map { pattern in
      let schema = "n.nspname = \(dialect.literal(pattern.schema))"
      return pattern.table.map { "(\(schema) and c.relname = \(dialect.literal($0)))" } ?? "(\(schema))"
    }
    return """
      select n.nspname, c.relname,
        case c.relkind when 'p' then
          (select coalesce(sum(pg_catalog.pg_relation_size(relid)), 0)
           from pg_catalog.pg_partition_tree(c.oid))
        when 'r' then pg_catalog.pg_relation_size(c.oid) when 'm' then pg_catalog.pg_relation_size(c.oid)
        else 0 end::bigint,
        pg_catalog.obj_description(c.oid, 'pg_class'), c.relkind, c.reltuples::bigint
      from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition
        and (\(conditions.joined(separator: " or ")))
      order by 1, 2
      """
  }

  private static func oid(_ table: TableProfile, _ dialect: Dialect) -> String {
    "(select c.oid from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace "
      + "where n.nspname = \(dialect.literal(table.schema)) and c.relname = \(dialect.literal(table.name)))"
  }

  /// name, type, name of the base type, its category, NOT NULL, share of NULL and distinct values by the statistics
  static func columns(_ table: TableProfile, _ dialect: Dialect) -> String {
    """
    select a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), coalesce(b.typname, t.typname),
      coalesce(b.typcategory, t.typcategory), a.attnotnull, s.null_frac, s.n_distinct
    from pg_catalog.pg_attribute a
    join pg_catalog.pg_type t on t.oid = a.atttypid
    left join pg_catalog.pg_type b on b.oid = t.typbasetype and t.typbasetype <> 0
    left join lateral (
      select null_frac, n_distinct from pg_catalog.pg_stats
      where schemaname = \(dialect.literal(table.schema)) and tablename = \(dialect.literal(table.name))
        and attname = a.attname
      order by inherited desc limit 1
    ) s on true
    where a.attrelid = \(oid(table, dialect)) and a.attnum > 0 and not a.attisdropped
    order by a.attnum
    """
  }

  private static func names(_ relation: String, _ numbers: String) -> String {
    "(select string_agg(a.attname, chr(31) order by u.place) "
      + "from unnest(\(numbers)) with ordinality u(number, place) "
      + "join pg_catalog.pg_attribute a on a.attrelid = \(relation) and a.attnum = u.number)"
  }

  /// columns, is it the primary key
  static func keys(_ table: TableProfile, _ dialect: Dialect) -> String {
    """
    select \(names("i.indrelid", "(i.indkey::int2[])[0:i.indnkeyatts - 1]")), i.indisprimary
    from pg_catalog.pg_index i
    where i.indrelid = \(oid(table, dialect)) and i.indisunique and i.indpred is null and i.indexprs is null
    order by i.indisprimary desc, i.indnkeyatts, i.indexrelid
    """
  }

  /// columns, schema, table, its columns
  static func foreignKeys(_ table: TableProfile, _ dialect: Dialect) -> String {
    """
    select \(names("k.conrelid", "k.conkey")), n.nspname, c.relname, \(names("k.confrelid", "k.confkey"))
    from pg_catalog.pg_constraint k
    join pg_catalog.pg_class c on c.oid = k.confrelid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where k.conrelid = \(oid(table, dialect)) and k.contype = 'f' and k.conparentid = 0
    order by k.conname
    """
  }

  static func relation(_ table: TableProfile, _ dialect: Dialect) -> String {
    dialect.quote(table.schema) + "." + dialect.quote(table.name)
  }

  /// Distinct codes of a column, 20 at most.
  static func codes(_ column: String, in rows: String, _ dialect: Dialect) -> String {
    "select distinct \(dialect.quote(column))::text from \(rows) r where \(dialect.quote(column)) is not null "
      + "order by 1 limit 20"
  }

  /// One row: the count of rows, then five values for each column (see ``read``).
  static func statistics(_ columns: [ColumnProfile], in rows: String, _ dialect: Dialect) -> String {
    let values = columns.map { column -> String in
      let name = dialect.quote(column.name)
      let ordered = [.number, .date, .timestamp].contains(column.kind)
      return [
        "count(\(name))", column.hasEquality ? "count(distinct \(name))" : "null",
        ordered ? "min(\(name))::text" : "null", ordered ? "max(\(name))::text" : "null",
        column.kind == .text ? "avg(length(\(name)::text))::int" : "null",
        column.kind == .text
          ? "bool_and(\(name)::text ~ "
            + "'^[12][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])([ T][0-2][0-9]:[0-5][0-9](:[0-5][0-9](\\.[0-9]+)?)?)?$')"
          : "null",
      ].joined(separator: ", ")
    }
    return "select count(*)" + values.map { ",\n  " + $0 }.joined() + "\nfrom \(rows) r"
  }

  static let valuesEach = 6

  /// One row: whether each set of columns tells all rows apart.
  static func uniqueness(_ sets: [[String]], in rows: String, _ dialect: Dialect) -> String {
    let tests = sets.map { set in
      set.count == 1
        ? "count(*) = count(distinct \(dialect.quote(set[0])))"
        : "count(*) = count(distinct (\(dialect.quoteList(set))))"
    }
    return "select \(tests.joined(separator: ",\n  "))\nfrom \(rows) r"
  }

  /// One row: for each pair, how many rows have the first time after the second.
  static func disorder(_ pairs: [TableProfile.Order], in rows: String, _ dialect: Dialect) -> String {
    let counts = pairs.map {
      "count(*) filter (where \(dialect.quote($0.first)) > \(dialect.quote($0.second)))"
    }
    return "select \(counts.joined(separator: ",\n  "))\nfrom \(rows) r"
  }

  /// followers at once, followers a day later, overlaps, ends without a follower
  static func intervals(
    key: [String], from: String, to: String, in rows: String, _ dialect: Dialect
  ) -> String {
    let (begin, end) = (dialect.quote(from), dialect.quote(to))
    return """
      select count(*) filter (where following = ended), count(*) filter (where following - interval '1 day' = ended),
        count(*) filter (where following < ended),
        count(*) filter (where ended < timestamp '9000-01-01' and (following is null or following > ended))
      from (
        select \(end)::timestamp as ended,
          lead(\(begin)::timestamp) over (partition by \(dialect.quoteList(key)) order by \(begin)) as following
        from \(rows) r
      ) versions
      """
  }

  /// distinct values, those that the other table does not have, those of the other table
  static func inclusion(
    _ column: String, in rows: String, of target: String, _ targetColumn: String, _ dialect: Dialect
  ) -> String {
    let (own, other) = (dialect.quote(column), dialect.quote(targetColumn))
    return """
      select count(*), count(*) filter (where t.\(other) is null),
        (select count(distinct \(other)) from (select \(other) from \(target) limit 100000) k)
      from (select distinct \(own) from \(rows) r where \(own) is not null) v
      left join (select distinct \(other) from \(target)) t on t.\(other) = v.\(own)
      """
  }
}

/// What `--from-source` names: a table, or all of a schema.
public struct SourcePattern: Sendable, Hashable {
  public var schema: String
  /// nil stands for all tables.
  public var table: String?

  /// - Returns: nil for a text that is not `schema.table` or `schema.*`.
  public init?(_ text: String) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
    schema = parts[0]
    table = parts[1] == "*" ? nil : parts[1]
  }
}
