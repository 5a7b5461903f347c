import OrderedCollections
import ProjectModel
import Testing
import Warehouse

@testable import Materializations

/// A fact beside a dimension with versions and a calendar, run after run.
@Suite(.serialized)
struct FactTests {
  static func fixture(_ missing: String, grain: [String] = ["id"]) -> StarFixture {
    var fixture = StarFixture()
    fixture.add(
      "dim_c", ["materialized": "dimension", "natural_key": "c", "effective_at": "at", "deletes": "ignore"],
      sql: "select * from star.customers", columns: ["c integer", "v text", "at timestamp without time zone"])
    fixture.add(
      "dim_date",
      ["materialized": "date_dimension", "start": "2000-01-01", "end": "2000-01-31", "fiscal_year_start": 4],
      sql: "", columns: [])
    fixture.add(
      "fct",
      [
        "materialized": "fact", "grain": .list(grain.map { .string($0) }), "event_time": "at",
        "lookback": "2 days",
        "dimensions": [
          ["to": "dim_c", "key": "c", "missing": .string(missing)],
          ["to": "ref('dim_date')", "role": "order", "key": "at"],
          ["to": "dim_date", "role": "ship", "key": "shipped", "missing": "not_applicable"],
        ],
      ], sql: "select * from star.orders",
      columns: [
        "id integer", "c integer", "at timestamp without time zone", "shipped date", "amount integer",
      ])
    return fixture
  }

  private static func prepare(_ customers: String, _ orders: String, _ warehouse: StarWarehouse) throws {
    try warehouse.query(
      """
      create table if not exists star.customers (c integer, v text, at timestamp);
      create table if not exists star.orders (id integer, c integer, at timestamp, shipped date, amount integer);
      truncate star.customers, star.orders;
      """)
    if !customers.isEmpty { try warehouse.query("insert into star.customers values \(customers)") }
    if !orders.isEmpty { try warehouse.query("insert into star.orders values \(orders)") }
  }

  private static func build(_ warehouse: StarWarehouse, now: Double) throws {
    for name in ["dim_c", "dim_date", "fct"] { try warehouse.run(name, now: now) }
  }

  static let keyed = """
    select f.id, coalesce(d.v, 'NULL'), f.order_date_key, f.ship_date_key, f.amount
    from star.fct f left join star.dim_c d using (c_key) order by f.id
    """

  @Test func keysAreThoseOfTheFactsTime() async throws {
    let lines = try await StarWarehouse.with(Self.fixture("unknown")) { warehouse in
      try Self.prepare(
        "(1, 'a', '2000-01-02'), (1, 'b', '2000-01-05')",
        """
        (1, 1, '2000-01-05 00:00', '2000-01-06', 10), (2, 1, '2000-01-04 23:59', null, 20),
        (3, 1, '2000-01-01', '1999-12-31', 30), (4, null, '2000-01-04', null, 40), (5, 9, null, null, 50)
        """, warehouse)
      try Self.build(warehouse, now: 10)
      let columns = try warehouse.lines(
        "select string_agg(attname, ' ' order by attnum) from pg_attribute "
          + "where attrelid = 'star.fct'::regclass and attnum > 0 and not attisdropped")
      return try columns + warehouse.lines(Self.keyed)
    }
    #expect(
      lines == [
        "c_key order_date_key ship_date_key id at amount", "1|b|20000105|20000106|10", "2|a|20000104|-2|20",
        "3|Unknown|20000101|-1|30", "4|Unknown|20000104|-2|40", "5|Unknown|-1|-2|50",
      ])
  }

  @Test func inferredMembersAreFilledInPlace() async throws {
    let lines = try await StarWarehouse.with(Self.fixture("infer")) { warehouse in
      try Self.prepare("", "(1, 7, '2000-01-03', null, 1), (2, 7, '2000-01-02', null, 2)", warehouse)
      try Self.build(warehouse, now: 10)
      let show = "select c_key, c, v, valid_from, is_current, is_inferred from star.dim_c where c_key > 0"
      var lines = try warehouse.lines(show)
      try warehouse.run("dim_c", now: 11, fullRefresh: true)
      lines += try warehouse.lines(show)
      try warehouse.query("insert into star.customers values (7, 'real', '2000-01-09')")
      try warehouse.run("dim_c", now: 12)
      lines += try warehouse.lines(show)
      return try lines + warehouse.lines("select count(*), min(c_key), max(c_key) from star.fct")
    }
    #expect(
      lines == [
        "1|7|NULL|-infinity|t|t", "1|7|NULL|-infinity|t|t", "1|7|real|-infinity|t|f", "2|1|1",
      ])
  }

  @Test func factsFollowTheirDimensionsPastAndTheRestStays() async throws {
    let lines = try await StarWarehouse.with(Self.fixture("unknown")) { warehouse in
      try Self.prepare(
        "(1, 'a', '2000-01-02')",
        "(1, 1, '2000-01-03', null, 1), (2, 1, '2000-01-10', null, 2), (3, 2, '2000-01-04', null, 3)",
        warehouse)
      try Self.build(warehouse, now: 11)
      try warehouse.query("create view star.seen as select id, amount from star.fct")
      // The first two facts have left the source, or lie before the lookback.
      try Self.prepare(
        "(1, 'late', '2000-01-03'), (1, 'a', '2000-01-02'), (2, 'new', '2000-01-01')",
        "(1, 1, '2000-01-03', null, 100), (4, 1, '2000-01-11', null, 4)", warehouse)
      try Self.build(warehouse, now: 12)
      var lines = try warehouse.lines(Self.keyed)
      let before = try warehouse.lines("select ctid, xmin from star.fct order by id")
      try Self.build(warehouse, now: 13)
      lines.append(
        before == (try warehouse.lines("select ctid, xmin from star.fct order by id")) ? "still" : "moved")
      return try lines + warehouse.lines("select count(*) from star.seen")
    }
    #expect(
      lines == [
        "1|late|20000103|-2|1", "2|late|20000110|-2|2", "3|new|20000104|-2|3", "4|late|20000111|-2|4",
        "still", "4",
      ])
  }

  /// After a few corrections of the past, the facts of the corrected members move: 15 of 20,000.
  @Test func rekeyingMovesFactsOfCorrectedMembers() async throws {
    let moved = try await StarWarehouse.with(Self.fixture("unknown")) { warehouse in
      try Self.prepare("", "", warehouse)
      try warehouse.query(
        """
        insert into star.customers select n, 'v', '2000-01-01' from generate_series(1, 2000) n;
        insert into star.orders
        select n, n % 2000 + 1, timestamp '2000-01-02' + n / 2000 * interval '1 day', null, n
        from generate_series(0, 19999) n
        """)
      try Self.build(warehouse, now: 12)
      try warehouse.query(
        """
        create index on star.fct (c_key);
        create index on star.fct (id);
        insert into star.customers select n, 'late', '2000-01-07' from generate_series(5, 7) n;
        analyze star.fct
        """)
      try warehouse.run("dim_c", now: 13)
      try warehouse.run("fct", now: 13)
      return try warehouse.lines(
        "select count(*) from star.fct join star.dim_c using (c_key) where v = 'late'")
    }
    #expect(moved == ["15"])
  }

  @Test(arguments: [
    ("unknown", "(1, 1, '2000-01-03', null, 1), (1, 2, '2000-01-03', null, 1)", "duplicate-grain"),
    ("unknown", "(null, 1, '2000-01-03', null, 1)", "null-grain"),
    ("error", "(1, 99, '2000-01-03', null, 1)", "missing-dimension-row"),
  ])
  func stops(_ missing: String, _ orders: String, _ code: String) async throws {
    let stop = try await StarWarehouse.with(Self.fixture(missing)) { warehouse in
      try Self.prepare("(1, 'a', '2000-01-02')", orders, warehouse)
      try warehouse.run("dim_c", now: 10)
      try warehouse.run("dim_date", now: 10)
      return try warehouse.stop("fct", now: 10)
    }
    #expect(stop == code)
  }

  @Test func theCalendar() async throws {
    let lines = try await StarWarehouse.with(Self.fixture("unknown")) { warehouse in
      try warehouse.run("dim_date", now: 1)
      let before = try warehouse.lines("select ctid, xmin from star.dim_date order by 1")
      try warehouse.run("dim_date", now: 2)
      let same = before == (try warehouse.lines("select ctid, xmin from star.dim_date order by 1"))
      return try warehouse.lines(
        """
        select date_key, date, day_name, day_of_week, is_weekend, week, week_year, month_name, quarter_name,
          last_day_of_month, fiscal_year, fiscal_quarter, fiscal_month
        from star.dim_date where date_key in (20000101, -2) order by 1
        """) + [same ? "still" : "moved", "\(before.count)"]
    }
    #expect(
      lines == [
        "-2|NULL|Not applicable|NULL|NULL|NULL|NULL|Not applicable|Not applicable|NULL|NULL|NULL|NULL",
        "20000101|2000-01-01|Saturday|6|t|52|1999|January|Q1|2000-01-31|2000|4|10", "still", "33",
      ])
  }
}
