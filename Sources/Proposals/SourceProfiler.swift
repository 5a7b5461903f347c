import Diagnostics
public import Warehouse

/// Looks at tables of a database: first at what the catalogue and its statistics say, then at rows, of which it
/// reads no more than it may.
///
/// Each question is a read-only transaction of its own with the time that is left as its limit. A question that
/// takes too long is given up, and the profile says so.
public struct SourceProfiler {
  public struct Limits: Sendable {
    /// For everything together.
    public var seconds: Double
    /// A table of more bytes is sampled.
    public var wholeBytes: Int

    public init(seconds: Double, wholeBytes: Int = 32 << 20) {
      self.seconds = seconds
      self.wholeBytes = wholeBytes
    }
  }

  private let session: any Session
  private let limits: Limits
  private let now: () -> Double
  private let deadline: Double
  private var dialect: Dialect { session.dialect }

  /// - Parameter now: seconds since whenever.
  public init(_ session: any Session, limits: Limits, now: @escaping () -> Double) {
    self.session = session
    self.limits = limits
    self.now = now
    deadline = now() + limits.seconds
  }

  /// - Returns: the tables in order of schema and name.
  /// - Throws: ``DiagnosticsError`` with `no-such-table` when a pattern finds none; ``WarehouseError``.
  public func profile(_ patterns: [SourcePattern]) throws -> [TableProfile] {
    guard let found = try ask(ProfileQueries.tables(patterns, dialect), limited: false) else { return [] }
    var tables: [(profile: TableProfile, rows: String)] = []
    for row in found.rows {
      var table = TableProfile(schema: row[0] ?? "", name: row[1] ?? "")
      table.comment = row[3]
      tables.append(
        (
          table,
          try rows(of: &table, bytes: Int(row[2] ?? "") ?? 0, kind: row[4], estimate: Int(row[5] ?? "") ?? -1)
        ))
      tables[tables.count - 1].profile = table
    }
    for pattern in patterns
    where !tables.contains(where: {
      $0.profile.schema == pattern.schema && (pattern.table ?? $0.profile.name) == $0.profile.name
    }) {
      throw DiagnosticsError(
        Diagnostic(
          "no-such-table", "there is no table \(pattern.schema).\(pattern.table ?? "*") in this database",
          help: "names are taken as they are written, capital letters too; 'schema.*' takes all of a schema"))
    }
    for index in tables.indices { try look(at: &tables[index].profile, rows: tables[index].rows) }
    let all = tables.map(\.profile)
    for index in tables.indices {
      try findForeignKeys(of: &tables[index].profile, rows: tables[index].rows, among: all)
    }
    return tables.map(\.profile)
  }

  // MARK: One table

  /// What is read for the table's rows: all of them, or a sample.
  private func rows(of table: inout TableProfile, bytes: Int, kind: String?, estimate: Int) throws -> String {
    let relation = ProfileQueries.relation(table, dialect)
    table.rows = max(0, estimate)
    if kind == "v" || kind == "f" {
      table.sampled = 0
      return "(select * from \(relation) limit 100000)"
    }
    guard bytes > limits.wholeBytes else { return relation }
    table.sampled = 0
    let percent = max(1, limits.wholeBytes * 1_000_000 / bytes)
    // Whole pages are taken; the same ones with each run.
    return "(select * from \(relation) tablesample system (\(percent / 10_000).\(padded(percent % 10_000))) "
      + "repeatable (1))"
  }

  private func padded(_ number: Int) -> String {
    String(repeating: "0", count: 4 - String(number).count) + String(number)
  }

  private func look(at table: inout TableProfile, rows: String) throws {
    var statistics: [String: (nulls: Double, distinct: Double)] = [:]
    for row in try ask(ProfileQueries.columns(table, dialect), limited: false)?.rows ?? [] {
      let column = ColumnProfile(
        name: row[0] ?? "", type: row[1] ?? "", kind: Self.kind(row[2] ?? "", category: row[3] ?? ""),
        isNotNull: row[4] == "t")
      table.columns.append(column)
      if let nulls = row[5].flatMap(Double.init), let distinct = row[6].flatMap(Double.init) {
        statistics[column.name] = (nulls, distinct)
      }
    }
    table.keys =
      try ask(ProfileQueries.keys(table, dialect), limited: false)?.rows.map {
        TableProfile.Key(columns: Self.list($0[0]), isPrimary: $0[1] == "t")
      } ?? []
    table.foreignKeys =
      try ask(ProfileQueries.foreignKeys(table, dialect), limited: false)?.rows.map {
        TableProfile.ForeignKey(
          columns: Self.list($0[0]), schema: $0[1] ?? "", table: $0[2] ?? "", targetColumns: Self.list($0[3]),
          evidence: .declared)
      } ?? []
    try findOperation(of: &table, rows: rows)
    var live = rows
    if let operation = table.operation, !operation.delete.isEmpty {
      let codes = operation.delete.map { dialect.literal($0) }.joined(separator: ", ")
      live = "(select * from \(rows) r where \(dialect.quote(operation.column))::text not in (\(codes)))"
    }
    try count(&table, rows: live, statistics)
    try findKeys(of: &table, rows: rows)
    try findIntervals(of: &table, rows: rows)
    try findOrder(of: &table, rows: live)
  }

  private func count(
    _ table: inout TableProfile, rows: String, _ statistics: [String: (nulls: Double, distinct: Double)]
  ) throws {
    guard !table.columns.isEmpty else { return }
    guard let row = try ask(ProfileQueries.statistics(table.columns, in: rows, dialect))?.rows.first else {
      table.remarks.append(
        "its rows could not be counted in the time given; the server's statistics are used")
      for index in table.columns.indices {
        guard let known = statistics[table.columns[index].name] else { continue }
        table.columns[index].estimate(known, rows: table.rows)
      }
      return
    }
    let rows = Int(row[0] ?? "") ?? 0
    let isSample = table.sampled != nil
    if isSample { table.sampled = rows } else { table.rows = rows }
    if table.rows < rows { table.rows = rows }
    for index in table.columns.indices {
      let at = 1 + index * ProfileQueries.valuesEach
      let filled = Int(row[at] ?? "") ?? 0
      table.columns[index].nullShare = rows == 0 ? 0 : Double(rows - filled) / Double(rows)
      table.columns[index].distinct = row[at + 1].flatMap { Int($0) }
      table.columns[index].least = row[at + 2]
      table.columns[index].greatest = row[at + 3]
      table.columns[index].averageLength = Int(row[at + 4] ?? "") ?? 0
      table.columns[index].holdsDates = row[at + 5] == "t"
      table.columns[index].isEstimate = isSample
      if isSample, let known = statistics[table.columns[index].name] {
        table.columns[index].estimate(known, rows: table.rows)
      }
    }
  }

  // MARK: Keys

  private func findKeys(of table: inout TableProfile, rows: String) throws {
    let whole = table.columns.filter { $0.hasEquality && $0.nullShare == 0 && !$0.holdsDatesOfTool }
    guard table.rows > 0 else { return }
    let declared = table.keys.contains { $0.columns.count == 1 }
    let seen = table.sampled ?? table.rows
    let candidates = whole.filter { column in
      let distinct =
        column.isEstimate ? column.distinct.map { $0 * 20 >= seen } ?? false : column.distinct == seen
      return distinct && (column.kind == .number || column.kind == .text || column.kind == .uuid)
    }
    if !declared, let all = try unique(candidates.prefix(8).map { [$0.name] }, in: table, rows: rows) {
      table.uniqueColumns = all.flatMap(\.self)
    }
    let isHistory = table.operation != nil || interval(of: table) != nil
    let hasKey = table.keys.contains { $0.isPrimary } || !table.uniqueColumns.isEmpty
    guard isHistory || !hasKey else { return }
    let parts = whole.filter { column in
      let name = ColumnWords.snake(column.name)
      return ColumnWords.isKeyLike(name) || column.isTime || ColumnWords.logTime.contains(name)
        || ColumnWords.sequence.contains(name) || table.foreignKeys.contains { $0.columns == [column.name] }
    }.prefix(10).map(\.name)
    var pairs: [[String]] = []
    for (index, first) in parts.enumerated() { pairs += parts[(index + 1)...].map { [first, $0] } }
    guard !pairs.isEmpty else { return }
    table.uniquePairs = try unique(pairs, in: table, rows: rows) ?? []
  }

  /// Those sets of columns that tell all rows apart; nil when that took too long.
  private func unique(_ sets: [[String]], in table: TableProfile, rows: String) throws -> [[String]]? {
    guard !sets.isEmpty else { return [] }
    // A sample can only say that a column is not unique.
    let sampled = try ask(ProfileQueries.uniqueness(sets, in: rows, dialect))?.rows.first
    guard let sampled else { return nil }
    let left = zip(sets, sampled).filter { $0.1 == "t" }.map(\.0)
    guard table.sampled != nil, !left.isEmpty else { return left }
    let relation = ProfileQueries.relation(table, dialect)
    guard let all = try ask(ProfileQueries.uniqueness(left, in: relation, dialect))?.rows.first else {
      return left
    }
    return zip(left, all).filter { $0.1 == "t" }.map(\.0)
  }

  private func findOperation(of table: inout TableProfile, rows: String) throws {
    for column in table.columns where ColumnWords.operation.contains(ColumnWords.snake(column.name)) {
      guard let found = try ask(ProfileQueries.codes(column.name, in: rows, dialect)) else { continue }
      var operation = TableProfile.Operation(column: column.name)
      var isKnown = !found.rows.isEmpty
      for code in found.rows.compactMap(\.first).compactMap(\.self) {
        switch code.lowercased() {
        case "i", "c", "r", "insert", "create", "read", "inserted", "created", "snapshot", "false", "append":
          operation.insert.append(code)
        case "u", "update", "updated", "upsert": operation.update.append(code)
        case "d", "delete", "deleted", "true": operation.delete.append(code)
        default: isKnown = false
        }
      }
      if isKnown {
        table.operation = operation
        return
      }
    }
  }

  // MARK: Times

  private func interval(of table: TableProfile) -> (from: ColumnProfile, to: ColumnProfile)? {
    let times = table.columns.filter { $0.kind == .date || $0.kind == .timestamp }
    for words in ColumnWords.interval {
      guard let from = times.first(where: { ColumnWords.snake($0.name) == words.from }) else { continue }
      if let to = times.first(where: { words.to.contains(ColumnWords.snake($0.name)) }) { return (from, to) }
    }
    return nil
  }

  private func findIntervals(of table: inout TableProfile, rows: String) throws {
    guard let (from, to) = interval(of: table), from.nullShare == 0 else { return }
    let declared = table.keys.map(\.columns).filter { $0.contains(from.name) && $0.count > 1 }
    let measured = table.uniquePairs.filter { $0.contains(from.name) }
    let keys = (declared + measured).map { $0.filter { $0 != from.name } }
    let several = keys.first { key in
      key.count > 1 || (table[key[0]]?.distinct ?? 0) < (table.sampled ?? table.rows)
    }
    guard let key = several, !key.contains(to.name) else { return }
    let query = ProfileQueries.intervals(key: key, from: from.name, to: to.name, in: rows, dialect)
    guard let row = try ask(query)?.rows.first else { return }
    let counts = row.map { Int($0 ?? "") ?? 0 }
    table.intervals = TableProfile.Intervals(
      key: key, from: from.name, to: to.name, endsTheDayBefore: counts[1] > counts[0], ended: counts[3],
      overlaps: counts[2])
  }

  private func findOrder(of table: inout TableProfile, rows: String) throws {
    let times = table.columns.filter { $0.kind == .date || $0.kind == .timestamp }.prefix(8).map(\.name)
    let pairs = times.flatMap { first in times.filter { $0 != first }.map { TableProfile.Order(first, $0) } }
    guard !pairs.isEmpty, let row = try ask(ProfileQueries.disorder(pairs, in: rows, dialect))?.rows.first
    else {
      return
    }
    table.ordered = Set(zip(pairs, row).filter { $0.1 == "0" }.map(\.0))
  }

  // MARK: Foreign keys

  private func findForeignKeys(
    of table: inout TableProfile, rows: String, among all: [TableProfile]
  ) throws {
    let linked = Set(table.foreignKeys.flatMap(\.columns))
    for column in table.columns
    where !linked.contains(column.name) && column.hasEquality && column.distinct != 0 {
      for target in SourceLinks.candidates(column, of: table, among: all) {
        let other = ProfileQueries.relation(target.table, dialect)
        let query = ProfileQueries.inclusion(column.name, in: rows, of: other, target.column, dialect)
        guard let row = try ask(query)?.rows.first else { continue }
        let (values, missing, known) = (
          Int(row[0] ?? "") ?? 0, Int(row[1] ?? "") ?? 0, Int(row[2] ?? "") ?? 0
        )
        // Of a name that says it, a few rows may lead nowhere; without one, all values and many of them must fit.
        let fits = target.isNamed ? missing * 5 <= values : missing == 0 && values > 2 && values * 2 >= known
        guard values > 0, fits else { continue }
        table.foreignKeys.append(
          TableProfile.ForeignKey(
            columns: [column.name], schema: target.table.schema, table: target.table.name,
            targetColumns: [target.column],
            evidence: target.isNamed
              ? .measured(values: values, missing: missing) : .byValuesAlone(values: values)))
        break
      }
    }
  }

  // MARK: Asking

  /// - Returns: nil when the time is over.
  private func ask(_ sql: String, limited: Bool = true) throws(WarehouseError) -> QueryResult? {
    let left = deadline - now()
    if limited && left <= 0 { return nil }
    let milliseconds = limited ? max(100, Int(left * 1000)) : 60_000
    do throws(WarehouseError) {
      _ = try session.run("begin transaction read only; set local statement_timeout = \(milliseconds)")
      let result = try session.run(sql)
      _ = try session.run("commit")
      return result
    } catch {
      if case .connectionLost = error { throw error }
      _ = try session.run("rollback")
      guard limited, case .statement(let message) = error, message.sqlState == "57014" else { throw error }
      return nil
    }
  }

  private static func list(_ text: String?) -> [String] {
    text?.split(separator: ProfileQueries.separator).map(String.init) ?? []
  }

  private static func kind(_ type: String, category: String) -> ColumnProfile.Kind {
    switch (type, category) {
    case ("bool", _): .boolean
    case ("date", _): .date
    case ("timestamp", _), ("timestamptz", _): .timestamp
    case ("uuid", _): .uuid
    case (_, "N") where !type.hasPrefix("reg") && type != "oid": .number
    case (_, "S"), (_, "E"): .text
    default: .other
    }
  }
}

extension ColumnProfile {
  /// Takes what the server's statistics say: distinct values below zero are a share of the rows.
  mutating func estimate(_ known: (nulls: Double, distinct: Double), rows: Int) {
    nullShare = known.nulls
    distinct = Int((known.distinct < 0 ? -known.distinct * Double(rows) : known.distinct).rounded())
    isEstimate = true
  }

  var holdsDatesOfTool: Bool { ColumnWords.loaded.contains(ColumnWords.snake(name)) }
}
