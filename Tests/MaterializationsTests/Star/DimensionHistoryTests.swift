import OrderedCollections
import ProjectModel
import Testing
import Warehouse

@testable import Materializations

/// Random histories of many keys at once, against ``ReferenceDimension``, on a real server.
@Suite(.serialized)
struct DimensionHistoryTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var isSnapshot = true
    var hasTime = true
    var deletes = "invalidate"
    var late = "splice"
    var first = "source"
    var testDescription: String {
      "\(isSnapshot ? "snapshot" : "changes") \(hasTime ? "timed " : "")\(deletes) \(late) \(first)"
    }

    var fixture: StarFixture {
      var config: OrderedDictionary<String, PlainValue> = [
        "materialized": "dimension", "natural_key": "k", "surrogate_key": "key",
        "input": isSnapshot ? "snapshot" : "changes", "deletes": .string(deletes),
        "late_arriving": .string(late),
        "first_version_from": .string(first),
      ]
      if hasTime { config["effective_at"] = "at" }
      if !isSnapshot { config["operation"] = "op" }
      let columns =
        ["k integer", "a text", "b text", "c text"] + (hasTime ? ["at timestamp without time zone"] : [])
        + (isSnapshot ? [] : ["op text"])
      var fixture = StarFixture()
      fixture.add("dim", config, sql: "select * from star.source", columns: columns, types: ["b": 1, "c": 0])
      return fixture
    }

    var settings: ReferenceDimension.Settings {
      .init(isSnapshot: isSnapshot, deletes: deletes, late: late, always: first == "always")
    }

    var table: String {
      "create table star.source (k integer, a text, b text, c text\(hasTime ? ", at timestamp" : "")"
        + "\(isSnapshot ? "" : ", op text"))"
    }

    func row(_ unit: ReferenceDimension.Unit) -> String {
      var fields = ["\(unit.key)"] + unit.values.map { $0.map { "'\($0)'" } ?? "null" }
      if hasTime { fields.append("'\(StarWarehouse.time(unit.time ?? 0))'") }
      if !isSnapshot { fields.append(unit.isDeletion ? "'D'" : "'U'") }
      return "(\(fields.joined(separator: ", ")))"
    }
  }

  static let cases: [Case] =
    ["invalidate", "new_record", "soft", "ignore"].flatMap { deletes in
      ["source", "always"].flatMap { first in
        [
          Case(deletes: deletes, first: first), Case(hasTime: false, deletes: deletes, first: first),
          Case(isSnapshot: false, deletes: deletes, first: first),
        ]
      }
    } + [
      Case(late: "ignore"), Case(isSnapshot: false, late: "ignore"), Case(isSnapshot: false, late: "error"),
    ]

  @Test(arguments: cases)
  func followsTheReference(_ item: Case) async throws {
    let problem: String? = try await StarWarehouse.with(item.fixture) { warehouse -> String? in
      _ = try warehouse.query(item.table)
      for seed in 0..<2 {
        if let problem = try Self.history(item, seed, warehouse) { return "history \(seed): \(problem)" }
        try warehouse.query("drop table star.dim, star.dim__ledger")
      }
      return nil as String?
    }
    #expect(problem == nil, "\(problem ?? "")")
  }

  /// nil when every step of the history gave what the reference says.
  private static func history(_ item: Case, _ seed: Int, _ warehouse: StarWarehouse) throws -> String? {
    var random = Deterministic(seed: UInt64(seed) &* 7919 &+ 17)
    var reference = ReferenceDimension(settings: item.settings)
    var source: [Int: [ReferenceDimension.Unit]] = [:]
    var stated: [String: ReferenceDimension.Unit] = [:]
    var given: [String: String] = [:]
    var day = 3
    let count = item.late == "error" ? 2 : 20
    for step in 0..<5 {
      day += 1 + random.below(3)
      let now = Double(day) + 0.5
      let units = load(item, count, now, &source, &stated, &random)
      try warehouse.query("truncate star.source")
      if !units.isEmpty {
        try warehouse.query("insert into star.source values " + units.map(item.row).joined(separator: ", "))
      }
      var expected: String?
      do { try reference.load(units, now: now) } catch is ReferenceDimension.Late {
        expected = "late-version"
      }
      let stop = try warehouse.stop("dim", now: now)
      guard stop == expected else {
        return "step \(step) stops with \(stop ?? "nothing"), not \(expected ?? "nothing")"
      }
      let rows = try rows(item, warehouse)
      if rows != reference.rows {
        let surplus = Set(rows).subtracting(reference.rows).sorted()
        let lacking = Set(reference.rows).subtracting(rows).sorted()
        return "step \(step)\nsurplus \(surplus)\nlacking \(lacking)\nunits \(units)"
      }
      for line in try warehouse.lines("select k || ' ' || valid_from, key from star.dim where key > 0") {
        let parts = line.split(separator: "|").map(String.init)
        if given.updateValue(parts[1], forKey: parts[0]) ?? parts[1] != parts[1] {
          return "\(parts[0]) changed its key"
        }
      }
      if Set(given.values).count != given.count { return "a key was given twice" }
      // The same input again: not a row's physical version moves.
      let before = try warehouse.lines("select ctid, xmin from star.dim order by 1")
      if stop == nil { try warehouse.run("dim", now: now + 0.25) }
      if try warehouse.lines("select ctid, xmin from star.dim order by 1") != before {
        return
          "step \(step) is not idempotent: \(Set(try Self.rows(item, warehouse)).symmetricDifference(rows))"
      }
    }
    return nil
  }

  private static func rows(_ item: Case, _ warehouse: StarWarehouse) throws -> [String] {
    let deleted = ["soft", "new_record"].contains(item.deletes) ? "is_deleted" : "false"
    return try warehouse.lines(
      """
      select k, a, b, c, left(valid_from::text, 19), left(valid_to::text, 19), is_current, \(deleted)
      from star.dim where key > 0
      """
    ).sorted()
  }

  private static func load(
    _ item: Case, _ count: Int, _ now: Double, _ source: inout [Int: [ReferenceDimension.Unit]],
    _ stated: inout [String: ReferenceDimension.Unit], _ random: inout Deterministic
  ) -> [ReferenceDimension.Unit] {
    var units: [ReferenceDimension.Unit] = []
    func values() -> [String?] { (0..<3).map { _ in ["x", "y", nil][random.below(3)] } }
    for key in 1...count {
      if item.isSnapshot {
        switch random.below(10) {
        case 0, 1:
          source[key] = nil
        case 2...5 where source[key] != nil: break
        default:
          let times =
            item.hasTime
            ? Array(Set((0...random.below(4) / 2).map { _ in Double(1 + random.below(16)) })) : []
          source[key] =
            item.hasTime
            ? times.map { .init(key: key, time: $0, values: values()) } : [.init(key: key, values: values())]
        }
        units += source[key] ?? []
      } else {
        for time in Set((0..<random.below(4)).map { _ in Double(1 + random.below(14)) }) {
          let name = "\(key) \(time)"
          if stated[name] == nil {
            stated[name] = .init(key: key, time: time, isDeletion: random.below(4) == 0, values: values())
          } else if random.below(6) == 0 {
            stated[name]?.values = values()
          }
          if let unit = stated[name] { units.append(unit) }
        }
      }
    }
    return units
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
