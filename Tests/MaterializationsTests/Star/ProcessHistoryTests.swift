import Foundation
import ProjectModel
import Testing
import Warehouse

@testable import Materializations

/// Random histories of accumulating snapshots against ``ReferenceProcess``, on a real server: each order goes its own
/// way through its milestones, back and forth, while its customer's past changes.
@Suite struct ProcessHistoryTests {
  private static let rounds =
    ProcessInfo.processInfo.environment["WHC_HISTORIES"].flatMap { Int($0) } ?? 1
  private static let steps = 6

  @Test(arguments: ProcessCase.all)
  func followsTheReference(_ item: ProcessCase) async throws {
    let problem: String? = try await StarWarehouse.with(item.fixture) { warehouse -> String? in
      _ = try warehouse.query(item.tables)
      try warehouse.run("dim_date", now: 20)
      for seed in 0..<Self.rounds {
        var history = ProcessHistory(item, seed: seed, warehouse)
        for step in 0..<Self.steps {
          if let problem = try history.step() { return "history \(seed), step \(step): \(problem)" }
        }
        try warehouse.query("drop table if exists star.dim_c, star.dim_c__ledger, star.fct, star.fct__ledger")
        try warehouse.query("truncate star.customers, star.orders")
      }
      return nil
    }
    #expect(problem == nil, "\(problem ?? "")")
  }

  /// A later milestone before an earlier one stops the load where that is declared; one that is passed over does not.
  @Test(
    arguments: [
      ("(1, 1, '2000-01-03', null, '2000-01-02')", "milestone-order"),
      ("(1, 1, '2000-01-03', '2000-01-04', '2000-01-02')", "milestone-order"),
      ("(1, 1, '2000-01-03', null, '2000-01-03')", nil), ("(1, 1, null, '2000-01-03', null)", nil),
    ] as [(String, String?)])
  func order(_ row: String, _ expected: String?) async throws {
    var fixture = ProcessCase().fixture
    let id = NodeID(.model, package: "shop", name: "fct")
    fixture.manifest.nodes[id]?.config["milestone_order"] = "error"
    let stop = try await StarWarehouse.with(fixture) { warehouse -> String? in
      _ = try warehouse.query(ProcessCase().tables)
      try warehouse.query("insert into star.orders (id, c, placed_at, shipped_at, paid_at) values \(row)")
      try warehouse.run("dim_date", now: 20)
      try warehouse.run("dim_c", now: 20)
      return try warehouse.stop("fct", now: 20)
    }
    #expect(stop == expected)
  }
}

/// One snapshot as its loads come in.
private struct ProcessHistory {
  let item: ProcessCase
  let warehouse: StarWarehouse
  private var random: Deterministic
  private var reference: ReferenceProcess
  private var source: [Int: ReferenceProcess.Order] = [:]
  private var versions: [Int: [Double: String]] = [:]
  private var arrival = 0

  init(_ item: ProcessCase, seed: Int, _ warehouse: StarWarehouse) {
    self.item = item
    self.warehouse = warehouse
    random = Deterministic(seed: UInt64(seed) &* 6007 &+ 29)
    reference = ReferenceProcess(keeps: item.keeps)
  }

  /// Loads once more; nil when the table is what the reference says.
  mutating func step() throws -> String? {
    arrival += 1
    for id in 1...60 { change(id) }
    try states()
    let isRefresh = item.refreshes && random.below(3) == 0
    reference.load(Array(source.values), isRefresh: isRefresh)
    try warehouse.run("dim_c", now: 20)
    try warehouse.run("fct", now: 20, fullRefresh: isRefresh)
    let rows = try warehouse.lines(ProcessCase.shown).sorted()
    let wanted = reference.rows(versions)
    guard rows == wanted else {
      return
        "surplus \(Set(rows).subtracting(wanted).sorted())\nlacking \(Set(wanted).subtracting(rows).sorted())"
    }
    let places = "select ctid, xmin from star.fct order by id"
    let before = try warehouse.lines(places)
    try warehouse.run("dim_c", now: 21)
    try warehouse.run("fct", now: 21)
    return try warehouse.lines(places) == before ? nil : "the same rows were written again"
  }

  private mutating func change(_ id: Int) {
    switch random.below(10) {
    case 0: source[id] = nil
    case 1...4: break
    default:
      var order = source[id] ?? .init(id: id, times: [nil, nil, nil], amount: 0)
      for milestone in 0..<3 where random.below(2) == 0 {
        let day = Double(random.below(12) + 3 * milestone)
        let isDate = item.hasDates && milestone == 1
        order.times[milestone] = random.below(4) == 0 ? nil : day + (isDate ? 0 : Double(random.below(4)) / 4)
      }
      order.amount = random.below(3)
      order.arrived = arrival
      source[id] = order
    }
  }

  /// Brings the tables of the source up to date, with versions of customers, early and late.
  private mutating func states() throws {
    var rows: [String] = []
    for customer in 0..<5 where random.below(2) == 0 {
      let time = Double(random.below(20))
      let value = ["x", "y", "z"][random.below(3)]
      versions[customer, default: [:]][time] = value
      rows.append("(\(customer), '\(value)', '\(StarWarehouse.time(time))')")
    }
    try warehouse.query("truncate star.customers, star.orders")
    if !rows.isEmpty {
      try warehouse.query("insert into star.customers values " + rows.joined(separator: ", "))
    }
    guard !source.isEmpty else { return }
    let orders = source.values.map { order in
      let times = order.times.map { $0.map { "'\(StarWarehouse.time($0))'" } ?? "null" }
      return
        "(\(order.id), \(order.customer), \(times.joined(separator: ", ")), \(order.amount), \(order.arrived))"
    }
    try warehouse.query("insert into star.orders values " + orders.joined(separator: ", "))
  }
}
