import OrderedCollections
import ProjectModel
import Testing
import Warehouse

@testable import Materializations

/// A declaration of a periodic snapshot whose histories are replayed: the stock of products, which have versions.
struct StockCase: Sendable, CustomTestStringConvertible {
  var isWeekly = false
  var gaps = "none"
  /// Days for which a gap is filled.
  var fillFor: Int?
  var take = "one"
  var closed = "report"
  /// Days for which a period stays open after its end.
  var grace = 0
  /// The first day, counted from 2000-01-01.
  var start: Int?
  /// The SQL says nothing but what is so today.
  var knowsOnlyToday = false
  /// Now and then a load is a full refresh.
  var refreshes = false
  var isRedshift = false

  var testDescription: String {
    let words = [
      isWeekly ? "week" : "day", gaps, fillFor.map { "for-\($0)" } ?? "", take, closed,
      grace == 0 ? "" : "grace-\(grace)", start == nil ? "" : "start", knowsOnlyToday ? "today" : "",
      refreshes ? "refresh" : "", isRedshift ? "redshift" : "",
    ]
    return words.filter { !$0.isEmpty }.joined(separator: " ")
  }

  static let all = [
    StockCase(), StockCase(isWeekly: true, take: "last", refreshes: true),
    StockCase(gaps: "carry"), StockCase(gaps: "carry", knowsOnlyToday: true),
    StockCase(gaps: "carry", fillFor: 4, closed: "ignore", grace: 2),
    StockCase(isWeekly: true, gaps: "carry", take: "last", closed: "replace", start: 9),
    StockCase(isWeekly: true, gaps: "zero", take: "first", grace: 3, refreshes: true),
    StockCase(gaps: "zero", start: 4, knowsOnlyToday: true, refreshes: true),
    StockCase(gaps: "carry", fillFor: 4, closed: "ignore", grace: 2, isRedshift: true),
    StockCase(isWeekly: true, gaps: "zero", take: "first", grace: 3, refreshes: true, isRedshift: true),
  ]

  var fixture: StarFixture {
    var fixture = StarFixture()
    if isRedshift { fixture.isRedshift = true }
    fixture.add(
      "dim_p", ["materialized": "dimension", "natural_key": "p", "effective_at": "at", "input": "changes"],
      sql: "select * from star.products", columns: ["p integer", "v text", "at timestamp without time zone"])
    fixture.add(
      "dim_date", ["materialized": "date_dimension", "start": "2000-01-01", "end": "2000-02-29"], sql: "",
      columns: [])
    var config: OrderedDictionary<String, PlainValue> = [
      "materialized": "fact", "fact_type": "periodic_snapshot", "grain": "p", "event_time": "at",
      "period": isWeekly ? "week" : "day", "date_dimension": "dim_date", "gaps": .string(gaps),
      "take": .string(take), "closed_periods": .string(closed), "close_after": .int(grace),
      "measures": ["amount"], "dimensions": [["to": "dim_p", "key": "p"]],
    ]
    if let fillFor { config["gaps"] = ["fill": .string(gaps), "for": .string("\(fillFor) days")] }
    if let start { config["start"] = .string(String(StarWarehouse.time(Double(start)).prefix(10))) }
    fixture.add(
      "fct", config, sql: "select * from star.stock",
      columns: ["p integer", "at timestamp without time zone", "amount integer", "note text"])
    return fixture
  }

  static let tables = """
    create table star.products (p integer, v text, at timestamp);
    create table star.stock (p integer, at timestamp, amount integer, note text)
    """

  /// The fact's rows as ``ReferenceStock/rows(_:)`` writes them.
  var shown: String {
    """
    select f.p, d.v, f.date_key, to_char(f.period_start, 'YYYYMMDD'), \(gaps == "none" ? "false" : "f.is_filled"),
      f.amount, f.note, f.at
    from star.fct f left join star.dim_p d using (p_key)
    """
  }

  var reference: ReferenceStock {
    ReferenceStock(
      length: isWeekly ? 7 : 1, gaps: gaps, fillFor: fillFor, take: take, closed: closed, grace: grace,
      start: start)
  }
}

/// What the language says a periodic snapshot holds, written for being right and not for being quick: days are counted
/// from 2000-01-01, and a period is told by its first day. A week of it begins on day 2, a Monday.
struct ReferenceStock {
  struct Reading: Hashable {
    var product: Int
    var at: Double
    var amount: Int
    var note: String
  }

  struct Row {
    var reading: Reading
    var isFilled = false
  }

  let length: Int
  let gaps: String
  let fillFor: Int?
  let take: String
  let closed: String
  let grace: Int
  let start: Int?
  /// By product and period.
  var rows: [Int: [Int: Row]] = [:]
  /// Periods before this one are closed.
  var openFrom = Int.min

  func period(_ time: Double) -> Int {
    let day = Int(time.rounded(.down))
    return length == 1 ? day : day - ((day - 2) % 7 + 7) % 7
  }

  mutating func load(_ readings: [Reading], now: Double, isRefresh: Bool) {
    let open = isRefresh || closed == "replace" ? Int.min : openFrom
    let first = start.map { period(Double($0)) } ?? Int.min
    let present = period(now)
    let seen = readings.filter { closed != "ignore" || open == .min || $0.at >= Double(open) }
    let stated = taken(seen.filter { period($0.at) >= max(open, first) && period($0.at) <= present })
    let replaced = Set(stated.map { period($0.at) })
    for product in rows.keys {
      rows[product] = rows[product]?.filter { period, row in
        period < open || !replaced.contains(period) && !row.isFilled
      }
    }
    for reading in stated { rows[reading.product, default: [:]][period(reading.at)] = Row(reading: reading) }
    if gaps != "none" {
      let before = Dictionary(grouping: seen.filter { period($0.at) < first }, by: \.product)
      for product in Set(rows.keys).union(before.keys) {
        let opening = before[product]?.max { $0.at < $1.at }
        fill(product, from: max(open, first), to: present, opening: opening)
      }
    }
    openFrom = max(openFrom, period(now - Double(grace)))
  }

  /// The row of each product and period that counts.
  private func taken(_ readings: [Reading]) -> [Reading] {
    let groups = Dictionary(grouping: readings) { [$0.product, period($0.at)] }
    return groups.values.compactMap { group in
      take == "first" ? group.min { $0.at < $1.at } : group.max { $0.at < $1.at }
    }
  }

  private mutating func fill(_ product: Int, from: Int, to present: Int, opening: Reading?) {
    var known = (rows[product] ?? [:]).mapValues(\.reading)
    if let opening, known[period(opening.at)] == nil { known[period(opening.at)] = opening }
    guard let earliest = known.keys.min() else { return }
    for day in stride(from: max(earliest, from == .min ? earliest : from), through: present, by: length)
    where rows[product]?[day] == nil {
      guard var last = known.filter({ $0.key < day }).max(by: { $0.key < $1.key })?.value else { continue }
      if let fillFor, day > period(last.at + Double(fillFor)) { continue }
      if gaps == "zero" { last.amount = 0 }
      rows[product, default: [:]][day] = Row(reading: last, isFilled: true)
    }
  }

  /// - Parameter versions: the times and values of each product.
  func rows(_ versions: [Int: [Double: String]]) -> [String] {
    rows.flatMap { product, periods in
      periods.map { period, row in
        let end = period + length
        let version = (versions[product] ?? [:]).filter { $0.key < Double(end) }.max { $0.key < $1.key }
        let fields = [
          "\(product)", version?.value ?? "Unknown", Self.date(end - 1), Self.date(period),
          row.isFilled ? "t" : "f", "\(row.reading.amount)", row.reading.note,
          StarWarehouse.time(row.reading.at),
        ]
        return fields.joined(separator: "|")
      }
    }.sorted()
  }

  private static func date(_ day: Int) -> String {
    day < 31 ? "\(20_000_101 + day)" : "\(20_000_201 + day - 31)"
  }
}
