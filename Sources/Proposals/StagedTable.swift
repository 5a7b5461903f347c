/// A table as its staging model shows it: each column with the name that it gets and what it is good for.
struct StagedTable {
  struct Column {
    enum Role: Equatable {
      case key
      /// Position in ``TableProfile/foreignKeys``.
      case foreignKey(Int)
      /// When the row was last changed.
      case changed
      case created
      /// When a tool loaded it; when a log's change was made is `changed`.
      case loaded
      case time
      case measure
      /// Few values, or yes and no.
      case flag
      case text
      /// Codes, sequences and ends of intervals, which only the staging model reads; types that cannot be compared.
      case technical
    }

    var source: ColumnProfile
    var name: String
    /// In terms of the source.
    var expression: String
    var role: Role
    /// What was found, for a comment.
    var evidence: String

    var isWhole: Bool { source.nullShare == 0 }
  }

  let profile: TableProfile
  let reading: SourceReading
  /// In the singular: `customer`.
  let subject: String
  /// `stg_customers`
  let model: String
  private(set) var columns: [Column] = []

  init(_ profile: TableProfile, model: String) {
    self.profile = profile
    self.model = model
    reading = SourceReading(profile)
    subject = ColumnWords.subject(profile.name)
    var taken: Set<String> = []
    for column in profile.columns {
      let role = role(of: column)
      var name = stagedName(column, role)
      if taken.contains(name) { name += "_\(columns.count + 1)" }
      taken.insert(name)
      columns.append(
        Column(
          source: column, name: name, expression: expression(column), role: role,
          evidence: evidence(column, role, name)))
    }
  }

  func column(of source: String) -> Column? { columns.first { $0.source.name == source } }

  var key: [Column] { reading.key.compactMap(column) }

  func columns(_ role: Column.Role) -> [Column] { columns.filter { $0.role == role } }

  /// When a row's content began to hold: of a log or a history, else when it was changed last.
  var changed: Column? { columns.first { $0.role == .changed && $0.isWhole } }

  /// The columns that go on to the star.
  var useful: [Column] { columns.filter { $0.role != .technical && $0.role != .loaded } }

  // MARK: Roles

  private func role(of column: ColumnProfile) -> Column.Role {
    let name = ColumnWords.snake(column.name)
    switch reading.shape {
    case .history(let intervals):
      if column.name == intervals.from { return .changed }
      if column.name == intervals.to || ColumnWords.derived.contains(name) { return .technical }
    case .log(let log):
      if column.name == log.time { return .changed }
      if [log.operation.column, log.sequence ?? ""].contains(column.name) { return .technical }
    case .current, .keyless: break
    }
    if reading.key.contains(column.name) { return .key }
    if let index = profile.foreignKeys.firstIndex(where: { $0.columns == [column.name] }) {
      return .foreignKey(index)
    }
    if ColumnWords.loaded.contains(name) { return .loaded }
    if column.isTime {
      if ColumnWords.changed.contains(name) {
        // Beside the time of a log or an interval it is an ordinary time.
        if case .current = reading.shape { return .changed }
        return .technical
      }
      return ColumnWords.created.contains(name) ? .created : .time
    }
    switch column.kind {
    case .other: return .technical
    // Numbers for replication, which say nothing to people.
    case _ where ColumnWords.squashed(name) == "rowguid": return .technical
    case .boolean: return .flag
    case .number:
      if ColumnWords.isKeyLike(name) { return .text }
      if ColumnWords.numberOfNames.contains(where: { name == $0 || name.hasSuffix($0) }) { return .text }
      let isCode = ColumnWords.says(name, ColumnWords.flags) && (column.distinct ?? 99) <= 20
      return isCode ? .flag : .measure
    case .text:
      let distinct = column.distinct ?? Int.max
      let repeats = distinct * 3 <= (profile.sampled ?? profile.rows)
      let isNamed =
        ColumnWords.says(name, ColumnWords.flags) || name.hasPrefix("is_") || name.hasPrefix("has_")
      return distinct <= 20 && column.averageLength <= 40 && (repeats || isNamed) ? .flag : .text
    case .date, .timestamp, .uuid: return .text
    }
  }

  // MARK: Names

  private func stagedName(_ column: ColumnProfile, _ role: Column.Role) -> String {
    var name = ColumnWords.snake(column.name)
    switch reading.shape {
    case .history, .log:
      if role == .changed { return "changed_at" }
    case .current, .keyless: break
    }
    let isOnlyKey = reading.key == [column.name]
    if isOnlyKey || role == .key, ["id", "key", "code", "no", "number", "uuid"].contains(name) {
      return name == "id" || name == "key" ? "\(subject)_id" : "\(subject)_\(name)"
    }
    switch role {
    case .foreignKey
    where !["code", "key", "no", "nr", "number", "sku", "id"].contains { name.hasSuffix($0) }:
      name += "_id"
    case .key where isOnlyKey && name == subject: name += "_id"
    default: break
    }
    // Such names are those of surrogate keys.
    if name.hasSuffix("_key") { name = String(name.dropLast(4)) + "_id" }
    if ["valid_from", "valid_to", "is_current", "is_inferred", "is_deleted", "stated_at"].contains(name) {
      return name + "_in_source"
    }
    guard ColumnWords.reserved.contains(name) else { return name }
    return name + (column.isTime ? "_at" : "_value")
  }

  private func expression(_ column: ColumnProfile) -> String {
    let quoted = Self.quoted(column.name)
    if case .log(let log) = reading.shape, column.name == log.time, log.isMilliseconds {
      return "to_timestamp(\(quoted) / 1000.0)"
    }
    return column.holdsDates && column.kind == .text ? "\(quoted)::timestamp" : quoted
  }

  /// As it is where the server would read the same without quotes.
  static func quoted(_ name: String) -> String {
    let plain =
      name.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F }
      && name.utf8.first.map { !(0x30...0x39).contains($0) } ?? false && !ColumnWords.reserved.contains(name)
    return plain ? name : "\"" + name.replacing("\"", with: "\"\"") + "\""
  }

  // MARK: Evidence

  private func evidence(_ column: ColumnProfile, _ role: Column.Role, _ name: String) -> String {
    var text = name == column.name ? "" : "\(column.name): "
    if role == .key { text += (reading.key.count > 1 ? "part of the key: " : "") + reading.evidence + "; " }
    if case .foreignKey(let index) = role { text += Self.evidence(profile.foreignKeys[index]) + "; " }
    text += Counts.evidence(column)
    if column.holdsDates && column.kind == .text { text += "; all are dates" }
    return text
  }

  static func evidence(_ key: TableProfile.ForeignKey) -> String {
    let target = "\(key.table).\(key.targetColumns.joined(separator: ", "))"
    switch key.evidence {
    case .declared: return "foreign key to \(target)"
    case .measured(_, 0): return "all values are in \(target)"
    case .measured(let values, let missing):
      return "\(Counts.text(missing)) of \(Counts.many(values, "value")) are not in \(target)"
    case .byValuesAlone(let values):
      return "its \(Counts.many(values, "value")) are in \(target), though the name does not say so: check it"
    }
  }
}
