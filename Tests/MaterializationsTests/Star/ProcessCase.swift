import OrderedCollections
import ProjectModel
import Testing
import Warehouse

@testable import Materializations

/// A declaration of an accumulating snapshot whose histories are replayed: orders that are placed, shipped and paid,
/// of customers with versions.
struct ProcessCase: Sendable, CustomTestStringConvertible {
  /// `null_milestone: keep`
  var keeps = false
  /// Reads only what arrived since the last load.
  var hasArrival = false
  /// Now and then a load is a full refresh.
  var refreshes = false
  /// The second milestone is a date.
  var hasDates = false
  var isRedshift = false

  var testDescription: String {
    [
      keeps ? "keep" : "clear", hasArrival ? "arrival" : "", refreshes ? "refresh" : "",
      hasDates ? "dates" : "", isRedshift ? "redshift" : "",
    ]
    .filter { !$0.isEmpty }.joined(separator: " ")
  }

  static let all = [
    ProcessCase(), ProcessCase(keeps: true), ProcessCase(hasArrival: true), ProcessCase(refreshes: true),
    ProcessCase(keeps: true, refreshes: true, hasDates: true),
    ProcessCase(keeps: true, hasArrival: true, hasDates: true),
    ProcessCase(keeps: true, refreshes: true, hasDates: true, isRedshift: true),
  ]

  static let milestones = ["placed_at", "shipped_at", "paid_at"]

  var fixture: StarFixture {
    var fixture = StarFixture()
    if isRedshift { fixture.isRedshift = true }
    fixture.add(
      "dim_c", ["materialized": "dimension", "natural_key": "c", "effective_at": "at", "input": "changes"],
      sql: "select * from star.customers", columns: ["c integer", "v text", "at timestamp without time zone"])
    fixture.add(
      "dim_date",
      [
        "materialized": "date_dimension", "start": "2000-01-01", "end": "2000-01-31",
        "members": ["unknown": -1, "not_applicable": -2, "to_be_determined": -3],
      ], sql: "", columns: [])
    var config: OrderedDictionary<String, PlainValue> = [
      "materialized": "fact", "fact_type": "accumulating_snapshot", "grain": "id",
      "date_dimension": "dim_date", "not_reached": "to_be_determined",
      "null_milestone": keeps ? "keep" : "clear",
      "milestones": [
        "placed_at", "shipped_at", ["name": "paid", "at": "paid_at", "not_reached": "not_applicable"],
      ],
      "lags": [
        ["from": "placed", "to": "shipped"], ["from": "placed", "to": "paid", "unit": "hours"],
        ["from": "shipped", "to": "paid", "name": "waiting"],
      ],
      "dimensions": [
        ["to": "dim_c", "role": "placing", "key": "c"],
        ["to": "dim_c", "role": "paying", "key": "c", "as_of": "paid_at"],
      ],
    ]
    if hasArrival { config["loaded_at"] = "arrived" }
    fixture.add(
      "fct", config, sql: "select * from star.orders",
      columns: [
        "id integer", "c integer", "placed_at timestamp without time zone",
        hasDates ? "shipped_at date" : "shipped_at timestamp without time zone",
        "paid_at timestamp without time zone", "amount integer", "arrived integer",
      ])
    return fixture
  }

  var tables: String {
    """
    create table star.customers (c integer, v text, at timestamp);
    create table star.orders (id integer, c integer, placed_at timestamp,
      shipped_at \(hasDates ? "date" : "timestamp"), paid_at timestamp, amount integer, arrived integer)
    """
  }

  /// The fact's rows as ``ReferenceProcess/rows(_:)`` writes them.
  static let shown = """
    select f.id, p.v, y.v, f.placed_date_key, f.shipped_date_key, f.paid_date_key,
      f.placed_to_shipped_days, f.placed_to_paid_hours, f.waiting, f.amount
    from star.fct f
    left join star.dim_c p on p.c_key = f.placing_c_key
    left join star.dim_c y on y.c_key = f.paying_c_key
    """
}

/// What the language says an accumulating snapshot holds, written for being right and not for being quick.
struct ReferenceProcess {
  struct Order: Hashable {
    var id: Int
    /// Days since 2000-01-01, by milestone; nil: not reached.
    var times: [Double?]
    var amount: Int
    var arrived = 0

    var customer: Int { id % 5 }
  }

  var keeps: Bool
  var orders: [Int: Order] = [:]

  mutating func load(_ source: [Order], isRefresh: Bool) {
    let before = orders
    if isRefresh { orders = [:] }
    for order in source {
      var merged = order
      if keeps, let old = before[order.id] {
        merged.times = zip(order.times, old.times).map { $0 ?? $1 }
      }
      orders[order.id] = merged
    }
  }

  /// - Parameter versions: the times and values of each customer.
  func rows(_ versions: [Int: [Double: String]]) -> [String] {
    orders.values.map { order in
      func version(_ time: Double?) -> String {
        let known = (versions[order.customer] ?? [:]).filter { entry in time.map { entry.key <= $0 } ?? false
        }
        return known.max { $0.key < $1.key }?.value ?? "Unknown"
      }
      func date(_ index: Int, _ member: Int) -> String {
        order.times[index].map { "\(20_000_101 + Int($0))" } ?? "\(member)"
      }
      func days(_ from: Int, _ to: Int) -> String {
        guard let from = order.times[from], let to = order.times[to] else { return "NULL" }
        return "\(Int(to) - Int(from))"
      }
      func hours(_ from: Int, _ to: Int) -> String {
        guard let from = order.times[from], let to = order.times[to] else { return "NULL" }
        return "\(Int(((to - from) * 24).rounded())).00"
      }
      let fields = [
        "\(order.id)", version(order.times[0]), version(order.times[2]), date(0, -3), date(1, -3),
        date(2, -2),
        days(0, 1), hours(0, 2), days(1, 2), "\(order.amount)",
      ]
      return fields.joined(separator: "|")
    }.sorted()
  }
}
