import Foundation
import OrderedCollections
import ProjectModel
import Testing
import Warehouse

@testable import Materializations

/// Random histories of a fact and its junk dimension: every fact finds its own combination, NULLs among it, and a
/// combination keeps its key, whatever order it was seen in and by whom.
@Suite struct JunkHistoryTests {
  private static let rounds =
    ProcessInfo.processInfo.environment["WHC_HISTORIES"].flatMap { Int($0) } ?? 3

  static func fixture(flags: [String] = ["gift", "channel", "level"]) -> StarFixture {
    var fixture = StarFixture()
    let types = ["gift": "boolean", "channel": "text", "level": "integer"]
    fixture.add(
      "dim_order_flags",
      ["materialized": "junk_dimension", "flags": .list(flags.map { .string($0) })],
      sql: "select \(flags.joined(separator: ", ")) from star.orders where id % 2 = 0",
      columns: flags.map { "\($0) \(types[$0] ?? "text")" })
    fixture.add(
      "fct",
      [
        "materialized": "fact", "grain": "id",
        "dimensions": [
          ["to": "dim_order_flags", "key": .list(flags.map { .string($0 == "gift" ? "is_gift" : $0) })]
        ],
        "measures": ["amount"],
      ],
      sql:
        "select id, amount, gift as is_gift, \(flags.dropFirst().joined(separator: ", ")) from star.orders",
      columns: ["id integer", "amount integer", "is_gift boolean", "channel text", "level integer"].filter {
        $0.hasPrefix("id") || $0.hasPrefix("amount") || $0.hasPrefix("is_gift")
          || flags.contains(String($0.prefix { $0 != " " }))
      })
    return fixture
  }

  static let table = "create table star.orders (id int, amount int, gift boolean, channel text, level int)"

  @Test(arguments: [false, true])
  func everyFactHasItsCombination(isRedshift: Bool) async throws {
    var fixture = Self.fixture()
    if isRedshift { fixture.isRedshift = true }
    let problem: String? = try await StarWarehouse.with(fixture) { warehouse -> String? in
      _ = try warehouse.query(Self.table)
      for seed in 0..<Self.rounds {
        if let problem = try Self.history(seed, warehouse) { return "history \(seed), \(problem)" }
        try warehouse.query("drop table star.fct, star.dim_order_flags; truncate star.orders")
      }
      return nil
    }
    #expect(problem == nil, "\(problem ?? "")")
  }

  private static func history(_ seed: Int, _ warehouse: StarWarehouse) throws -> String? {
    var random = Deterministic(seed: UInt64(seed) &* 104_729 &+ 11)
    func pick(_ words: [String]) -> String { words[random.below(words.count)] }
    var orders: [Int: [String]] = [:]
    var facts: [Int: [String]] = [:]
    var keys: [String: String] = [:]
    for step in 0..<6 {
      for id in 1...25 where random.below(3) == 0 {
        orders[id] = [
          "\(random.below(9))", pick(["true", "false", "null"]), pick(["'web'", "'shop'", "''", "null"]),
          pick(["0", "1", "null"]),
        ]
        if random.below(8) == 0 { orders[id] = nil }
      }
      try warehouse.query("truncate star.orders")
      let rows = orders.map { "(\($0.key), \($0.value.joined(separator: ", ")))" }.joined(separator: ", ")
      if !rows.isEmpty { try warehouse.query("insert into star.orders values \(rows)") }
      // Now and then the fact is loaded by itself.
      if step == 0 || random.below(3) > 0 {
        try warehouse.run("dim_order_flags", now: 20, fullRefresh: random.below(4) == 0)
      }
      let isRefresh = random.below(4) == 0
      try warehouse.run("fct", now: 20, fullRefresh: isRefresh)
      if isRefresh { facts = [:] }
      facts.merge(orders) { _, new in new }
      let shown = try warehouse.lines(
        """
        select f.id, f.amount, d.gift, d.channel, d.level, f.order_flags_key
        from star.fct f left join star.dim_order_flags d using (order_flags_key)
        """)
      let wanted = facts.map { id, values in
        "\(id)|"
          + [
            values[0], values[1] == "null" ? "NULL" : String(values[1].prefix(1)),
            values[2] == "null" ? "NULL" : values[2].replacing("'", with: ""),
            values[3] == "null" ? "NULL" : values[3],
          ].joined(separator: "|")
      }
      guard shown.map({ String($0[..<($0.lastIndex(of: "|") ?? $0.endIndex)]) }).sorted() == wanted.sorted()
      else { return "step \(step): \(shown.sorted()) and not \(wanted.sorted())" }
      for row in try warehouse.lines("select gift, channel, level, order_flags_key from star.dim_order_flags")
      {
        let parts = row.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
        guard !parts[3].hasPrefix("-") else { continue }
        let combination = parts.prefix(3).joined(separator: "|")
        if let old = keys[combination], old != parts[3] {
          return "step \(step): \(combination) had the key \(old) and has \(parts[3])"
        }
        keys[combination] = parts[3]
      }
      guard Set(keys.values).count == keys.count else { return "step \(step): a key was given twice" }
      let places = "select ctid, xmin from star.fct union all select ctid, xmin from star.dim_order_flags"
      let before = Set(try warehouse.lines(places))
      try warehouse.run("dim_order_flags", now: 21)
      try warehouse.run("fct", now: 21)
      guard Set(try warehouse.lines(places)) == before else {
        return "step \(step): the same rows were written again"
      }
    }
    return nil
  }

  @Test func flagsThatComeAndGo() async throws {
    let seen = try await StarWarehouse.with(Self.fixture(flags: ["gift", "channel"])) { start -> [String] in
      var warehouse = start
      _ = try warehouse.query(Self.table)
      try warehouse.query("insert into star.orders values (2, 1, true, 'web', 7)")
      try warehouse.run("dim_order_flags")
      warehouse.fixture = Self.fixture()
      try warehouse.run("dim_order_flags")
      let lines = try warehouse.lines("select * from star.dim_order_flags order by 1")
      warehouse.fixture = Self.fixture(flags: ["gift", "level"])
      do {
        try warehouse.run("dim_order_flags")
        return lines
      } catch {
        return lines + ["\(error)".contains("flag-removed") ? "flag-removed" : "\(error)"]
      }
    }
    #expect(
      seen == [
        "-2|NULL|Not applicable|NULL", "-1|NULL|Unknown|NULL", "1|t|web|NULL", "2|t|web|7", "flag-removed",
      ])
  }
}
