/// What a table's rows are: things as they are now, versions of things, or a log of changes; and what tells the
/// things apart.
struct SourceReading {
  enum Shape {
    /// One row for each thing.
    case current
    /// Versions with the times between which they held.
    case history(TableProfile.Intervals)
    case log(Log)
    /// Nothing tells rows apart.
    case keyless
  }

  /// A row for each change, as capturing tools write it.
  struct Log {
    var operation: TableProfile.Operation
    var time: String
    /// True when the time is a number of milliseconds.
    var isMilliseconds: Bool
    /// What orders changes of one time.
    var sequence: String?
    /// True when two changes of a thing share a time, so that the later one has to be picked.
    var hasTies: Bool
  }

  let shape: Shape
  /// Columns of the source; empty for a table without a key.
  let key: [String]
  /// Why these are the key.
  let evidence: String

  init(_ table: TableProfile) {
    if let intervals = table.intervals {
      shape = .history(intervals)
      key = intervals.key
      let declared = table.keys.contains { Set($0.columns) == Set(intervals.key + [intervals.from]) }
      evidence = "\(declared ? "key" : "unique") with \(intervals.from)"
    } else if let operation = table.operation, let log = Self.log(table, operation),
      let entity = Self.entity(table, besides: [log.time, operation.column, log.sequence ?? ""])
    {
      var log = log
      log.hasTies = !table.uniquePairs.contains { Set($0) == [entity, log.time] }
      shape = .log(log)
      key = [entity]
      evidence = "names what each change of \(ColumnWords.subject(table.name)) is about"
    } else if let found = Self.current(table) {
      shape = .current
      (key, evidence) = found
    } else {
      shape = .keyless
      key = []
      evidence = "no key is declared, and no column or pair of columns tells all rows apart"
    }
  }

  private static func log(_ table: TableProfile, _ operation: TableProfile.Operation) -> Log? {
    guard !operation.insert.isEmpty || !operation.update.isEmpty else { return nil }
    func column(_ name: String) -> ColumnProfile? {
      table.columns.first { ColumnWords.snake($0.name) == name && $0.nullShare == 0 }
    }
    let sequence = ColumnWords.sequence.lazy.compactMap(column).first {
      $0.kind == .number || $0.kind == .text
    }
    for name in ColumnWords.logTime {
      guard let time = column(name) else { continue }
      let isMilliseconds = time.kind == .number && name.hasSuffix("_ms")
      guard time.kind == .date || time.kind == .timestamp || isMilliseconds else { continue }
      return Log(
        operation: operation, time: time.name, isMilliseconds: isMilliseconds, sequence: sequence?.name,
        hasTies: true)
    }
    return nil
  }

  /// The column that names what a change is about.
  private static func entity(_ table: TableProfile, besides: Set<String>) -> String? {
    let subject = ColumnWords.subject(table.name)
    let names = ["\(subject)_id", "\(subject)_key", "\(subject)_no", "\(subject)_code", "id", subject]
    let columns = table.columns.filter {
      !besides.contains($0.name) && $0.hasEquality && $0.nullShare == 0
        && !ColumnWords.sequence.contains(ColumnWords.snake($0.name))
    }
    for name in names {
      if let found = columns.first(where: { ColumnWords.snake($0.name) == name }) { return found.name }
    }
    return columns.first { ColumnWords.isKeyLike(ColumnWords.snake($0.name)) }?.name
  }

  private static func current(_ table: TableProfile) -> (key: [String], evidence: String)? {
    if let primary = table.keys.first(where: \.isPrimary) { return (primary.columns, "primary key") }
    func isWhole(_ name: String) -> Bool { table[name].map { $0.nullShare == 0 } ?? false }
    if let unique = table.keys.first(where: { $0.columns.allSatisfy(isWhole) }) {
      return (unique.columns, "unique index, 100 % not null")
    }
    let subject = ColumnWords.subject(table.name)
    let wanted = ["\(subject)_id", "id", "\(subject)_key", "\(subject)_code", "\(subject)_no", "code", "sku"]
    let ranked = table.uniqueColumns.sorted { left, right in
      func rank(_ name: String) -> Int {
        let name = ColumnWords.snake(name)
        let place = wanted.firstIndex { ColumnWords.squashed($0) == ColumnWords.squashed(name) }
        return place ?? (ColumnWords.isKeyLike(name) ? 10 : 20)
      }
      return rank(left) < rank(right)
    }
    // A measure whose values all differ is no key.
    if let best = ranked.first(where: {
      let name = ColumnWords.snake($0)
      return ColumnWords.isKeyLike(name) || table[$0]?.kind != .number
    }) {
      return ([best], "not declared, but unique in \(Counts.rows(table)) and 100 % not null")
    }
    let pairs = table.uniquePairs.sorted { left, right in
      func rank(_ pair: [String]) -> Int {
        pair.map { ColumnWords.isKeyLike(ColumnWords.snake($0)) ? 0 : 1 }.reduce(0, +)
      }
      return rank(left) < rank(right)
    }
    guard let pair = pairs.first else { return nil }
    return (pair, "not declared, but unique together in \(Counts.rows(table)) and 100 % not null")
  }
}

/// Numbers as evidence shows them.
enum Counts {
  static func text(_ number: Int) -> String {
    let digits = Array(String(abs(number)).utf8)
    var out: [UInt8] = number < 0 ? [UInt8(ascii: "-")] : []
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { out.append(UInt8(ascii: ",")) }
      out.append(digit)
    }
    return String(decoding: out, as: UTF8.self)
  }

  static func many(_ number: Int, _ noun: String) -> String {
    "\(text(number)) \(noun)\(number == 1 ? "" : "s")"
  }

  static func rows(_ table: TableProfile) -> String { many(table.rows, "row") }

  static func percent(_ share: Double) -> String {
    guard share > 0, share < 1 else { return share >= 1 ? "100 %" : "0 %" }
    let tenths = min(999, max(1, Int((share * 1000).rounded())))
    return tenths % 10 == 0 ? "\(tenths / 10) %" : "\(tenths / 10).\(tenths % 10) %"
  }

  /// `numeric(10,2), 100 % not null, 3,812 values`
  static func evidence(_ column: ColumnProfile) -> String {
    var parts = [column.type, column.isNotNull ? "not null" : percent(1 - column.nullShare) + " not null"]
    if let distinct = column.distinct {
      parts.append((column.isEstimate ? "about " : "") + many(distinct, "value"))
    }
    return parts.joined(separator: ", ")
  }
}
