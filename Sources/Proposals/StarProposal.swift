/// A staging layer and a star for tables that were looked at.
struct StarProposal {
  enum Part {
    case dimension
    /// - Parameter header: position of the table whose lines these are.
    case fact(header: Int?)
    /// Which things belong to which: positions in the foreign keys.
    case bridge(group: Int, member: Int)
    /// Not in the star, with the reason.
    case stagingOnly(String)
  }

  let tables: [StagedTable]
  private(set) var parts: [Part]
  private var names: [String] = []

  init(_ profiles: [TableProfile]) {
    var models: Set<String> = []
    tables = profiles.map { profile in
      var name = ColumnWords.snake(profile.name)
      if name.hasPrefix("raw_") { name = String(name.dropFirst(4)) }
      var model = "stg_" + name
      if models.contains(model) { model = "stg_\(ColumnWords.snake(profile.schema))__\(name)" }
      models.insert(model)
      return StagedTable(profile, model: model)
    }
    parts = []
    parts = tables.indices.map(part)
    // Lines need a fact as their header; a fact without a time of its own needs one, too.
    for index in tables.indices {
      guard case .fact = parts[index] else { continue }
      let header = header(of: index)
      parts[index] =
        header != nil || eventTime(of: index) != nil ? .fact(header: header) : .dimension
    }
    for index in tables.indices {
      if case .fact(nil) = parts[index], eventTime(of: index) == nil { parts[index] = .dimension }
    }
    names = chosenNames()
  }

  // MARK: What is what

  private func part(_ index: Int) -> Part {
    let table = tables[index]
    if table.profile.columns.isEmpty { return .stagingOnly("it has no columns") }
    guard !table.reading.key.isEmpty else { return .stagingOnly(table.reading.evidence) }
    if isCalendar(table) { return .stagingOnly("it is a calendar, and the star has its own: dim_date") }
    if case .history = table.reading.shape { return .dimension }
    let links = table.columns.compactMap { column -> Int? in
      let index = table.profile.foreignKeys.firstIndex { $0.columns == [column.source.name] }
      guard let index, target(of: table.profile.foreignKeys[index]) != nil else { return nil }
      return index
    }
    if let bridge = bridge(table, links) { return bridge }
    let last = table.subject.split(separator: "_").last.map(String.init) ?? table.subject
    let isThing = ColumnWords.things.contains(last)
    let times = table.columns(.time).filter { !ColumnWords.holds($0.name, ColumnWords.ofThings) }
    let measures = table.columns(.measure)
    let isReferenced = tables.contains { other in
      other.profile.foreignKeys.contains {
        $0.table == table.profile.name && $0.schema == table.profile.schema && other.model != table.model
      }
    }
    let isEvent = !links.isEmpty || (!times.isEmpty && !measures.isEmpty)
    if isThing {
      return links.count > 1 && !times.isEmpty && !measures.isEmpty && !isReferenced
        ? .fact(header: nil) : .dimension
    }
    guard isEvent else { return .dimension }
    if isReferenced && times.isEmpty && table.columns(.created).isEmpty { return .dimension }
    return .fact(header: nil)
  }

  /// One row a day, by its name and its key.
  private func isCalendar(_ table: StagedTable) -> Bool {
    guard table.key.count == 1,
      ["date", "calendar", "day", "date_dimension", "dim_date"].contains(table.subject)
    else { return false }
    return table.columns.contains {
      $0.source.isTime && $0.isWhole && $0.source.distinct == (table.profile.sampled ?? table.profile.rows)
    }
  }

  /// Two foreign keys that are the key together, and nothing that happened.
  private func bridge(_ table: StagedTable, _ links: [Int]) -> Part? {
    guard case .current = table.reading.shape, table.reading.key.count == 2, links.count == 2 else {
      return nil
    }
    let columns = Set(links.flatMap { table.profile.foreignKeys[$0].columns })
    let others = table.useful.filter {
      !columns.contains($0.source.name) && $0.role != .created && $0.role != .changed
    }
    guard columns == Set(table.reading.key), others.isEmpty else { return nil }
    return .bridge(group: links[0], member: links[1])
  }

  /// Position of the table that a foreign key leads to, if it is one of those looked at and has this key.
  func target(of key: TableProfile.ForeignKey) -> Int? {
    tables.firstIndex {
      $0.profile.name == key.table && $0.profile.schema == key.schema
        && Set($0.reading.key) == Set(key.targetColumns)
    }
  }

  func isDimension(_ index: Int) -> Bool {
    if case .dimension = parts[index] { return true }
    return false
  }

  func isFact(_ index: Int) -> Bool {
    if case .fact = parts[index] { return true }
    return false
  }

  /// The fact that these rows are the lines of: a foreign key to it is part of the key, or there is no time here.
  private func header(of index: Int) -> Int? {
    let table = tables[index]
    for key in table.profile.foreignKeys {
      guard let other = target(of: key), other != index, isFact(other), eventTime(of: other) != nil,
        key.columns.count == 1
      else { continue }
      let isPart = table.reading.key.count > 1 && table.reading.key.contains(key.columns[0])
      let isNamed = table.subject.hasPrefix(tables[other].subject + "_")
      if isPart || isNamed || ownEventTime(table) == nil { return other }
    }
    return nil
  }

  /// When a row of a fact happened: a time of its own without NULL, else the time of its creation or its header's.
  func eventTime(of index: Int) -> StagedTable.Column? { ownEventTime(tables[index]) }

  private func ownEventTime(_ table: StagedTable) -> StagedTable.Column? {
    let times = table.columns.filter {
      ($0.role == .time || $0.role == .key) && $0.source.isTime
        && !ColumnWords.holds($0.name, ColumnWords.planned)
    }
    let whole = times.filter(\.isWhole)
    let named = whole.first { column in
      column.name.hasPrefix(table.subject)
        || ColumnWords.holds(
          column.name,
          [
            "order", "sold", "sale", "paid", "payment", "invoice", "transaction", "booked", "placed",
            "occurred", "event", "started", "signed",
          ])
    }
    if let found = named ?? whole.first ?? table.columns(.created).first(where: \.isWhole) { return found }
    if case .log = table.reading.shape { return table.changed }
    return nil
  }

  // MARK: Names

  func name(of index: Int) -> String { names[index] }

  /// A name for each table's part of the star, all different; `dim_date` is the calendar's.
  private func chosenNames() -> [String] {
    var taken: Set<String> = ["dim_date"]
    return tables.indices.map { index in
      let table = tables[index]
      let prefix =
        switch parts[index] {
        case .dimension: "dim_"
        case .fact: "fct_"
        case .bridge: "bridge_"
        case .stagingOnly: "stg_"
        }
      let long = ColumnWords.snake(table.profile.schema) + "_" + ColumnWords.snake(table.profile.name)
      var name = prefix + table.subject
      if taken.contains(name) { name = prefix + long }
      while taken.contains(name) { name += "_2" }
      taken.insert(name)
      if case .fact = parts[index] { taken.insert("dim_\(name.dropFirst(4))_flags") }
      return name
    }
  }
}
