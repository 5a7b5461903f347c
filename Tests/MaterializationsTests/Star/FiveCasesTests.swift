import Diagnostics
import OrderedCollections
import ProjectModel
import Testing
import Warehouse

@testable import Materializations

/// What a snapshot of dbt gets wrong without a word, and what else the language promises of a dimension, each with
/// the rows that a reader expects.
@Suite(.serialized)
struct FiveCasesTests {
  static func fixture(_ config: OrderedDictionary<String, PlainValue> = [:], columns: [String] = [])
    -> StarFixture
  {
    var whole: OrderedDictionary<String, PlainValue> = [
      "materialized": "dimension", "natural_key": "id", "effective_at": "at", "members": false,
    ]
    whole.merge(config) { _, new in new }
    var fixture = StarFixture()
    fixture.add(
      "dim_x", whole, sql: "select * from star.source",
      columns: ["id integer", "v text", "at timestamp without time zone"] + columns)
    return fixture
  }

  static let history =
    "select id, v, valid_from::date, valid_to::date, is_current from star.dim_x order by id, valid_from"

  /// Makes the source hold exactly `rows`.
  private static func source(_ rows: String, _ warehouse: StarWarehouse) throws {
    try warehouse.query(
      "create table if not exists star.source (id integer, v text, at timestamp); truncate star.source")
    if !rows.isEmpty { try warehouse.query("insert into star.source values \(rows)") }
  }

  @Test(arguments: ["snapshot", "changes"])
  func anOlderVersionArrivesLate(_ input: String) async throws {
    let lines = try await StarWarehouse.with(Self.fixture(["input": .string(input)])) { warehouse in
      try Self.source("(1, 'a', '2000-01-02'), (1, 'c', '2000-01-08')", warehouse)
      try warehouse.run("dim_x", now: 10)
      try Self.source("(1, 'b', '2000-01-05')", warehouse)
      try warehouse.run("dim_x", now: 11)
      return try warehouse.lines(Self.history)
        + warehouse.lines("select x_key from star.dim_x order by valid_from")
    }
    #expect(
      lines == [
        "1|a|2000-01-02|2000-01-05|f", "1|b|2000-01-05|2000-01-08|f", "1|c|2000-01-08|NULL|t", "1", "3", "2",
      ])
  }

  @Test(arguments: ["snapshot", "changes"])
  func twoFirstBuildsAtOnceMakeOneDimension(_ input: String) async throws {
    let lines = try await StarWarehouse.with(Self.fixture(["input": .string(input)])) { warehouse in
      try Self.source("(1, 'a', '2000-01-02'), (2, 'x', '2000-01-02')", warehouse)
      try warehouse.runTwo(
        "dim_x", now: 10,
        between:
          "update star.source set v = 'b', at = '2000-01-05' where id = 1; delete from star.source where id = 2"
      )
      return try warehouse.lines(
        "select x_key, id, v, valid_from::date, is_current from star.dim_x order by x_key")
    }
    let isGone = input == "snapshot"
    #expect(
      lines == ["1|1|a|2000-01-02|f", "2|2|x|2000-01-02|\(isGone ? "f" : "t")", "3|1|b|2000-01-05|t"])
  }

  @Test func threeVersionsOfOneKeyInOneRun() async throws {
    let lines = try await StarWarehouse.with(Self.fixture()) { warehouse in
      try Self.source("(1, 'c', '2000-01-08'), (1, 'a', '2000-01-02'), (1, 'b', '2000-01-05')", warehouse)
      try warehouse.run("dim_x", now: 10)
      try warehouse.run("dim_x", now: 11)
      return try warehouse.lines(Self.history)
    }
    #expect(lines == ["1|a|2000-01-02|2000-01-05|f", "1|b|2000-01-05|2000-01-08|f", "1|c|2000-01-08|NULL|t"])
  }

  @Test(arguments: [
    ("(2, 'x', '2000-01-02'), (1, 'a', '2000-01-02'), (1, 'a', '2000-01-02')", "duplicate-natural-key"),
    ("(1, 'a', '2000-01-02'), (1, 'b', '2000-01-02')", "duplicate-natural-key"),
    ("(null, 'a', '2000-01-02')", "null-natural-key"), ("(1, 'a', null)", "null-effective-at"),
  ])
  func badInputStopsBeforeAnythingIsWritten(_ rows: String, _ code: String) async throws {
    for input in ["snapshot", "changes"] {
      let found = try await StarWarehouse.with(Self.fixture(["input": .string(input)])) { warehouse in
        try Self.source("(1, 'a', '2000-01-02'), (2, 'x', '2000-01-02')", warehouse)
        try warehouse.run("dim_x", now: 10)
        let before = try warehouse.lines("select xmin, * from star.dim_x order by id")
        try Self.source(rows, warehouse)
        let stop = try warehouse.stop("dim_x", now: 11)
        return [
          stop,
          before == (try warehouse.lines("select xmin, * from star.dim_x order by id")) ? "same" : "changed",
        ]
      }
      #expect(found == [code, "same"])
    }
  }

  @Test func deletedAndAddedAgainWithTheSameTime() async throws {
    let lines = try await StarWarehouse.with(Self.fixture()) { warehouse in
      try Self.source("(1, 'a', '2000-01-02')", warehouse)
      try warehouse.run("dim_x", now: 3)
      try Self.source("", warehouse)
      try warehouse.run("dim_x", now: 5)
      try Self.source("(1, 'a', '2000-01-02')", warehouse)
      try warehouse.run("dim_x", now: 8)
      try warehouse.run("dim_x", now: 9)
      return try warehouse.lines(Self.history)
    }
    #expect(lines == ["1|a|2000-01-02|2000-01-06|f", "1|a|2000-01-09|NULL|t"])
  }

  @Test func anyOrderAndBatchesOfChangesGiveOneDimension() async throws {
    let units = [
      "(1, 'a', '2000-01-01')", "(1, 'a', '2000-01-05')", "(1, 'b', '2000-01-03')", "(2, 'x', '2000-01-02')",
    ]
    let batches = [[[0, 1, 2, 3]], [[2], [1], [3], [0]], [[1, 3], [0], [2, 0]], [[3, 2], [0, 1]]]
    for batch in batches {
      let lines = try await StarWarehouse.with(Self.fixture(["input": "changes"])) { warehouse in
        for (index, load) in batch.enumerated() {
          try Self.source(load.map { units[$0] }.joined(separator: ", "), warehouse)
          try warehouse.run("dim_x", now: Double(10 + index), fullRefresh: index == 1)
        }
        return try warehouse.lines(Self.history)
      }
      #expect(
        lines == [
          "1|a|2000-01-01|2000-01-03|f", "1|b|2000-01-03|2000-01-05|f", "1|a|2000-01-05|NULL|t",
          "2|x|2000-01-02|NULL|t",
        ])
    }
  }

  @Test func theTableFollowsItsSourceAndViewsLiveOn() async throws {
    let fixture = Self.fixture([
      "surrogate_key": ["name": "x_key", "method": "hash"], "valid_to_current": "9999-12-31",
    ])
    let lines = try await StarWarehouse.with(fixture) { warehouse in
      try Self.source("(1, 'a', '2000-01-02')", warehouse)
      try warehouse.run("dim_x", now: 3)
      try warehouse.query("create view star.seen as select id, v, valid_to::date from star.dim_x")
      try warehouse.query("alter table star.source add column w numeric")
      try Self.source("(1, 'b', '2000-01-04', 7)", warehouse)
      var grown = warehouse
      grown.fixture = Self.fixture(
        ["surrogate_key": ["name": "x_key", "method": "hash"], "valid_to_current": "9999-12-31"],
        columns: ["w numeric"])
      try grown.run("dim_x", now: 5)
      return try warehouse.lines("select * from star.seen order by 3")
        + warehouse.lines(
          "select w, x_key = md5(id::text || '-' || valid_from::text) from star.dim_x order by valid_from")
    }
    #expect(lines == ["1|a|2000-01-04", "1|b|9999-12-31", "NULL|t", "7|t"])
  }

  @Test func membersAreThereAndStayAsTheyAreChanged() async throws {
    var fixture = StarFixture()
    fixture.add(
      "dim_x", ["materialized": "dimension", "natural_key": "code"], sql: "select * from star.source",
      columns: ["code text", "v character varying(7)", "n integer"])
    let lines = try await StarWarehouse.with(fixture) { warehouse in
      try warehouse.query("create table star.source (code text, v varchar(7), n integer)")
      try warehouse.run("dim_x")
      try warehouse.query("update star.dim_x set v = 'nobody' where x_key = -1")
      try warehouse.run("dim_x")
      return try warehouse.lines("select * from star.dim_x order by x_key desc")
    }
    #expect(lines == ["-1|-1|nobody|NULL|-infinity|NULL|t", "-2|-2|Not app|NULL|-infinity|NULL|t"])
  }

  @Test func membersSayWhatTheyAreToldTo() async throws {
    let members: PlainValue = [
      "unknown": ["key": -1, "values": ["v": "n/a", "n": 0, "born": "1900-01-01"]],
      "none": ["key": -2, "label": "Nobody", "values": ["n": nil]],
    ]
    let fixture = Self.fixture(["members": members], columns: ["n numeric(6,2)", "born date"])
    let lines = try await StarWarehouse.with(fixture) { warehouse in
      try warehouse.query(
        "create table star.source (id integer, v text, at timestamp, n numeric(6,2), born date)")
      try warehouse.run("dim_x", now: 10)
      return try warehouse.lines("select x_key, v, n, born from star.dim_x order by 1")
    }
    #expect(lines == ["-2|Nobody|NULL|NULL", "-1|n/a|0.00|1900-01-01"])
    let strange = Self.fixture(["members": ["unknown": ["key": -1, "values": ["w": 1]]]])
    let input = try #require(strange.input("dim_x"))
    let error = try #require(throws: DiagnosticsError.self) { try DimensionMaterialization().plan(input) }
    #expect(
      error.diagnostics.map(\.summary) == [
        "member unknown of dim_x has a value for 'w', which is none of its attributes; did you mean 'v'?"
      ])
  }

  @Test func aCodeThatNobodyDeclaredStopsTheLoad() async throws {
    let operation: PlainValue = ["column": "op", "insert": ["I"], "delete": ["D"]]
    let fixture = Self.fixture(["input": "changes", "operation": operation], columns: ["op text"])
    let stops = try await StarWarehouse.with(fixture) { warehouse in
      try warehouse.query("create table star.source (id integer, v text, at timestamp, op text)")
      var stops: [String?] = []
      for code in ["'I'", "'U'", "null"] {
        try warehouse.query(
          "truncate star.source; insert into star.source values (1, 'a', '2000-01-02', \(code))")
        stops.append(try warehouse.stop("dim_x", now: 10))
      }
      return stops
    }
    #expect(stops == [nil, "unknown-operation", "unknown-operation"])
  }

  @Test func theCalendarKnowsHolidaysAndLanguages() async throws {
    var fixture = StarFixture()
    fixture.add("days_off", ["materialized": "table"], sql: "", columns: [])
    fixture.add(
      "dates",
      [
        "materialized": "date_dimension", "start": "2024-12-24", "end": "2024-12-27",
        "languages": ["de", "fr"],
        "holidays": ["from": "ref('days_off')", "date": "day", "name": "title"], "members": ["unknown": -1],
      ], sql: "", columns: [])
    let lines = try await StarWarehouse.with(fixture) { warehouse in
      try warehouse.query(
        "create table star.days_off (day date, title text); insert into star.days_off values "
          + "('2024-12-25', 'Christmas'), ('2024-12-25', 'Quarter day'), ('2024-12-31', 'Last day')")
      try warehouse.run("dates", now: 10)
      try warehouse.query("insert into star.days_off values ('2024-12-26', 'Boxing day')")
      try warehouse.run("dates", now: 11)
      return try warehouse.lines(
        "select date_key, day_name_de, month_name_fr, is_holiday, holiday_name, is_working_day from star.dates order by 1"
      )
    }
    #expect(
      lines == [
        "-1|Unknown|Unknown|NULL|Unknown|NULL", "20241224|Dienstag|décembre|f|NULL|t",
        "20241225|Mittwoch|décembre|t|Christmas, Quarter day|f",
        "20241226|Donnerstag|décembre|t|Boxing day|f",
        "20241227|Freitag|décembre|f|NULL|t",
      ])
    var input = try #require(fixture.input("dates"))
    let relation = RelationName(database: nil, schema: "star", identifier: "days_off")
    input.relations[relation] = RelationState(
      name: relation, kind: .table, columns: [ColumnDescription(name: "days", type: "date")])
    let error = try #require(throws: DiagnosticsError.self) { try DateDimensionMaterialization().plan(input) }
    #expect(
      error.diagnostics.map(\.summary) == [
        "holidays 'day' of dates is not a column of days_off; did you mean 'days'?"
      ])
  }
}
