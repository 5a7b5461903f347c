/// A fact of the proposal: what stands in its SQL and in its declaration, each with its evidence.
struct FactDraft {
  struct Lookup {
    var to: String
    var role: String?
    var key: [String]
    var missing: String?
    var asOf: String?
    var evidence: String
  }

  struct Measure {
    var name: String
    var additivity: String
    var over: String?
    var evidence: String
  }

  enum Kind {
    case transaction, factless
    case accumulating([StagedTable.Column])
    case periodic(time: StagedTable.Column, period: String)
  }

  let name: String
  let table: StagedTable
  let header: (table: StagedTable, key: StagedTable.Column, isOuter: Bool)?
  var kind = Kind.transaction
  var grain: [String] = []
  var lookups: [Lookup] = []
  var degenerate: [(name: String, evidence: String)] = []
  var measures: [Measure] = []
  var eventTime: (name: String, evidence: String)?
  var loadedAt: (name: String, evidence: String)?
  /// Columns of the fact's own table, in order.
  var columns: [String] = []
  /// Columns that come from the header.
  var headerColumns: [String] = []
  /// What goes to a junk dimension.
  var flags: [(name: String, evidence: String)] = []
  /// Columns that were left in staging, with the reason.
  var leftOut: [(name: String, reason: String)] = []

  var flagsModel: String { "dim_\(String(name.dropFirst(4)))_flags" }

  init(_ index: Int, _ proposal: StarProposal) {
    table = proposal.tables[index]
    name = proposal.name(of: index)
    var header: (table: StagedTable, key: StagedTable.Column, isOuter: Bool)?
    if case .fact(let place?) = proposal.parts[index],
      let link = table.profile.foreignKeys.first(where: { proposal.target(of: $0) == place }),
      let key = table.column(of: link.columns[0])
    {
      let isSure: Bool =
        switch link.evidence {
        case .declared: true
        case .measured(_, let missing): missing == 0
        case .byValuesAlone: true
        }
      header = (proposal.tables[place], key, !isSure || !key.isWhole)
    }
    self.header = header
    grain = table.key.map(\.name)
    let event = proposal.eventTime(of: index)
    chooseKind(event)
    columns = grain
    for column in table.useful where !grain.contains(column.name) { take(column, event, proposal) }
    for key in table.key { takeKey(key, proposal) }
    for link in table.profile.foreignKeys where link.columns.count > 1 { takeComposite(link, proposal) }
    if let event { takeTime(event) } else { takeHeader(proposal) }
    if event != nil, header != nil { takeHeader(proposal) }
    separateRoles()
    if measures.isEmpty, case .transaction = kind { kind = .factless }
  }

  /// What the fact looks like depends on its times.
  private mutating func chooseKind(_ event: StagedTable.Column?) {
    if let time = table.key.first(where: { $0.source.isTime }), table.key.count > 1,
      table.columns(.measure).contains(where: { ColumnWords.holds($0.name, ColumnWords.semiAdditive) })
    {
      kind = .periodic(time: time, period: Periods.guess(time.source))
      grain = table.key.filter { $0.name != time.name }.map(\.name)
      return
    }
    let steps = table.columns(.time).filter {
      !ColumnWords.holds($0.name, ColumnWords.planned)
        && !ColumnWords.holds($0.name, ColumnWords.ofThings + ["period"])
        && ($0.source.kind == .date || $0.source.kind == .timestamp)
    }
    guard let first = event, steps.count >= 2, steps.contains(where: { !$0.isWhole }), first.role == .time
    else {
      return
    }
    // In the order that no row contradicts.
    var ordered = [first]
    var rest = steps.filter { $0.name != first.name }
    while !rest.isEmpty {
      let next = rest.firstIndex { candidate in
        (ordered + rest).allSatisfy { other in
          other.name == candidate.name
            || (ordered.contains { $0.name == other.name }
              ? precedes(other, candidate) : precedes(candidate, other))
        }
      }
      guard let next else { return }
      ordered.append(rest.remove(at: next))
    }
    kind = .accumulating(ordered)
  }

  private func precedes(_ first: StagedTable.Column, _ second: StagedTable.Column) -> Bool {
    table.profile.ordered.contains(TableProfile.Order(first.source.name, second.source.name))
  }

  // MARK: Columns

  private mutating func take(
    _ column: StagedTable.Column, _ event: StagedTable.Column?, _ proposal: StarProposal
  ) {
    switch column.role {
    case .key, .technical, .loaded: return
    case .foreignKey(let index):
      columns.append(column.name)
      let link = table.profile.foreignKeys[index]
      if let place = proposal.target(of: link), proposal.isDimension(place) {
        look(up: place, column, link, proposal)
      } else {
        degenerate.append((column.name, StagedTable.evidence(link)))
      }
    case .changed:
      if case .log = table.reading.shape, event?.name == column.name { return }
      if column.isWhole {
        columns.append(column.name)
        loadedAt = (column.name, column.evidence)
      } else {
        leftOut.append((column.name, column.evidence))
      }
    case .created:
      if event?.name != column.name {
        leftOut.append((column.name, "when the row was made, not what happened"))
      }
    case .time:
      if case .accumulating(let steps) = kind, steps.contains(where: { $0.name == column.name }) {
        columns.append(column.name)
      } else if event?.name != column.name {
        columns.append(column.name)
        lookups.append(dateLookup(column))
      }
    case .measure:
      columns.append(column.name)
      measures.append(measure(column))
    case .flag:
      columns.append(column.name)
      flags.append((column.name, column.evidence))
    case .text:
      if column.source.averageLength > 40 {
        leftOut.append((column.name, "text of \(column.source.averageLength) letters on average"))
      } else {
        columns.append(column.name)
        degenerate.append((column.name, column.evidence))
      }
    }
  }

  /// A key column can lead somewhere, too.
  private mutating func takeKey(_ column: StagedTable.Column, _ proposal: StarProposal) {
    if case .periodic(let time, _) = kind, time.name == column.name {
      columns.append(column.name)
      return
    }
    guard let link = table.profile.foreignKeys.first(where: { $0.columns == [column.source.name] }),
      let place = proposal.target(of: link), proposal.isDimension(place)
    else { return }
    look(up: place, column, link, proposal)
  }

  private mutating func takeComposite(_ link: TableProfile.ForeignKey, _ proposal: StarProposal) {
    guard let place = proposal.target(of: link), proposal.isDimension(place) else { return }
    // In the order of the dimension's natural key.
    let target = proposal.tables[place]
    let names = target.reading.key.compactMap { key in
      link.targetColumns.firstIndex(of: key).flatMap { table.column(of: link.columns[$0])?.name }
    }
    guard names.count == target.reading.key.count else { return }
    for name in names where !columns.contains(name) { columns.append(name) }
    lookups.append(
      Lookup(to: proposal.name(of: place), key: names, evidence: StagedTable.evidence(link)))
  }

  private mutating func look(
    up place: Int, _ column: StagedTable.Column, _ link: TableProfile.ForeignKey, _ proposal: StarProposal
  ) {
    lookups.append(
      Lookup(
        to: proposal.name(of: place), role: nil, key: [column.name],
        missing: column.isWhole ? nil : "not_applicable",
        evidence: StagedTable.evidence(link)
          + (column.isWhole ? "" : "; NULL in \(Counts.percent(column.source.nullShare))")))
  }

  private mutating func takeTime(_ event: StagedTable.Column) {
    switch kind {
    case .accumulating: return
    case .periodic(let time, _):
      eventTime = (time.name, time.evidence)
      return
    case .transaction, .factless: break
    }
    if !columns.contains(event.name) { columns.append(event.name) }
    eventTime = (event.name, event.evidence)
    if case .log = table.reading.shape, event.role == .changed { loadedAt = (event.name, event.evidence) }
    lookups.append(dateLookup(event))
  }

  /// The lines say when and for whom through their header.
  private mutating func takeHeader(_ proposal: StarProposal) {
    guard let header, let place = proposal.tables.firstIndex(where: { $0.model == header.table.model }) else {
      return
    }
    let known = Set(columns)
    for column in header.table.useful where !known.contains(column.name) {
      guard case .foreignKey(let index) = column.role else { continue }
      let link = header.table.profile.foreignKeys[index]
      guard let target = proposal.target(of: link), proposal.isDimension(target) else { continue }
      headerColumns.append(column.name)
      look(up: target, column, link, proposal)
      lookups[lookups.count - 1].evidence += ", by way of \(header.table.subject)"
      if header.isOuter { lookups[lookups.count - 1].missing = "not_applicable" }
    }
    guard eventTime == nil, let event = proposal.eventTime(of: place), !known.contains(event.name) else {
      return
    }
    headerColumns.append(event.name)
    eventTime = (event.name, "of \(header.table.subject): \(event.evidence)")
    lookups.append(dateLookup(event))
    // When a header is corrected, its lines do not say so.
    loadedAt = nil
    columns.removeAll { name in table.columns(.changed).contains { $0.name == name } }
  }

  // MARK: Words

  private func dateLookup(_ column: StagedTable.Column) -> Lookup {
    var role = column.name
    for ending in ["_at", "_on", "_date", "_time", "_timestamp", "_ts", "_day", "date"]
    where role.count > ending.count && role.hasSuffix(ending) {
      role = String(role.dropLast(ending.count))
      break
    }
    let isPlain = ["date", "time", "day", "timestamp", "ts"].contains(role)
    return Lookup(
      to: "dim_date", role: isPlain ? nil : role, key: [column.name],
      missing: column.isWhole ? nil : "not_applicable",
      asOf: nil, evidence: column.evidence)
  }

  private func measure(_ column: StagedTable.Column) -> Measure {
    var measure = Measure(name: column.name, additivity: "additive", evidence: column.evidence)
    if ColumnWords.holds(column.name, ColumnWords.nonAdditive) || column.name.hasSuffix("price") {
      measure.additivity = "non"
      measure.evidence += "; by its name a rate or a price, which does not add up"
    } else if ColumnWords.holds(column.name, ColumnWords.semiAdditive) {
      measure.additivity = "semi"
      measure.evidence += "; by its name a level, which does not add up over time"
    }
    return measure
  }

  /// Two lookups of one dimension are told apart by roles.
  private mutating func separateRoles() {
    for name in Set(lookups.map(\.to)).sorted() {
      let places = lookups.indices.filter { lookups[$0].to == name && lookups[$0].role == nil }
      guard lookups.filter({ $0.to == name }).count > 1, name != "dim_date" else { continue }
      let subject = String(name.dropFirst(4))
      for place in places {
        var role = lookups[place].key.joined(separator: "_")
        let endings = ["_\(subject)_id", "_\(subject)_code", "\(subject)id", "_id", "_code", "id"]
        for ending in endings where role.hasSuffix(ending) && role.count > ending.count {
          role = String(role.dropLast(ending.count))
          break
        }
        lookups[place].role = role == subject ? nil : role
      }
      // Only one may be without a role.
      for place in places.filter({ lookups[$0].role == nil }).dropFirst() {
        lookups[place].role = "other_\(place)"
      }
    }
  }
}

/// What the days of a table of levels look like.
enum Periods {
  /// `month` where there are about as many values as months, else `day`.
  static func guess(_ time: ColumnProfile) -> String {
    guard let first = time.least.flatMap(day), let last = time.greatest.flatMap(day),
      let distinct = time.distinct,
      distinct > 1, last > first
    else { return "day" }
    return (last - first) / (distinct - 1) >= 28 ? "month" : "day"
  }

  /// Days since some day, from `2025-01-31…`; months of about 30.44 days do for a guess.
  private static func day(_ text: String) -> Int? {
    let parts = text.prefix(10).split(separator: "-")
    guard parts.count == 3, let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2])
    else {
      return nil
    }
    return year * 365 + year / 4 + month * 3044 / 100 + day
  }
}
