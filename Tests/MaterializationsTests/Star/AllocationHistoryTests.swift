import Foundation
import OrderedCollections
import ProjectModel
import Testing
import Warehouse

@testable import Materializations

/// Random histories of orders whose lines bear shares of what the order says, against a model that adds up cents.
@Suite struct AllocationHistoryTests {
  private static let rounds =
    ProcessInfo.processInfo.environment["WHC_HISTORIES"].flatMap { Int($0) } ?? 3
  private static let steps = 6

  static func fixture(_ more: OrderedDictionary<String, PlainValue> = [:]) -> StarFixture {
    var fixture = StarFixture()
    fixture.add(
      "dim_c", ["materialized": "dimension", "natural_key": "c", "scd_type": 1],
      sql: "select 1 as c, 'x' as v", columns: ["c integer", "v text"])
    let config: OrderedDictionary<String, PlainValue> = [
      "materialized": "fact", "grain": ["order_id", "line"], "event_time": "at", "lookback": "2 days",
      "dimensions": [["to": "dim_c", "key": "c", "max_unknown": "50%"]],
      "measures": ["amount", "shipping", "fee"],
      "allocate": [
        ["measure": "shipping", "over": "amount", "header": "order_id"],
        ["measure": "fee", "header": "order_id", "decimals": 0],
      ],
    ]
    fixture.add(
      "fct", config.merging(more) { _, new in new }, sql: "select * from star.lines",
      columns: [
        "order_id integer", "line integer", "at timestamp without time zone", "c integer", "amount integer",
        "shipping numeric(10,2)", "fee integer",
      ])
    return fixture
  }

  static let table = """
    create table star.lines (order_id int, line int, at timestamp, c int, amount int, shipping numeric(10,2), fee int)
    """

  @Test(arguments: [(false, false), (true, false), (false, true)])
  func sharesAddUp(whole: Bool, isRedshift: Bool) async throws {
    // Without a time each run reads everything.
    var fixture = Self.fixture(whole ? ["event_time": .null] : [:])
    if isRedshift { fixture.isRedshift = true }
    let problem: String? = try await StarWarehouse.with(fixture) { warehouse -> String? in
      _ = try warehouse.query(Self.table)
      try warehouse.run("dim_c", now: 20)
      for seed in 0..<Self.rounds {
        var history = OrderHistory(seed: seed, readsAll: whole, warehouse)
        for step in 0..<Self.steps {
          if let problem = try history.step() { return "history \(seed), step \(step): \(problem)" }
        }
        try warehouse.query("drop table if exists star.fct, star.fct__ledger")
      }
      return nil
    }
    #expect(problem == nil, "\(problem ?? "")")
  }

  @Test(
    arguments: [
      ("(1, 1, '2000-01-01', 1, 5, 4.00, 1), (1, 2, '2000-01-01', 1, 5, 5.00, 1)", "uneven-header"),
      ("(1, 1, '2000-01-01', 1, 5, 4.00, 1), (1, 2, '2000-01-01', 1, 5, null, 1)", "uneven-header"),
      ("(1, 1, '2000-01-01', 1, 5, null, 1), (1, 2, '2000-01-01', 1, 5, null, 1)", nil),
      ("(1, 1, '2000-01-01', 1, 5, 4.00, 1), (2, 1, '2000-01-01', 9, 5, 4.00, 1)", nil),
      (
        "(1, 1, '2000-01-01', 8, 5, 4.00, 1), (2, 1, '2000-01-01', null, 5, 4.00, 1), "
          + "(3, 1, '2000-01-01', 1, 5, 4.00, 1)", "too-many-unknown"
      ),
    ] as [(String, String?)])
  func stops(_ rows: String, _ expected: String?) async throws {
    let stop = try await StarWarehouse.with(Self.fixture()) { warehouse -> [String?] in
      _ = try warehouse.query(Self.table)
      try warehouse.run("dim_c", now: 20)
      try warehouse.query("insert into star.lines values \(rows)")
      let first = try warehouse.stop("fct", now: 20)
      try warehouse.query("truncate star.lines")
      try warehouse.query("drop table if exists star.fct")
      try warehouse.run("fct", now: 20)
      try warehouse.query("insert into star.lines values \(rows)")
      // The same in a later run, which changes the table that is there.
      return [first, try warehouse.stop("fct", now: 21)]
    }
    #expect(stop == [expected, expected])
  }
}

/// A shop's orders as its loads come in. Money is counted in cents.
private struct OrderHistory {
  struct Line: Hashable {
    var day: Int
    var amount: Int?
  }
  struct Order {
    var shipping: Int?
    var fee: Int?
    var lines: [Int: Line] = [:]
    var newest: Int { lines.values.map(\.day).max() ?? 0 }
  }

  let readsAll: Bool
  let warehouse: StarWarehouse
  private var random: Deterministic
  private var source: [Int: Order] = [:]
  private var stored: [Int: Order] = [:]
  private var day = 0
  private var isBuilt = false

  init(seed: Int, readsAll: Bool, _ warehouse: StarWarehouse) {
    self.readsAll = readsAll
    self.warehouse = warehouse
    random = Deterministic(seed: UInt64(seed) &* 7919 &+ 3)
  }

  mutating func step() throws -> String? {
    day += random.below(3)
    for id in 1...30 { change(id) }
    try state()
    let isRefresh = random.below(5) == 0
    load(isRefresh: isRefresh)
    try warehouse.run("fct", now: 20, fullRefresh: isRefresh)
    let rows = try warehouse.lines(
      "select order_id, line, amount, (shipping * 100)::bigint, fee::bigint from star.fct"
    ).sorted()
    let wanted = stored.flatMap { id, order in Self.rows(id, order) }.sorted()
    guard rows == wanted else {
      return
        "surplus \(Set(rows).subtracting(wanted).sorted())\nlacking \(Set(wanted).subtracting(rows).sorted())"
    }
    let places = "select ctid, xmin from star.fct order by order_id, line"
    let before = try warehouse.lines(places)
    try warehouse.run("fct", now: 21)
    return try warehouse.lines(places) == before ? nil : "the same rows were written again"
  }

  /// An order that is read replaces all of its stored lines; one without a line of the last days is not read.
  private mutating func load(isRefresh: Bool) {
    let newest = stored.values.filter { !$0.lines.isEmpty }.map(\.newest).max()
    if isRefresh || !isBuilt { stored = [:] }
    for (id, order) in source where !order.lines.isEmpty {
      let isRead = isRefresh || !isBuilt || readsAll || newest.map { order.newest >= $0 - 2 } ?? true
      if isRead { stored[id] = order }
    }
    isBuilt = true
  }

  private static func rows(_ id: Int, _ order: Order) -> [String] {
    let lines = order.lines.sorted { $0.key < $1.key }
    let weights = lines.map { $0.value.amount ?? 0 }
    let shipping = shares(order.shipping, weights)
    let fee = shares(order.fee, lines.map { _ in 1 })
    return lines.indices.map { index in
      let amount = lines[index].value.amount.map { "\($0)" } ?? "NULL"
      return "\(id)|\(lines[index].key)|\(amount)|\(shipping[index])|\(fee[index])"
    }
  }

  private static func shares(_ whole: Int?, _ weights: [Int]) -> [String] {
    guard let whole else { return weights.map { _ in "NULL" } }
    let all = weights.reduce(0, +)
    guard all != 0 else { return shares(whole, weights.map { _ in 1 }) }
    var upTo = 0
    var given = 0
    let result = weights.enumerated().map { index, weight in
      upTo += weight
      let next = index == weights.count - 1 ? whole : rounded(whole * upTo, by: all)
      defer { given = next }
      return next - given
    }
    return result.map { "\($0)" }
  }

  /// Half a unit goes away from zero.
  private static func rounded(_ value: Int, by divisor: Int) -> Int {
    let sign = (value < 0) == (divisor < 0) ? 1 : -1
    let (value, divisor) = (abs(value), abs(divisor))
    return sign * ((2 * value + divisor) / (2 * divisor))
  }

  private mutating func change(_ id: Int) {
    guard random.below(3) > 0 else { return }
    var order = source[id] ?? Order()
    order.shipping = random.below(6) == 0 ? nil : random.below(2000) - 300
    order.fee = random.below(6) == 0 ? nil : random.below(20)
    for line in 1...(1 + random.below(5)) {
      switch random.below(5) {
      case 0: order.lines[line] = nil
      default:
        order.lines[line] = Line(
          day: max(0, day - random.below(2)),
          amount: random.below(8) == 0 ? nil : random.below(40) - 4)
      }
    }
    source[id] = order
  }

  private func state() throws {
    try warehouse.query("truncate star.lines")
    let rows = source.flatMap { id, order in
      order.lines.map { number, line in
        let shipping = order.shipping.map { "\($0) / 100.0" } ?? "null"
        return
          "(\(id), \(number), '\(StarWarehouse.time(Double(line.day)))', 1, \(line.amount.map { "\($0)" } ?? "null"), "
          + "\(shipping), \(order.fee.map { "\($0)" } ?? "null"))"
      }
    }
    if !rows.isEmpty { try warehouse.query("insert into star.lines values " + rows.joined(separator: ", ")) }
  }
}
