/// What the language says a dimension holds, written for being right and not for being quick: one key at a time, one
/// unit at a time, in memory.
///
/// The attributes are `a` (type 2), `b` (type 1), `c` (type 0) and `d` (type 6); in a dimension without versions all but
/// `c` are of type 1.
struct ReferenceDimension {
  struct Unit: Hashable {
    var key: Int
    /// Days since 2000-01-01; nil without `effective_at`.
    var time: Double?
    var isDeletion = false
    var values: [String?]
  }

  struct Settings {
    var isSnapshot: Bool
    var deletes: String
    var late: String
    var always: Bool
    var hasVersions: Bool
    /// A version that says what its predecessor says is left out.
    var collapses: Bool
  }

  struct Version {
    /// Where it stands on the key's line of time.
    var at: Double
    var stated: Double
    var values: [String?]
    /// The latest value of the type 6 attribute.
    var current: String?
    var isNew = false
    var isLate = false
  }

  struct Member {
    var versions: [Version] = []
    var ends: Set<Double> = []
    var isSoftDeleted = false
    /// Waits for its first version, which holds since ever.
    var isInferred = false
    var wasInferred = false
    /// Versions that a deletion took back. Where a key has one row, its values are those of the latest ever stated.
    var withdrawn: [Version] = []

    /// When the key was deleted, if it is.
    var deletedAt: Double? {
      guard let last = ends.max(), last >= versions.map(\.at).max() ?? -.infinity else { return nil }
      return last
    }
  }

  struct Late: Error {}

  let settings: Settings
  var members: [Int: Member] = [:]
  /// Units of the last load that left nothing in the dimension.
  private(set) var passedOver: Set<Unit> = []

  mutating func load(_ units: [Unit], now: Double) throws {
    passedOver = []
    var next = members
    let byKey = Dictionary(grouping: units, by: \.key)
    let keys = settings.isSnapshot ? Set(byKey.keys).union(members.keys) : Set(byKey.keys)
    for key in keys {
      let given = (byKey[key] ?? []).sorted { ($0.time ?? now) < ($1.time ?? now) }
      var member = members[key] ?? Member()
      if settings.isSnapshot {
        if given.isEmpty { delete(&member, now: now) } else { try take(given, into: &member, now: now) }
      } else {
        try apply(given, to: &member)
      }
      if !member.versions.isEmpty { member.isInferred = false }
      next[key] = member
    }
    members = next
  }

  /// A fact refers to these keys: those without any row get one.
  mutating func infer(_ keys: Set<Int>) {
    for key in keys where rows(key, members[key] ?? Member()).isEmpty {
      var member = members[key] ?? Member()
      member.isInferred = true
      member.wasInferred = true
      members[key] = member
    }
  }

  /// What is known is only what the rows show: a deletion that ended nothing is forgotten.
  mutating func forgetWhatNoRowShows() {
    for (key, member) in members {
      let line = events(member)
      let shown = zip(line, line.dropFirst()).filter { $0.0.version != nil && $0.1.version == nil }
      members[key]?.ends = Set(shown.map { $0.1.at })
    }
  }

  /// Whether two versions say the same, as far as a change makes a version.
  private func saysTheSame(_ left: [String?], _ right: [String?]) -> Bool {
    !settings.hasVersions || left[0] == right[0] && left[3] == right[3]
  }

  private func isAlways(_ member: Member) -> Bool { settings.always || member.wasInferred }

  // MARK: Snapshot

  private func delete(_ member: inout Member, now: Double) {
    guard !member.versions.isEmpty, member.deletedAt == nil, settings.deletes != "ignore" else { return }
    if settings.deletes == "soft" {
      member.isSoftDeleted = true
      return
    }
    let first = member.versions.map(\.at).min()
    if !settings.hasVersions { member.withdrawn += member.versions.filter { $0.at >= now } }
    member.versions = member.versions.compactMap { version in
      if version.at < now { return version }
      guard isAlways(member), version.at == first else { return nil }
      var kept = version
      kept.at = -.infinity
      return kept
    }
    // Without a row there is nothing that holds the values of what was taken back.
    if member.versions.isEmpty { member.withdrawn = [] }
    member.ends.insert(now)
    // Of a version that was withdrawn nothing is left to be current.
    let latest = member.versions.max { ($0.stated, $0.at) < ($1.stated, $1.at) }
    for index in member.versions.indices { member.versions[index].current = latest?.values[3] }
  }

  private mutating func take(_ given: [Unit], into member: inout Member, now: Double) throws {
    let deletedAt = member.deletedAt
    let newest = member.versions.max { $0.at < $1.at }
    let latest = (member.versions + member.withdrawn).max { ($0.stated, $0.at) < ($1.stated, $1.at) }
    if given.count == 1, let time = given[0].time, let newest, let latest, deletedAt == nil,
      !member.isSoftDeleted, time >= newest.stated, saysTheSame(given[0].values, newest.values),
      given[0].values[1] == latest.values[1],
      settings.hasVersions || given[0].values[0] == latest.values[0] && given[0].values[3] == latest.values[3]
    {
      return
    }
    member.isSoftDeleted = false
    for (index, unit) in given.enumerated() {
      let isLast = index == given.count - 1
      let time = unit.time ?? now
      member.withdrawn.removeAll { $0.stated == time }
      let known = member.versions.indices.filter {
        !member.versions[$0].isNew && member.versions[$0].stated == time
      }
      for match in known { member.versions[match].values = unit.values }
      let returns = isLast && deletedAt != nil
      if !known.isEmpty && !returns { continue }
      let at = if returns, let deletedAt, time <= deletedAt { now } else { time }
      let isLate = newest.map { at < $0.at } ?? false
      // The current version said again with another time.
      let current = member.versions.filter { !$0.isNew }.max { $0.at < $1.at }
      if isLate && isLast && deletedAt == nil, let current, saysTheSame(current.values, unit.values) {
        passedOver.insert(unit)
        continue
      }
      if isLate && settings.late == "ignore" {
        passedOver.insert(unit)
        continue
      }
      member.versions.append(Version(at: at, stated: time, values: unit.values, isNew: true, isLate: isLate))
    }
    try settle(&member)
  }

  /// Leaves out new versions that say what their predecessor says, and spreads the values of types 0 and 1.
  private func settle(_ member: inout Member) throws {
    let line = events(member)
    var kept: [Version] = []
    var all: [Version] = []
    for (index, event) in line.enumerated() {
      guard let version = event.version else { continue }
      all.append(version)
      let before = index > 0 ? line[index - 1].version : nil
      if version.isNew && settings.collapses, let before, saysTheSame(before.values, version.values) {
        continue
      }
      if version.isLate && settings.late == "error" { throw Late() }
      kept.append(version)
    }
    let latest = all.max { ($0.stated, $0.at) < ($1.stated, $1.at) }
    let earliest = all.min { ($0.stated, $0.at) < ($1.stated, $1.at) }
    member.versions = kept.map { version in
      var settled = version
      settled.isNew = false
      settled.isLate = false
      if settings.collapses, let latest, let earliest {
        settled.values[1] = latest.values[1]
        settled.values[2] = earliest.values[2]
        settled.current = latest.values[3]
      }
      return settled
    }
  }

  // MARK: Changes

  private func apply(_ given: [Unit], to member: inout Member) throws {
    let known = Set(member.versions.map(\.stated))
    let newest = known.max()
    var lateEnds: Set<Double> = []
    for unit in given {
      let time = unit.time ?? 0
      let isThere = known.contains(time) || member.ends.contains(time) && unit.isDeletion
      let isLate = !isThere && newest.map { time < $0 } ?? false
      if isLate && settings.late == "ignore" { continue }
      if unit.isDeletion {
        member.versions.removeAll { $0.stated == time }
        member.ends.insert(time)
        if isLate { lateEnds.insert(time) }
      } else {
        member.ends.remove(time)
        if let match = member.versions.firstIndex(where: { $0.stated == time }) {
          member.versions[match].values = unit.values
        } else {
          member.versions.append(
            Version(at: time, stated: time, values: unit.values, isNew: true, isLate: isLate))
        }
      }
    }
    // A deletion that comes late is late where it ends something.
    let line = events(member)
    let endsSomething = zip(line, line.dropFirst()).contains { before, event in
      before.version != nil && event.version == nil && lateEnds.contains(event.at)
    }
    if settings.late == "error" && endsSomething { throw Late() }
    try settle(&member)
  }

  // MARK: What the table shows

  private func events(_ member: Member) -> [(at: Double, version: Version?)] {
    let versions = member.versions.map { (at: $0.at, version: Optional($0)) }
    let ends = member.ends.map { (at: $0, version: Version?.none) }
    return (versions + ends).sorted {
      ($0.at, $0.version == nil ? 0 : 1) < ($1.at, $1.version == nil ? 0 : 1)
    }
  }

  /// `key|a|b|c|d|current d|from|to|current|deleted|inferred`, in order.
  var rows: [String] {
    members.flatMap { key, member in rows(key, member) }.sorted()
  }

  private func rows(_ key: Int, _ member: Member) -> [String] {
    guard let first = member.versions.map(\.at).min() else {
      return member.isInferred ? ["\(key)|NULL|NULL|NULL|NULL|NULL|-infinity|NULL|t|f|t"] : []
    }
    let latest = (member.versions + member.withdrawn).max { ($0.stated, $0.at) < ($1.stated, $1.at) }
    let earliest = member.versions.min { ($0.stated, $0.at) < ($1.stated, $1.at) }
    var line: [(at: Double, version: Version?)] = []
    var ended = false
    var followsAVersion = false
    for event in events(member) {
      defer { followsAVersion = event.version != nil }
      // One row for each stretch of existence.
      if !settings.hasVersions && event.version != nil && followsAVersion { continue }
      if event.version == nil {
        // An end that ends nothing.
        if line.last.map({ $0.version == nil }) ?? true { continue }
        ended = true
        if settings.deletes == "soft" { continue }
      } else {
        ended = false
      }
      line.append(event)
    }
    let current = settings.collapses ? latest?.current : latest?.values[3]
    func shown(_ index: Int, _ version: Version) -> String {
      (settings.hasVersions ? version.values[index] : latest?.values[index]) ?? "NULL"
    }
    var result: [String] = []
    for (index, event) in line.enumerated() {
      let to = index + 1 < line.count ? line[index + 1].at : nil
      let isRecord = event.version == nil
      guard let version = event.version ?? (index > 0 ? line[index - 1].version : nil),
        !isRecord || settings.deletes == "new_record"
      else { continue }
      let from = isAlways(member) && !isRecord && event.at == first ? -.infinity : event.at
      let soft = settings.deletes == "soft" && to == nil && (member.isSoftDeleted || ended)
      let fields: [String] = [
        "\(key)", shown(0, version), latest?.values[1] ?? "NULL", earliest?.values[2] ?? "NULL",
        shown(3, version), current ?? "NULL", from == -.infinity ? "-infinity" : StarWarehouse.time(from),
        to.map(StarWarehouse.time) ?? "NULL",
        to == nil ? "t" : "f", isRecord || soft ? "t" : "f", "f",
      ]
      result.append(fields.joined(separator: "|"))
    }
    return result
  }
}
