import Foundation
import ProjectModel
import Testing
import Warehouse

@testable import Materializations

/// Random histories of periodic snapshots against ``ReferenceStock``, on a real server: each product has readings of
/// its own, early and late, and versions, while periods open and close.
@Suite struct StockHistoryTests {
  private static let rounds =
    ProcessInfo.processInfo.environment["WHC_HISTORIES"].flatMap { Int($0) } ?? 1
  private static let steps = 6

  @Test(arguments: StockCase.all)
  func followsTheReference(_ item: StockCase) async throws {
    let problem: String? = try await StarWarehouse.with(item.fixture) { warehouse -> String? in
      _ = try warehouse.query(StockCase.tables)
      try warehouse.run("dim_date", now: 20)
      for seed in 0..<Self.rounds {
        var history = StockHistory(item, seed: seed, warehouse)
        for step in 0..<Self.steps {
          if let problem = try history.step() { return "history \(seed), step \(step): \(problem)" }
        }
        try warehouse.query("drop table if exists star.dim_p, star.dim_p__ledger, star.fct, star.fct__ledger")
        try warehouse.query("truncate star.products, star.stock")
      }
      return nil
    }
    #expect(problem == nil, "\(problem ?? "")")
  }

  /// What stops a load: config, the rows of the first load (day 10) and of the second (day 11), the code.
  @Test(
    arguments: [
      ("take", "one", "(1, '2000-01-05 01:00', 1), (1, '2000-01-05 02:00', 2)", "", "duplicate-grain"),
      ("take", "last", "(1, '2000-01-05 01:00', 1), (1, '2000-01-05 01:00', 2)", "", "duplicate-grain"),
      ("take", "last", "(1, null, 1)", "", "null-event-time"),
      ("closed_periods", "error", "(1, '2000-01-05', 1)", "(1, '2000-01-05', 2)", "closed-period"),
      ("closed_periods", "error", "(1, '2000-01-05', 1)", "(2, '2000-01-06', 2)", "closed-period"),
      ("closed_periods", "error", "(1, '2000-01-05', 1)", "(1, '2000-01-05', 1)", nil),
      ("closed_periods", "report", "(1, '2000-01-05', 1)", "(1, '2000-01-05', 2)", nil),
      ("period", "day", "(1, '2000-01-05', 1)", "week", "period-changed"),
    ] as [(String, String, String, String, String?)])
  func stops(_ key: String, _ value: String, _ first: String, _ second: String, _ expected: String?)
    async throws
  {
    var fixture = StockCase().fixture
    let id = NodeID(.model, package: "shop", name: "fct")
    fixture.manifest.nodes[id]?.config[key] = .string(value)
    let stop = try await StarWarehouse.with(fixture) { warehouse -> String? in
      var warehouse = warehouse
      _ = try warehouse.query(StockCase.tables)
      try warehouse.run("dim_date", now: 9)
      try warehouse.run("dim_p", now: 9)
      try warehouse.query("insert into star.stock (p, at, amount) values \(first)")
      let stop = try warehouse.stop("fct", now: 9.5)
      if stop != nil || second.isEmpty { return stop }
      if second.hasPrefix("(") {
        try warehouse.query("truncate star.stock; insert into star.stock (p, at, amount) values \(second)")
      } else {
        warehouse.fixture.manifest.nodes[id]?.config[key] = .string(second)
      }
      return try warehouse.stop("fct", now: 10.5)
    }
    #expect(stop == expected)
  }

  /// A lookup that is new: a full refresh keys what the SQL still says, the rest is unknown.
  @Test func aFullRefreshAddsALookup() async throws {
    var fixture = StockCase(knowsOnlyToday: true).fixture
    let id = NodeID(.model, package: "shop", name: "fct")
    let edges = fixture.manifest.nodes[id]?.config["dimensions"]
    fixture.manifest.nodes[id]?.config["dimensions"] = .list([])
    let lines = try await StarWarehouse.with(fixture) { warehouse in
      var warehouse = warehouse
      _ = try warehouse.query(StockCase.tables)
      try warehouse.query("insert into star.products values (1, 'a', '2000-01-01')")
      try warehouse.query("insert into star.stock (p, at, amount) values (1, '2000-01-09', 3)")
      try warehouse.run("dim_date", now: 8)
      try warehouse.run("dim_p", now: 8)
      try warehouse.run("fct", now: 8.5)
      try warehouse.query("update star.stock set at = '2000-01-10', amount = 4")
      warehouse.fixture.manifest.nodes[id]?.config["dimensions"] = edges
      try warehouse.run("fct", now: 9.5, fullRefresh: true)
      return try warehouse.lines("select p_key, period_start, amount from star.fct order by 2")
    }
    #expect(lines == ["-1|2000-01-09|3", "1|2000-01-10|4"])
  }
}

/// One snapshot as its loads come in.
private struct StockHistory {
  let item: StockCase
  let warehouse: StarWarehouse
  private var random: Deterministic
  private var reference: ReferenceStock
  private var readings: [String: ReferenceStock.Reading] = [:]
  private var versions: [Int: [Double: String]] = [:]
  private var day = 3

  init(_ item: StockCase, seed: Int, _ warehouse: StarWarehouse) {
    self.item = item
    self.warehouse = warehouse
    random = Deterministic(seed: UInt64(seed) &* 4001 &+ 11)
    reference = item.reference
  }

  /// Loads once more; nil when the table is what the reference says.
  mutating func step() throws -> String? {
    day += 1 + random.below(4)
    let now = Double(day) + 0.5
    for product in 1...40 { read(product, now) }
    let present = reference.period(now)
    let stated = readings.values.filter { !item.knowsOnlyToday || reference.period($0.at) == present }
    try state(stated)
    let isRefresh = item.refreshes && random.below(3) == 0
    reference.load(stated, now: now, isRefresh: isRefresh)
    try warehouse.run("dim_p", now: now)
    try warehouse.run("fct", now: now, fullRefresh: isRefresh)
    let rows = try warehouse.lines(item.shown).sorted()
    let wanted = reference.rows(versions)
    guard rows == wanted else {
      return
        "surplus \(Set(rows).subtracting(wanted).sorted())\nlacking \(Set(wanted).subtracting(rows).sorted())"
    }
    let places = "select ctid, xmin from star.fct order by 1"
    let before = try warehouse.lines(places)
    try warehouse.run("dim_p", now: now + 0.25)
    try warehouse.run("fct", now: now + 0.25)
    return try warehouse.lines(places) == before ? nil : "the same rows were written again"
  }

  /// New readings of a product, of these days or late ones; some are taken back.
  private mutating func read(_ product: Int, _ now: Double) {
    for _ in 0..<random.below(3) {
      let back = random.below(4) == 0 ? 12 : 3
      let at = max(2, Double(day - random.below(back))) + Double(random.below(2)) / 4
      let reading = ReferenceStock.Reading(
        product: product, at: at, amount: random.below(50), note: ["x", "y"][random.below(2)])
      // Where one row a period is asked for, a later reading takes the place of an earlier one.
      let place = item.take == "one" ? Double(reference.period(at)) : at
      let name = "\(product) \(place)"
      if random.below(5) == 0 { readings[name] = nil } else { readings[name] = reading }
    }
  }

  private mutating func state(_ readings: [ReferenceStock.Reading]) throws {
    var rows: [String] = []
    for product in 1...40 where random.below(3) == 0 {
      let time = Double(random.below(day + 2)) + 0.25
      let value = ["a", "b", "c"][random.below(3)]
      versions[product, default: [:]][time] = value
      rows.append("(\(product), '\(value)', '\(StarWarehouse.time(time))')")
    }
    try warehouse.query("truncate star.products, star.stock")
    if !rows.isEmpty {
      try warehouse.query("insert into star.products values " + rows.joined(separator: ", "))
    }
    guard !readings.isEmpty else { return }
    let stock = readings.map { "(\($0.product), '\(StarWarehouse.time($0.at))', \($0.amount), '\($0.note)')" }
    try warehouse.query("insert into star.stock values " + stock.joined(separator: ", "))
  }
}
