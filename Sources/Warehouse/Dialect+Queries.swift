public import ProjectModel

/// Parts of statements that the databases write otherwise, and which mean the same on each.
extension Dialect {
  // MARK: Conditions

  /// True where `condition` holds, false where it does not or is NULL.
  ///
  /// Redshift knows `IS TRUE` in WHERE alone, so it is written in a way that stands in a select list, too.
  public func isTrue(_ condition: String) -> String {
    kind == .postgres ? "(\(condition)) is true" : "coalesce(\(condition), false)"
  }

  /// True where `condition` is false or NULL.
  public func isNotTrue(_ condition: String) -> String {
    kind == .postgres ? "(\(condition)) is not true" : "not coalesce(\(condition), false)"
  }

  /// Whether the values of two lists, place by place, are all the same, NULL counted as a value; true for none.
  public func areSame(_ left: [String], _ right: [String]) -> String {
    guard !left.isEmpty else { return "true" }
    guard kind == .redshift else {
      return "row(\(left.joined(separator: ", "))) is not distinct from row(\(right.joined(separator: ", ")))"
    }
    return zip(left, right).map { isNotDistinct($0, $1) }.joined(separator: "\n  and ")
  }

  /// Whether any values of two lists, place by place, differ, NULL counted as a value; false for none.
  public func anyDiffers(_ left: [String], _ right: [String]) -> String {
    guard !left.isEmpty else { return "false" }
    guard kind == .redshift else {
      return "row(\(left.joined(separator: ", "))) is distinct from row(\(right.joined(separator: ", ")))"
    }
    return "(" + zip(left, right).map { isDistinct($0, $1) }.joined(separator: "\n  or ") + ")"
  }

  // MARK: Aggregates and windows

  /// An aggregate of the rows where `condition` holds: `max(x) filter (where …)`.
  ///
  /// - Parameter expression: nil counts rows.
  public func aggregate(_ function: String, _ expression: String? = nil, where condition: String) -> String {
    switch kind {
    case .postgres: "\(function)(\(expression ?? "*")) filter (where \(condition))"
    case .redshift: "\(function)(case when \(condition) then \(expression ?? "1") end)"
    }
  }

  /// A query that keeps the first row of each `key` in `order`.
  ///
  /// - Parameters:
  ///   - columns: what the query gives: values, and the names that they get, quoted.
  ///   - from: what follows FROM, with its WHERE.
  public func firstOfEach(
    _ key: String, _ columns: [(value: String, name: String)], from: String, orderedBy order: String = ""
  ) -> String {
    let values = columns.map { value, name in
      value.hasSuffix(".\(name)") ? value : "\(value) as \(name)"
    }.joined(separator: ", ")
    let sorting = order.isEmpty ? key : "\(key), \(order)"
    guard kind == .redshift else {
      return "select distinct on (\(key)) \(values)\nfrom \(from)\norder by \(sorting)"
    }
    let names = columns.map { "whc_row.\($0.name)" }.joined(separator: ", ")
    return """
      select \(names)
      from (
        select \(values), row_number() over (partition by \(key) order by \(order.isEmpty ? key : order)) as whc_nth
        from \(from)
      ) whc_row
      where whc_row.whc_nth = 1
      """
  }

  // MARK: Tables

  /// Constant rows as an item of FROM: `(values …) as alias (a, b)`.
  ///
  /// In Redshift a text among them must have a type, see ``literal(_:as:)``.
  ///
  /// - Parameter columns: quoted names.
  public func constantRows(_ rows: [[String]], as alias: String, _ columns: [String]) -> String {
    guard kind == .redshift else {
      let values = rows.map { "(\($0.joined(separator: ", ")))" }.joined(separator: ",\n  ")
      return "(values\n  \(values)\n) as \(alias) (\(columns.joined(separator: ", ")))"
    }
    let selects = rows.map { row in
      "select " + zip(row, columns).map { "\($0) as \($1)" }.joined(separator: ", ")
    }
    return "(\n  \(selects.joined(separator: "\n  union all\n  "))\n) as \(alias)"
  }

  /// The whole numbers from 0 to below `count` as an item of FROM with the column `n`; Redshift's `generate_series`
  /// does not meet tables and cannot be inserted.
  public func numbers(below count: Int, as alias: String) -> String {
    guard kind == .redshift else { return "generate_series(0, \(count - 1)) as \(alias) (n)" }
    let digits =
      "(" + (0...9).map { "select \($0)\($0 == 0 ? " as n" : "")" }.joined(separator: " union all ") + ")"
    var sum = "p0.n"
    var joins = "\(digits) p0"
    var power = 1
    var place = 0
    while power * 10 < count {
      power *= 10
      place += 1
      sum += " + \(power) * p\(place).n"
      joins += "\n    cross join \(digits) p\(place)"
    }
    return """
      (
        select \(sum) as n
        from \(joins)
        where \(sum) < \(count)
      ) as \(alias)
      """
  }

  /// What stands behind `add column` so that a column that is there is no error, where that can be said.
  public var unlessThere: String { kind == .postgres ? "if not exists " : "" }

  /// A temporary table as it stands in statements other than the one that makes it.
  public func temporary(_ name: String) -> String { kind == .postgres ? "pg_temp.\(name)" : name }

  /// Whether a temporary table goes with the transaction; Redshift's stays as long as the session.
  public var dropsTemporaryTables: Bool { kind == .postgres }

  /// `create temporary table …` up to its query.
  public func createTemporary(_ name: String) -> String {
    "create temporary table \(name)\(dropsTemporaryTables ? " on commit drop" : "") as"
  }

  /// What stands behind `delete from`, and the name that its columns go by in the rest of the statement: Redshift
  /// gives the table of a DELETE no alias.
  public func deleted(_ table: RelationName, _ alias: String) -> (table: String, alias: String) {
    kind == .postgres ? ("\(render(table)) \(alias)", alias) : (render(table), renderIdentifier(table))
  }

  /// The same of a temporary table.
  public func deleted(temporary name: String, _ alias: String) -> (table: String, alias: String) {
    kind == .postgres ? ("\(temporary(name)) \(alias)", alias) : (name, name)
  }

  // MARK: The session

  /// Whoever else writes to `table` waits until the transaction's end; in Redshift readers wait as well.
  public func lock(_ table: String) -> String {
    "lock table \(table)\(kind == .postgres ? " in share row exclusive mode" : "")"
  }

  /// The time as it is now, not when the transaction began.
  ///
  /// Redshift's `getdate()` is the statement's time in whole seconds, `sysdate` the transaction's in microseconds.
  public var clock: String { kind == .postgres ? "clock_timestamp()" : "greatest(getdate(), sysdate)" }

  /// Whether ANALYZE of a temporary table, `set local`, an EXPLAIN that counts, triggers and `do` blocks are there.
  public var hasProceduralStatements: Bool { kind == .postgres }

  // MARK: Types

  /// A text of any length.
  public var longText: String { kind == .postgres ? "text" : "varchar(65535)" }

  /// The type of a column that is declared to hold values of `type`: Redshift's `text` alone has 256 bytes.
  public func columnType(_ type: String) -> String {
    guard kind == .redshift else { return type }
    let name = SQLTypeName(type)
    let isUnbounded = name.base == "text" || name.base == "character varying" && name.modifiers.isEmpty
    return isUnbounded && name.arrayDimensions == 0 ? longText : type
  }

  /// A value as text, of any length; Redshift makes no text of a boolean by itself.
  public func text(_ value: String, _ type: String) -> String {
    kind == .redshift && type == "boolean"
      ? "case when \(value) then 'true' when not \(value) then 'false' end" : "cast(\(value) as \(longText))"
  }

  /// The time after all times in a column of `type`.
  public func latest(_ type: String) -> String { literal(endOfTime, as: type) }

  public var endOfTime: String { kind == .postgres ? "infinity" : "9999-12-31" }
}
