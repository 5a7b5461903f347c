import Foundation
import OrderedCollections
import ProjectModel
import Testing
import Warehouse

@testable import Materializations

/// Random groups and trees, which change from load to load, against models that anybody can see through.
@Suite struct BridgeHistoryTests {
  private static let rounds =
    ProcessInfo.processInfo.environment["WHC_HISTORIES"].flatMap { Int($0) } ?? 3

  static func fixture(_ config: OrderedDictionary<String, PlainValue>) -> StarFixture {
    var fixture = StarFixture()
    fixture.add(
      "dim_c", ["materialized": "dimension", "natural_key": "c", "effective_at": "at", "input": "changes"],
      sql: "select * from star.customers", columns: ["c integer", "v text", "at timestamp without time zone"])
    var whole: OrderedDictionary<String, PlainValue> = ["materialized": "bridge", "to": "dim_c"]
    whole.merge(config) { _, new in new }
    let isTree = config["bridge_type"] != nil
    fixture.add(
      "bridge", whole, sql: "select * from star.\(isTree ? "tree" : "owners")",
      columns: isTree
        ? ["c integer", "boss integer", "title text"]
        : [
          "account integer", "c integer", "share numeric", "since timestamp without time zone",
          "until timestamp without time zone",
        ])
    return fixture
  }

  static let tables = """
    create table star.customers (c int, v text, at timestamp);
    create table star.owners (account int, c int, share numeric, since timestamp, until timestamp);
    create table star.tree (c int, boss int, title text);
    insert into star.customers select c, 'old', '2000-01-01' from generate_series(1, 12) c;
    insert into star.customers select c, 'new', '2000-01-10' from generate_series(1, 6) c
    """

  // MARK: Groups

  @Test(arguments: [(false, false), (true, false), (true, true)])
  func groups(hasTime: Bool, isRedshift: Bool) async throws {
    var config: OrderedDictionary<String, PlainValue> = [
      "group_key": "account", "key": "c", "weight": "share",
    ]
    if hasTime { config.merge(["valid_from": "since", "valid_to": "until"]) { _, new in new } }
    var fixture = Self.fixture(config)
    if isRedshift { fixture.isRedshift = true }
    let problem: String? = try await StarWarehouse.with(fixture) { warehouse -> String? in
      _ = try warehouse.query(Self.tables)
      try warehouse.run("dim_c", now: 20)
      for seed in 0..<Self.rounds {
        if let problem = try Self.groups(seed, hasTime, warehouse) { return "history \(seed), \(problem)" }
        try warehouse.query("drop table if exists star.bridge")
      }
      return nil
    }
    #expect(problem == nil, "\(problem ?? "")")
  }

  /// Each account has one owner set or, with time, several that follow each other; now and then one is broken.
  private static func groups(_ seed: Int, _ hasTime: Bool, _ warehouse: StarWarehouse) throws -> String? {
    var random = Deterministic(seed: UInt64(seed) &* 31 &+ 7)
    var stored: [String] = []
    var exists = false
    for step in 0..<6 {
      var rows: [String] = []
      var wanted: [String] = []
      var isBroken = false
      for account in 1...8 where random.below(4) > 0 {
        var day = random.below(4)
        for _ in 0..<(hasTime ? 1 + random.below(3) : 1) {
          let members = (1...12).filter { _ in random.below(4) == 0 }
          let end = random.below(3) == 0 ? nil : Optional(day + 1 + random.below(6))
          var rest = 100
          for (index, member) in members.enumerated() {
            let isLast = index == members.count - 1
            let share = isLast ? rest : random.below(rest + 1)
            rest -= share
            // A share that is one hundredth off.
            let isOff = isLast && random.below(25) == 0
            if isOff { isBroken = true }
            let since = StarWarehouse.time(Double(day))
            let until = end.map { StarWarehouse.time(Double($0)) }
            rows.append(
              "(\(account), \(member), \(isOff ? share + 1 : share) / 100.0, '\(since)', \(until.map { "'\($0)'" } ?? "null"))"
            )
            // The version that holds when the row begins; without times the newest.
            let version = member <= 6 && (!hasTime || day >= 9) ? "new" : "old"
            wanted.append("\(account)|\(member)|\(share)|\(since)|\(until ?? "NULL")|\(version)")
          }
          guard hasTime, let end else { break }
          day = end + random.below(2)
        }
      }
      try warehouse.query("truncate star.owners")
      if !rows.isEmpty {
        try warehouse.query("insert into star.owners values " + rows.joined(separator: ", "))
      }
      let stop = try warehouse.stop("bridge", now: 20)
      guard stop == (isBroken ? "weights-not-one" : nil) else { return "step \(step): \(stop ?? "no stop")" }
      if !isBroken {
        stored = wanted
        exists = true
      }
      guard exists else { continue }
      let seen = try warehouse.lines(
        """
        select b.account, b.c, (b.share * 100)::int, b.since, b.until, d.v
        from star.bridge b left join star.dim_c d using (c_key)
        """)
      guard seen.sorted() == stored.sorted() else {
        return "step \(step): \(seen.sorted()) and not \(stored.sorted())"
      }
    }
    return nil
  }

  @Test(
    arguments: [
      ("(1, 1, 1, '2000-01-02', '2000-01-02')", "bad-interval"),
      ("(1, 1, 0.5, '2000-01-02', null), (1, 1, 0.5, '2000-01-03', null)", "bad-interval"),
      ("(1, 1, null, '2000-01-02', null)", "weights-not-one"),
      ("(1, 1, 1.5, '2000-01-02', null), (1, 2, -0.5, '2000-01-02', null)", "weights-not-one"),
      // From the 4th on, half of it belongs to nobody.
      ("(1, 1, 0.5, '2000-01-02', null), (1, 2, 0.5, '2000-01-02', '2000-01-04')", "weights-not-one"),
      (
        "(1, 1, 0.3333, '2000-01-02', null), (1, 2, 0.3333, '2000-01-02', null), (1, 3, 0.3333, '2000-01-02', null)",
        nil
      ),
      ("(null, 1, 1, '2000-01-02', null)", "null-grain"),
    ] as [(String, String?)])
  func stops(_ rows: String, _ expected: String?) async throws {
    let fixture = Self.fixture([
      "group_key": "account", "key": "c", "weight": "share", "valid_from": "since", "valid_to": "until",
    ])
    let stop = try await StarWarehouse.with(fixture) { warehouse -> String? in
      _ = try warehouse.query(Self.tables)
      try warehouse.run("dim_c", now: 20)
      try warehouse.query("insert into star.owners values \(rows)")
      return try warehouse.stop("bridge", now: 20)
    }
    #expect(stop == expected)
  }

  // MARK: Trees

  @Test(arguments: [false, true])
  func trees(isRedshift: Bool) async throws {
    var fixture = Self.fixture(["bridge_type": "hierarchy", "key": "c", "parent": "boss"])
    if isRedshift { fixture.isRedshift = true }
    let problem: String? = try await StarWarehouse.with(fixture) { warehouse -> String? in
      _ = try warehouse.query(Self.tables)
      try warehouse.run("dim_c", now: 20)
      var random = Deterministic(seed: 5)
      for step in 0..<(6 * Self.rounds) {
        var boss: [Int: Int?] = [:]
        for node in 1...12 where random.below(5) > 0 {
          // Those above have smaller numbers; now and then anybody, so that there are circles, or nobody who is there.
          let above = random.below(9) == 0 ? 1 + random.below(13) : random.below(node)
          boss[node] = above == 0 ? Optional<Int>.none : above
        }
        try warehouse.query("truncate star.tree")
        let rows = boss.map { "(\($0.key), \($0.value.map { "\($0)" } ?? "null"), 'x')" }
        if !rows.isEmpty {
          try warehouse.query("insert into star.tree values " + rows.joined(separator: ", "))
        }
        let wanted = Self.closure(boss)
        let stop = try warehouse.stop("bridge", now: 20)
        guard stop == (wanted == nil ? "hierarchy-cycle" : nil) else {
          return "step \(step): \(stop ?? "no stop") of \(boss)"
        }
        guard let wanted else { continue }
        let seen = try warehouse.lines(
          """
          select b.parent_c, b.child_c, b.depth, b.is_top, b.is_bottom, p.c = b.parent_c and c.c = b.child_c
          from star.bridge b left join star.dim_c p on p.c_key = b.parent_c_key
          left join star.dim_c c on c.c_key = b.child_c_key
          """)
        guard seen.sorted() == wanted.sorted() else {
          return "step \(step): \(seen.sorted()) and not \(wanted.sorted())"
        }
      }
      return nil
    }
    #expect(problem == nil, "\(problem ?? "")")
  }

  /// Each node's way up, step by step; nil when one leads in a circle.
  private static func closure(_ boss: [Int: Int?]) -> [String]? {
    func above(_ node: Int) -> Int? {
      boss[node].flatMap { $0 }.flatMap { $0 != node && boss[$0] != nil ? $0 : nil }
    }
    var rows: [String] = []
    for node in boss.keys {
      let isBottom = !boss.keys.contains { above($0) == node }
      var (at, depth) = (node, 0)
      while true {
        rows.append("\(at)|\(node)|\(depth)|\(above(at) == nil ? "t" : "f")|\(isBottom ? "t" : "f")|t")
        guard let next = above(at) else { break }
        if next == node || depth > boss.count { return nil }
        (at, depth) = (next, depth + 1)
      }
    }
    return rows
  }
}
