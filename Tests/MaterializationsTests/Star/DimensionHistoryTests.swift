import Foundation
import Testing
import Warehouse

@testable import Materializations

/// Random histories against ``ReferenceDimension``, on a real server: each key of a dimension has one of its own, in
/// its own batches and order.
///
/// `WHC_HISTORIES=4 swift test --filter DimensionHistoryTests` replays four times as many, and all of Redshift's.
@Suite struct DimensionHistoryTests {
  /// Dimensions replayed of each case.
  private static let rounds =
    ProcessInfo.processInfo.environment["WHC_HISTORIES"].flatMap { Int($0) } ?? 1
  private static let steps = 6

  @Test(arguments: HistoryCase.all + HistoryCase.redshift(step: rounds == 1 ? 3 : 1))
  func followsTheReference(_ item: HistoryCase) async throws {
    let problem: String? = try await StarWarehouse.with(item.fixture) { warehouse -> String? in
      _ = try warehouse.query(item.tables)
      for seed in 0..<Self.rounds {
        var history = History(item, seed: seed, warehouse)
        for step in 0..<Self.steps {
          if let problem = try history.step() { return "history \(seed), step \(step): \(problem)" }
        }
        if let problem = try history.rebuild() { return "history \(seed), rebuilt: \(problem)" }
        try warehouse.query(
          "drop table if exists star.dim, star.dim__ledger, star.dim_recorded, star.fct, star.fct__ledger cascade"
        )
        try warehouse.query("truncate star.facts; drop table if exists star.older")
      }
      return nil as String?
    }
    #expect(problem == nil, "\(problem ?? "")")
  }
}

/// One dimension as its loads come in.
private struct History {
  let item: HistoryCase
  var warehouse: StarWarehouse
  private var random: Deterministic
  private var reference: ReferenceDimension
  /// The present extract, by key.
  private var source: [Int: [ReferenceDimension.Unit]] = [:]
  /// Every change that was ever sent, by key and time.
  private var stated: [String: ReferenceDimension.Unit] = [:]
  /// The surrogate key that each version was given.
  private var given: [String: String] = [:]
  /// Every load so far.
  private var loads: [(now: Double, units: [ReferenceDimension.Unit])] = []
  /// The durable key of each member.
  private var durable: [String: String] = [:]
  /// The value of the type 3 attribute before its last change.
  private var previous: [Int: String] = [:]
  /// What the table held after each load.
  private var recorded: [(now: Double, rows: [String])] = []
  private var day = 3
  private var facts = 0

  init(_ item: HistoryCase, seed: Int, _ warehouse: StarWarehouse) {
    self.item = item
    self.warehouse = warehouse
    random = Deterministic(seed: UInt64(seed) &* 7919 &+ 17)
    reference = ReferenceDimension(settings: item.settings)
  }

  // Where an error ends the load of all, few keys make for loads that end well.
  private var count: Int { item.late == "error" ? 2 : 120 }

  /// Loads once more; nil when the table is what the reference says.
  mutating func step() throws -> String? {
    day += 1 + random.below(3)
    let now = Double(day) + 0.5
    if item.takesOver && loads.count == 3 { try becomeOlder() }
    let units = load(now)
    loads.append((now, units))
    try warehouse.query("truncate star.source")
    if !units.isEmpty {
      try warehouse.query("insert into star.source values " + units.map(item.row).joined(separator: ", "))
    }
    let before = reference.rows
    let formerly = reference.members
    var expected: String?
    do { try reference.load(units, now: now) } catch is ReferenceDimension.Late {
      expected = "late-version"
    }
    let isRefresh = item.refreshes && random.below(3) == 0
    if random.below(4) == 0 {
      // The server ends the session somewhere: nothing has happened.
      let place = random.below(1000)
      try warehouse.runKilled("dim", now: now, fullRefresh: isRefresh, at: place)
      let rows =
        try warehouse.query("select to_regclass('star.dim')")[0][0] == nil
        ? (item.takesOver ? before : []) : warehouse.lines(item.shown)
      guard rows.sorted() == before else { return "killed at \(place), the table is not as before" }
    }
    let stop = try warehouse.stop("dim", now: now, fullRefresh: isRefresh)
    guard stop == expected else {
      let told = [1, 2].map(told).joined(separator: "\n")
      return "stops with \(stop ?? "nothing"), not \(expected ?? "nothing")\n\(told)"
    }
    if let problem = try difference() { return problem }
    if item.infers, let problem = try inferred(now) { return problem }
    if item.hasPrevious, let problem = try previousValues(units, formerly, now) { return problem }
    if let problem = try keys() { return problem }
    if item.isBitemporal, let problem = try recordedStates(now) { return problem }
    return stop == nil ? try again(now) : nil
  }

  /// What is there is a table of another origin from now on; the keys that stand in it stay given.
  private mutating func becomeOlder() throws {
    try warehouse.query(item.asSnapshot)
    let there = Set(try warehouse.lines("select older_key from star.older"))
    given = given.filter { there.contains($0.value) }
    warehouse.fixture = item.fixture(takingOver: true)
    reference.forgetWhatNoRowShows()
  }

  /// All changes once more make the very rows that are there. What a value was before its last change depends on which
  /// loads said it.
  mutating func rebuild() throws -> String? {
    guard !item.isSnapshot, !item.isRedshift, item.late == "splice", !item.collapses, !item.takesOver,
      !item.hasPrevious
    else {
      return nil
    }
    try warehouse.query("truncate star.source")
    let all = stated.values.sorted { ($0.key, $0.time ?? 0) < ($1.key, $1.time ?? 0) }
    try warehouse.query("insert into star.source values " + all.map(item.row).joined(separator: ", "))
    let places = "select ctid, xmin from star.dim"
    let before = try warehouse.lines(places).sorted()
    let now = Double(day) + 2
    try warehouse.rebuild("dim", now: now)
    guard try warehouse.lines(places).sorted() == before else {
      return "rows were written though all was as it should be: \(try difference() ?? "")"
    }
    // What is spoilt in them is made good. Of a member that a fact knew first, its rows alone say that it holds since
    // ever.
    let since = item.infers ? " and k not in (select k from star.dim where valid_from = '-infinity')" : ""
    let lost = Set(
      try warehouse.lines(
        """
        with lost as (delete from star.dim where k % 13 = 1\(since) returning k)
        select distinct k from lost
        """))
    guard !lost.isEmpty else { return "no member lost its rows" }
    try warehouse.query(
      "update star.dim set a = 'spoilt', valid_to = valid_from + interval '1 hour' where k % 5 = 1")
    given = given.filter { !lost.contains(String($0.key.prefix { $0 != " " })) }
    durable = durable.filter { !lost.contains($0.key) }
    try warehouse.rebuild("dim", now: now)
    if let problem = try difference() { return problem }
    if let problem = try keys() { return problem }
    return try item.isBitemporal ? recordedStates(now) : nil
  }

  private func difference() throws -> String? {
    let rows = try warehouse.lines(item.shown).sorted()
    let wanted = reference.rows
    guard rows != wanted else { return nil }
    let surplus = Set(rows).subtracting(wanted).sorted()
    let lacking = Set(wanted).subtracting(rows).sorted()
    let lines = ["surplus \(surplus)", "lacking \(lacking)"]
    guard let key = (surplus + lacking).first?.split(separator: "|").first.flatMap({ Int($0) }) else {
      return lines.joined(separator: "\n")
    }
    return (lines + [told(key)]).joined(separator: "\n")
  }

  /// What the loads said of a key.
  private func told(_ key: Int) -> String {
    loads.map { load in
      let units = load.units.filter { $0.key == key }.map { unit in
        let values = unit.values.map { $0 ?? "NULL" }.joined(separator: "|")
        return "\(StarWarehouse.time(unit.time ?? load.now)) \(unit.isDeletion ? "deleted" : values)"
      }
      return "at \(StarWarehouse.time(load.now)) key \(key): \(units)"
    }.joined(separator: "\n")
  }

  /// Facts arrive, some of keys that nobody has heard of, and are keyed.
  private mutating func inferred(_ now: Double) throws -> String? {
    var keys: Set<Int> = []
    var rows: [String] = []
    for _ in 0..<random.below(12) {
      facts += 1
      let key = 1 + random.below(count + 10)
      keys.insert(key)
      rows.append("(\(facts), \(key), '\(StarWarehouse.time(Double(1 + random.below(40)) / 2))')")
    }
    if !rows.isEmpty {
      try warehouse.query("insert into star.facts values " + rows.joined(separator: ", "))
    }
    let known = try warehouse.lines("select distinct k from star.facts").compactMap { Int($0) }
    reference.infer(Set(known))
    try warehouse.run("fct", now: now)
    if let problem = try difference() { return "after the facts of \(keys.sorted()): \(problem)" }
    // Whatever happened to the past, each fact points at the version of its time.
    let wrong = try warehouse.lines(
      """
      select f.* from star.fct f
      where f.key is distinct from coalesce((
        select d.key from star.dim d
        where d.k = f.k and f.at >= d.valid_from and f.at < coalesce(d.valid_to, 'infinity')), -1)
      """)
    return wrong.isEmpty ? nil : "facts with a wrong key: \(wrong)"
  }

  /// The values of a key on its line of time, the last that is not the present one: the stored one, which the load may
  /// correct, then those of later units of the load.
  private mutating func previousValues(
    _ units: [ReferenceDimension.Unit], _ before: [Int: ReferenceDimension.Member], _ now: Double
  ) throws -> String? {
    func latest(_ member: ReferenceDimension.Member?) -> ReferenceDimension.Version? {
      guard let member, !member.versions.isEmpty else { return nil }
      return (member.versions + member.withdrawn).max { ($0.stated, $0.at) < ($1.stated, $1.at) }
    }
    for (key, member) in reference.members {
      guard let present = latest(member) else { continue }
      let stored = latest(before[key])
      let newest = stored?.stated ?? -.infinity
      let given = units.filter { $0.key == key && !$0.isDeletion && !reference.passedOver.contains($0) }.map {
        (at: $0.time ?? now, value: $0.values[1])
      }
      var line = given.filter { $0.at >= newest }.sorted { $0.at < $1.at }.map { $0.value }
      if let stored, !given.contains(where: { $0.at == newest }) { line.insert(stored.values[1], at: 0) }
      if stored == nil { previous[key] = "NULL" }
      if let former = line.last(where: { $0 != present.values[1] }) { previous[key] = former ?? "NULL" }
    }
    let wrong = try warehouse.lines("select distinct k, previous_b from star.dim where k > 0").filter {
      line in
      let parts = line.split(separator: "|").map(String.init)
      return Int(parts[0]).flatMap { previous[$0] } != parts[1]
    }
    guard let key = wrong.first?.split(separator: "|").first.flatMap({ Int($0) }) else { return nil }
    return "previous values \(wrong), not \(previous[key] ?? "")\n\(told(key))"
  }

  /// A version has one surrogate key for ever, and no two have the same.
  private mutating func keys() throws -> String? {
    // Without versions a row may turn out to begin earlier, and then keeps its key.
    let name = item.hasVersions ? "k || ' ' || valid_from" : "k || ' ' || key"
    for line in try warehouse.lines("select \(name), key from star.dim where k > 0") {
      let parts = line.split(separator: "|").map(String.init)
      if given.updateValue(parts[1], forKey: parts[0]) ?? parts[1] != parts[1] {
        return "\(parts[0]) changed its key"
      }
    }
    if Set(given.values).count != given.count { return "a key was given twice" }
    return item.isDual ? try durableKeys() : nil
  }

  /// At each time the record holds what the table held then.
  private mutating func recordedStates(_ now: Double) throws -> String? {
    recorded.append((now, reference.rows))
    for (index, state) in recorded.enumerated() {
      let until = index + 1 < recorded.count ? recorded[index + 1].now - 0.01 : now + 9
      for time in [state.now, until] {
        let rows = try warehouse.lines(item.shown(recordedAt: time)).sorted()
        if rows != state.rows {
          return "recorded at \(StarWarehouse.time(time)): surplus "
            + "\(Set(rows).subtracting(state.rows).sorted()), lacking \(Set(state.rows).subtracting(rows).sorted())"
        }
      }
    }
    let twice = try warehouse.lines(
      """
      select r.key from star.dim_recorded r join star.dim_recorded s
        on r.key = s.key and r.ctid <> s.ctid and r.recorded_from < s.until and s.recorded_from < r.until
      union all select key from star.dim_recorded where recorded_from >= until
      """)
    return twice.isEmpty ? nil : "keys recorded twice at one time: \(twice)"
  }

  /// A member has one durable key through all versions and for ever, its facts have it too, and it is one row as it
  /// is now.
  private mutating func durableKeys() throws -> String? {
    for line in try warehouse.lines("select distinct k, key_durable from star.dim where k > 0") {
      let parts = line.split(separator: "|").map(String.init)
      if durable.updateValue(parts[1], forKey: parts[0]) ?? parts[1] != parts[1] {
        return "\(parts[0]) changed its durable key"
      }
    }
    if Set(durable.values).count != durable.count || durable.values.contains("NULL") {
      return "durable keys are not one a member: \(durable)"
    }
    var wrong = try warehouse.lines(
      """
      select d.k from star.dim d left join star.dim_as_is i using (key_durable)
      group by d.k having count(distinct i.key) <> 1 or max(i.valid_from) <> max(d.valid_from)
      """)
    if item.infers {
      wrong += try warehouse.lines(
        """
        select f.* from star.fct f join star.dim d using (key)
        where f.key_durable is distinct from d.key_durable
        """)
    }
    return wrong.isEmpty ? nil : "durable keys lead elsewhere: \(wrong)"
  }

  /// The same input again: not a row's physical version moves.
  private func again(_ now: Double) throws -> String? {
    let places =
      "select 'dim', ctid, xmin from star.dim"
      + (item.infers ? " union all select 'fct', ctid, xmin from star.fct" : "")
    let before = try warehouse.lines(places).sorted()
    try warehouse.run("dim", now: now + 0.25)
    if item.infers { try warehouse.run("fct", now: now + 0.25) }
    guard try warehouse.lines(places).sorted() != before else { return nil }
    return "is not idempotent: \(try difference() ?? "the same rows were written again")"
  }

  // MARK: What arrives

  private mutating func load(_ now: Double) -> [ReferenceDimension.Unit] {
    var units: [ReferenceDimension.Unit] = []
    for key in 1...count {
      if item.isSnapshot {
        units += extract(key)
      } else {
        units += changes(key)
      }
    }
    return units
  }

  private mutating func values() -> [String?] { (0..<4).map { _ in ["x", "y", nil][random.below(3)] } }

  private mutating func extract(_ key: Int) -> [ReferenceDimension.Unit] {
    switch random.below(10) {
    case 0, 1: source[key] = nil
    case 2...5 where source[key] != nil: break
    default:
      if item.hasTime {
        var times: Set<Double> = []
        for _ in 0...random.below(4) / 2 { times.insert(Double(2 + random.below(32)) / 2 + 0.125) }
        source[key] = times.sorted().map { .init(key: key, time: $0, values: values()) }
      } else {
        source[key] = [.init(key: key, values: values())]
      }
    }
    return source[key] ?? []
  }

  private mutating func changes(_ key: Int) -> [ReferenceDimension.Unit] {
    var times: Set<Double> = []
    for _ in 0..<random.below(4) { times.insert(Double(1 + random.below(14))) }
    return times.sorted().map { time in
      let name = "\(key) \(time)"
      let known = stated[name]
      var unit = known ?? .init(key: key, time: time, isDeletion: random.below(4) == 0, values: values())
      if known != nil, random.below(6) == 0 { unit.values = values() }
      stated[name] = unit
      return unit
    }
  }
}

/// A generator that gives the same numbers on every machine.
struct Deterministic {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 | 1 }

  mutating func below(_ bound: Int) -> Int {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Int(state >> 11) % bound
  }
}
